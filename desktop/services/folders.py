"""Folders, and which chats are in them. Every act can be undone. On the loop."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from desktop.domain.changes import Kind
from desktop.domain.errors import LocutionError
from desktop.domain.folders import LONGEST_NAME, Folder, FolderTree
from desktop.services.bus import ChangeBus
from desktop.services.stores import Stores
from desktop.services.undo import Act, UndoStack
from desktop.storage.folders import FolderRepository


class FolderService:
    """Publishes ``Kind.FOLDERS`` for folders and ``Kind.CONVERSATIONS`` for chats that were moved."""

    def __init__(self, folders: FolderRepository, stores: Stores, undo: UndoStack, bus: ChangeBus) -> None:
        self._folders = folders
        self._stores = stores
        self._undo = undo
        self._bus = bus

    async def tree(self) -> FolderTree:
        return FolderTree(await self._folders.list())

    async def create(self, name: str, parent_id: str | None = None, actor: object = None) -> Folder:
        """Behind its siblings. Raises :class:`NotFoundError`; :class:`LocutionError` if it is too deep."""
        made = await self._folders.create(Folder(uuid.uuid4().hex, _checked(name), parent_id))

        async def undo() -> None:
            await self.delete(made.id)

        self._undo.add(Act.NEW_FOLDER, undo)
        self._bus.publish(Kind.FOLDERS, made.id, actor=actor)
        return made

    async def rename(self, folder_id: str, name: str, actor: object = None) -> None:
        before = (await self.tree()).get(folder_id)
        await self._folders.rename(folder_id, _checked(name))
        if before is not None:
            self._undo.add(Act.RENAME_FOLDER, lambda: self.rename(folder_id, before.name))
        self._bus.publish(Kind.FOLDERS, folder_id, actor=actor)

    async def move(
        self, folder_id: str, parent_id: str | None, position: int | None = None, actor: object = None
    ) -> None:
        """Before the sibling at ``position``, else behind all. Raises :class:`LocutionError`."""
        tree = await self.tree()
        before = tree.get(folder_id)
        await self._folders.move(folder_id, parent_id, position)
        if before is not None:
            siblings = [sibling.id for sibling in tree.children(tree.parent_id(folder_id))]
            at = siblings.index(folder_id)
            self._undo.add(Act.MOVE_FOLDER, lambda: self.move(folder_id, before.parent_id, at))
        self._bus.publish(Kind.FOLDERS, folder_id, actor=actor)

    async def delete(self, folder_id: str, actor: object = None) -> None:
        """The folder alone: what was in it comes to its place. Raises :class:`NotFoundError`."""
        gone = await self._folders.dissolve(folder_id)

        async def undo() -> None:
            await self._folders.put_back(gone)
            self._publish(folder_id, gone.conversation_ids, actor)

        self._undo.add(Act.DELETE_FOLDER, undo)
        self._publish(folder_id, gone.conversation_ids, actor)

    async def put(self, conversation_ids: Sequence[str], folder_id: str | None, actor: object = None) -> None:
        """Moves chats into a folder; ``None`` is the top. All of them, or with an error none.

        Raises :class:`NotFoundError`, and :class:`LocutionError` for a temporary chat.
        """
        if any(self._stores.is_temporary(identity) for identity in conversation_ids):
            raise LocutionError("A temporary chat is in no folder.", action="Duplicate it to keep it.")
        conversations = self._stores.disk.conversations
        before = {identity: (await conversations.get(identity)).folder_id for identity in conversation_ids}

        async def put_back() -> None:
            await conversations.move(before)
            self._bus.publish(Kind.CONVERSATIONS, *before)

        await conversations.move(dict.fromkeys(conversation_ids, folder_id))
        self._undo.add(Act.MOVE, put_back, len(before))
        self._bus.publish(Kind.CONVERSATIONS, *before, actor=actor)

    def _publish(self, folder_id: str, conversation_ids: Sequence[str], actor: object) -> None:
        self._bus.publish(Kind.FOLDERS, folder_id, actor=actor)
        self._bus.publish(Kind.CONVERSATIONS, *conversation_ids, actor=actor)


def _checked(name: str) -> str:
    """On one line and not too long. Raises :class:`LocutionError` if nothing is left."""
    if not (line := " ".join(name.split())[:LONGEST_NAME]):
        raise LocutionError("A folder needs a name.", action="Type one.")
    return line
