"""Conversations: what a user can do with them. Every act is durable before the engine works on it."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from desktop.domain.changes import Kind
from desktop.domain.conversation import (
    Conversation,
    Message,
    MessageTree,
    Part,
    PartKind,
    Role,
    Status,
    title_from,
)
from desktop.domain.errors import EngineBusyError, LocutionError, NotFoundError, StorageError
from desktop.domain.generation import Done
from desktop.domain.parameters import NAMES, make
from desktop.domain.settings import Setting
from desktop.services.answering import Answerer, Assignment, LiveAnswer, Phase, turns_of
from desktop.services.bus import ChangeBus
from desktop.services.effective import Effective, effective
from desktop.services.models import ModelService
from desktop.services.presets import PresetService
from desktop.services.settings import SettingsService
from desktop.services.tasks import Tasks
from desktop.services.unsaved import UnsavedAnswers
from desktop.storage.conversations import ConversationRepository
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import TrashRepository

__all__ = ["UNCHANGED", "Chat", "ChatService", "Effective", "LiveAnswer", "Phase"]

NEW_TITLE = ""
"""A conversation without messages has no title; the view says "New chat"."""


class _Unchanged(Enum):
    UNCHANGED = "unchanged"


UNCHANGED: Final = _Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation with all its messages."""

    conversation: Conversation
    tree: MessageTree[Message]

    @property
    def path(self) -> list[Message]:
        """The branch that is shown, oldest first."""
        return self.tree.path(self.conversation.leaf_id)


