"""What the list of chats shows, line by line: headings, folders and chats. Pure.

Temporary chats come first, then those that are pinned, then the folders with the chats in them, and last the
chats in no folder, under the day they were last used. A pinned chat is listed once, among the pinned ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple

from desktop.domain.conversation import Conversation
from desktop.domain.folders import Folder, FolderTree


class Section(Enum):
    """What a heading stands over."""

    TEMPORARY = "temporary"
    PINNED = "pinned"
    FOLDERS = "folders"
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Heading:
    """``year`` and ``month`` are set for ``OLDER``."""

    section: Section
    year: int = 0
    month: int = 0

    @property
    def key(self) -> str:
        return f"{self.section.value} {self.year}-{self.month}"


@dataclass(frozen=True, slots=True)
class FolderLine:
    """``count`` is how many chats are listed in it and in the folders within."""

    folder: Folder
    depth: int
    count: int
    is_open: bool

    @property
    def key(self) -> str:
        return f"folder {self.folder.id}"


class ChatLine(NamedTuple):
    conversation: Conversation
    depth: int
    """Of the folder it is in, plus one; 0 outside of folders."""

    @property
    def key(self) -> str:
        return self.conversation.id


Entry = Heading | FolderLine | ChatLine


def heading_of(day: date, today: date) -> Heading:
    """A day in the future (the clock went backwards) counts as today."""
    age = (today - day).days
    if age <= 0:
        return Heading(Section.TODAY)
    if age == 1:
        return Heading(Section.YESTERDAY)
    if age < 7:
        return Heading(Section.WEEK)
    if age < 30:
        return Heading(Section.MONTH)
    return Heading(Section.OLDER, day.year, day.month)


@dataclass(frozen=True, slots=True)
class Listing:
    """All lines, and the row of each by its key. Cheap to make only beside the loop: there may be many."""

    entries: Sequence[Entry]
    rows: Mapping[str, int]
    names: Sequence[str]
    """Of the chats and folders, in the order of the rows; empty for a heading or a chat without a title."""

    def changed_from(self, other: Listing) -> Sequence[int] | None:
        """The rows that show something else, or ``None`` if the rows are not those of ``other``."""
        if self.rows != other.rows:
            return None
        pairs = zip(self.entries, other.entries, strict=True)
        return [row for row, (new, old) in enumerate(pairs) if new != old]


def listing(
    conversations: Iterable[Conversation], folders: FolderTree, today: date, closed: Set[str] = frozenset()
) -> Listing:
    """See :func:`entries`."""
    found = entries(conversations, folders, today, closed)
    return Listing(
        found, {entry.key: row for row, entry in enumerate(found)}, [_name(entry) for entry in found]
    )


NOTHING = Listing((), {}, ())


def entries(
    conversations: Iterable[Conversation], folders: FolderTree, today: date, closed: Set[str] = frozenset()
) -> list[Entry]:
    """``conversations`` come newest first and stay so; of folders that are ``closed`` only the line."""
    temporary: list[Conversation] = []
    pinned: list[Conversation] = []
    loose: list[Conversation] = []
    inside: dict[str, list[Conversation]] = {}
    for conversation in conversations:
        if conversation.temporary:
            temporary.append(conversation)
        elif conversation.pinned:
            pinned.append(conversation)
        elif (folder_id := conversation.folder_id) is not None and folder_id in folders:
            inside.setdefault(folder_id, []).append(conversation)
        else:
            loose.append(conversation)
    found: list[Entry] = []
    for section, chats in ((Section.TEMPORARY, temporary), (Section.PINNED, pinned)):
        if chats:
            found.append(Heading(section))
            found += (ChatLine(chat, 0) for chat in chats)
    if folders.children(None):
        found.append(Heading(Section.FOLDERS))
        found += _in_folders(folders, inside, closed)
    found += _by_day(loose, today)
    return found


def _name(entry: Entry) -> str:
    match entry:
        case ChatLine(conversation=conversation):
            return conversation.title
        case FolderLine(folder=folder):
            return folder.name
        case Heading():
            return ""


def _in_folders(
    folders: FolderTree, inside: Mapping[str, Sequence[Conversation]], closed: Set[str]
) -> Iterator[Entry]:
    """Every folder with what is in it: folders first, then chats."""
    counts: dict[str, int] = {}

    def count(folder_id: str) -> int:
        counts[folder_id] = len(inside.get(folder_id, ())) + sum(
            count(child.id) for child in folders.children(folder_id)
        )
        return counts[folder_id]

    def lines(parent_id: str | None, depth: int) -> Iterator[Entry]:
        for folder in folders.children(parent_id):
            is_open = folder.id not in closed
            yield FolderLine(folder, depth, counts[folder.id], is_open)
            if is_open:
                yield from lines(folder.id, depth + 1)
                yield from (ChatLine(chat, depth + 1) for chat in inside.get(folder.id, ()))

    for folder in folders.children(None):
        count(folder.id)
    yield from lines(None, 0)


def _by_day(conversations: Iterable[Conversation], today: date) -> Iterator[Entry]:
    last: Heading | None = None
    known: dict[int, Heading] = {}
    midnight = datetime(today.year, today.month, today.day).timestamp()
    for conversation in conversations:
        slot = _hours(conversation.updated_at - midnight)
        if (heading := known.get(slot)) is None:
            heading = known[slot] = heading_of(_day(conversation.updated_at, today), today)
        if heading is not last:
            if heading != last:
                yield heading
            last = heading
        yield ChatLine(conversation, 0)


def _hours(seconds: float) -> int:
    """Whole ones; chats of one hour share a heading. What is no time at all counts as now."""
    return int(seconds // 3600) if math.isfinite(seconds) else 0


def _day(timestamp: float, today: date) -> date:
    try:
        return date.fromtimestamp(timestamp)
    except (OverflowError, OSError, ValueError):
        return today
