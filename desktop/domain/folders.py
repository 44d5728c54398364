"""The folders that chats are kept in: a forest, at most ``DEEPEST`` levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from desktop.domain.errors import LocutionError

DEEPEST = 20
"""Levels of folders in folders: more than anybody makes, and few enough to draw."""
LONGEST_NAME = 200
"""Characters of a folder's name."""


@dataclass(frozen=True, slots=True)
class Folder:
    """``parent_id`` is ``None`` at the top; ``position`` orders the folders of one parent."""

    id: str
    name: str
    parent_id: str | None = None
    position: int = 0


class FolderTree:
    """All folders. One whose parent is not there, or that stands below itself, counts as one at the top."""

    __slots__ = ("_by_id", "_children")

    def __init__(self, folders: Iterable[Folder]) -> None:
        self._by_id = {folder.id: folder for folder in folders}
        self._children: dict[str | None, list[Folder]] = {}
        for folder in sorted(self._by_id.values(), key=lambda f: (f.position, f.name.casefold(), f.id)):
            self._children.setdefault(self._parent_of(folder), []).append(folder)

    def __contains__(self, folder_id: object) -> bool:
        return folder_id in self._by_id

    def __getitem__(self, folder_id: str) -> Folder:
        return self._by_id[folder_id]

    def __iter__(self) -> Iterator[Folder]:
        return iter(self._by_id.values())

    def get(self, folder_id: str) -> Folder | None:
        return self._by_id.get(folder_id)

    def parent_id(self, folder_id: str) -> str | None:
        """Of a folder that is there: the one it stands in, ``None`` at the top."""
        return self._parent_of(self._by_id[folder_id])

    def children(self, folder_id: str | None) -> Sequence[Folder]:
        """In their order; of ``None``: those at the top."""
        return self._children.get(folder_id, ())

    def within(self, folder_id: str) -> list[str]:
        """The ids of a folder and of all folders in it, itself first."""
        found = [folder_id]
        for inner in found:
            found += (child.id for child in self.children(inner))
        return found

    def path(self, folder_id: str) -> list[Folder]:
        """From the top down to a folder."""
        found: list[Folder] = []
        at: str | None = folder_id
        while at is not None:
            found.append(self._by_id[at])
            at = self._parent_of(self._by_id[at])
        return found[::-1]

    def named(self, name: str) -> list[str]:
        """The ids of the folders called so, whatever the case; ``a/b`` is a folder in a folder."""
        wanted = [part.strip().casefold() for part in name.split("/") if part.strip()]
        return [folder.id for folder in self if wanted and self._ends_with(folder.id, wanted)]

    def check_move(self, folder_id: str, parent_id: str | None) -> None:
        """Raises :class:`LocutionError` if the folder would stand in itself, or too deep."""
        if parent_id is None:
            return
        within = self.within(folder_id)
        if parent_id in within:
            raise LocutionError(
                "A folder cannot be put into itself.", action="Choose a folder outside of it."
            )
        height = max(len(self.path(inner)) for inner in within) - len(self.path(folder_id)) + 1
        self.check_depth(parent_id, height)

    def check_depth(self, parent_id: str | None, height: int = 1) -> None:
        """Raises :class:`LocutionError` if ``height`` more levels in this folder were too many."""
        depth = len(self.path(parent_id)) if parent_id is not None else 0
        if depth + height > DEEPEST:
            raise LocutionError(
                f"Folders can be nested {DEEPEST} deep.", action="Choose a folder further up."
            )

    def _ends_with(self, folder_id: str, wanted: list[str]) -> bool:
        names = [folder.name.strip().casefold() for folder in self.path(folder_id)]
        return names[-len(wanted) :] == wanted

    def _parent_of(self, folder: Folder) -> str | None:
        """``None`` also where damaged data leads nowhere, or back to the folder."""
        seen: set[str] = set()
        at = folder.parent_id
        while at is not None and at in self._by_id and at not in seen:
            if at == folder.id:
                return None
            seen.add(at)
            at = self._by_id[at].parent_id
        return folder.parent_id if folder.parent_id in self._by_id else None
