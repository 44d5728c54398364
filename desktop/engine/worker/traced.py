"""Text that remembers who wrote each character, through everything a chat template does to it.

A template may trim, split, join, replace or escape what the user wrote before it puts it into the prompt.
Afterwards the prompt is one string, and a user's ``<|im_end|>`` would look just like the template's own.
:class:`Traced` is a ``str`` with one origin byte per character that survives those operations. Where an
operation is not followed (``%``-formatting, say), the result is of unknown origin and is treated as a
stranger's: the failure is a control token that stays text, never text that becomes a control token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, SupportsIndex

UNKNOWN, TEMPLATE, SYSTEM, USER, ASSISTANT = range(5)


class Traced(str):
    """A string and, in ``origins``, one byte per character that says where it comes from."""

    __slots__ = ("origins",)
    origins: bytes

    def __new__(cls, text: object = "", origin: int | bytes = UNKNOWN) -> Traced:
        if isinstance(text, Traced) and origin == UNKNOWN:
            return text
        made = super().__new__(cls, text)
        made.origins = origin if isinstance(origin, bytes) else bytes((origin,)) * len(made)
        return made

    def __str__(self) -> Traced:
        return self

    __hash__ = str.__hash__

    def __getitem__(self, key: SupportsIndex | slice) -> Traced:
        text = str.__getitem__(self, key)
        part = self.origins[key]
        return Traced(text, part if isinstance(part, bytes) else bytes((part,)))

    def __iter__(self) -> Iterator[Traced]:
        return (self[at] for at in range(len(self)))

    def __add__(self, other: str) -> Traced:
        return join_all((self, other))

    def __radd__(self, other: str) -> Traced:
        return join_all((other, self))

    def __mul__(self, count: SupportsIndex) -> Traced:
        return Traced(str.__mul__(self, count), self.origins * count.__index__())

    __rmul__ = __mul__

    def strip(self, chars: str | None = None) -> Traced:
        return self.lstrip(chars).rstrip(chars)

    def lstrip(self, chars: str | None = None) -> Traced:
        return self[len(self) - len(str.lstrip(self, chars)) :]

    def rstrip(self, chars: str | None = None) -> Traced:
        return self[: len(str.rstrip(self, chars))]

    def removeprefix(self, prefix: str) -> Traced:
        return self[len(prefix) :] if self.startswith(prefix) else self

    def removesuffix(self, suffix: str) -> Traced:
        return self[: len(self) - len(suffix)] if suffix and self.endswith(suffix) else self

    def split(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[Any]:
        return self._locate(str.split(self, sep, maxsplit), sep)

    def rsplit(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[Any]:
        return self._locate(str.rsplit(self, sep, maxsplit), sep)

    def splitlines(self, keepends: bool = False) -> list[Any]:
        whole = self._locate(str.splitlines(self, True), "")
        if keepends:
            return whole
        return [line[: len(bare)] for line, bare in zip(whole, str.splitlines(self), strict=True)]

    def partition(self, sep: str) -> tuple[Any, Any, Any]:
        return self._three(self.find(sep), sep, found_last=False)

    def rpartition(self, sep: str) -> tuple[Any, Any, Any]:
        return self._three(self.rfind(sep), sep, found_last=True)

    def replace(self, old: str, new: str, count: SupportsIndex = -1) -> Traced:
        limit = count.__index__()
        if not old or limit == 0:
            return Traced(str.replace(self, old, new, limit))
        return join_with(new, self.split(old, limit))

    def join(self, parts: Iterable[str]) -> Traced:
        return join_with(self, parts)

    def lower(self) -> Traced:
        return self.each(str.lower)

    def upper(self) -> Traced:
        return self.each(str.upper)

    def capitalize(self) -> Traced:
        return self[:1].each(str.title) + self[1:].lower()

    def each(self, change: Callable[[str], str]) -> Traced:
        """Every character put through ``change``; what it becomes, maybe several, keeps its origin."""
        pieces = [change(char) for char in str.__iter__(self)]
        origins = b"".join(bytes((origin,)) * len(p) for p, origin in zip(pieces, self.origins, strict=True))
        return Traced("".join(pieces), origins)

    def _locate(self, parts: list[str], sep: str | None) -> list[Any]:
        """``parts``, found again in order. With ``sep`` given they stand exactly that far apart."""
        found: list[Traced] = []
        at = 0
        for part in parts:
            start = self.find(part, at) if sep is None else at
            found.append(self[start : start + len(part)])
            at = start + len(part) + (len(sep) if sep else 0)
        return found

    def _three(self, at: int, sep: str, *, found_last: bool) -> tuple[Traced, Traced, Traced]:
        if at < 0:
            empty = Traced("")
            return (empty, empty, self) if found_last else (self, empty, empty)
        return self[:at], self[at : at + len(sep)], self[at + len(sep) :]


def origins_of(text: str) -> bytes:
    """One origin byte per character, ``UNKNOWN`` for a plain string."""
    return text.origins if isinstance(text, Traced) else bytes(len(text))


def join_all(parts: Iterable[object]) -> Traced:
    """The parts' texts in a row, origins kept; what is no string becomes one of unknown origin."""
    texts = [part if isinstance(part, str) else str(part) for part in parts]
    return Traced(str.join("", texts), b"".join(map(origins_of, texts)))


def join_with(separator: str, parts: Iterable[object]) -> Traced:
    """The parts with ``separator`` between them, origins kept."""
    woven: list[object] = []
    for part in parts:
        if woven:
            woven.append(separator)
        woven.append(part)
    return join_all(woven)