class ChatService:
    """All on the loop. Answers run on as owned tasks, at most one in a conversation."""

    def __init__(
        self,
        conversations: ConversationRepository,
        messages: MessageRepository,
        trash: TrashRepository,
        models: ModelService,
        presets: PresetService,
        settings: SettingsService,
        bus: ChangeBus,
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._trash = trash
        self._models = models
        self._presets = presets
        self._settings = settings
        self._bus = bus
        self._tasks = Tasks()
        self._answering: dict[str, Answerer] = {}
        self._starting: dict[str, bool] = {}
        """Chats whose answer is on its way to being started; True if it was stopped before that."""
        self._unsaved = UnsavedAnswers(messages, bus)
        self._configuring = asyncio.Lock()
        self.last_timing: Done | None = None
        """How the newest finished answer went."""

    # Reading

    async def conversations(self) -> list[Conversation]:
        """Newest first."""
        return await self._conversations.list()

    async def open(self, conversation_id: str) -> Chat:
        """Raises :class:`NotFoundError`."""
        conversation = await self._conversations.get(conversation_id)
        messages = self._unsaved.put_in(await self._messages.tree(conversation_id))
        return Chat(conversation, MessageTree(messages))

    def running(self, conversation_id: str) -> LiveAnswer | None:
        answerer = self._answering.get(conversation_id)
        return answerer.live if answerer else None

    def effective(self, conversation: Conversation) -> Effective:
        """What the next answer of a conversation is made with."""
        return effective(conversation, self._presets.get(conversation.preset_id))

    # Conversations

    async def new(self, preset_id: str | None = None, actor: object = None) -> Conversation:
        """A conversation to write in: an unused one if there is one, so that they do not pile up."""
        preset_id = preset_id or self._settings.text(Setting.LAST_PRESET)
        for conversation in await self._conversations.list():
            if self._is_unused(conversation):
                await self._conversations.configure(
                    conversation.id, preset_id=preset_id, system_prompt=None, overrides={}
                )
                self._bus.publish(Kind.CONVERSATIONS, conversation.id, actor=actor)
                return await self._conversations.get(conversation.id)
        now = time.time()
        made = Conversation(_new_id(), NEW_TITLE, now, now, preset_id=preset_id)
        await self._conversations.create(made)
        self._bus.publish(Kind.CONVERSATIONS, made.id, actor=actor)
        return made

    async def rename(self, conversation_id: str, title: str, actor: object = None) -> None:
        await self._conversations.rename(conversation_id, " ".join(title.split())[:200])
        self._bus.publish(Kind.CONVERSATIONS, conversation_id, actor=actor)

    async def trash(self, conversation_id: str, actor: object = None) -> None:
        """Out of the list; :meth:`restore` brings it back."""
        await self.stop(conversation_id)
        await self._trash.put_chats((conversation_id,), time.time(), 0.0)
        await self._models.forget_state(conversation_id)
        self._bus.publish(Kind.CONVERSATIONS, conversation_id, actor=actor)

    async def restore(self, conversation_id: str, actor: object = None) -> None:
        await self._trash.restore_chats((conversation_id,))
        self._bus.publish(Kind.CONVERSATIONS, conversation_id, actor=actor)

    async def save_draft(self, conversation_id: str, text: str) -> None:
        await self._conversations.save_draft(conversation_id, text)

    async def configure(
        self,
        conversation_id: str,
        *,
        preset_id: str | None = None,
        system_prompt: str | Literal[_Unchanged.UNCHANGED] | None = UNCHANGED,
        overrides: Mapping[str, object] | None = None,
        actor: object = None,
    ) -> Conversation:
        """Changes what answers are made with. Another preset takes back all that does not come with it.

        ``overrides`` takes the place of all there were. Raises :class:`ParameterError`.
        """
        async with self._configuring:
            # One after the other: each keeps what it does not change as the one before left it.
            before = await self._conversations.get(conversation_id)
            if preset_id is not None and preset_id != before.preset_id:
                own_prompt, own_values = None, {}
                self._settings.put(Setting.LAST_PRESET, preset_id)
            else:
                own_prompt, own_values = before.system_prompt, dict(before.overrides)
            if overrides is not None:
                make(overrides)
                own_values = {name: overrides[name] for name in NAMES if name in overrides}
            if system_prompt is not UNCHANGED:
                own_prompt = system_prompt
            await self._conversations.configure(
                conversation_id,
                preset_id=preset_id or before.preset_id,
                system_prompt=own_prompt,
                overrides=own_values,
            )
        self._bus.publish(Kind.CONVERSATIONS, conversation_id, actor=actor)
        return await self._conversations.get(conversation_id)

    # Messages

    async def send(self, conversation_id: str, text: str, actor: object = None) -> str:
        """Adds a message and starts the answer to it; returns the answer's id.

        The message is durable when this returns. Raises :class:`EngineBusyError` while an answer is running.
        """
        _require_text(text)
        with self._turn(conversation_id):
            chat = await self.open(conversation_id)
            conversation = chat.conversation
            parent = conversation.leaf_id if conversation.leaf_id in chat.tree else None
            question = _message(conversation_id, parent, Role.USER, text)
            title = title_from(text) if not conversation.title else None
            return await self._ask(chat, question, title=title, clear_draft=True, actor=actor)

    async def regenerate(self, answer_id: str, conversation_id: str, actor: object = None) -> str:
        """Another answer beside this one; returns its id."""
        with self._turn(conversation_id):
            chat = await self.open(conversation_id)
            before = _find(chat, answer_id)
            if before.role is not Role.ASSISTANT:
                raise LocutionError(
                    "Only an answer can be written again.", action="Edit the message instead."
                )
            answer = _message(conversation_id, before.parent_id, Role.ASSISTANT, "", Status.STREAMING)
            await self._messages.add(answer, leaf_id=answer.id)
            self._begin(chat, answer, chat.tree.path(before.parent_id), actor)
            return answer.id

    async def edit(
        self, message_id: str, conversation_id: str, text: str, actor: object = None
    ) -> str | None:
        """Another version of a message. Of a user's message: with a new answer, whose id is returned."""
        _require_text(text)
        with self._turn(conversation_id):
            chat = await self.open(conversation_id)
            before = _find(chat, message_id)
            version = _message(conversation_id, before.parent_id, before.role, text)
            if before.role is Role.USER:
                return await self._ask(chat, version, actor=actor)
            await self._messages.add(version, leaf_id=version.id)
            self._bus.publish(Kind.MESSAGES, conversation_id, actor=actor)
            return None

    async def show(self, message_id: str, conversation_id: str, actor: object = None) -> None:
        """Switches the shown branch to this version, down to its newest message."""
        chat = await self.open(conversation_id)
        _find(chat, message_id)
        await self._messages.set_leaf(conversation_id, chat.tree.newest_leaf(message_id))
        self._bus.publish(Kind.MESSAGES, conversation_id, actor=actor)

    async def stop(self, conversation_id: str) -> None:
        """Ends the running answer, or the one that is about to run; what it has stays."""
        if (answerer := self._answering.get(conversation_id)) is not None:
            answerer.stop()
        elif conversation_id in self._starting:
            self._starting[conversation_id] = True

    async def aclose(self) -> None:
        """Ends all answers, each kept as far as it got."""
        await self._tasks.aclose()
        await self._unsaved.aclose()

    async def settle(self) -> None:
        """Waits until no answer is running."""
        await self._tasks.settle()

    async def _ask(
        self,
        chat: Chat,
        question: Message,
        *,
        title: str | None = None,
        clear_draft: bool = False,
        actor: object = None,
    ) -> str:
        answer = _message(question.conversation_id, question.id, Role.ASSISTANT, "", Status.STREAMING)
        await self._messages.add(question, answer, leaf_id=answer.id, title=title, clear_draft=clear_draft)
        self._begin(chat, answer, [*chat.tree.path(question.parent_id), question], actor)
        return answer.id

    def _begin(self, chat: Chat, answer: Message, path: list[Message], actor: object) -> None:
        effective = self.effective(chat.conversation)
        assignment = Assignment(
            turns=turns_of(path, effective.system_prompt),
            parameters=effective.parameters,
            preset_id=effective.preset.id,
            system_prompt=effective.system_prompt,
        )
        answerer = Answerer(answer, assignment, self._models, self._messages, self._bus)
        self._answering[answer.conversation_id] = answerer
        if self._starting.get(answer.conversation_id):
            answerer.stop()
        self._tasks.start(self._run(answerer), f"answer {answer.id}")
        self._bus.publish(Kind.MESSAGES, answer.conversation_id, actor=actor)
        self._bus.publish(Kind.CONVERSATIONS, answer.conversation_id, actor=actor)

    async def _run(self, answerer: Answerer) -> None:
        conversation_id = answerer.live.conversation_id
        try:
            await answerer.run()
        except StorageError as error:
            self._unsaved.keep(answerer.final, error)
        finally:
            del self._answering[conversation_id]
            self.last_timing = answerer.done or self.last_timing
            self._bus.publish(Kind.MESSAGES, conversation_id)

    def _is_unused(self, conversation: Conversation) -> bool:
        is_blank = conversation.leaf_id is None and not conversation.draft and not conversation.title
        return is_blank and conversation.id not in self._starting

    @contextmanager
    def _turn(self, conversation_id: str) -> Iterator[None]:
        """Keeps a second act from starting an answer while a first one is still on its way to do so."""
        if conversation_id in self._answering or conversation_id in self._starting:
            raise EngineBusyError("An answer is still being written in this chat.", action="Stop it or wait.")
        self._starting[conversation_id] = False
        try:
            yield
        finally:
            del self._starting[conversation_id]


def _require_text(text: str) -> None:
    if not text.strip():
        raise LocutionError("There is nothing to send.", action="Type a message first.")


def _find(chat: Chat, message_id: str) -> Message:
    if message_id not in chat.tree:
        raise NotFoundError("This message is no longer there.", action="Open the chat again.")
    return chat.tree[message_id]


def _message(
    conversation_id: str, parent_id: str | None, role: Role, text: str, status: Status = Status.COMPLETE
) -> Message:
    parts = (Part(PartKind.TEXT, text),) if text else ()
    return Message(_new_id(), conversation_id, parent_id, role, parts, status, created_at=time.time())


def _new_id() -> str:
    return uuid.uuid4().hex
