"""Chats as a whole: which there are, what is in them, and what a user does with a whole one."""

from __future__ import annotations

import asyncio
import builtins
import time
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from desktop.domain.changes import Kind
from desktop.domain.conversation import LONGEST_TITLE, Conversation, Message, MessageTree, Part
from desktop.domain.errors import NotFoundError
from desktop.domain.outline import Outline
from desktop.domain.parameters import NAMES, make
from desktop.domain.settings import Setting
from desktop.services.bus import ChangeBus
from desktop.services.copies import copies
from desktop.services.effective import Effective, effective
from desktop.services.presets import PresetService
from desktop.services.settings import SettingsService
from desktop.services.stores import Stores
from desktop.services.trash import TrashService
from desktop.services.undo import Act, Done, UndoStack
from desktop.services.unsaved import UnsavedAnswers

__all__ = ["UNCHANGED", "Chat", "ConversationService", "Effective"]

SEEN_FIRST = 40
"""Messages at the end of a chat that are read with its shape; more than a window holds."""
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

    def message(self, message_id: str) -> Message:
        """Raises :class:`NotFoundError`."""
        if message_id not in self.tree:
            raise message_gone()
        return self.tree[message_id]


class ConversationService:
    """All on the loop. ``unsaved`` are answers that the disk did not take: they are shown all the same."""

    def __init__(
        self,
        stores: Stores,
        unsaved: UnsavedAnswers,
        trash: TrashService,
        undo: UndoStack,
        presets: PresetService,
        settings: SettingsService,
        bus: ChangeBus,
    ) -> None:
        self._stores = stores
        self._unsaved = unsaved
        self._trash = trash
        self._undo = undo
        self._presets = presets
        self._settings = settings
        self._bus = bus
        self._configuring = asyncio.Lock()
        self._changed: tuple[Done | None, Conversation | None] = (None, None)
        """What a chat's parameters were changed by last, and the chat before that."""
        self.in_use: set[str] = set()
        """Chats that somebody is about to write in: not to be handed out as unused ones."""

    # Reading

    async def list(self) -> builtins.list[Conversation]:
        """Temporary ones, then the others, newest first."""
        return await self._stores.list()

    async def open(self, conversation_id: str) -> Chat:
        """Raises :class:`NotFoundError`."""
        store = self._stores.of(conversation_id)
        conversation = await store.conversations.get(conversation_id)
        messages = self._unsaved.put_in(await store.messages.tree(conversation_id))
        return Chat(conversation, MessageTree(messages))

    async def head(self, conversation_id: str) -> Conversation:
        """Without its messages. Raises :class:`NotFoundError`."""
        return await self._stores.of(conversation_id).conversations.get(conversation_id)

    async def beginning(self, conversation_id: str, count: int) -> builtins.list[Message]:
        """The first messages of the branch that is shown. Raises :class:`NotFoundError`."""
        outline, _ = await self.outline(conversation_id)
        found = await self.bodies(conversation_id, [node.id for node in outline.path[:count]])
        return [found[node.id] for node in outline.path[:count] if node.id in found]

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

    def effective(self, conversation: Conversation) -> Effective:
        """What the next answer of a conversation is made with."""
        return effective(conversation, self._presets.get(conversation.preset_id))

    # Changing

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
            uuid.uuid4().hex,
            NEW_TITLE,
            now,
            now,
            preset_id=preset_id,
            folder_id=folder_id,
            temporary=temporary,
        )
        await self._stores.add(made)
        self._bus.publish(Kind.CONVERSATIONS, made.id, actor=actor)
        return made

    async def rename(self, conversation_id: str, title: str, actor: object = None) -> None:
        conversations = self._stores.of(conversation_id).conversations
        before = (await conversations.get(conversation_id)).title
        await conversations.rename(conversation_id, " ".join(title.split())[:LONGEST_TITLE])
        self._undo.add(Act.RENAME, lambda: self.rename(conversation_id, before))
        self._bus.publish(Kind.CONVERSATIONS, conversation_id, actor=actor)

    async def retitle(self, conversation_id: str, before: str, title: str) -> None:
        """Another title in place of ``before``; nothing happens if it is called something else by now."""
        if await self._stores.of(conversation_id).conversations.retitle(conversation_id, before, title):
            self._bus.publish(Kind.CONVERSATIONS, conversation_id)

    async def pin(self, *conversation_ids: str, pinned: bool, actor: object = None) -> None:
        """Among those that are always in sight, or not; several, none of which was so before, are one act."""
        for conversation_id in conversation_ids:
            await self._stores.of(conversation_id).conversations.pin(conversation_id, pinned=pinned)
        self._undo.add(Act.PIN, lambda: self.pin(*conversation_ids, pinned=not pinned), len(conversation_ids))
        self._bus.publish(Kind.CONVERSATIONS, *conversation_ids, actor=actor)

    async def duplicate(
        self, conversation_id: str, title: str | None = None, actor: object = None
    ) -> Conversation:
        """The whole chat once more, on disk also if it is a temporary one; returns the new one."""
        chat = await self.open(conversation_id)
        return await self._copy(chat, chat.tree, title, actor)

    async def branch(
        self, message_id: str, conversation_id: str, title: str | None = None, actor: object = None
    ) -> Conversation:
        """What leads to a message, itself included, as a new chat to go on in; returns that.

        Of a temporary chat it is a temporary one, too.
        """
        chat = await self.open(conversation_id)
        chat.message(message_id)
        temporary = chat.conversation.temporary
        return await self._copy(chat, chat.tree.path(message_id), title, actor, temporary=temporary)

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
        alone: bool = False,
        actor: object = None,
    ) -> Conversation:
        """Changes what answers are made with. Another preset takes back all that does not come with it.

        ``overrides`` takes the place of all there were. What one thing is changed to in a row, as by a
        slider, is taken back at once, but for a change that stands ``alone``. Raises :class:`ParameterError`.
        """
        conversations = self._stores.of(conversation_id).conversations
        async with self._configuring:
            # One after the other: each keeps what it does not change as the one before left it.
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
            now = await conversations.get(conversation_id)
            self._can_take_back(before, now, alone=alone)
        self._bus.publish(Kind.CONVERSATIONS, conversation_id, actor=actor)
        return now

    def _can_take_back(self, before: Conversation, now: Conversation, *, alone: bool) -> None:
        """A row of changes that ends as it began leaves nothing to take back."""
        names = {name for name in NAMES if before.overrides.get(name) != now.overrides.get(name)}
        prompted = before.system_prompt != now.system_prompt

        async def undo() -> None:
            await self.configure(
                before.id,
                preset_id=before.preset_id,
                system_prompt=before.system_prompt,
                overrides=before.overrides,
            )

        same = None if alone else (now.id, prompted, *sorted(names))
        if before.preset_id != now.preset_id:
            done = self._undo.add(Act.PRESET, undo)
        elif names:
            done = self._undo.add(Act.PARAMETERS, undo, len(names) + prompted, name=min(names), same=same)
        elif prompted:
            done = self._undo.add(Act.INSTRUCTIONS, undo, same=same)
        else:
            return
        step, origin = self._changed
        if done is None or done is not step:
            self._changed = done, before
        elif origin is not None and _made_with(origin) == _made_with(now):
            self._undo.forget(done)

    async def _copy(
        self,
        chat: Chat,
        messages: Iterable[Message],
        title: str | None,
        actor: object,
        *,
        temporary: bool = False,
    ) -> Conversation:
        now = time.time()
        source = chat.conversation
        made = Conversation(
            uuid.uuid4().hex,
            source.title if title is None else title,
            now,
            now,
            preset_id=source.preset_id,
            system_prompt=source.system_prompt,
            overrides=source.overrides,
            folder_id=source.folder_id,
            temporary=temporary,
        )
        copied = copies(messages, made.id)
        if temporary or not copied:
            await self._stores.add(made)
        if copied:
            shown = copied.get(source.leaf_id or "") or list(copied.values())[-1]
            messages_of = self._stores.of(made.id).messages
            new = None if temporary else made
            await messages_of.add(*copied.values(), leaf_id=shown.id, updated_at=now, new=new)
        self._undo.add(Act.DUPLICATE, lambda: self._trash.put((made.id,)))
        self._bus.publish(Kind.CONVERSATIONS, made.id, actor=actor)
        return await self._stores.of(made.id).conversations.get(made.id)

    def _is_unused(self, conversation: Conversation, folder_id: str | None, *, temporary: bool) -> bool:
        is_blank = conversation.leaf_id is None and not conversation.title
        is_blank &= not conversation.draft and not conversation.draft_attachments
        is_alike = conversation.folder_id == folder_id and conversation.temporary == temporary
        return is_blank and is_alike and not conversation.pinned and conversation.id not in self.in_use


def message_gone() -> NotFoundError:
    """The error for a message that is not there any more."""
    return NotFoundError("This message is no longer there.", action="Open the chat again.")


def _made_with(conversation: Conversation) -> tuple[object, ...]:
    return conversation.preset_id, conversation.system_prompt, dict(conversation.overrides)
