"""Chats to files and files to chats. On the loop; the files are read and written in threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from desktop.domain.changes import Kind
from desktop.domain.conversation import Message, MessageTree
from desktop.domain.errors import NotFoundError, ParameterError, StorageError
from desktop.domain.exchange import (
    BrokenChat,
    Fate,
    FoundChat,
    ImportedChat,
    ImportReport,
    LeftOut,
    PortableChat,
    Progress,
)
from desktop.services.bus import ChangeBus
from desktop.services.conversations import ConversationService
from desktop.services.folders import FolderService
from desktop.services.trash import TrashService
from desktop.services.undo import Act, UndoStack
from desktop.storage.exchange.formats import FORMATS, Format
from desktop.storage.exchange.reading import Found, read_chats
from desktop.storage.exchange.writing import open_target
from desktop.storage.imports import AlreadyThere, ImportRepository

T = TypeVar("T")
_ENDED = "You ended it. What was imported stays; undo takes it back."
OnProgress = Callable[[Progress], None]


def _ignore(_: Progress) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Exported:
    """``empty`` are the titles of chats with nothing in them for this format."""

    chats: int
    empty: tuple[str, ...] = ()


class ExchangeService:
    def __init__(
        self,
        conversations: ConversationService,
        trash: TrashService,
        folders: FolderService,
        imports: ImportRepository,
        undo: UndoStack,
        bus: ChangeBus,
    ) -> None:
        self._conversations = conversations
        self._trash = trash
        self._folders = folders
        self._imports = imports
        self._undo = undo
        self._bus = bus

    # Out

    async def chats_in(self, folder: str) -> list[str]:
        """The ids of the chats in the folders called so, and within. Raises :class:`NotFoundError`."""
        tree = await self._folders.tree()
        named = tree.named(folder)
        if not named:
            raise NotFoundError(f"There is no folder “{folder}”.", action="Check the name.")
        within = {inner for identity in named for inner in tree.within(identity)}
        return [head.id for head in await self._conversations.list() if head.folder_id in within]

    async def all_chats(self) -> list[str]:
        """The ids of all that are in the list, and not only in memory."""
        return [head.id for head in await self._conversations.list() if not head.temporary]

    async def export(
        self,
        conversation_ids: Sequence[str],
        format: str,
        out: Path,
        *,
        replace: bool = False,
        on_progress: OnProgress = _ignore,
    ) -> Exported:
        """Writes chats to ``out``; see :func:`open_target` for what is made of it.

        Raises :class:`NotFoundError`, and :class:`StorageError` if the place cannot be written; then, and if
        its task is cancelled, no half of a file is left. ``on_progress`` is told of each chat.
        """
        row = _format(format)
        several = len(conversation_ids) != 1
        target = await _in_thread(lambda: open_target(out, row, several=several, replace=replace))
        empty: list[str] = []
        try:
            for done, identity in enumerate(conversation_ids, 1):
                chat = await self._portable(identity)
                if not await _in_thread(partial(target.add, chat)):
                    empty.append(chat.conversation.title)
                on_progress(Progress(done / len(conversation_ids), done))
            await _in_thread(target.finish)
        finally:
            await _in_thread(target.discard)
        return Exported(len(conversation_ids), tuple(empty))

    async def pieces(self, conversation_ids: Sequence[str], format: str) -> AsyncIterator[str]:
        """The same as text, piece by piece, chat after chat."""
        row = _format(format)
        for identity in conversation_ids:
            chat = await self._portable(identity)
            yield await _in_thread(partial(_written, row, chat))

    async def _portable(self, conversation_id: str) -> PortableChat:
        chat = await self._conversations.open(conversation_id)
        tree = await self._folders.tree()
        folder_id = chat.conversation.folder_id
        path = tree.path(folder_id) if folder_id is not None and folder_id in tree else ()
        return PortableChat(
            chat.conversation, tuple(_in_order(chat.tree)), tuple(folder.name for folder in path)
        )

    # In

    async def import_files(
        self,
        paths: Iterable[Path],
        *,
        as_copies: bool = False,
        on_progress: OnProgress = _ignore,
        ending: asyncio.Event | None = None,
        actor: object = None,
    ) -> ImportReport:
        """Reads every chat in these files, folders and archives; the report says what became of each.

        It can be undone: the chats go into the trash. One that was imported before is skipped, or added
        once more with ``as_copies``. Each is there as a whole or not at all, and durable before the next is
        read: what is there stays, also if the disk is full or the task is cancelled. ``ending`` is the
        user's way to end it early and be told what was imported.
        """
        ended = ending or asyncio.Event()
        every = list(paths)
        chats: list[ImportedChat] = []
        left_out: list[LeftOut] = []
        stopped = ""
        try:
            for number, path in enumerate(every):
                async for share, found in _read(path, ended):
                    if isinstance(found, LeftOut):
                        left_out.append(found)
                    else:
                        chats.append(await self._add(found, as_copies=as_copies))
                    on_progress(Progress((number + share) / len(every), len(chats)))
            if ended.is_set():
                stopped = _ENDED
            else:
                on_progress(Progress(1.0, len(chats)))
        except StorageError as error:
            stopped = str(error)
        finally:
            if new := [chat.conversation_id for chat in chats if chat.fate is Fate.IMPORTED]:
                self._undo.add(Act.IMPORT, lambda: self._trash.put(new), len(new))
                self._bus.publish(Kind.FOLDERS, actor=actor)
                self._bus.publish(Kind.CONVERSATIONS, *new, actor=actor)
        return ImportReport(tuple(chats), tuple(left_out), stopped)

    async def _add(self, found: FoundChat | BrokenChat, *, as_copies: bool) -> ImportedChat:
        if isinstance(found, BrokenChat):
            return ImportedChat(found.where, Fate.FAILED, reason=found.reason)
        chat = found.chat
        title, count = chat.conversation.title, len(chat.messages)
        added = await self._imports.add(chat, as_copy=as_copies)
        if isinstance(added, AlreadyThere):
            return ImportedChat(title, Fate.ALREADY_THERE, chat.conversation.id, count, _why(added))
        return ImportedChat(title, Fate.IMPORTED, added, count, left_out=found.left_out)


def _written(format: Format, chat: PortableChat) -> str:
    return "".join(format.write(chat))


def _in_order(tree: MessageTree[Message]) -> Iterator[Message]:
    """Parents before their children."""
    waiting = [*reversed(tree.children(None))]
    while waiting:
        message = waiting.pop()
        yield message
        waiting += reversed(tree.children(message.id))


def _why(there: AlreadyThere) -> str:
    """What should be known of a chat that was skipped; usually nothing."""
    if there.in_trash:
        return "It is in the trash; restore it there, or import it as a copy."
    if there.new_messages:
        return f"The file has {there.new_messages:,} more messages; import it as a copy to get them."
    return ""


async def _read(path: Path, ended: asyncio.Event) -> AsyncIterator[tuple[float, Found]]:
    reading = read_chats(path, now=time.time())
    try:
        while not ended.is_set() and (found := await _in_thread(partial(next, reading, None))) is not None:
            yield found
    finally:
        reading.close()


async def _in_thread(work: Callable[[], T]) -> T:
    """Waits for the thread also when it is cancelled: nobody else may use what it is working on."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def _format(name: str) -> Format:
    if (found := FORMATS.get(name)) is None:
        raise ParameterError(f"There is no format “{name}”.", action=f"Known: {', '.join(FORMATS)}.")
    return found
