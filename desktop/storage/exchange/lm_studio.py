"""LM Studio's ``*.conversation.json``: messages in a row, each with its versions.

What follows a message stands below the version that is selected. An answer is ``multiStep``: blocks of
content, some of them in the style of thinking, beside tool calls and notes on how the blocks were made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from desktop.domain.conversation import Conversation, Origin, Part, PartKind, Role, Status
from desktop.domain.exchange import FoundChat
from desktop.domain.folders import DEEPEST, LONGEST_NAME
from desktop.storage.exchange.assembly import (
    Entry,
    Node,
    Notes,
    assemble,
    derived_id,
    text_parts,
)
from desktop.storage.exchange.loose import count, items, mapping, moment, name, number, text
from desktop.system.printable import one_line

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
_STOPPED = {
    "userStopped": Status.CANCELLED,
    "maxPredictedTokensReached": Status.LENGTH,
    "contextLengthReached": Status.LENGTH,
    "failed": Status.FAILED,
    "modelUnloaded": Status.INTERRUPTED,
}
_SILENT = {"debugInfoBlock"}
"""Steps that say nothing of the conversation."""
_CHATS = "conversations"
_SYSTEM_PROMPT = "llm.prediction.systemPrompt"
_BESIDE = {"clientInputFiles": "file of the draft", "looseFiles": "attached file", "notes": "note"}
"""What a chat has besides its messages, in lists."""


def recognises(value: Mapping[str, object]) -> bool:
    first = next(iter(items(value.get("messages"))), None)
    is_empty = not items(value.get("messages")) and "usePerChatPredictionConfig" in value
    return is_empty or isinstance(mapping(first).get("versions"), list)


def read(value: Mapping[str, object], entry: Entry) -> FoundChat:
    made = value.get("createdAt")
    settings = {
        text(mapping(field).get("key")): mapping(field).get("value")
        for field in items(mapping(value.get("perChatPredictionConfig")).get("fields"))
    }
    times = [moment(value.get(key)) for key in ("userLastMessagedAt", "assistantLastMessagedAt")]
    head = Conversation(
        id=derived_id("lm-studio", name(made) or entry.key),
        title=text(value.get("name")),
        created_at=moment(made),
        updated_at=max(times),
        pinned=value.get("pinned") is True,
        system_prompt=text(value.get("systemPrompt")) or text(settings.pop(_SYSTEM_PROMPT, "")) or None,
        draft=text(value.get("clientInput")),
    )
    for key in settings.keys() - {_SYSTEM_PROMPT}:
        entry.notes.add(f"setting “{key.removeprefix('llm.prediction.')}”")
    for key, what in _BESIDE.items():
        for _ in items(value.get(key)):
            entry.notes.add(what)
    nodes: list[Node] = []
    parent: str | None = None
    for place, message in enumerate(items(value.get("messages"))):
        fields = mapping(message)
        versions = [
            _node(f"{place}.{at}", parent, version, at, entry.notes)
            for at, version in enumerate(items(fields.get("versions")))
        ]
        if not versions:
            entry.notes.add("broken entry", str(place))
            continue
        nodes += versions
        selected = min(count(fields.get("currentlySelected")), len(versions) - 1)
        parent = versions[selected].id
    return assemble(head, nodes, entry.notes, shown=parent, folder=_folder(entry), now=entry.now)


def _folder(entry: Entry) -> tuple[str, ...]:
    """LM Studio's folders of chats are folders on disk, in one that is called ``conversations``."""
    names = [one_line(name, LONGEST_NAME) for name in entry.folders]
    inner = len(names) - names[::-1].index(_CHATS) if _CHATS in names else 0
    return tuple(name for name in names[inner:][:DEEPEST] if name)


def _node(identity: str, parent: str | None, value: object, position: int, notes: Notes) -> Node:
    fields = mapping(value)
    node = Node(identity, parent, _ROLES.get(text(fields.get("role"))), position=position)
    if node.role is None:
        notes.add(f"message of the unknown role “{text(fields.get('role'))}”", identity)
        return node
    if "steps" not in fields:
        node.parts = _content(fields.get("content"), PartKind.TEXT, identity, notes)
        return node
    parts: list[Part] = []
    model = text(mapping(fields.get("senderInfo")).get("senderName"))
    node.origin = Origin(model_name=model) if model else None
    for step in items(fields.get("steps")):
        block = mapping(step)
        node.created_at = node.created_at or _when(block)
        kind = text(block.get("type"))
        if kind == "contentBlock":
            thinks = text(mapping(block.get("style")).get("type")) == "thinking"
            style = PartKind.THINKING if thinks else PartKind.TEXT
            parts += _content(block.get("content"), style, identity, notes)
            _made(node, mapping(block.get("genInfo")))
        elif kind == "toolStatus":
            notes.add("tool call", identity)
        elif kind not in _SILENT:
            notes.add(f"step of the unknown kind “{kind}”", identity)
    node.parts = tuple(parts)
    if len(parts) == 1 and parts[0].kind is PartKind.TEXT:
        node.parts = text_parts(parts[0].text)
    return node


def _content(value: object, kind: PartKind, where: str, notes: Notes) -> tuple[Part, ...]:
    texts: list[str] = []
    for piece in items(value):
        fields = mapping(piece)
        what = text(fields.get("type"))
        if what == "text":
            # What is structural are marks, as those around thinking.
            texts.append("" if fields.get("isStructural") is True else text(fields.get("text")))
        elif what == "file":
            image = text(fields.get("fileType")) == "image"
            notes.add("image" if image else f"attached file “{text(fields.get('fileIdentifier'))}”", where)
        else:
            known = {"toolCallRequest": "tool call", "toolCallResult": "tool result"}
            notes.add(known.get(what, f"piece of the unknown kind “{what}”"), where)
    said = "".join(texts)
    return (Part(kind, said),) if said else ()


def _when(block: Mapping[str, object]) -> float:
    """A step's name begins with the milliseconds at which it was made."""
    milliseconds, _, _ = text(block.get("stepIdentifier")).partition("-")
    return moment(int(milliseconds)) if re.fullmatch(r"[0-9]{12,14}", milliseconds) else 0.0


def _made(node: Node, made: Mapping[str, object]) -> None:
    stats = mapping(made.get("stats"))
    if not stats:
        return
    node.status = _STOPPED.get(text(stats.get("stopReason")), node.status)
    origin = node.origin or Origin()
    node.origin = replace(
        origin,
        model_name=origin.model_name or text(made.get("identifier")),
        prompt_tokens=count(stats.get("promptTokensCount")),
        completion_tokens=origin.completion_tokens + count(stats.get("predictedTokensCount")),
        first_token_s=max(0.0, number(stats.get("timeToFirstTokenSec")) or 0.0),
        tokens_per_s=max(0.0, number(stats.get("tokensPerSecond")) or 0.0),
    )
