"""Conversations: what a user can do with them. Every act is durable before the engine works on it."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from desktop.domain.changes import Kind
from desktop.domain.conversation import (
    Conversation,
    InContext,
    Message,
    MessageTree,
    Part,
    PartKind,
    Rating,
    Role,
    Status,
    title_from,
)
from desktop.domain.errors import EngineBusyError, LocutionError, NotFoundError, StorageError
from desktop.domain.generation import Done
from desktop.domain.outline import Outline
from desktop.domain.parameters import NAMES, make
from desktop.domain.settings import Setting
from desktop.services.answering import Answerer, Assignment, LiveAnswer, Phase, turns_of
from desktop.services.bus import ChangeBus
from desktop.services.copies import copies
from desktop.services.effective import Effective, effective
from desktop.services.models import ModelService
from desktop.services.presets import PresetService
from desktop.services.settings import SettingsService
from desktop.services.stores import Stores
from desktop.services.tasks import Tasks
from desktop.services.trash import TrashService
from desktop.services.undo import Act, UndoStack
from desktop.services.unsaved import UnsavedAnswers

__all__ = ["UNCHANGED", "Chat", "ChatService", "Effective", "LiveAnswer", "Phase"]

SEEN_FIRST = 40
"""Messages at the end of a chat that are read with its shape; more than a window holds."""
NEW_TITLE = ""
"""A conversation without messages has no title; the view says "New chat"."""


LONGEST_COMMENT = 10_000
"""Characters that can be said about a rating."""


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
        stores: Stores,
        trash: TrashService,
        undo: UndoStack,
        models: ModelService,
        presets: PresetService,
        settings: SettingsService,
        bus: ChangeBus,
    ) -> None:
        self._stores = stores
        self._trash = trash
        self._undo = undo
        self._models = models
        self._presets = presets
        self._settings = settings
        self._bus = bus
        self._tasks = Tasks()
        self._answering: dict[str, Answerer] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._starting: dict[str, bool] = {}
        """Chats whose answer is on its way to being started; True if it was stopped before that."""
        self._unsaved = UnsavedAnswers(stores.disk.messages, bus)
        self._configuring = asyncio.Lock()
        self.last_timing: Done | None = None
        """How the newest finished answer went."""

    # Reading

    async def conversations(self) -> list[Conversation]:
        """Temporary ones, then the others, newest first."""
        return await self._stores.list()

    async def open(self, conversation_id: str) -> Chat:
        """Raises :class:`NotFoundError`."""
        store = self._stores.of(conversation_id)
        conversation = await store.conversations.get(conversation_id)
        messages = self._unsaved.put_in(await store.messages.tree(conversation_id))
        return Chat(conversation, MessageTree(messages))

    async def outline(self, conversation_id: str) -> tuple[Outline, dict[str, Message]]:
        """A chat's shape, and what its last messages say: what is seen first. Raises :class:`NotFoundError`.

        Whoever shows it keeps it up to date with :meth:`refresh`, and reads what else is seen with
        :meth:`bodies`.
        """
        store = self._stores.of(conversation_id)
        conversation = await store.conversations.get(conversation_id)
        outline = Outline(conversation, await store.messages.nodes(conversation_id))
        seen = [node.id for node in outline.path[-SEEN_FIRST:]]
        return outline, await self.bodies(conversation_id, seen)

    async def refresh(self, outline: Outline, message_ids: Collection[str]) -> tuple[int, dict[str, Message]]:
        """Takes over that these messages are new or others; see :meth:`Outline.take` for the number.

        With it comes what they say. Raises :class:`NotFoundError` if the chat was deleted for good.
        """
        conversation_id = outline.conversation.id
        store = self._stores.of(conversation_id)
        conversation = await store.conversations.get(conversation_id)
        nodes = {node.id: node for node in await store.messages.nodes_of(message_ids)}
        at = conversation.leaf_id
        while at is not None and at not in outline.tree and at not in nodes:
            # Something was added meanwhile, of which the bus is about to tell.
            if not (found := await store.messages.nodes_of((at,))):
                break
            nodes[at], at = found[0], found[0].parent_id
        bodies = await self.bodies(conversation_id, nodes)
        return outline.take(conversation, nodes.values()), bodies

    async def bodies(self, conversation_id: str, message_ids: Collection[str]) -> dict[str, Message]:
        """What messages of a chat say, by their ids; one that is gone is left out."""
        found = await self._stores.of(conversation_id).messages.bodies(message_ids)
        return {message.id: message for message in self._unsaved.put_in(found.values())}

    def running(self, conversation_id: str) -> LiveAnswer | None:
        answerer = self._answering.get(conversation_id)
        return answerer.live if answerer else None

    def effective(self, conversation: Conversation) -> Effective:
        """What the next answer of a conversation is made with."""
        return effective(conversation, self._presets.get(conversation.preset_id))

    # Conversations

    async def new(
        self,
        preset_id: str | None = None,
        actor: object = None,
        *,
        folder_id: str | None = None,
        temporary: bool = False,
    ) -> Conversation:
        """A conversation to write in: an unused one if there is one, so that they do not pile up.

        A ``temporary`` one is never written to disk and gone when the app ends. Raises :class:`NotFoundError`
        if there is no such folder.
        """
        preset_id = preset_id or self._settings.text(Setting.LAST_PRESET)
        for conversation in await self._stores.list():
            if self._is_unused(conversation, folder_id, temporary=temporary):
                conversations = self._stores.of(conversation.id).conversations
                await conversations.configure(
                    conversation.id, preset_id=preset_id, system_prompt=None, overrides={}
                )
                self._bus.publish(Kind.CONVERSATIONS, conversation.id, actor=actor)
                return await conversations.get(conversation.id)
        now = time.time()
        made = Conversation(
            _new_id(), NEW_TITLE, now, now, preset_id=preset_id, folder_id=folder_id, temporary=temporary
        )
        await self._stores.add(made)
        self._bus.publish(Kind.CONVERSATIONS, made.id, actor=actor)
        return made

    async def rename(self, conversation_id: str, title: str, actor: object = None) -> None:
        conversations = self._stores.of(conversation_id).conversations
        before = (await conversations.get(conversation_id)).title
        await conversations.rename(conversation_id, " ".join(title.split())[:200])
        self._undo.add(Act.RENAME, lambda: self.rename(conversation_id, before))
        self._bus.publish(Kind.CONVERSATIONS, conversation_id, actor=actor)

    async def pin(self, conversation_id: str, *, pinned: bool, actor: object = None) -> None:
        """Among those that are always in sight, or not."""
        await self._stores.of(conversation_id).conversations.pin(conversation_id, pinned=pinned)
        self._undo.add(Act.PIN, lambda: self.pin(conversation_id, pinned=not pinned))
        self._bus.publish(Kind.CONVERSATIONS, conversation_id, actor=actor)

    async def trash(self, conversation_id: str, actor: object = None) -> None:
        """Out of the list; :meth:`restore` brings it back."""
        await self.trash_all((conversation_id,), actor)

    async def trash_all(self, conversation_ids: Sequence[str], actor: object = None) -> None:
        """Several at once, which one undo brings back."""
        for conversation_id in conversation_ids:
            await self.stop(conversation_id)
        await self._trash.put(conversation_ids, actor)

    async def restore(self, conversation_id: str, actor: object = None) -> None:
        await self._trash.restore((conversation_id,), actor)

    async def duplicate(
        self, conversation_id: str, title: str | None = None, actor: object = None
    ) -> Conversation:
        """The whole chat once more, on disk also if it is a temporary one; returns the new one."""
        chat = await self.open(conversation_id)
        return await self._copy(chat, chat.tree, title, actor)

    async def branch(
        self, message_id: str, conversation_id: str, title: str | None = None, actor: object = None
    ) -> Conversation:
        """What leads to a message, itself included, as a new chat to go on in; returns that."""
        chat = await self.open(conversation_id)
        _find(chat, message_id)
        return await self._copy(chat, chat.tree.path(message_id), title, actor)

    async def save_draft(self, conversation_id: str, text: str, attachments: Sequence[Part] = ()) -> None:
        """What is typed and not sent yet, with the files that go with it."""
        await self._stores.of(conversation_id).conversations.save_draft(conversation_id, text, attachments)

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
            conversations = self._stores.of(conversation_id).conversations
            before = await conversations.get(conversation_id)
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
            await conversations.configure(
                conversation_id,
                preset_id=preset_id or before.preset_id,
                system_prompt=own_prompt,
                overrides=own_values,
            )
        self._bus.publish(Kind.CONVERSATIONS, conversation_id, actor=actor)
        return await conversations.get(conversation_id)

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
            await self._stores.of(conversation_id).messages.add(answer, leaf_id=answer.id)
            self._begin(chat, answer, chat.tree.path(before.parent_id), actor)
            self._can_take_back(chat, answer.id)
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
                answer_id = await self._ask(chat, version, actor=actor)
                self._can_take_back(chat, version.id)
                return answer_id
            await self._stores.of(conversation_id).messages.add(version, leaf_id=version.id)
            self._can_take_back(chat, version.id)
            self._bus.publish(Kind.MESSAGES, conversation_id, messages=(version.id,), actor=actor)
            return None

    async def show(self, message_id: str, conversation_id: str, actor: object = None) -> None:
        """Switches the shown branch to this version, down to its newest message."""
        chat = await self.open(conversation_id)
        _find(chat, message_id)
        await self._set_leaf(conversation_id, chat.tree.newest_leaf(message_id), actor)
        before = chat.conversation.leaf_id
        self._undo.add(Act.SHOW, lambda: self._set_leaf(conversation_id, before, None))

    async def delete_branch(self, message_id: str, conversation_id: str, actor: object = None) -> None:
        """A message and all that follows it, into the trash. An answer that is written there is ended."""
        chat = await self.open(conversation_id)
        _find(chat, message_id)
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
        actor: object = None,
    ) -> str:
        answer = _message(question.conversation_id, question.id, Role.ASSISTANT, "", Status.STREAMING)
        messages = self._stores.of(question.conversation_id).messages
        await messages.add(question, answer, leaf_id=answer.id, title=title, clear_draft=clear_draft)
        self._begin(chat, answer, [*chat.tree.path(question.parent_id), question], actor)
        return answer.id

    def _begin(self, chat: Chat, answer: Message, path: list[Message], actor: object) -> None:
        effective = self.effective(chat.conversation)
        assignment = Assignment(
            turns=turns_of(path, effective.system_prompt),
            parameters=effective.parameters,
            preset_id=effective.preset.id,
            system_prompt=effective.system_prompt,
            state_key="" if chat.conversation.temporary else answer.conversation_id,
        )
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

    async def _copy(
        self, chat: Chat, messages: Iterable[Message], title: str | None, actor: object
    ) -> Conversation:
        now = time.time()
        source = chat.conversation
        made = Conversation(
            _new_id(),
            source.title if title is None else title,
            now,
            now,
            preset_id=source.preset_id,
            system_prompt=source.system_prompt,
            overrides=source.overrides,
            folder_id=source.folder_id,
        )
        copied = copies(messages, made.id)
        if copied:
            shown = copied.get(source.leaf_id or "") or list(copied.values())[-1]
            await self._stores.disk.messages.add(*copied.values(), leaf_id=shown.id, updated_at=now, new=made)
        else:
            await self._stores.disk.conversations.create(made)
        self._undo.add(Act.DUPLICATE, lambda: self.trash(made.id))
        self._bus.publish(Kind.CONVERSATIONS, made.id, actor=actor)
        return await self._stores.disk.conversations.get(made.id)

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
            raise _gone()
        return message

    def _is_unused(self, conversation: Conversation, folder_id: str | None, *, temporary: bool) -> bool:
        is_blank = conversation.leaf_id is None and not conversation.title
        is_blank &= not conversation.draft and not conversation.draft_attachments
        is_alike = conversation.folder_id == folder_id and conversation.temporary == temporary
        return is_blank and is_alike and not conversation.pinned and conversation.id not in self._starting

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
        raise _gone()
    return chat.tree[message_id]


def _gone() -> NotFoundError:
    return NotFoundError("This message is no longer there.", action="Open the chat again.")


def _message(
    conversation_id: str, parent_id: str | None, role: Role, text: str, status: Status = Status.COMPLETE
) -> Message:
    parts = (Part(PartKind.TEXT, text),) if text else ()
    return Message(_new_id(), conversation_id, parent_id, role, parts, status, created_at=time.time())


def _new_id() -> str:
    return uuid.uuid4().hex
