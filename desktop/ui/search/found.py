"""What a search found, line by line: each chat under its title, with its messages below. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from desktop.domain.conversation import Role
from desktop.domain.search import Hit
from desktop.ui.markdown.source import printable_code

_LONGEST = 400
"""Characters of a line: a column shows fewer."""
_BEFORE = 24
"""Characters in front of the first found word: a narrow column shows it all the same."""
_MARKS = re.compile(r"(?<!\S)(?:\*\*|~~)(?=\w)|(?<=[\w.,:;!?])(?:\*\*|~~)(?![\w*~])|^#{1,6} ", re.MULTILINE)

Ranges = tuple[tuple[int, int], ...]
"""Places in a text, each from its first character to after its last."""


@dataclass(frozen=True, slots=True)
class Line:
    """``ranges`` are places in ``text`` that were found. Without a ``message_id`` it is a chat's title."""

    conversation_id: str
    message_id: str
    text: str
    ranges: Ranges
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
            text, ranges = hit.text, hit.ranges
            if hit.role is not Role.USER:  # What a user typed is shown with its marks.
                text, ranges = without_marks(text, ranges)
            longest = max((text[start:end] for start, end in ranges), key=len, default="")
            text, ranges = _nearer(text, ranges)
            yield Line(hit.conversation_id, hit.message_id, text, ranges, hit.at, longest.strip())


def shown(text: str) -> str:
    """On one line, character for character; what could disturb a line is a visible sign."""
    return printable_code(text.replace("\r", " ")).replace("\n", " ").replace("\t", " ")


def without_marks(text: str, ranges: Ranges) -> tuple[str, Ranges]:
    """Without what makes words bold, struck or a heading, and where the ranges are then.

    Only what nobody means as a sign: single stars, lines and backticks are as often code.
    """
    gone = [found.span() for found in _MARKS.finditer(text)]
    if not gone:
        return text, ranges

    def moved(at: int) -> int:
        return at - sum(min(at, end) - start for start, end in gone if start < at)

    found = ((moved(start), moved(end)) for start, end in ranges)
    return _MARKS.sub("", text), tuple((start, end) for start, end in found if start < end)


def _nearer(text: str, ranges: Ranges) -> tuple[str, Ranges]:
    """Cut at a word, so that what was found is near the beginning."""
    first = ranges[0][0] if ranges else 0
    if first <= _BEFORE:
        return shown(text[:_LONGEST]), ranges
    cut = text.find(" ", first - _BEFORE, first) + 1 or first - _BEFORE
    moved = cut - 1
    return "…" + shown(text[cut : cut + _LONGEST]), tuple(
        (start - moved, end - moved) for start, end in ranges
    )
