"""Text that remembers who wrote each character, through everything a chat template does to it.

A template may trim, split, join, replace or escape what the user wrote before it puts it into the prompt.
Afterwards the prompt is one string, and a user's ``<|im_end|>`` would look just like the template's own.
:class:`Traced` is a ``str`` with one origin byte per character that survives those operations. Where an
operation is not followed (``%``-formatting, say), the result is of unknown origin and is treated as a
stranger's: the failure is a control token that stays text, never text that becomes a control token.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, SupportsIndex

import numpy as np

UNKNOWN, TEMPLATE, SYSTEM, USER, ASSISTANT = range(5)


class TooLong(Exception):
    """More text than may be built."""


class _Budget(threading.local):
    left = sys.maxsize


_budget = _Budget()


@contextlib.contextmanager
def budget(characters: int) -> Iterator[None]:
    """Lets traced texts of this length in all be made on this thread; then :class:`TooLong` is raised."""
    _budget.left = characters
    try:
        yield
    finally:
        _budget.left = sys.maxsize


def spend(characters: int) -> None:
    """Takes from this thread's budget. Raises :class:`TooLong` if it is used up."""
    _budget.left -= characters
    if _budget.left < 0:
        raise TooLong("more text than a prompt can need")


class Traced(str):
    """A string and, in ``origins``, one byte per character that says where it comes from."""

    __slots__ = ("origins",)
    origins: bytes

    def __new__(cls, text: object = "", origin: int | bytes = UNKNOWN) -> Traced:
        if isinstance(text, Traced) and origin == UNKNOWN:
            return text
        made = super().__new__(cls, text)
        spend(len(made))
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

    def __add__(self, other: object) -> Traced:
        return join_all((self, other)) if isinstance(other, str) else NotImplemented

    def __radd__(self, other: object) -> Traced:
        return join_all((other, self)) if isinstance(other, str) else NotImplemented

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
        spend(str.count(self, old) * len(new))
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
        changed = {ord(char): change(char) for char in set(str.__iter__(self))}
        text = str.translate(self, changed)
        if all(len(piece) == 1 for piece in changed.values()):
            return Traced(text, self.origins)
        spend(len(text))
        sizes = [len(changed[ord(char)]) for char in str.__iter__(self)]
        return Traced(text, np.frombuffer(self.origins, np.uint8).repeat(sizes).tobytes())

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
    texts = []
    for part in parts:
        texts.append(part if isinstance(part, str) else str(part))
        # Before it is built, not after.
        spend(len(texts[-1]))
    return Traced(str.join("", texts), b"".join(map(origins_of, texts)))


def join_with(separator: str, parts: Iterable[object]) -> Traced:
    """The parts with ``separator`` between them, origins kept."""

    def woven() -> Iterator[object]:
        for at, part in enumerate(parts):
            if at:
                yield separator
            yield part

    return join_all(woven())
