"""Between messages and their rows, damaged rows included. For ``messages``, on the database's thread."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from desktop.domain.conversation import (
    InContext,
    Message,
    Node,
    Origin,
    Part,
    PartKind,
    Rating,
    Role,
    Status,
)
from desktop.storage.encoding import AS_TEXT, configure_text, json_value, read_mapping, text_value

E = TypeVar("E", bound=StrEnum)
_log = logging.getLogger(__name__)

_MESSAGES = """
    SELECT key, id, conversation_id, parent_id, role, status, created_at, position, origin, error,
        rating, comment, context
    FROM messages WHERE {which} ORDER BY key
"""
_NODES = """
    SELECT id, parent_id, position, role, status, created_at, characters, lines, context
    FROM messages WHERE {which} AND trash_key IS NULL
"""
_PARTS = """
    SELECT message_key, kind, text, name FROM parts
    WHERE message_key IN (SELECT key FROM messages WHERE {which}) ORDER BY message_key, position
"""
_DELTAS = """
    SELECT message_key, kind, text FROM deltas
    WHERE message_key IN (SELECT key FROM messages WHERE {which}) ORDER BY message_key, key
"""
# Calling an enum takes five times as long, and there are thousands of rows.
_KINDS = {kind.value: kind for kind in PartKind}
_ROLES = {role.value: role for role in Role}
_STATUSES = {status.value: status for status in Status}
_CONTEXTS = {context.value: context for context in InContext}
_RATINGS = {rating.value: rating for rating in Rating}
_ORIGIN_TYPES = {
    field.name: (float, int) if isinstance(value := getattr(Origin(), field.name), float) else type(value)
    for field in fields(Origin)
}


def insert_message(connection: sqlite3.Connection, message: Message, owner: str) -> None:
    cursor = connection.execute(
        f"""
        INSERT INTO messages
            (id, conversation_id, parent_id, position, role, status, created_at, owner, rating, context,
             origin, error, comment)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {AS_TEXT}, {AS_TEXT}, {AS_TEXT})
        """,
        (
            message.id,
            message.conversation_id,
            message.parent_id,
            message.position,
            message.role.value,
            message.status.value,
            message.created_at,
            owner,
            message.rating.value,
            message.context.value,
            origin_value(message.origin),
            text_value(message.error),
            text_value(message.comment),
        ),
    )
    assert cursor.lastrowid is not None
    replace_parts(connection, cursor.lastrowid, message.parts)


def replace_parts(connection: sqlite3.Connection, key: int, parts: Sequence[Part]) -> None:
    """A message's whole content, from now on. Its conversation and its origin are in its row already."""
    text = "".join(part.text for part in parts if part.kind is PartKind.TEXT)
    connection.execute(
        "UPDATE messages SET characters = ?, lines = ? WHERE key = ?", (len(text), text.count("\n"), key)
    )
    connection.execute("DELETE FROM deltas WHERE message_key = ?", (key,))
    connection.execute("DELETE FROM parts WHERE message_key = ?", (key,))
    connection.executemany(
        f"""
        INSERT INTO parts (message_key, position, kind, text, name, chat, model)
        SELECT key, ?, ?, {AS_TEXT}, {AS_TEXT}, conversation_id,
            coalesce(CASE WHEN json_valid(origin) THEN json_extract(origin, '$.model_name') END, '')
        FROM messages WHERE key = ?
        """,
        (
            (position, part.kind.value, text_value(part.text), text_value(part.name), key)
            for position, part in enumerate(parts)
        ),
    )


def select_messages(
    connection: sqlite3.Connection, which: str, *values: object
) -> Iterator[tuple[int, Message]]:
    """Keys and messages for a condition on ``messages``, in the order they were added."""
    parts: dict[int, list[Part]] = {}
    for key, kind, text, name in connection.execute(_PARTS.format(which=which), values):
        parts.setdefault(key, []).append(Part(_member(_KINDS, kind, PartKind.TEXT), text, name))
    streamed = connection.execute(_DELTAS.format(which=which), values)
    for (key, kind), deltas in groupby(streamed, itemgetter(0, 1)):
        part = Part(_member(_KINDS, kind, PartKind.TEXT), "".join(text for _, _, text in deltas))
        _extend(parts.setdefault(key, []), part)
    for row in connection.execute(_MESSAGES.format(which=which), values):
        key, identity, conversation_id, parent_id, role, status, created_at, position, *rest = row
        origin, error, rating, comment, context = rest
        yield (
            key,
            Message(
                id=identity,
                conversation_id=conversation_id,
                parent_id=parent_id,
                role=_member(_ROLES, role, Role.ASSISTANT),
                parts=tuple(parts.get(key, ())),
                status=_member(_STATUSES, status, Status.COMPLETE),
                created_at=created_at,
                position=position,
                origin=None
                if origin is None
                else _origin(read_mapping(origin, f"message {identity}, origin")),
                error=error,
                rating=_RATINGS.get(rating, Rating.NONE),
                comment=comment,
                context=_CONTEXTS.get(context, InContext.AUTO),
            ),
        )


def select_nodes(
    connection: sqlite3.Connection, value: str, which: str = "conversation_id = ?"
) -> list[Node]:
    """The shape of all messages of a conversation that are not in the trash, in no particular order.

    ``which`` may be another condition on one ``value``.
    """
    # Positions and not names, and the quick way to read text where no text that people wrote is read: this
    # runs ten thousand times before a long chat is seen.
    query = _NODES.format(which=which)
    connection.text_factory = str
    try:
        rows = connection.execute(query, (value,)).fetchall()
    except sqlite3.OperationalError:  # Damaged: not even a name is text.
        configure_text(connection)
        rows = connection.execute(query, (value,)).fetchall()
    finally:
        configure_text(connection)
    return [
        Node(
            row[0],
            row[1],
            row[2],
            _ROLES.get(row[3], Role.ASSISTANT),
            _STATUSES.get(row[4], Status.COMPLETE),
            row[5],
            row[6],
            row[7],
            _CONTEXTS.get(row[8], InContext.AUTO),
        )
        for row in rows
    ]


def origin_value(origin: Origin | None) -> bytes | None:
    if origin is None:
        return None
    values = {field.name: getattr(origin, field.name) for field in fields(Origin)}
    return json_value(values | {"parameters": dict(origin.parameters)})


def _extend(parts: list[Part], streamed: Part) -> None:
    """What streamed in goes on with the last part if that is of its kind."""
    if parts and parts[-1].kind is streamed.kind:
        parts[-1] = replace(parts[-1], text=parts[-1].text + streamed.text)
    else:
        parts.append(streamed)


def _origin(values: Mapping[str, object]) -> Origin:
    """Fields of the wrong type have their defaults."""
    found: dict[str, Any] = {
        name: value
        for name, value in values.items()
        if name in _ORIGIN_TYPES and isinstance(value, _ORIGIN_TYPES[name])
    }
    return Origin(**found)


def _member(by_value: Mapping[str, E], value: str, default: E) -> E:
    member = by_value.get(value)
    if member is None:
        _log.warning("Damaged data: %r is no %s. Using %s.", value, type(default).__name__, default)
        return default
    return member
