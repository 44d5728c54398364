"""Conversations and their messages as values.

Messages form a tree: an edit or another answer is a sibling, nothing is overwritten. The conversation
remembers which branch is shown (``Conversation.leaf_id``); the path from the root to that leaf is what
the user sees and what the model is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Generic, NamedTuple, Protocol, TypeVar

LONGEST_TITLE = 200
"""Characters of a chat's title."""


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Status(StrEnum):
    """How far a message is. Only answers are ever anything but ``COMPLETE``."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    LENGTH = "length"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """Found streaming when the app started: the app ended while it was being written."""


class PartKind(StrEnum):
    TEXT = "text"
    THINKING = "thinking"
    ATTACHMENT = "attachment"


class Rating(IntEnum):
    """What the user thinks of a message."""

    DOWN = -1
    NONE = 0
    UP = 1


class InContext(StrEnum):
    """Whether a message goes to the model with the branch it is on."""

    AUTO = ""
    PINNED = "pinned"
    """Not dropped when the context is full."""
    EXCLUDED = "excluded"
    """Shown, and never sent."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a message. ``name`` is a file's name for an attachment, else empty."""

    kind: PartKind
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """How an answer was made; everything that is needed to make it again. Times in seconds."""

    model_name: str = ""
    model_hash: str = ""
    template_hash: str = ""
    engine_build: str = ""
    preset_id: str = ""
    system_prompt: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    seed: int = -1
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_s: float = 0.0
    first_token_s: float = 0.0
    tokens_per_s: float = 0.0
    thinking_s: float = 0.0
    left_out_turns: int = 0
    """Oldest messages that the model was not sent, because they no longer fitted."""
    left_out_tokens: int = 0
    """In all, also of a message that lost its middle."""
    sent: str = ""
    """Which messages above it the model was sent, counted from the root (see :mod:`desktop.domain.spans`).

    Empty where that is not known.
    """


@dataclass(frozen=True, slots=True)
class Message:
    """One node of the tree. Times are Unix seconds; ``position`` orders siblings."""

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    parts: tuple[Part, ...]
    status: Status = Status.COMPLETE
    created_at: float = 0.0
    position: int = 0
    origin: Origin | None = None
    error: str = ""
    rating: Rating = Rating.NONE
    comment: str = ""
    """What the user says about the rating."""
    context: InContext = InContext.AUTO

    @property
    def text(self) -> str:
        """The text parts as one string, without thinking and attachments."""
        return self._of(PartKind.TEXT)

    @property
    def thinking(self) -> str:
        """What the model thought before it answered."""
        return self._of(PartKind.THINKING)

    def _of(self, kind: PartKind) -> str:
        return "".join(part.text for part in self.parts if part.kind is kind)


class Node(NamedTuple):
    """A message's place in the tree, without what it says: cheap to have by the ten thousand.

    ``characters`` and ``lines`` (line breaks) measure its text; an answer that is being written has none yet.
    """

    id: str
    parent_id: str | None
    position: int
    role: Role
    status: Status
    created_at: float
    characters: int
    lines: int
    context: InContext


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat's head. ``overrides`` are the parameters that differ from the preset's."""

    id: str
    title: str
    created_at: float
    updated_at: float
    leaf_id: str | None = None
    preset_id: str = ""
    system_prompt: str | None = None
    """The user's own; ``None`` means the preset's."""
    overrides: Mapping[str, object] = field(default_factory=dict)
    draft: str = ""
    draft_attachments: tuple[Part, ...] = ()
    """Files that go with the draft; in a list of chats with their names alone."""
    folder_id: str | None = None
    """``None`` is the top of the list."""
    pinned: bool = False
    trashed_at: float | None = None
    """When it went into the trash, in Unix seconds; ``None``: it is in the list."""
    temporary: bool = False
    """Never written to disk, and gone when the app ends."""


class Placed(Protocol):
    """What a tree needs to know of its members."""

    @property
    def id(self) -> str: ...
    @property
    def parent_id(self) -> str | None: ...
    @property
    def position(self) -> int: ...
    @property
    def created_at(self) -> float: ...


P = TypeVar("P", bound=Placed)


class MessageTree(Generic[P]):
    """A conversation's messages or nodes, to find paths and siblings in. Built from rows."""

    __slots__ = ("_by_id", "_children")

    def __init__(self, messages: Iterable[P]) -> None:
        self._by_id = {message.id: message for message in messages}
        self._children: dict[str | None, list[P]] = {}
        for message in sorted(self._by_id.values(), key=lambda m: (m.position, m.created_at, m.id)):
            self._children.setdefault(message.parent_id, []).append(message)

    def put(self, message: P) -> None:
        """Adds one, as the newest of its siblings, or takes it in the place of the one with its id."""
        siblings = self._children.setdefault(message.parent_id, [])
        if message.id in self._by_id:
            siblings[[sibling.id for sibling in siblings].index(message.id)] = message
        else:
            siblings.append(message)
        self._by_id[message.id] = message

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._by_id

    def __getitem__(self, message_id: str) -> P:
        return self._by_id[message_id]

    def __iter__(self) -> Iterator[P]:
        """In no particular order."""
        return iter(self._by_id.values())

    def children(self, message_id: str | None) -> Sequence[P]:
        """In the order they were made; of ``None``: the roots."""
        return self._children.get(message_id, ())

    def siblings(self, message_id: str) -> Sequence[P]:
        """All versions of a message, itself among them."""
        return self.children(self._by_id[message_id].parent_id)

    def path(self, leaf_id: str | None) -> list[P]:
        """From the root down to a leaf; an unknown leaf gives an empty path."""
        found: list[P] = []
        seen: set[str] = set()
        while leaf_id is not None and leaf_id in self._by_id and leaf_id not in seen:
            seen.add(leaf_id)
            message = self._by_id[leaf_id]
            found.append(message)
            leaf_id = message.parent_id
        return found[::-1]

    def newest_leaf(self, message_id: str | None) -> str | None:
        """Follows the newest child from here down; what is shown after a switch to this version."""
        children = self.children(message_id)
        while children:
            message_id = children[-1].id
            children = self.children(message_id)
        return message_id


def title_from(text: str, limit: int = 48) -> str:
    """A conversation's first title: the start of what was asked, on one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[:limit].rsplit(" ", 1)[0] if " " in line[:limit] else line[:limit]
    return cut.rstrip(" ,.;:-") + "…"
