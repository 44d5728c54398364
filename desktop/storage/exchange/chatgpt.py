"""ChatGPT's data export: ``conversations.json``, or the archive it comes in.

A chat is a ``mapping`` of nodes that name their parent and children, and a ``current_node``. Besides what
was said there are hidden nodes, tool calls (an answer to some ``recipient``), their results, and thoughts as
nodes of their own before the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from desktop.domain.conversation import Conversation, Origin, Part, PartKind, Role, Status
from desktop.domain.exchange import FoundChat
from desktop.storage.exchange.assembly import Entry, Node, Notes, assemble, derived_id
from desktop.storage.exchange.loose import items, mapping, moment, name, number, text

_CITATION = re.compile("\ue200[^\ue201]{0,500}\ue201")
"""Marks in an answer's text that only ChatGPT's own page can show."""
_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
_FINISHED = {"max_tokens": Status.LENGTH, "interrupted": Status.CANCELLED}
_THINGS = {
    "image_asset_pointer": "image",
    "audio_asset_pointer": "sound",
    "video_container_asset_pointer": "video",
    "real_time_user_audio_video_asset_pointer": "sound",
}
_SAID = {
    "user_editable_context": "custom instructions",
    "model_editable_context": "memory",
    "tether_quote": "quotation from the web",
    "tether_browsing_display": "page from the web",
    "system_error": "error message",
    "reasoning_recap": "note on how long was thought",
}


def recognises(value: Mapping[str, object]) -> bool:
    return isinstance(value.get("mapping"), dict)


def read(value: Mapping[str, object], entry: Entry) -> FoundChat:
    nodes = mapping(value["mapping"])
    order: dict[str, int] = {}
    for node in nodes.values():
        for position, child in enumerate(items(mapping(node).get("children"))):
            order.setdefault(text(child), position)
    source = name(value.get("conversation_id")) or name(value.get("id")) or entry.key
    head = Conversation(
        id=derived_id("chatgpt", source),
        title=text(value.get("title")),
        created_at=moment(value.get("create_time")),
        updated_at=moment(value.get("update_time")),
        pinned=value.get("is_starred") is True or number(value.get("pinned_time")) is not None,
    )
    _note_place(value, entry.notes)
    made = [_node(identity, node, order.get(identity, 0), entry.notes) for identity, node in nodes.items()]
    return assemble(head, made, entry.notes, shown=text(value.get("current_node")), now=entry.now)


def _note_place(value: Mapping[str, object], notes: Notes) -> None:
    """Where the chat was kept: the export has no names of that."""
    if value.get("is_archived") is True:
        notes.add("mark as archived")
    if gizmo := text(value.get("gizmo_id")) or text(value.get("conversation_template_id")):
        notes.add("project" if gizmo.startswith("g-p-") else "custom GPT")


def _node(identity: str, value: object, position: int, notes: Notes) -> Node:
    fields = mapping(value)
    parent = fields.get("parent")
    node = Node(identity, parent if isinstance(parent, str) else None, None, position=position)
    message = mapping(fields.get("message"))
    if message:
        _fill(node, message, notes)
    elif not isinstance(value, dict) or fields.get("message") is not None:
        notes.add("broken entry", identity)
    return node


def _fill(node: Node, message: Mapping[str, object], notes: Notes) -> None:
    content, metadata = mapping(message.get("content")), mapping(message.get("metadata"))
    for attachment in items(metadata.get("attachments")):
        notes.add(f"attached file “{text(mapping(attachment).get('name'))}”", node.id)
    for _ in items(metadata.get("citations")):
        notes.add("source", node.id)
    kind = text(content.get("content_type"))
    if kind == "thoughts":
        node.parts, node.lends = _thoughts(content), True
        return
    said = _parts(content, kind, node.id, notes)
    if (what := _set_aside(message, metadata, kind)) is not None:
        if said or kind in _SAID:
            notes.add(what, node.id)
        return
    author = text(mapping(message.get("author")).get("role"))
    if author not in _ROLES:
        notes.add(f"message of the unknown role “{author}”", node.id)
        return
    if not said:
        return
    node.role, node.parts = _ROLES[author], said
    node.created_at = moment(message.get("create_time"))
    if node.role is Role.ASSISTANT:
        node.status = _status(message, metadata)
        model = text(metadata.get("model_slug"))
        node.origin = Origin(model_name=model) if model else None


def _set_aside(message: Mapping[str, object], metadata: Mapping[str, object], kind: str) -> str | None:
    """What a message is that nobody said to anybody; ``None`` for the others."""
    author = text(mapping(message.get("author")).get("role"))
    if kind in _SAID:
        return _SAID[kind]
    if author == "tool":
        return "tool result"
    recipient = text(message.get("recipient"))
    if author == "assistant" and recipient not in ("", "all"):
        return "document in a canvas" if recipient.startswith("canmore.") else "tool call"
    if metadata.get("is_visually_hidden_from_conversation") is True:
        return "hidden message"
    return None


def _parts(content: Mapping[str, object], kind: str, where: str, notes: Notes) -> tuple[Part, ...]:
    if kind in ("code", "execution_output"):
        written = text(content.get("text"))
        language = text(content.get("language")).replace("unknown", "")
        return (Part(PartKind.TEXT, f"```{language}\n{written}\n```"),) if written else ()
    if kind not in ("text", "multimodal_text", *_SAID):
        notes.add(f"content of the unknown kind “{kind}”", where)
    texts: list[str] = []
    for piece in items(content.get("parts")):
        fields = mapping(piece)
        what = text(fields.get("content_type"))
        if isinstance(piece, str):
            texts.append(piece)
        elif what == "audio_transcription":
            texts.append(text(fields.get("text")))
        else:
            notes.add(_THINGS.get(what, f"piece of the unknown kind “{what}”"), where)
    said = "\n\n".join(piece for piece in texts if piece) or text(content.get("text"))
    said, citations = _CITATION.subn("", said)
    for _ in range(citations):
        notes.add("citation mark", where)
    return (Part(PartKind.TEXT, said),) if said else ()


def _thoughts(content: Mapping[str, object]) -> tuple[Part, ...]:
    thoughts = [mapping(thought) for thought in items(content.get("thoughts"))]
    lines = (text(thought.get(field)) for thought in thoughts for field in ("summary", "content"))
    thinking = text(content.get("thoughts")) or "\n\n".join(line for line in lines if line)
    return (Part(PartKind.THINKING, thinking),) if thinking else ()


def _status(message: Mapping[str, object], metadata: Mapping[str, object]) -> Status:
    if message.get("status") == "in_progress":
        return Status.INTERRUPTED
    return _FINISHED.get(text(mapping(metadata.get("finish_details")).get("type")), Status.COMPLETE)
