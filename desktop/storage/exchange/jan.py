"""Jan's threads: a ``thread.json`` and a ``messages.jsonl``, in a folder each or in an archive of these.

The two are told apart and brought together by what is in them: the messages name their thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.domain.conversation import Conversation, Origin, Part, PartKind, Role, Status
from desktop.domain.exchange import FoundChat
from desktop.storage.exchange.assembly import Entry, Node, Notes, assemble, derived_id, text_parts
from desktop.storage.exchange.loose import items, mapping, moment, name, text

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
_STATUSES = {"stopped": Status.CANCELLED, "error": Status.FAILED, "pending": Status.INTERRUPTED}


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
    head = Conversation(
        id=derived_id("jan", source),
        title=text(thread.get("title")) or text(mapping(thread.get("metadata")).get("title")),
        created_at=moment(thread.get("created")),
        updated_at=moment(thread.get("updated")),
        system_prompt=text(assistant.get("instructions")) or None,
    )
    model = text(mapping(assistant.get("model")).get("id"))
    in_time = sorted(messages, key=lambda message: moment(message.get("created_at")))
    nodes: list[Node] = []
    for number, message in enumerate(in_time):
        node = _node(name(message.get("id")) or str(number), message, model, entry.notes)
        if node is not None:
            node.parent = nodes[-1].id if nodes else None
            nodes.append(node)
    return assemble(head, nodes, entry.notes, now=entry.now)


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
    for _ in items(mapping(message.get("metadata")).get("tool_calls")):
        notes.add("tool call", identity)
    if role is Role.ASSISTANT:
        node.status = _STATUSES.get(text(message.get("status")), Status.COMPLETE)
        own = text(mapping(message.get("metadata")).get("modelId")) or model
        node.origin = Origin(model_name=own) if own else None
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
