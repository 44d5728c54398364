"""What services publish after a write: what kind of thing changed, which ones, and who asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    CONVERSATIONS = "conversations"
    """The list: one was added, removed, renamed or moved up."""
    FOLDERS = "folders"
    """One was added, removed, renamed or moved. ``ids``: the folder."""
    UNDO = "undo"
    """What Ctrl+Z would take back."""
    MESSAGES = "messages"
    """A conversation's messages or the branch that is shown. ``ids``: the conversation."""
    ANSWER = "answer"
    """Text was added to an answer that is being written, or its progress changed. ``ids``: the message."""
    NEXT = "next"
    """The message that waits for the running answer to end. ``ids``: the conversation."""
    MODEL = "model"
    """The engine's state or the model in use."""
    PRESETS = "presets"
    SETTINGS = "settings"
    """``ids``: the keys."""


@dataclass(frozen=True, slots=True)
class Change:
    """``actor`` is whoever asked for the write, so that a view can skip its own."""

    kind: Kind
    ids: frozenset[str] = frozenset()
    actor: object = None
    messages: frozenset[str] = frozenset()
    """Of ``MESSAGES``: the only ones that are new or others than before; empty where any may be."""
