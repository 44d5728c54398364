"""What a search found, line by line: each chat under its title, with its messages below. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from desktop.domain.search import Hit
from desktop.ui.widgets.markdown_source import printable_code

_LONGEST = 400
"""Characters of a line: a column shows fewer."""
_BEFORE = 24
"""Characters in front of the first found word: a narrow column shows it all the same."""


@dataclass(frozen=True, slots=True)
class Line:
    """``ranges`` are places in ``text`` that were found. Without a ``message_id`` it is a chat's title."""

    conversation_id: str
    message_id: str
    text: str
    ranges: tuple[tuple[int, int], ...]
    at: float
    words: str = ""
    """What to look for in the chat: the longest that was found, as it is written there."""


def lines(hits: Iterable[Hit]) -> list[Line]:
    """In the order of the hits; all of a chat stand together where its first one is."""
    chats: dict[str, list[Hit]] = {}
    for hit in hits:
        chats.setdefault(hit.conversation_id, []).append(hit)
    return [line for found in chats.values() for line in _lines_of(found)]


def _lines_of(hits: Sequence[Hit]) -> Iterator[Line]:
    in_title = next((hit for hit in hits if hit.message_id is None), None)
    head = in_title or hits[0]
    ranges = head.ranges if in_title is not None else ()
    yield Line(head.conversation_id, "", shown(head.title[:_LONGEST]), ranges, max(hit.at for hit in hits))
    for hit in hits:
        if hit.message_id is not None:
            longest = max((hit.text[start:end] for start, end in hit.ranges), key=len, default="")
            text, ranges = _nearer(hit.text, hit.ranges)
            yield Line(hit.conversation_id, hit.message_id, text, ranges, hit.at, longest.strip())


def shown(text: str) -> str:
    """On one line, character for character; what could disturb a line is a visible sign."""
    return printable_code(text.replace("\r", " ")).replace("\n", " ").replace("\t", " ")


def _nearer(text: str, ranges: tuple[tuple[int, int], ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Cut at a word, so that what was found is near the beginning."""
    first = ranges[0][0] if ranges else 0
    if first <= _BEFORE:
        return shown(text[:_LONGEST]), ranges
    cut = text.find(" ", first - _BEFORE, first) + 1 or first - _BEFORE
    moved = cut - 1
    return "…" + shown(text[cut : cut + _LONGEST]), tuple(
        (start - moved, end - moved) for start, end in ranges
    )
