"""Messages before they are anywhere: with an id of their own, and now as their time."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

from desktop.domain.conversation import Message, Part, PartKind, Role, Status
from desktop.domain.text import well_formed


def text_parts(text: str) -> tuple[Part, ...]:
    """None for an empty text."""
    return (Part(PartKind.TEXT, text),) if text else ()


def new_message(conversation_id: str, parent_id: str | None, role: Role, parts: tuple[Part, ...]) -> Message:
    return Message(uuid.uuid4().hex, conversation_id, parent_id, role, parts, created_at=time.time())


def new_answer(conversation_id: str, parent_id: str | None, begun: tuple[Part, ...]) -> Message:
    """One that is about to be written; what is ``begun`` of it is on disk before the engine goes on."""
    clean = tuple(replace(part, text=well_formed(part.text)) for part in begun)
    return replace(new_message(conversation_id, parent_id, Role.ASSISTANT, clean), status=Status.STREAMING)
