"""Jan's threads: a ``thread.json`` and a ``messages.jsonl``, in a folder each or in an archive of these.

The two are told apart and brought together by what is in them: the messages name their thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from desktop.domain.conversation import Conversation, Origin, Part, PartKind, Role, Status
from desktop.domain.exchange import FoundChat
from desktop.domain.folders import LONGEST_NAME
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
_ANY_MODEL = "*"
"""What Jan writes where none was chosen."""
_STATUSES = {"stopped": Status.CANCELLED, "error": Status.FAILED, "pending": Status.INTERRUPTED}


def other_half(path: Path) -> Path | None:
    """What lies beside one of the two files, and belongs to it."""
    name = {"thread.json": "messages.jsonl", "messages.jsonl": "thread.json"}.get(path.name)
    return path.with_name(name) if name is not None and path.with_name(name).is_file() else None


def is_thread(value: Mapping[str, object]) -> bool:
    assistants = isinstance(value.get("assistants"), list) and "id" in value
    return value.get("object") == "thread" or (assistants and "messages" not in value)


def is_message(value: Mapping[str, object]) -> bool:
    return value.get("object") == "thread.message" or ("thread_id" in value and "role" in value)


def thread_id(value: Mapping[str, object]) -> str:
    """Of a thread or of a message."""
    return name(value.get("thread_id", value.get("id")))


def read(thread: Mapping[str, object], messages: Sequence[Mapping[str, object]], entry: Entry) -> FoundChat:
    """``thread`` may be empty: then the messages are all there is."""
    source = thread_id(thread) or (thread_id(messages[0]) if messages else "") or entry.key
    assistant = mapping(next(iter(items(thread.get("assistants"))), None))
    about = mapping(thread.get("metadata"))
    head = Conversation(
        id=derived_id("jan", source),
        title=text(thread.get("title")) or text(about.get("title")),
        created_at=moment(thread.get("created")),
        updated_at=moment(thread.get("updated")),
        pinned=thread.get("isFavorite") is True or about.get("is_favorite") is True,
        system_prompt=text(assistant.get("instructions")) or None,
    )
    model = text(mapping(assistant.get("model")).get("id")).removeprefix(_ANY_MODEL)
    nodes: list[Node] = []
    for at, message in enumerate(_in_time(messages)):
        node = _node(name(message.get("id")) or str(at), message, model, entry.notes)
        if node is not None:
            node.parent = nodes[-1].id if nodes else None
            nodes.append(node)
    project = one_line(text(mapping(about.get("project")).get("name")), LONGEST_NAME)
    return assemble(head, nodes, entry.notes, folder=(project,) if project else (), now=entry.now)


def _in_time(messages: Sequence[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    """By when they were made; one without a time stays behind the one before it."""
    latest = 0.0
    times: list[float] = []
    for message in messages:
        latest = moment(message.get("created_at")) or latest
        times.append(latest)
    return (messages[at] for at in sorted(range(len(messages)), key=times.__getitem__))


def _node(identity: str, message: Mapping[str, object], model: str, notes: Notes) -> Node | None:
    role = _ROLES.get(text(message.get("role")))
    if role is None:
        tool = message.get("role") == "tool"
        notes.add("tool result" if tool else f"message of the unknown role “{message.get('role')}”", identity)
        return None
    node = Node(identity, None, role, created_at=moment(message.get("created_at")))
    node.parts = _parts(message.get("content"), role, identity, notes)
    for _ in items(message.get("attachments")):
        notes.add("attached file", identity)
    about = mapping(message.get("metadata"))
    for _ in items(about.get("tool_calls")):
        notes.add("tool call", identity)
    if role is Role.ASSISTANT:
        node.status = _STATUSES.get(text(message.get("status")), Status.COMPLETE)
        own = text(about.get("modelId")) or model
        speed = mapping(about.get("tokenSpeed"))
        if own or speed:
            node.origin = Origin(
                model_name=own,
                completion_tokens=count(speed.get("tokenCount")),
                tokens_per_s=max(0.0, number(speed.get("tokenSpeed")) or 0.0),
            )
        if node.status is Status.FAILED:
            node.error = text(about.get("error")) or text(message.get("error_code"))
    return node


def _parts(content: object, role: Role, where: str, notes: Notes) -> tuple[Part, ...]:
    parts: list[Part] = []
    for piece in items(content):
        fields = mapping(piece)
        kind = text(fields.get("type"))
        said = text(mapping(fields.get("text")).get("value")) or text(fields.get("text"))
        if kind == "text":
            parts += text_parts(said) if role is Role.ASSISTANT else [Part(PartKind.TEXT, said)]
        elif kind == "reasoning":
            parts.append(Part(PartKind.THINKING, said))
        else:
            known = {
                "image_url": "image",
                "image": "image",
                "tool_call": "tool call",
                "file": "attached file",
            }
            notes.add(known.get(kind, f"piece of the unknown kind “{kind}”"), where)
    if isinstance(content, str):
        parts.append(Part(PartKind.TEXT, content))
    return tuple(part for part in parts if part.text)
