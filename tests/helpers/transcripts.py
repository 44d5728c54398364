"""Chats for a transcript, and what is seen of them."""

from __future__ import annotations

from dataclasses import replace

from desktop.domain.conversation import Message, MessageTree, Part, PartKind, Role, Status
from desktop.ui.chat.rows import Rows, rows_of
from desktop.ui.chat.transcript.transcript import Transcript
from tests.helpers import chats


def rows(count: int, name: str = "c") -> Rows:
    """So many messages: questions and answers by turns."""
    path = list(chats.turns(name, count))
    return rows_of(path, MessageTree(path))


def one(text: str, role: Role = Role.ASSISTANT, status: Status = Status.COMPLETE) -> Rows:
    """A single message."""
    message = Message("m", "c", None, role, (Part(PartKind.TEXT, text),), status)
    return rows_of([message], MessageTree([message]))


def streaming(count: int = 30) -> tuple[str, Rows]:
    """A chat whose last answer is being written; its id comes first."""
    path = [*chats.turns("c", count)]
    last = replace(path[-1], status=Status.STREAMING, parts=(), role=Role.ASSISTANT)
    path = [*path[:-1], last]
    return last.id, rows_of(path, MessageTree(path))


def visible(transcript: Transcript) -> list:
    """The messages that are seen, from the top down."""
    area = transcript.viewport().rect()
    seen = [w for w in transcript._live if w.isVisible() and w.geometry().intersects(area)]
    return sorted(seen, key=lambda w: w.y())


def first_seen(transcript: Transcript) -> tuple[str, int]:
    """Which message is at the top, and where."""
    widget = visible(transcript)[0]
    return widget.row.message.id, widget.y()
