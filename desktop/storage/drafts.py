"""Files attached to what is typed and not sent yet. For ``conversations``, on the database's thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from desktop.domain.conversation import Part, PartKind
from desktop.storage.encoding import AS_TEXT, text_value

Attachments = tuple[Part, ...]


def read_attachments(connection: sqlite3.Connection, conversation_id: str) -> Attachments:
    query = "SELECT text, name FROM draft_parts WHERE conversation_id = ? ORDER BY position"
    return tuple(Part(PartKind.ATTACHMENT, *row) for row in connection.execute(query, (conversation_id,)))


def attached_names(connection: sqlite3.Connection) -> dict[str, Attachments]:
    """Of all chats by their ids: the names alone, so that a list of thousands reads no file's text."""
    found: dict[str, Attachments] = {}
    query = "SELECT conversation_id, name FROM draft_parts ORDER BY conversation_id, position"
    for identity, name in connection.execute(query):
        found[identity] = (*found.get(identity, ()), Part(PartKind.ATTACHMENT, "", name))
    return found


def write_attachments(
    connection: sqlite3.Connection, conversation_id: str, attachments: Sequence[Part]
) -> None:
    """Takes these in place of those that are there, whatever kind of part they are.

    A draft is saved with every pause in the typing, and a file may have megabytes: what is there already is
    not written again.
    """
    wanted = tuple(Part(PartKind.ATTACHMENT, part.text, part.name) for part in attachments)
    if wanted == read_attachments(connection, conversation_id):
        return
    connection.execute("DELETE FROM draft_parts WHERE conversation_id = ?", (conversation_id,))
    connection.executemany(
        f"""
        INSERT INTO draft_parts (conversation_id, position, name, text)
        VALUES (?, ?, {AS_TEXT}, {AS_TEXT})
        """,
        (
            (conversation_id, position, text_value(part.name), text_value(part.text))
            for position, part in enumerate(wanted)
        ),
    )
