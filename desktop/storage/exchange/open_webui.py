"""Open WebUI's chat export: a list of rows, each with a ``chat`` whose ``history`` is a tree of messages.

Thinking, tool calls and run code stand in an answer's text as ``<details type="…">`` blocks.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from desktop.domain.conversation import Conversation, Origin, Part, PartKind, Rating, Role, Status
from desktop.domain.exchange import FoundChat
from desktop.storage.exchange.assembly import Entry, Node, Notes, assemble, derived_id, text_parts
from desktop.storage.exchange.loose import count, items, mapping, moment, name, number, text
from desktop.storage.exchange.sharegpt import content_text

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
_OPENING = re.compile(r'<details\s+type="([a-z_]{1,40})"[^<>]{0,2000}>')
_SUMMARY = re.compile(r"\s*<summary>[^<]{0,2000}</summary>")
_CALLS = {"function_call": "tool call", "function_call_output": "tool result"}
_BESIDE = {"sources": "source", "code_executions": "run of code", "embeds": "embedded page"}
"""What an answer has besides its text, in lists."""
_CLOSING = "</details>"
_QUOTE = re.compile(r"^> ?", re.MULTILINE)


def recognises(value: Mapping[str, object]) -> bool:
    chat = _chat(value)
    return isinstance(mapping(chat.get("history")).get("messages"), dict) or (
        "chat" in value and isinstance(chat.get("messages"), list)
    )


def read(value: Mapping[str, object], entry: Entry) -> FoundChat:
    chat = _chat(value)
    source = name(value.get("id")) or name(chat.get("id")) or entry.key
    created = moment(value.get("created_at")) or moment(chat.get("timestamp"))
    head = Conversation(
        id=derived_id("open-webui", source),
        title=text(value.get("title")) or text(chat.get("title")),
        created_at=created,
        updated_at=moment(value.get("updated_at")) or created,
        pinned=value.get("pinned") is True,
        system_prompt=text(mapping(chat.get("params")).get("system")) or text(chat.get("system")) or None,
    )
    _note_beside(value, chat, entry.notes)
    history = mapping(chat.get("history"))
    if messages := mapping(history.get("messages")):
        order: dict[str, int] = {}
        for message in messages.values():
            for position, child in enumerate(items(mapping(message).get("childrenIds"))):
                order.setdefault(text(child), position)
        nodes = [
            _node(identity, message, order.get(identity, 0), entry.notes)
            for identity, message in messages.items()
        ]
    else:
        nodes = _in_a_row(chat, entry.notes)
    shown = text(history.get("currentId")) or text(value.get("current_message_id"))
    return assemble(head, nodes, entry.notes, shown=shown, now=entry.now)


def _note_beside(value: Mapping[str, object], chat: Mapping[str, object], notes: Notes) -> None:
    """What a chat has besides its messages. Of its folder the export has no name."""
    if value.get("archived") is True:
        notes.add("mark as archived")
    if value.get("folder_id"):
        notes.add("folder")
    for tag in items(mapping(value.get("meta")).get("tags")) or items(chat.get("tags")):
        notes.add(f"tag “{text(mapping(tag).get('name')) or text(tag)}”")
    for file in items(chat.get("files")):
        notes.add(f"attached file “{text(mapping(file).get('name'))}”")
    for key, setting in mapping(chat.get("params")).items():
        if key != "system" and setting is not None:
            notes.add(f"setting “{key}”")


def _chat(value: Mapping[str, object]) -> Mapping[str, object]:
    return mapping(value["chat"]) if "chat" in value else value


def _in_a_row(chat: Mapping[str, object], notes: Notes) -> list[Node]:
    """Before there was a history, messages were a list."""
    nodes: list[Node] = []
    for place, message in enumerate(items(chat.get("messages"))):
        node = _node(name(mapping(message).get("id")) or str(place), message, 0, notes)
        node.parent = nodes[-1].id if nodes else None
        nodes.append(node)
    return nodes


def _node(identity: str, value: object, position: int, notes: Notes) -> Node:
    message = mapping(value)
    node = Node(identity, text(message.get("parentId")) or None, _ROLES.get(text(message.get("role"))))
    node.position, node.created_at = position, moment(message.get("timestamp"))
    if node.role is None:
        notes.add(
            f"message of the unknown role “{text(message.get('role'))}”" if message else "broken entry",
            identity,
        )
        return node
    said = content_text(message.get("content"), identity, notes)
    attached = _attachments(message.get("files"), identity, notes)
    if node.role is not Role.ASSISTANT:
        node.parts = (*attached, Part(PartKind.TEXT, said)) if said else attached
        return node
    node.parts = (*attached, *_output(message.get("output"), said, identity, notes))
    for key, what in _BESIDE.items():
        for _ in items(message.get(key)):
            notes.add(what, identity)
    if text(mapping(message.get("merged")).get("content")):
        notes.add("answer merged out of several", identity)
    _made(node, message)
    return node


def _attachments(files: object, where: str, notes: Notes) -> tuple[Part, ...]:
    """A file whose text is in the export becomes an attachment; the others are noted."""
    parts: list[Part] = []
    for item in items(files):
        fields = mapping(item)
        file = mapping(fields.get("file"))
        label = text(fields.get("name")) or text(file.get("filename"))
        if content := text(mapping(file.get("data")).get("content")):
            parts.append(Part(PartKind.ATTACHMENT, content, label))
        else:
            image = fields.get("type") == "image"
            notes.add("image" if image else f"attached file “{label}”", where)
    return tuple(parts)


def _output(output: object, said: str, where: str, notes: Notes) -> tuple[Part, ...]:
    """An answer as newer versions write it: what led to it is in a list, sometimes the text, too."""
    if "<details" in said:
        return _answer(said, where, notes)
    parts: list[Part] = []
    for item in map(mapping, items(output)):
        kind = text(item.get("type"))
        if kind == "message":
            _append(parts, "" if said else content_text(item.get("content"), where, notes))
        elif kind == "reasoning":
            pieces = [mapping(piece) for key in ("summary", "content") for piece in items(item.get(key))]
            thought = "\n\n".join(filter(None, (text(piece.get("text")) for piece in pieces)))
            parts += [Part(PartKind.THINKING, thought)] if thought else []
        else:
            notes.add(_CALLS.get(kind, f"block “{kind}”"), where)
    _append(parts, said)
    return tuple(parts)


def _answer(said: str, where: str, notes: Notes) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    while opening := _OPENING.search(said, at):
        _append(parts, said[at : opening.start()])
        end = said.find(_CLOSING, opening.end())
        inside = said[opening.end() : end if end >= 0 else len(said)]
        at = end + len(_CLOSING) if end >= 0 else len(said)
        if opening[1] == "reasoning":
            thought = _QUOTE.sub("", html.unescape(_SUMMARY.sub("", inside, count=1))).strip()
            parts += [Part(PartKind.THINKING, thought)] if thought else []
        else:
            notes.add("tool call" if opening[1] == "tool_calls" else f"block “{opening[1]}”", where)
    _append(parts, said[at:])
    return tuple(parts)


def _append(parts: list[Part], said: str) -> None:
    said = said.lstrip("\n") if parts else said
    parts += text_parts(said) if said.strip() else ()


def _made(node: Node, message: Mapping[str, object]) -> None:
    if message.get("done") is False:
        node.status = Status.INTERRUPTED
    if failure := message.get("error"):
        node.status = Status.FAILED
        node.error = text(mapping(failure).get("content")) or text(failure)
    rated = mapping(message.get("annotation"))
    if (rating := number(rated.get("rating"))) in (Rating.UP, Rating.DOWN):
        said = (text(rated.get("reason")), text(rated.get("comment")))
        comment = ": ".join(words for words in said if words)
        node.more = {"rating": Rating(int(rating or 0)), "comment": comment}
    usage = mapping(message.get("usage")) or mapping(message.get("info"))
    model = text(message.get("modelName")) or text(message.get("model"))
    if model or usage:
        node.origin = Origin(
            model_name=model,
            prompt_tokens=count(usage.get("prompt_tokens")) or count(usage.get("prompt_eval_count")),
            completion_tokens=count(usage.get("completion_tokens")) or count(usage.get("eval_count")),
        )
