"""Messages: what a user can do with them. Every act is durable before the engine works on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from desktop.domain.changes import Kind
from desktop.domain.conversation import (
    Conversation,
    InContext,
    Message,
    Origin,
    Part,
    PartKind,
    Rating,
    Role,
    title_from,
)
from desktop.domain.errors import EngineBusyError, LocutionError, StorageError
from desktop.domain.generation import Done, Turn
from desktop.domain.parameters import make
from desktop.services.answering import Answerer, Assignment
from desktop.services.bus import ChangeBus
from desktop.services.conversations import Chat, ConversationService, message_gone
from desktop.services.effective import Using
from desktop.services.live_answer import LiveAnswer
from desktop.services.models import ModelService
from desktop.services.new_messages import new_answer, new_message, text_parts
from desktop.services.stores import Stores
from desktop.services.tasks import Tasks
from desktop.services.trash import TrashService
from desktop.services.turns import placed_turns, turns_sent
from desktop.services.undo import Act, UndoStack
from desktop.services.unsaved import UnsavedAnswers

LONGEST_COMMENT = 10_000
"""Characters that can be said about a rating."""


class ChatService:
    """All on the loop. Answers run on as owned tasks, at most one in a conversation."""

    def __init__(
        self,
        stores: Stores,
        conversations: ConversationService,
        unsaved: UnsavedAnswers,
        trash: TrashService,
        undo: UndoStack,
        models: ModelService,
        bus: ChangeBus,
    ) -> None:
        self._stores = stores
        self._conversations = conversations
        self._unsaved = unsaved
        self._trash = trash
        self._undo = undo
        self._models = models
        self._bus = bus
        self._tasks = Tasks()
        self._answering: dict[str, Answerer] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._starting: dict[str, bool] = {}
        """Chats whose answer is on its way to being started; True if it was stopped before that."""
        self.last_timing: Done | None = None
        """How the newest finished answer went."""

    def running(self, conversation_id: str) -> LiveAnswer | None:
        answerer = self._answering.get(conversation_id)
        return answerer.live if answerer else None

    @property
    def answering(self) -> frozenset[str]:
        """The chats in which an answer is being written."""
        return frozenset(self._answering)

    def is_busy(self, conversation_id: str) -> bool:
        """Whether an answer is running there, or on its way to."""
        return conversation_id in self._answering or conversation_id in self._starting

    def is_stopping(self, conversation_id: str) -> bool:
        """Whether the answer that is running there, or on its way to, was told to stop."""
        answerer = self._answering.get(conversation_id)
        return self._starting.get(conversation_id, False) if answerer is None else answerer.is_stopping

    @property
    def is_answering(self) -> bool:
        """Whether any chat's answer is being written, or about to be."""
        return bool(self._answering or self._starting)

    async def trash(self, *conversation_ids: str, actor: object = None) -> None:
        """Out of the list; one undo, or :meth:`TrashService.restore`, brings them all back."""
        for conversation_id in conversation_ids:
            await self.stop(conversation_id)
        await self._trash.put(conversation_ids, actor)

    # Asking

    async def send(
        self,
        conversation_id: str,
        text: str,
        actor: object = None,
        *,
        attachments: Sequence[Part] = (),
        prefill: str = "",
    ) -> str:
        """Adds a message and starts the answer to it, which begins with ``prefill``; returns the answer's id.

        The message is durable when this returns. Raises :class:`EngineBusyError` while an answer is running.
        """
        _require_text(text or "".join(part.name for part in attachments))
        with self._turn(conversation_id):
            chat = await self._conversations.open(conversation_id)
            conversation = chat.conversation
            parent = conversation.leaf_id if conversation.leaf_id in chat.tree else None
            question = new_message(conversation_id, parent, Role.USER, (*attachments, *text_parts(text)))
            named = text.strip() or attachments[0].name
            title = title_from(named) if not conversation.title else None
            return await self._ask(
                chat, question, title=title, clear_draft=True, prefill=prefill, actor=actor
            )

    async def regenerate(
        self,
        message_id: str,
        conversation_id: str,
        actor: object = None,
        *,
        using: Using | None = None,
        prefill: str = "",
    ) -> str:
        """Another answer beside this one, or to this message of the user; returns its id.

        Raises :class:`EngineBusyError` if ``using`` wants another model while another answer is written.
        """
        using = using or Using()
        make(using.overrides)
        if using.model and self._answering:
            raise EngineBusyError(
                "The loaded model is writing another answer.", action="Wait until it is done, or stop it."
            )
        with self._turn(conversation_id):
            chat = await self._conversations.open(conversation_id)
            before = chat.message(message_id)
            parent_id = before.id if before.role is Role.USER else before.parent_id
            return await self._answer_again(chat, parent_id, text_parts(prefill), using, actor)

    async def continue_answer(self, answer_id: str, conversation_id: str, actor: object = None) -> str:
        """Another version of an answer, which begins with all of it and goes on; returns its id.

        Raises :class:`LocutionError` if it has no text yet.
        """
        with self._turn(conversation_id):
            chat = await self._conversations.open(conversation_id)
            before = chat.message(answer_id)
            if before.role is not Role.ASSISTANT or not before.text:
                raise LocutionError("There is nothing to go on from.", action="Ask for another answer.")
            kept = tuple(Part(kind, text) for kind, text in (
                (PartKind.THINKING, before.thinking), (PartKind.TEXT, before.text)
            ) if text)  # fmt: skip
            return await self._answer_again(chat, before.parent_id, kept, Using(), actor)

    async def edit(
        self,
        message_id: str,
        conversation_id: str,
        text: str,
        actor: object = None,
        *,
        attachments: Sequence[Part] | None = None,
        ask: bool = True,
    ) -> str | None:
        """Another version of a message. Of a user's message: with a new answer, whose id is returned.

        Without ``ask`` it has no answer yet.

        What belongs to the message beside its text belongs to the new one too, but for its attachments if
        others are given.
        """
        with self._turn(conversation_id):
            chat = await self._conversations.open(conversation_id)
            before = chat.message(message_id)
            replaced = {PartKind.TEXT} if attachments is None else {PartKind.TEXT, PartKind.ATTACHMENT}
            beside = (*(attachments or ()), *(part for part in before.parts if part.kind not in replaced))
            _require_text(text or "".join(part.name for part in beside))
            version = new_message(
                conversation_id, before.parent_id, before.role, (*beside, *text_parts(text))
            )
            if before.role is Role.USER and ask:
                answer_id = await self._ask(chat, version, actor=actor)
                self._can_take_back(chat, version.id)
                return answer_id
            await self._stores.of(conversation_id).messages.add(version, leaf_id=version.id)
            self._can_take_back(chat, version.id)
            self._bus.publish(Kind.MESSAGES, conversation_id, messages=(version.id,), actor=actor)
            return None

    # What is there

    async def show(self, message_id: str, conversation_id: str, actor: object = None) -> None:
        """Switches the shown branch to this version, down to its newest message."""
        chat = await self._conversations.open(conversation_id)
        chat.message(message_id)
        await self._set_leaf(conversation_id, chat.tree.newest_leaf(message_id), actor)
        before = chat.conversation.leaf_id
        self._undo.add(Act.SHOW, lambda: self._set_leaf(conversation_id, before, None))

    async def delete_branch(self, message_id: str, conversation_id: str, actor: object = None) -> None:
        """A message and all that follows it, into the trash. An answer that is written there is ended."""
        chat = await self._conversations.open(conversation_id)
        chat.message(message_id)
        live = self.running(conversation_id)
        if live is not None and message_id in {node.id for node in chat.tree.path(live.message_id)}:
            await self._end(conversation_id)
        await self._trash.put_branch(conversation_id, message_id, actor)

    async def rate(
        self, message_id: str, conversation_id: str, rating: Rating, comment: str = "", actor: object = None
    ) -> None:
        """What the user thinks of a message. Raises :class:`NotFoundError`."""
        before = await self._message(message_id, conversation_id)
        comment = comment.strip()[:LONGEST_COMMENT]
        await self._stores.of(conversation_id).messages.rate(message_id, rating, comment)
        self._undo.add(
            Act.RATE, lambda: self.rate(message_id, conversation_id, before.rating, before.comment)
        )
        self._bus.publish(Kind.MESSAGES, conversation_id, messages=(message_id,), actor=actor)

    async def set_context(
        self, message_id: str, conversation_id: str, context: InContext, actor: object = None
    ) -> None:
        """Whether a message goes to the model. Raises :class:`NotFoundError`."""
        before = await self._message(message_id, conversation_id)
        await self._stores.of(conversation_id).messages.set_context(message_id, context)
        self._undo.add(Act.CONTEXT, lambda: self.set_context(message_id, conversation_id, before.context))
        self._bus.publish(Kind.MESSAGES, conversation_id, messages=(message_id,), actor=actor)

    async def sent(self, answer_id: str, conversation_id: str) -> tuple[Turn, ...]:
        """What the model was sent for an answer, message by message. Raises :class:`NotFoundError`.

        Of a message that lost its middle it is the whole. Where the origin does not say which messages were
        sent, it is those that would be sent now, whether they fitted or not.
        """
        chat = await self._conversations.open(conversation_id)
        answer = chat.message(answer_id)
        origin = answer.origin or Origin()
        return turns_sent(chat.tree.path(answer.parent_id), origin.system_prompt, origin.sent)

    async def stop(self, conversation_id: str) -> None:
        """Ends the running answer, or the one that is about to run; what it has stays."""
        if (answerer := self._answering.get(conversation_id)) is not None:
            answerer.stop()
        elif conversation_id in self._starting:
            self._starting[conversation_id] = True

    async def aclose(self) -> None:
        """Ends all answers, each kept as far as it got. Temporary chats are gone."""
        try:
            await self._tasks.aclose()
            await self._unsaved.aclose()
        finally:
            await self._stores.aclose()

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
        prefill: str = "",
        actor: object = None,
    ) -> str:
        path = [*chat.tree.path(question.parent_id), question]
        assignment = await self._assignment(chat.conversation, path, Using())
        answer = new_answer(question.conversation_id, question.id, text_parts(prefill))
        messages = self._stores.of(question.conversation_id).messages
        await messages.add(question, answer, leaf_id=answer.id, title=title, clear_draft=clear_draft)
        self._begin(answer, assignment, actor)
        return answer.id

    async def _answer_again(
        self, chat: Chat, parent_id: str | None, begun: tuple[Part, ...], using: Using, actor: object
    ) -> str:
        """Another answer to a message, which starts with what is ``begun``."""
        assignment = await self._assignment(chat.conversation, chat.tree.path(parent_id), using)
        answer = new_answer(chat.conversation.id, parent_id, begun)
        await self._stores.of(answer.conversation_id).messages.add(answer, leaf_id=answer.id)
        self._begin(answer, assignment, actor)
        self._can_take_back(chat, answer.id)
        return answer.id

    async def _assignment(
        self, conversation: Conversation, path: Sequence[Message], using: Using
    ) -> Assignment:
        effective = self._conversations.effective(using.instead(conversation))
        # Beside the loop: of ten thousand messages this takes longer than a frame.
        turns, places = await asyncio.to_thread(placed_turns, path, effective.system_prompt)
        return Assignment(
            turns=turns,
            places=places,
            parameters=effective.parameters,
            preset_id=effective.preset.id,
            system_prompt=effective.system_prompt,
            state_key="" if conversation.temporary else conversation.id,
            model=using.model,
        )

    def _begin(self, answer: Message, assignment: Assignment, actor: object) -> None:
        store = self._stores.of(answer.conversation_id)
        answerer = Answerer(answer, assignment, self._models, store.messages, self._bus)
        self._answering[answer.conversation_id] = answerer
        if self._starting.get(answer.conversation_id):
            answerer.stop()
        run = self._tasks.start(self._run(answerer), f"answer {answer.id}")
        self._runs[answer.conversation_id] = run
        added = (answer.parent_id or answer.id, answer.id)
        self._bus.publish(Kind.MESSAGES, answer.conversation_id, messages=added, actor=actor)
        self._bus.publish(Kind.CONVERSATIONS, answer.conversation_id, actor=actor)

    async def _run(self, answerer: Answerer) -> None:
        conversation_id = answerer.live.conversation_id
        try:
            await answerer.run()
        except StorageError as error:
            self._unsaved.keep(answerer.final, error)
        finally:
            del self._answering[conversation_id], self._runs[conversation_id]
            self.last_timing = answerer.done or self.last_timing
            self._bus.publish(Kind.MESSAGES, conversation_id, messages=(answerer.live.message_id,))

    async def _set_leaf(self, conversation_id: str, leaf_id: str | None, actor: object) -> None:
        await self._stores.of(conversation_id).messages.set_leaf(conversation_id, leaf_id)
        shown = () if leaf_id is None else (leaf_id,)
        self._bus.publish(Kind.MESSAGES, conversation_id, messages=shown, actor=actor)

    def _can_take_back(self, chat: Chat, version_id: str) -> None:
        """A new version goes into the trash with its answer, and what was shown before is shown again."""
        conversation_id, leaf_id = chat.conversation.id, chat.conversation.leaf_id

        async def take_back() -> None:
            await self.delete_branch(version_id, conversation_id)
            await self._set_leaf(conversation_id, leaf_id, None)

        self._undo.add(Act.NEW_VERSION, take_back)

    async def _end(self, conversation_id: str) -> None:
        """Stops the running answer and waits until it is saved."""
        await self.stop(conversation_id)
        if (run := self._runs.get(conversation_id)) is not None:
            await asyncio.wait((run,))

    async def _message(self, message_id: str, conversation_id: str) -> Message:
        found = await self._stores.of(conversation_id).messages.bodies((message_id,))
        if (message := found.get(message_id)) is None or message.conversation_id != conversation_id:
            raise message_gone()
        return message

    @contextmanager
    def _turn(self, conversation_id: str) -> Iterator[None]:
        """Keeps a second act from starting an answer while a first one is still on its way to do so."""
        if self.is_busy(conversation_id):
            raise EngineBusyError("An answer is still being written in this chat.", action="Stop it or wait.")
        self._starting[conversation_id] = False
        self._conversations.in_use.add(conversation_id)
        try:
            yield
        finally:
            del self._starting[conversation_id]
            self._conversations.in_use.discard(conversation_id)


def _require_text(text: str) -> None:
    if not text.strip():
        raise LocutionError("There is nothing to send.", action="Type a message first.")
