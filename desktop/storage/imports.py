"""Chats that come in whole, from a file: each in one transaction, so that it is there or not. Any task."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from desktop.domain.conversation import Message
from desktop.domain.exchange import PortableChat
from desktop.storage.conversations import insert_conversation
from desktop.storage.database import Database
from desktop.storage.folders import folder_at
from desktop.storage.message_rows import insert_message

_BY_DATE = """
    UPDATE conversations SET leaf_id = ?, activity = (
        SELECT coalesce(max(activity), 0) FROM conversations WHERE updated_at <= ? AND id <> ?
    ) WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The chat has been imported before. ``new_messages`` is how many of the file's it does not have."""

    title: str
    in_trash: bool
    new_messages: int


class ImportRepository:
    __slots__ = ("_db",)

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, chat: PortableChat, *, as_copy: bool = False) -> str | AlreadyThere:
        """Puts a chat into the list, by its date, and into its folder; returns its id.

        One that is there already is left as it is; ``as_copy`` adds it once more, under another id.
        """

        def work(connection: sqlite3.Connection) -> str | AlreadyThere:
            known = None if as_copy else _known(connection, chat)
            if known is not None:
                return known
            return _insert(connection, _renamed(connection, chat, as_copy=as_copy))

        return await self._db.run(work)


def _insert(connection: sqlite3.Connection, chat: PortableChat) -> str:
    head = chat.conversation
    folder_id = folder_at(connection, chat.folder, _new_id)
    insert_conversation(connection, replace(head, folder_id=folder_id))
    for message in chat.messages:
        insert_message(connection, message, "")
    connection.execute(_BY_DATE, (head.leaf_id, head.updated_at, head.id, head.id))
    return head.id


def _known(connection: sqlite3.Connection, chat: PortableChat) -> AlreadyThere | None:
    query = "SELECT title, trashed_at FROM conversations WHERE id = ?"
    row = connection.execute(query, (chat.conversation.id,)).fetchone()
    if row is None:
        return None
    here = _taken(connection, chat.messages)
    return AlreadyThere(row[0], row[1] is not None, len(chat.messages) - len(here))


def _taken(connection: sqlite3.Connection, messages: Sequence[Message]) -> set[str]:
    names = json.dumps([message.id for message in messages])
    query = "SELECT id FROM messages WHERE id IN (SELECT value FROM json_each(?))"
    return {name for (name,) in connection.execute(query, (names,))}


def _renamed(connection: sqlite3.Connection, chat: PortableChat, *, as_copy: bool) -> PortableChat:
    """With ids that nothing here has: an id is one message's, whatever chat it is in."""
    if not as_copy and not _taken(connection, chat.messages):
        return chat
    identity = _new_id() if as_copy else chat.conversation.id
    names = {message.id: _new_id() for message in chat.messages}
    return replace(
        chat,
        conversation=replace(
            chat.conversation, id=identity, leaf_id=names.get(chat.conversation.leaf_id or "")
        ),
        messages=tuple(
            replace(
                message,
                id=names[message.id],
                conversation_id=identity,
                parent_id=None if message.parent_id is None else names[message.parent_id],
            )
            for message in chat.messages
        ),
    )


def _new_id() -> str:
    return uuid.uuid4().hex
