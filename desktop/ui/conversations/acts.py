"""What a user does to chats and folders in the list, asked of the services. Main thread, on the loop."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.domain.conversation import Conversation
from desktop.domain.folders import Folder
from desktop.ui.conversations.dropping import Drop, MoveFolder, PinChats, PutChats
from desktop.ui.operation import run
from desktop.ui.toolkit import Toolkit
from desktop.ui.words import filled, number

T = TypeVar("T")


class ConversationActs(QObject):
    """Failures are shown near ``place``; what needs no words is seen in the list."""

    chosen = Signal(str)
    """A new chat, to be opened."""
    copied = Signal(str)
    """The same, made from another one."""
    done = Signal(str, list)
    """What can be undone, in words, and the ids of the chats that are gone by it."""
    folder_made = Signal(str, str)
    """Its id, and that of the folder it is in."""

    def __init__(self, kit: Toolkit, place: QWidget) -> None:
        super().__init__(place)
        self._services = kit.services
        self._tasks = kit.tasks
        self._place = place

    # -- Chats

    def new_chat(self, folder_id: str | None = None, *, temporary: bool = False) -> None:
        self._run(
            self._services.conversations.new(folder_id=folder_id, temporary=temporary),
            "new conversation",
            lambda made: self.chosen.emit(made.id),
        )

    def rename(self, conversation_id: str, title: str) -> None:
        self._run(self._services.conversations.rename(conversation_id, title), "rename conversation")

    def pin(self, conversations: Sequence[Conversation], *, pinned: bool) -> None:
        ids = [one.id for one in conversations if one.pinned != pinned and not one.temporary]
        if ids:
            self._run(self._services.conversations.pin(*ids, pinned=pinned), "pin conversations")

    def duplicate(self, conversation: Conversation) -> None:
        title = self.tr("%1 (copy)").replace("%1", conversation.title) if conversation.title else ""
        self._run(
            self._services.conversations.duplicate(conversation.id, title),
            "duplicate conversation",
            lambda made: self.copied.emit(made.id),
        )

    def trash(self, conversations: Sequence[Conversation]) -> None:
        ids = [conversation.id for conversation in conversations]
        if not ids:
            return
        words = self.tr("Deleted %1").replace("%1", self.named(conversations))
        self._run(
            self._services.chat.trash(*ids, actor=self._place),
            "trash conversations",
            lambda _: self.done.emit(words, ids),
        )

    def move(self, conversations: Sequence[Conversation], folder_id: str | None, place: str) -> None:
        """Into a folder, which is called ``place``; ``None`` is the top."""
        moved = [one for one in conversations if one.folder_id != folder_id]
        if not moved:
            return
        words = filled(self.tr("Moved %1 to %2"), self.named(moved), place)
        self._run(
            self._services.folders.put([one.id for one in moved], folder_id),
            "move conversations",
            lambda _: self.done.emit(words, []),
        )

    def named(self, conversations: Sequence[Conversation]) -> str:
        """One by its title, several by their number."""
        if len(conversations) == 1:
            return self.tr("“%1”").replace("%1", conversations[0].title or self.tr("New chat"))
        return self.tr("%1 chats").replace("%1", number(len(conversations)))

    # -- Folders

    def new_folder(self, parent_id: str | None = None, holding: Sequence[Conversation] = ()) -> None:
        """With a name to be changed at once; ``holding`` are the chats that go into it."""

        async def work() -> Folder:
            folders = self._services.folders
            made = await folders.create(self.tr("New folder"), parent_id)
            if holding:
                await folders.put([one.id for one in holding], made.id)
            return made

        self._run(work(), "new folder", lambda made: self.folder_made.emit(made.id, parent_id or ""))

    def rename_folder(self, folder_id: str, name: str) -> None:
        self._run(self._services.folders.rename(folder_id, name), "rename folder")

    def move_folder(self, folder_id: str, parent_id: str | None, position: int | None = None) -> None:
        self._run(self._services.folders.move(folder_id, parent_id, position), "move folder")

    def delete_folder(self, folder: Folder) -> None:
        words = self.tr("Deleted the folder “%1”, not the chats in it").replace("%1", folder.name)
        self._run(
            self._services.folders.delete(folder.id), "delete folder", lambda _: self.done.emit(words, [])
        )

    def drop(self, drop: Drop, chats: Sequence[Conversation], folders: Sequence[Folder], place: str) -> None:
        """What was dragged is let go of there; ``place`` is what the folder there is called."""
        match drop:
            case PutChats(folder_id=folder_id):
                self.move(chats, folder_id, place)
            case PinChats():
                self.pin(chats, pinned=True)
            case MoveFolder(parent_id=parent_id, position=position):
                self.move_folder(folders[0].id, parent_id, position)

    def _run(
        self, work: Coroutine[Any, Any, T], name: str, on_success: Callable[[T], object] | None = None
    ) -> None:
        def done(result: T) -> None:
            if on_success is not None:
                on_success(result)

        run(self._place, work, tasks=self._tasks, name=name, on_success=done)
