"""Locution's own file of one chat: complete, and read back as it was.

    {"format": "locution-chat", "version": 1, "folder": ["Work"],
     "conversation": {every field of domain.conversation.Conversation but its place in the app},
     "messages": [{every field of Message but its chat's id, parts and origin as objects}, …]}

A field that is added to these types is written and read without a change here. One that is missing has its
default; one that is unknown or wrong is noted. ``version`` rises when an older Locution would misread a file.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

import msgspec

from desktop.domain.conversation import Conversation, Message, Origin, Part, PartKind, Role, Status
from desktop.domain.errors import LocutionError
from desktop.domain.exchange import FoundChat, PortableChat
from desktop.domain.folders import DEEPEST, LONGEST_NAME
from desktop.domain.parameters import make
from desktop.storage.exchange.assembly import (
    Entry,
    Node,
    Notes,
    UnreadableChat,
    assemble,
    derived_id,
)
from desktop.storage.exchange.loose import items, mapping, moment, text
from desktop.system.printable import one_line

FORMAT = "locution-chat"
VERSION = 1
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_ELSEWHERE = ("folder_id", "trashed_at", "temporary")
"""What of a conversation holds only where it is now."""
_PLACED = {
    "id",
    "conversation_id",
    "parent_id",
    "role",
    "parts",
    "created_at",
    "status",
    "origin",
    "error",
    "position",
}
"""What of a message is in its node; the rest goes by as it is."""


def write(chat: PortableChat) -> Iterator[str]:
    head: dict[str, object] = {"format": FORMAT, "version": VERSION, "folder": list(chat.folder)}
    conversation = msgspec.to_builtins(chat.conversation)
    for name in _ELSEWHERE:
        del conversation[name]
    opening = _json(head | {"conversation": conversation})
    yield f'{opening[:-1]},"messages":['
    for number, message in enumerate(chat.messages):
        values = msgspec.to_builtins(message)
        del values["conversation_id"]
        yield f"{',' if number else ''}\n{_json(values)}"
    yield "\n]}\n"


def recognises(value: Mapping[str, object]) -> bool:
    return value.get("format") == FORMAT


def read(value: Mapping[str, object], entry: Entry) -> FoundChat:
    version = value.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise UnreadableChat("It was written by a newer version of Locution; update this one.")
    notes = entry.notes
    _note_unknown(value, {"format", "version", "folder", "conversation", "messages"}, notes, "")
    found = _checked(Conversation, mapping(value.get("conversation")), notes, "")
    for name in _ELSEWHERE:
        found.pop(name, None)
    shown = found.pop("leaf_id", None)
    identity = text(found.pop("id", ""))
    found["overrides"] = _parameters(found.get("overrides", {}), notes)
    times = {key: moment(found.get(key)) for key in ("created_at", "updated_at")}
    head = Conversation(
        **{"title": ""} | found | times,
        id=identity if _ID.fullmatch(identity) else derived_id(FORMAT, identity or entry.key),
    )
    nodes = [_node(message, str(at), notes) for at, message in enumerate(items(value.get("messages")))]
    names = (one_line(text(name), LONGEST_NAME) for name in items(value.get("folder"))[:DEEPEST])
    return assemble(
        head,
        nodes,
        notes,
        shown=shown,
        message_id=lambda name: name if _ID.fullmatch(name) else derived_id(head.id, name),
        folder=tuple(name for name in names if name),
        now=entry.now,
        complete=True,
    )


def _node(value: object, place: str, notes: Notes) -> Node:
    message = mapping(value)
    where = text(message.get("id")) or place
    if not message:
        notes.add("broken entry", where)
    parts = tuple(
        part for piece in items(message.get("parts")) if (part := _part(piece, where, notes)) is not None
    )
    origin = message.get("origin")
    simple = {key: field for key, field in message.items() if key not in ("parts", "origin")}
    found = _checked(Message, simple, notes, where)
    role: Role | None = found.get("role")
    if role is None and message:
        notes.add("message without a role", where)
    status = found.get("status", Status.COMPLETE)
    return Node(
        id=where,
        parent=found.get("parent_id"),
        role=role,
        parts=parts,
        created_at=moment(found.get("created_at")),
        status=Status.INTERRUPTED if status is Status.STREAMING else status,
        origin=None if origin is None else Origin(**_checked(Origin, mapping(origin), notes, where)),
        error=found.get("error", ""),
        position=found.get("position", 0),
        more={key: field for key, field in found.items() if key not in _PLACED},
    )


def _part(value: object, where: str, notes: Notes) -> Part | None:
    found = _checked(Part, mapping(value), notes, where)
    if "text" not in found:
        notes.add("broken entry", where)
        return None
    return Part(**{"kind": PartKind.TEXT} | found)


def _checked(kind: type, value: Mapping[str, object], notes: Notes, where: str) -> dict[str, Any]:
    """The fields of ``kind`` that are there and right."""
    found: dict[str, Any] = {}
    types = _types(kind)
    _note_unknown(value, types.keys(), notes, where)
    for name, type_ in types.items():
        if name not in value:
            continue
        try:
            field = msgspec.convert(value[name], type_)
        except (msgspec.ValidationError, RecursionError, OverflowError):
            notes.add(f"broken field “{name}”", where)
            continue
        if isinstance(field, float) and not math.isfinite(field):
            notes.add(f"broken field “{name}”", where)
        else:
            found[name] = field
    return found


def _note_unknown(value: Mapping[str, object], known: Any, notes: Notes, where: str) -> None:
    for name in value.keys() - known:
        notes.add(f"unknown field “{name}”", where)


@cache
def _types(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _parameters(values: Mapping[str, object], notes: Notes) -> dict[str, object]:
    good: dict[str, object] = {}
    for name, value in values.items():
        try:
            make({name: value})
        except LocutionError:
            notes.add(f"parameter “{name}” with a value that cannot be")
        else:
            good[name] = value
    return good


def _json(value: object) -> str:
    # Half a surrogate has no UTF-8; as an escape it comes back.
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return written.encode("utf-8", "backslashreplace").decode()
