"""What is typed and not sent yet: drafts, and the message that waits for the running answer to end.

A waiting message is on disk as the chat's draft until it is sent, before whatever is typed meanwhile: a
crash leaves both in the composer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation, Status
from desktop.domain.errors import EngineBusyError, LocutionError
from desktop.domain.prompt import Prompt
from desktop.services.bus import ChangeBus
from desktop.services.chat import ChatService
from desktop.services.conversations import ConversationService
from desktop.services.tasks import Tasks

_LOOK_S = 0.02
"""Seconds between two looks at an answer that is about to begin: of one that cannot, nobody tells."""
_WELL = (Status.COMPLETE, Status.LENGTH)


@dataclass(frozen=True, slots=True)
class NextMessage:
    """One that waits. ``is_held``: the answer before it did not end well, so the user decides."""

    prompt: Prompt
    answer_id: str = ""
    """The answer it waits for; empty while that is only about to begin."""
    is_after_stop: bool = False
    """That answer was already told to stop: it need not end well."""
    is_held: bool = False
    error: LocutionError | None = None
    """Why it could not be sent."""


class NextMessageService:
    """On the loop; at most one waits in a chat. Publishes ``Kind.NEXT`` when that changes."""

    def __init__(self, conversations: ConversationService, chat: ChatService, bus: ChangeBus) -> None:
        self._conversations = conversations
        self._chat = chat
        self._bus = bus
        self._waiting: dict[str, NextMessage] = {}
        self._typed: dict[str, Prompt] = {}
        """By chat, as last kept; none for chats that nobody typed in since the start."""
        self._tasks = Tasks()
        self._unsubscribe = bus.subscribe(self._on_changed)

    def of(self, conversation_id: str) -> NextMessage | None:
        """What waits in a chat."""
        return self._waiting.get(conversation_id)

    def draft(self, conversation: Conversation) -> Prompt:
        """What is typed in a chat, without what waits there."""
        stored = Prompt(conversation.draft, conversation.draft_attachments)
        return self._typed.get(conversation.id, stored)

    async def keep(self, conversation_id: str, typed: Prompt) -> None:
        """Saves what is typed. The beginning of the answer is kept while the app runs."""
        self._typed[conversation_id] = typed
        await self._save(conversation_id)

    async def submit(self, conversation_id: str, prompt: Prompt, actor: object = None) -> None:
        """Sends a message, or lets it wait for the answer that is being written.

        A second one that has to wait becomes one message with the first. Raises :class:`LocutionError` if it
        can neither be sent nor wait; it is then the chat's draft.
        """
        self._typed[conversation_id] = Prompt()
        if (waiting := self._waiting.get(conversation_id)) is not None:
            prompt = waiting.prompt.joined(prompt)
            if not waiting.is_held:
                is_after_stop = waiting.is_after_stop or self._chat.is_stopping(conversation_id)
                await self._put(conversation_id, replace(waiting, prompt=prompt, is_after_stop=is_after_stop))
                return
            del self._waiting[conversation_id]
            self._bus.publish(Kind.NEXT, conversation_id)
        try:
            await self._send(conversation_id, prompt, actor)
        except EngineBusyError:
            is_after_stop = self._chat.is_stopping(conversation_id)
            await self._put(conversation_id, NextMessage(prompt, is_after_stop=is_after_stop))
        except LocutionError:
            await self.keep(conversation_id, prompt.joined(self._typed[conversation_id]))
            raise

    def take_back(self, conversation_id: str) -> Prompt:
        """Ends the waiting; the message is the caller's again. Until it is kept, it stays the draft."""
        waiting = self._waiting.pop(conversation_id, None)
        if waiting is None:
            return Prompt()
        self._bus.publish(Kind.NEXT, conversation_id)
        return waiting.prompt

    async def aclose(self) -> None:
        """What waits is a draft from now on."""
        self._unsubscribe()
        await self._tasks.aclose()

    async def _put(self, conversation_id: str, waiting: NextMessage) -> None:
        if (live := self._chat.running(conversation_id)) is not None:
            waiting = replace(waiting, answer_id=live.message_id)
        self._waiting[conversation_id] = waiting
        if not waiting.answer_id:
            self._tasks.start(self._await_start(conversation_id), "wait for an answer to begin")
        self._bus.publish(Kind.NEXT, conversation_id)
        await self._save(conversation_id)

    async def _save(self, conversation_id: str) -> None:
        draft = self._typed.get(conversation_id, Prompt())
        if (waiting := self._waiting.get(conversation_id)) is not None:
            draft = waiting.prompt.joined(draft)
        await self._conversations.save_draft(conversation_id, draft.text, draft.attachments)

    async def _send(self, conversation_id: str, prompt: Prompt, actor: object = None) -> None:
        await self._chat.send(
            conversation_id,
            prompt.text,
            attachments=prompt.attachments,
            prefill=prompt.prefill,
            actor=actor,
        )
        if self._typed.get(conversation_id):
            # Sending clears the draft, and this was typed while it did.
            await self._save(conversation_id)

    def _on_changed(self, change: Change) -> None:
        if change.kind is not Kind.MESSAGES:
            return
        for conversation_id in change.ids & self._waiting.keys():
            if (live := self._chat.running(conversation_id)) is not None:
                waiting = self._waiting[conversation_id]
                if waiting.answer_id not in ("", live.message_id):
                    waiting = replace(waiting, is_after_stop=False)
                self._waiting[conversation_id] = replace(waiting, answer_id=live.message_id)
            elif not self._chat.is_busy(conversation_id):
                self._tasks.start(self._settle(conversation_id), "send the next message")

    async def _await_start(self, conversation_id: str) -> None:
        """An answer that could not even begin is told of by nobody."""
        while (waiting := self._waiting.get(conversation_id)) is not None and not waiting.answer_id:
            if not self._chat.is_busy(conversation_id):
                await self._settle(conversation_id)
                return
            await asyncio.sleep(_LOOK_S)

    async def _settle(self, conversation_id: str) -> None:
        """The answer has ended: sends what waits, or leaves that to the user."""
        if (waiting := self._waiting.get(conversation_id)) is None:
            return
        answers = await self._conversations.bodies(conversation_id, (waiting.answer_id,))
        answer = answers.get(waiting.answer_id)
        waiting = self._waiting.get(conversation_id)
        if waiting is None or waiting.is_held or self._chat.is_busy(conversation_id):
            # Taken back meanwhile; or another answer began, whose end comes here too.
            return
        is_stopped = answer is not None and answer.status is Status.CANCELLED and waiting.is_after_stop
        if answer is None or (answer.status not in _WELL and not is_stopped):
            self._hold(conversation_id, waiting)
            return
        del self._waiting[conversation_id]
        self._bus.publish(Kind.NEXT, conversation_id)
        try:
            await self._send(conversation_id, waiting.prompt)
        except EngineBusyError:
            await self._put(conversation_id, replace(waiting, answer_id="", is_after_stop=False))
        except LocutionError as error:
            self._hold(conversation_id, replace(waiting, error=error))
            await self._save(conversation_id)

    def _hold(self, conversation_id: str, waiting: NextMessage) -> None:
        self._waiting[conversation_id] = replace(waiting, is_held=True)
        self._bus.publish(Kind.NEXT, conversation_id)
