"""Folders' rows. What may stand in what is checked in the same step as the write. For services; any task."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.domain.errors import NotFoundError
from desktop.domain.folders import DEEPEST, LONGEST_NAME, Folder, FolderTree
from desktop.storage.database import Database
from desktop.storage.encoding import AS_TEXT, text_value


@dataclass(frozen=True, slots=True)
class Dissolved:
    """A folder that is gone, and the ids of what was directly in it, to put it back."""

    folder: Folder
    folder_ids: Sequence[str]
    conversation_ids: Sequence[str]


class FolderRepository:
    """What names one folder raises :class:`NotFoundError` if there is none with that id."""

    __slots__ = ("_db",)

    def __init__(self, db: Database) -> None:
        self._db = db

    async def list(self) -> list[Folder]:
        """In no particular order; :class:`FolderTree` gives them one."""
        return await self._db.read(_all)

    async def create(self, folder: Folder) -> Folder:
        """Puts it behind its siblings; returns it with its ``position``. Raises :class:`LocutionError`."""

        def work(connection: sqlite3.Connection) -> Folder:
            tree = FolderTree(_all(connection))
            if folder.parent_id is not None:
                _require(tree, folder.parent_id)
            tree.check_depth(folder.parent_id)
            made = Folder(folder.id, folder.name, folder.parent_id, _end(tree, folder.parent_id))
            _insert(connection, made)
            return made

        return await self._db.run(work)

    async def rename(self, folder_id: str, name: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            statement = f"UPDATE folders SET name = {AS_TEXT} WHERE id = ?"
            if connection.execute(statement, (text_value(name), folder_id)).rowcount == 0:
                raise _not_found(folder_id)

        await self._db.run(work)

    async def move(self, folder_id: str, parent_id: str | None, position: int | None = None) -> None:
        """Into another folder, or among its siblings: before the one at ``position``, else behind all.

        Raises :class:`LocutionError` if it would stand in itself, or too deep.
        """

        def work(connection: sqlite3.Connection) -> None:
            tree = FolderTree(_all(connection))
            for needed in filter(None, (folder_id, parent_id)):
                _require(tree, needed)
            tree.check_move(folder_id, parent_id)
            order = [sibling.id for sibling in tree.children(parent_id) if sibling.id != folder_id]
            at = len(order) if position is None else max(0, min(position, len(order)))
            order.insert(at, folder_id)
            connection.execute("UPDATE folders SET parent_id = ? WHERE id = ?", (parent_id, folder_id))
            _number(connection, order)

        await self._db.run(work)

    async def dissolve(self, folder_id: str) -> Dissolved:
        """Deletes a folder; what was in it comes to its place. :meth:`put_back` undoes it."""

        def work(connection: sqlite3.Connection) -> Dissolved:
            tree = FolderTree(_all(connection))
            folder = _require(tree, folder_id)
            inner = [child.id for child in tree.children(folder_id)]
            query = "SELECT id FROM conversations WHERE folder_id = ?"
            chats = [identity for (identity,) in connection.execute(query, (folder_id,))]
            above = [sibling.id for sibling in tree.children(folder.parent_id)]
            at = above.index(folder_id)
            connection.execute(
                "UPDATE folders SET parent_id = ? WHERE parent_id = ?", (folder.parent_id, folder_id)
            )
            connection.execute(
                "UPDATE conversations SET folder_id = ? WHERE folder_id = ?", (folder.parent_id, folder_id)
            )
            connection.execute("DELETE FROM folders WHERE id = ?", (folder_id,))
            _number(connection, [*above[:at], *inner, *above[at + 1 :]])
            return Dissolved(folder, inner, chats)

        return await self._db.run(work)

    async def put_back(self, dissolved: Dissolved) -> None:
        """As it was before :meth:`dissolve`, with all of its content that is still there."""

        def work(connection: sqlite3.Connection) -> None:
            tree = FolderTree(_all(connection))
            folder = dissolved.folder
            parent_id = folder.parent_id if folder.parent_id in tree else None
            inner = [identity for identity in dissolved.folder_ids if identity in tree]
            order = [sibling.id for sibling in tree.children(parent_id) if sibling.id not in inner]
            order.insert(min(folder.position, len(order)), folder.id)
            _insert(connection, Folder(folder.id, folder.name, parent_id, folder.position))
            for identity in inner:
                connection.execute("UPDATE folders SET parent_id = ? WHERE id = ?", (folder.id, identity))
            for identity in dissolved.conversation_ids:
                connection.execute(
                    "UPDATE conversations SET folder_id = ? WHERE id = ?", (folder.id, identity)
                )
            _number(connection, order)
            _number(connection, inner)

        await self._db.run(work)


def folder_at(connection: sqlite3.Connection, names: Sequence[str], new_id: Callable[[], str]) -> str | None:
    """The folder to which these names lead from the top, whatever their case; made where it is missing.

    Names beyond the deepest level are left out; no names are the top itself, ``None``.
    """
    at: str | None = None
    tree = FolderTree(_all(connection))  # In a folder that was just made there is nothing yet.
    for name in names[:DEEPEST]:
        wanted = name.strip()[:LONGEST_NAME]
        same = (inner for inner in tree.children(at) if inner.name.strip().casefold() == wanted.casefold())
        folder = next(same, None)
        if folder is None:
            folder = Folder(new_id(), wanted, at, _end(tree, at))
            _insert(connection, folder)
        at = folder.id
    return at


def _all(connection: sqlite3.Connection) -> list[Folder]:
    rows = connection.execute("SELECT id, name, parent_id, position FROM folders ORDER BY key")
    return [Folder(*row) for row in rows]


def _insert(connection: sqlite3.Connection, folder: Folder) -> None:
    connection.execute(
        f"INSERT INTO folders (id, name, parent_id, position) VALUES (?, {AS_TEXT}, ?, ?)",
        (folder.id, text_value(folder.name), folder.parent_id, folder.position),
    )


def _number(connection: sqlite3.Connection, order: Sequence[str]) -> None:
    connection.executemany(
        "UPDATE folders SET position = ? WHERE id = ?",
        [(position, identity) for position, identity in enumerate(order)],
    )


def _end(tree: FolderTree, parent_id: str | None) -> int:
    return max((sibling.position + 1 for sibling in tree.children(parent_id)), default=0)


def _require(tree: FolderTree, folder_id: str) -> Folder:
    if folder_id not in tree:
        raise _not_found(folder_id)
    return tree[folder_id]


def _not_found(folder_id: str) -> NotFoundError:
    return NotFoundError(f"There is no folder “{folder_id}”.", action="Choose another one.")
