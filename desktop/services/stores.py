"""Where chats are: on disk, or only in memory for those that are never to be written. On the loop."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

from desktop.domain.conversation import Conversation
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import TrashRepository


@dataclass(frozen=True, slots=True)
class Store:
    """The repositories of one database."""

    conversations: ConversationRepository
    messages: MessageRepository
    trash: TrashRepository

    @classmethod
    def over(cls, database: Database) -> Self:
        return cls(ConversationRepository(database), MessageRepository(database), TrashRepository(database))


class Stores:
    """Finds a chat's store by its id; one that nobody knows is looked for on disk, and said to be missing."""

    def __init__(self, disk: Store) -> None:
        self.disk = disk
        self._memory: Store | None = None
        self._temporary: set[str] = set()
        self._closing = AsyncExitStack()

    def of(self, conversation_id: str) -> Store:
        if self._memory is not None and conversation_id in self._temporary:
            return self._memory
        return self.disk

    def is_temporary(self, conversation_id: str) -> bool:
        return conversation_id in self._temporary

    async def add(self, conversation: Conversation) -> None:
        """Puts a new one where it belongs: a temporary one into memory."""
        if not conversation.temporary:
            await self.disk.conversations.create(conversation)
            return
        if self._memory is None:
            database = await Database.in_memory()
            self._closing.push_async_callback(database.close)
            self._memory = Store.over(database)
        await self._memory.conversations.create(conversation)
        self._temporary.add(conversation.id)

    async def list(self) -> list[Conversation]:
        """All that are not in the trash: temporary ones, then the others, the one last worked in first."""
        temporary = await self._memory.conversations.list() if self._memory is not None else []
        return temporary + await self.disk.conversations.list()

    async def aclose(self) -> None:
        """Temporary chats are gone."""
        await self._closing.aclose()
