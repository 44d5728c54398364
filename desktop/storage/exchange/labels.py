"""The words around what was said, the same in each format that people read. Pure; any thread."""

from __future__ import annotations

from datetime import UTC, datetime

from desktop.domain.conversation import LONGEST_TITLE, Message, Part, Role, Status
from desktop.domain.exchange import PortableChat
from desktop.domain.text import well_formed
from desktop.system.printable import one_line

_ENDS = {
    Status.CANCELLED: "stopped",
    Status.LENGTH: "cut at the length limit",
    Status.FAILED: "failed",
    Status.INTERRUPTED: "interrupted",
    Status.STREAMING: "unfinished",
}


def title(chat: PortableChat) -> str:
    return one_line(well_formed(chat.conversation.title), LONGEST_TITLE) or "Untitled chat"


def speaker(message: Message) -> str:
    if message.role is Role.ASSISTANT:
        return one_line(well_formed(message.origin.model_name)) if message.origin else "Assistant"
    return "You" if message.role is Role.USER else "System"


def heading(message: Message) -> str:
    """Who, when, and how it ended if not well."""
    words = [speaker(message) or "Assistant", moment(message.created_at), _ENDS.get(message.status, "")]
    return " · ".join(word for word in words if word)


def about(chat: PortableChat) -> str:
    head = chat.conversation
    folder = " / ".join(one_line(well_formed(name)) for name in chat.folder)
    return " · ".join(word for word in (folder, moment(head.created_at), "Locution") if word)


def moment(seconds: float) -> str:
    """In UTC: a file is read in other places than it was written in."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return ""


def attachment_name(part: Part) -> str:
    return one_line(well_formed(part.name)) or "Attachment"
