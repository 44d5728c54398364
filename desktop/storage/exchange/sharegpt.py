"""ShareGPT's ``{"conversations": [{"from": …, "value": …}]}``, and the same in OpenAI's words.

That is ``{"messages": [{"role": …, "content": …}]}``. Lists or JSON Lines, as data sets are: no times, rarely
a title, and ids that hold within one file only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.domain.conversation import Conversation, Part, PartKind, Role
from desktop.domain.exchange import FoundChat
from desktop.storage.exchange.assembly import Entry, Node, Notes, assemble, derived_id, text_parts
from desktop.storage.exchange.loose import items, mapping, moment, text

_ROLES = {
    "human": Role.USER,
    "user": Role.USER,
    "prompter": Role.USER,
    "gpt": Role.ASSISTANT,
    "chatgpt": Role.ASSISTANT,
    "assistant": Role.ASSISTANT,
    "model": Role.ASSISTANT,
    "bot": Role.ASSISTANT,
    "bing": Role.ASSISTANT,
    "bard": Role.ASSISTANT,
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
}
_TOOLS = {
    "tool": "tool result",
    "function": "tool result",
    "observation": "tool result",
    "function_response": "tool result",
    "function_call": "tool call",
    "tool_call": "tool call",
}


def recognises(value: Mapping[str, object]) -> bool:
    return any(
        isinstance(turn, dict) and {speaker, said} <= turn.keys()
        for turns, speaker, said in _SHAPES
        for turn in items(value.get(turns))[:8]
    )


_SHAPES = (
    ("conversations", "from", "value"),
    ("conversation", "from", "value"),
    ("messages", "role", "content"),
)
_READ = {turns for turns, _, _ in _SHAPES} | {"id", "title", "created_at", "updated_at", "system"}


def read(value: Mapping[str, object], entry: Entry) -> FoundChat:
    turns = next(found for key, _, _ in _SHAPES if (found := items(value.get(key))))
    head = Conversation(
        id=derived_id("sharegpt", entry.key),
        title=text(value.get("title")),
        created_at=moment(value.get("created_at")),
        updated_at=moment(value.get("updated_at")),
        system_prompt=text(value.get("system")) or None,
    )
    for key in value.keys() - _READ:
        entry.notes.add(f"field “{key}”")
    return assemble(head, _nodes(turns, entry.notes), entry.notes, now=entry.now)


def _nodes(turns: Sequence[object], notes: Notes) -> list[Node]:
    nodes: list[Node] = []
    for number, turn in enumerate(turns):
        where, fields = str(number), mapping(turn)
        parent = nodes[-1].id if nodes else None
        speaker = text(fields.get("from")) or text(fields.get("role"))
        said = content_text(fields.get("value", fields.get("content")), where, notes)
        for _ in (*items(fields.get("tool_calls")), *(["one"] if fields.get("function_call") else [])):
            notes.add("tool call", where)
        if (role := _ROLES.get(speaker.lower())) is None:
            notes.add(_TOOLS.get(speaker, f"message of the unknown role “{speaker}”"), where)
        elif said:
            parts = text_parts(said) if role is Role.ASSISTANT else (Part(PartKind.TEXT, said),)
            thinking = text(fields.get("reasoning_content")) if role is Role.ASSISTANT else ""
            thought = (Part(PartKind.THINKING, thinking),) if thinking else ()
            nodes.append(Node(where, parent, role, (*thought, *parts)))
    return nodes


def content_text(content: object, where: str, notes: Notes) -> str:
    """A message's text, which may be a list of typed pieces; the others are noted."""
    if isinstance(content, str):
        return content
    texts: list[str] = []
    for piece in items(content):
        fields = mapping(piece)
        kind = text(fields.get("type"))
        if isinstance(piece, str):
            texts.append(piece)
        elif kind in ("text", "input_text", "output_text"):
            texts.append(text(fields.get("text")))
        else:
            notes.add("image" if kind.startswith("image") else f"piece of the unknown kind “{kind}”", where)
    if content is not None and not isinstance(content, list):
        notes.add("broken entry", where)
    return "\n\n".join(piece for piece in texts if piece)
