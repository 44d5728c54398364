"""The shown branch as Markdown: what was written stays as it was, under a heading for each message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from desktop.domain.conversation import Part, PartKind
from desktop.domain.exchange import PortableChat
from desktop.domain.text import well_formed
from desktop.storage.exchange import labels

_RUNS = re.compile(r"`{3,}|~{3,}")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_ACTIVE = re.compile(r"([\\`*_\[\]<>#|])")


def write(chat: PortableChat) -> Iterator[str]:
    yield f"# {_escaped(labels.title(chat))}\n\n*{_escaped(labels.about(chat))}*\n"
    if chat.conversation.system_prompt:
        yield f"\n## System prompt\n\n{_closed(well_formed(chat.conversation.system_prompt))}\n"
    for message in chat.path:
        yield f"\n## {_escaped(labels.heading(message))}\n"
        for part in message.parts:
            yield f"\n{_part(part)}\n"
        if message.error:
            yield f"\n> {_escaped(' '.join(well_formed(message.error).split()))}\n"


def _part(part: Part) -> str:
    text = well_formed(part.text).strip("\n")
    match part.kind:
        case PartKind.THINKING:
            return f"<details>\n<summary>Thinking</summary>\n\n{_closed(text)}\n\n</details>"
        case PartKind.ATTACHMENT:
            longest = max((len(run) for run in _RUNS.findall(text)), default=2)
            fence = "`" * (longest + 1)
            return f"**{_escaped(labels.attachment_name(part))}**\n\n{fence}\n{text}\n{fence}"
        case _:
            return _closed(text)


def _closed(text: str) -> str:
    """With an open code block closed, so that it does not swallow the messages that follow."""
    fence = ""
    for line in text.split("\n"):
        if not (found := _FENCE.fullmatch(line)):
            continue
        if not fence:
            # An info string behind backticks may not hold one, or it is inline code.
            fence = "" if found[1][0] == "`" and "`" in found[2] else found[1]
        elif found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text


def _escaped(text: str) -> str:
    return _ACTIVE.sub(r"\\\1", text)
