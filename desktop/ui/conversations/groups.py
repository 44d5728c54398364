"""Which heading of the list a conversation stands under, by the day it was last used. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from desktop.domain.conversation import Conversation


class When(Enum):
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Heading:
    """``year`` and ``month`` are set for ``OLDER``."""

    when: When
    year: int = 0
    month: int = 0


Entry = Heading | Conversation


def heading_of(day: date, today: date) -> Heading:
    """A day in the future (the clock went backwards) counts as today."""
    age = (today - day).days
    if age <= 0:
        return Heading(When.TODAY)
    if age == 1:
        return Heading(When.YESTERDAY)
    if age < 7:
        return Heading(When.WEEK)
    if age < 30:
        return Heading(When.MONTH)
    return Heading(When.OLDER, day.year, day.month)


def entries(conversations: Iterable[Conversation], today: date, matching: str = "") -> Iterator[Entry]:
    """Newest first as they come, each group under its heading; ``matching`` filters by title."""
    needle = matching.casefold().split()
    last: Heading | None = None
    known: dict[int, Heading] = {}
    midnight = _midnight(today)
    for conversation in conversations:
        title = conversation.title.casefold()
        if needle and not all(word in title for word in needle):
            continue
        slot = int((conversation.updated_at - midnight) // 3600)
        if slot not in known:
            known[slot] = heading_of(_day(conversation.updated_at, today), today)
        if known[slot] != last:
            last = known[slot]
            yield last
        yield conversation


def _day(timestamp: float, today: date) -> date:
    try:
        return date.fromtimestamp(timestamp)
    except (OverflowError, OSError, ValueError):
        return today


def _midnight(today: date) -> float:
    return datetime(today.year, today.month, today.day).timestamp()
