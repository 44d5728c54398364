"""The shown branch as plain text, for reading anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from desktop.domain.conversation import Part, PartKind
from desktop.domain.exchange import PortableChat
from desktop.domain.text import well_formed
from desktop.storage.exchange import labels


def write(chat: PortableChat) -> Iterator[str]:
    title = labels.title(chat)
    yield f"{title}\n{'=' * len(title)}\n{labels.about(chat)}\n"
    if chat.conversation.system_prompt:
        yield f"\nSystem prompt\n-------------\n{well_formed(chat.conversation.system_prompt)}\n"
    for message in chat.path:
        heading = labels.heading(message)
        yield f"\n{heading}\n{'-' * len(heading)}\n"
        for part in message.parts:
            yield _part(part)
        if message.error:
            yield f"[{well_formed(message.error)}]\n"


def _part(part: Part) -> str:
    text = well_formed(part.text).strip("\n")
    if part.kind is PartKind.THINKING:
        return f"[Thinking]\n{text}\n[End of thinking]\n\n"
    if part.kind is PartKind.ATTACHMENT:
        return f"[{labels.attachment_name(part)}]\n{text}\n[End of file]\n\n"
    return f"{text}\n"
