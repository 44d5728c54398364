"""The branch of a chat that is shown, as the model is sent it: read once, and kept up to date from then on.

Whoever asks again and again, as somebody types, must not read ten thousand messages each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation, Message
from desktop.domain.outline import Outline
from desktop.services.bus import ChangeBus
from desktop.services.conversations import ConversationService
from desktop.services.turns import Said, said

_AT_ONCE = 300
"""Messages that are read in one go; the loop gets its turn in between."""


class ShownBranch:
    """Of the chat that was asked for last. On the loop."""

    def __init__(self, conversations: ConversationService, bus: ChangeBus) -> None:
        self._conversations = conversations
        self._outline: Outline | None = None
        self._said: dict[str, Said] = {}
        self._path: Sequence[Said] | None = None
        self._stale: set[str] = set()
        self._reading = asyncio.Lock()
        bus.subscribe(self._on_change)

    async def read(self, conversation_id: str) -> tuple[Conversation, Sequence[Said]]:
        """The chat, and its messages from the first on; the same sequence while none of them changes.

        Those that say nothing are left out, but for the last one. Raises :class:`NotFoundError`.
        """
        async with self._reading:
            outline = self._outline
            if outline is None or outline.conversation.id != conversation_id:
                self._forget()
                outline, bodies = await self._conversations.outline(conversation_id)
                self._outline = outline
                self._take(bodies.values())
            else:
                await self._refresh(outline)
            if (path := self._path) is None:
                await self._read_missing(outline)
                all_ = [each for node in outline.path if (each := self._said.get(node.id)) is not None]
                # The last may be an answer that is about to be written.
                path = self._path = [each for each in all_[:-1] if each.text or each.files] + all_[-1:]
                await asyncio.sleep(0)
            return outline.conversation, path

    async def _refresh(self, outline: Outline) -> None:
        stale, self._stale = self._stale, set()
        size = len(outline.path)
        try:
            first, bodies = await self._conversations.refresh(outline, stale)
        except BaseException:
            self._stale |= stale
            raise
        self._take(bodies.values())
        if bodies or first < size or len(outline.path) != size:
            self._path = None

    async def _read_missing(self, outline: Outline) -> None:
        missing = [node.id for node in outline.path if node.id not in self._said]
        for at in range(0, len(missing), _AT_ONCE):
            bodies = await self._conversations.bodies(outline.conversation.id, missing[at : at + _AT_ONCE])
            self._take(bodies.values())

    def _take(self, messages: Iterable[Message]) -> None:
        self._said |= {message.id: said(message) for message in messages}

    def _on_change(self, change: Change) -> None:
        if change.kind is not Kind.MESSAGES or self._outline is None:
            return
        if change.ids and self._outline.conversation.id not in change.ids:
            return
        if change.messages:
            self._stale |= change.messages
        else:
            self._forget()

    def _forget(self) -> None:
        self._outline = self._path = None
        self._said = {}
        self._stale = set()
