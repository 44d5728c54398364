"""What it means to let go of chats or folders over a line of the list. Pure.

Chats go where the line under them is: into a folder, to the pinned ones, or to those in no folder. A folder
goes into the folder under it, or between two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from desktop.domain.errors import LocutionError
from desktop.domain.folders import FolderTree
from desktop.ui.conversations.entries import ChatLine, Entry, FolderLine, Heading, Section


class Half(Enum):
    """Which part of a line the pointer is on."""

    BEFORE = "before"
    ON = "on"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class PutChats:
    """Into a folder, ``None`` for the top; ``rows`` (first, last) are what is shown as the place."""

    folder_id: str | None
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PinChats:
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True)
class MoveFolder:
    """Into a folder before the sibling at ``position``, or behind all of them.

    ``line`` is where it will stand: the row, and whether behind it; ``None``: ``rows`` are the place.
    """

    parent_id: str | None
    position: int | None
    rows: tuple[int, int]
    line: tuple[int, Half] | None = None


Drop = PutChats | PinChats | MoveFolder


def drop_of_chats(entries: Sequence[Entry], row: int) -> Drop | None:
    """``row`` is -1 below the last line. ``None``: they cannot be put there."""
    match entries[row] if row >= 0 else None:
        case FolderLine(folder=folder):
            return PutChats(folder.id, (row, _end_of_folder(entries, row)))
        case ChatLine(depth=depth) if depth:
            above = next(at for at in range(row, -1, -1) if _is_folder_above(entries[at], depth))
            return drop_of_chats(entries, above)
        case Heading(section=Section.FOLDERS) | None:
            return _top(entries)
        case _:
            heading = next(at for at in range(row, -1, -1) if isinstance(entries[at], Heading))
            return _section(entries, heading)


def drop_of_folder(
    entries: Sequence[Entry], folders: FolderTree, folder_id: str, row: int, half: Half
) -> Drop | None:
    """The same for a folder; never into itself, nor too deep."""
    match entries[row] if row >= 0 else None:
        case FolderLine(folder=folder, is_open=is_open):
            if half is Half.BEHIND and is_open and folders.children(folder.id):
                half = Half.ON
            if half is Half.ON:
                found = MoveFolder(folder.id, None, (row, row))
            else:
                found = _beside(entries, folders, folder_id, row, half)
        case ChatLine(depth=depth) if depth:
            above = next(at for at in range(row, -1, -1) if _is_folder_above(entries[at], depth))
            return drop_of_folder(entries, folders, folder_id, above, Half.ON)
        case _:
            found = MoveFolder(None, None, _folders(entries))
    try:
        folders.check_move(folder_id, found.parent_id)
    except LocutionError:
        return None
    return found


def _beside(
    entries: Sequence[Entry], folders: FolderTree, folder_id: str, row: int, half: Half
) -> MoveFolder:
    entry = entries[row]
    assert isinstance(entry, FolderLine)
    parent_id = folders.parent_id(entry.folder.id)
    siblings = [one.id for one in folders.children(parent_id) if one.id != folder_id]
    if entry.folder.id == folder_id:
        # Where it is.
        position = [one.id for one in folders.children(parent_id)].index(folder_id)
    else:
        position = siblings.index(entry.folder.id) + (half is Half.BEHIND)
    edge = _end_of_folder(entries, row) if half is Half.BEHIND else row
    return MoveFolder(parent_id, position, (edge, edge), (edge, half))


def _is_folder_above(entry: Entry, depth: int) -> bool:
    return isinstance(entry, FolderLine) and entry.depth < depth


def _end_of_folder(entries: Sequence[Entry], row: int) -> int:
    """The last row of what is in the folder at ``row``."""
    entry = entries[row]
    depth = entry.depth if isinstance(entry, FolderLine) else 0
    last = row
    for at in range(row + 1, len(entries)):
        inner = entries[at]
        if isinstance(inner, Heading) or inner.depth <= depth:
            break
        last = at
    return last


def _section(entries: Sequence[Entry], heading: int) -> Drop | None:
    entry = entries[heading]
    assert isinstance(entry, Heading)
    match entry.section:
        case Section.TEMPORARY:
            return None
        case Section.PINNED:
            return PinChats((heading, _end_of_section(entries, heading)))
        case _:
            return _top(entries)


def _top(entries: Sequence[Entry]) -> PutChats:
    """All that are in no folder; the end of the list if there are none."""
    apart = (Section.TEMPORARY, Section.PINNED, Section.FOLDERS)
    first = next(
        (at for at, one in enumerate(entries) if isinstance(one, Heading) and one.section not in apart),
        len(entries),
    )
    return PutChats(None, (first, max(first, len(entries) - 1)))


def _folders(entries: Sequence[Entry]) -> tuple[int, int]:
    heading = next(
        at for at, one in enumerate(entries) if isinstance(one, Heading) and one.section is Section.FOLDERS
    )
    return heading, _end_of_section(entries, heading)


def _end_of_section(entries: Sequence[Entry], heading: int) -> int:
    following = (at for at in range(heading + 1, len(entries)) if isinstance(entries[at], Heading))
    return next(following, len(entries)) - 1
