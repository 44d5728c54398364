"""Finished answers that the disk did not take. They are shown from memory until they are saved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from desktop.domain.changes import Kind
from desktop.domain.conversation import Message, Status
from desktop.domain.errors import NotFoundError, StorageError
from desktop.services.bus import ChangeBus
from desktop.services.tasks import Tasks
from desktop.storage.messages import MessageRepository

RETRY_S = 5.0
"""Seconds between two tries to save them."""


class UnsavedAnswers:
    """Kept by the chat service; on the loop."""

    def __init__(self, messages: MessageRepository, bus: ChangeBus) -> None:
        self._messages = messages
        self._bus = bus
        self._kept: dict[str, tuple[Message, StorageError]] = {}
        self._tasks = Tasks()

    def keep(self, message: Message, error: StorageError) -> None:
        """``message`` is in its final state."""
        if not self._kept:
            self._tasks.start(self._try_again(), "save answers")
        self._kept[message.id] = message, error

    def put_in(self, messages: Iterable[Message]) -> list[Message]:
        """``messages`` as read, with these in their places; each says why it is not saved."""
        return [self._shown(message) for message in messages]

    async def aclose(self) -> None:
        """One last try. Raises :class:`StorageError` if they are lost with the app."""
        await self._tasks.aclose()
        for message, _ in tuple(self._kept.values()):
            await self._save(message)

    def _shown(self, message: Message) -> Message:
        if message.id not in self._kept:
            return message
        final, error = self._kept[message.id]
        return replace(final, position=message.position, status=Status.FAILED, error=str(error))

    async def _try_again(self) -> None:
        while self._kept:
            await asyncio.sleep(RETRY_S)
            try:
                for message, _ in tuple(self._kept.values()):
                    await self._save(message)
            except StorageError:
                continue

    async def _save(self, message: Message) -> None:
        with suppress(NotFoundError):  # Deleted for good meanwhile.
            await self._messages.finish(
                message.id, message.parts, message.status, message.origin, message.error
            )
        del self._kept[message.id]
        self._bus.publish(Kind.MESSAGES, message.conversation_id, messages=(message.id,))
