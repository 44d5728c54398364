"""Messages' rows: the tree of each conversation, and answers while they are written. For services; any task.

add(STREAMING) ── append, append, … ──> finish
                        └── its process dies ──> recover: INTERRUPTED, with the text so far
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import replace

from desktop.domain.conversation import (
    Conversation,
    InContext,
    Message,
    Node,
    Origin,
    Part,
    PartKind,
    Rating,
    Status,
)
from desktop.domain.errors import NotFoundError
from desktop.storage.conversations import insert_conversation
from desktop.storage.database import Database
from desktop.storage.drafts import write_attachments
from desktop.storage.encoding import AS_TEXT, text_value
from desktop.storage.failures import no_chat, no_message
from desktop.storage.message_rows import (
    insert_message,
    origin_value,
    replace_parts,
    select_messages,
    select_nodes,
)

_ON_TOP = "activity = (SELECT coalesce(max(activity), 0) + 1 FROM conversations)"
"""The assignment that makes a conversation the one last worked in, whatever the clock says."""
_THESE = "id IN (SELECT value FROM json_each(?))"


class MessageRepository:
    __slots__ = ("_db",)

    def __init__(self, db: Database) -> None:
        self._db = db

    async def tree(self, conversation_id: str) -> list[Message]:
        """All messages of a conversation in the order they were added; none for an unknown one.

        Those in the trash are left out, here and in what follows.
        """
        which = "conversation_id = ? AND trash_key IS NULL"
        return await self._db.read(
            lambda connection: [message for _, message in select_messages(connection, which, conversation_id)]
        )

    async def nodes(self, conversation_id: str) -> list[Node]:
        """The same without what they say, which is many times quicker; in no particular order."""
        return await self._db.read(lambda connection: select_nodes(connection, conversation_id))

    async def nodes_of(self, message_ids: Collection[str]) -> list[Node]:
        """The shape of these messages; those that are not there are left out."""
        names = json.dumps(list(message_ids))
        return await self._db.read(lambda connection: select_nodes(connection, names, _THESE))

    async def bodies(self, message_ids: Collection[str]) -> dict[str, Message]:
        """Whole messages by their ids; those that are not there, or in the trash, are left out."""
        names = json.dumps(list(message_ids))
        which = f"{_THESE} AND trash_key IS NULL"
        return await self._db.read(
            lambda connection: {
                message.id: message for _, message in select_messages(connection, which, names)
            }
        )

    async def rate(self, message_id: str, rating: Rating, comment: str) -> None:
        """Raises :class:`NotFoundError`."""
        await self._set(message_id, f"rating = ?, comment = {AS_TEXT}", rating.value, text_value(comment))

    async def set_context(self, message_id: str, context: InContext) -> None:
        """Whether it is sent to the model. Raises :class:`NotFoundError`."""
        await self._set(message_id, "context = ?", context.value)

    async def add(
        self,
        *messages: Message,
        leaf_id: str,
        title: str | None = None,
        clear_draft: bool = False,
        updated_at: float | None = None,
        new: Conversation | None = None,
    ) -> list[Message]:
        """Adds messages of one conversation, parents first, and shows ``leaf_id``: all of it or nothing.

        ``new`` is the conversation itself, if it is not there yet. It comes on top of the list, updated when
        the last message was created if nothing else is said.

        Returns the messages with their ``position``: each is the newest of its siblings, whatever it said
        before. One that is streaming belongs to this process until it is finished. Raises
        :class:`NotFoundError` if the conversation, a parent or the leaf is not there.
        """
        conversation_id = messages[-1].conversation_id
        assert all(message.conversation_id == conversation_id for message in messages), "of one conversation"
        owner = self._db.owner
        moment = messages[-1].created_at if updated_at is None else updated_at

        def work(connection: sqlite3.Connection) -> list[Message]:
            if new is not None:
                insert_conversation(connection, new)
            added = [_insert(connection, message, owner) for message in messages]
            _show(connection, conversation_id, leaf_id)
            new_title = None if title is None else text_value(title)
            connection.execute(
                f"""
                UPDATE conversations SET {_ON_TOP}, updated_at = ?, title = coalesce({AS_TEXT}, title),
                    draft = CASE WHEN ? THEN '' ELSE draft END WHERE id = ?
                """,
                (moment, new_title, clear_draft, conversation_id),
            )
            if clear_draft:
                write_attachments(connection, conversation_id, ())
            return added

        return await self._db.run(work)

    async def begin(self, message_id: str, origin: Origin) -> None:
        """What is about to write an answer; known from now on, whatever happens to it.

        Raises :class:`NotFoundError` if the message is gone or finished.
        """
        statement = f"UPDATE messages SET origin = {AS_TEXT} WHERE id = ? AND status = 'streaming'"

        def work(connection: sqlite3.Connection) -> None:
            if connection.execute(statement, (origin_value(origin), message_id)).rowcount == 0:
                raise _not_streaming(message_id)

        await self._db.run(work)

    async def append(self, message_id: str, kind: PartKind, text: str) -> None:
        """Adds streamed text; what is there already is not written again.

        Raises :class:`NotFoundError` if the message is gone or finished.
        """
        statement = f"""
            INSERT INTO deltas (message_key, kind, text)
            SELECT key, ?, {AS_TEXT} FROM messages WHERE id = ? AND status = 'streaming'
        """

        def work(connection: sqlite3.Connection) -> None:
            if connection.execute(statement, (kind.value, text_value(text), message_id)).rowcount == 0:
                raise _not_streaming(message_id)

        await self._db.run(work)

    async def finish(
        self,
        message_id: str,
        parts: Iterable[Part],
        status: Status,
        origin: Origin | None = None,
        error: str = "",
    ) -> None:
        """An answer's final state; ``parts`` replace everything that was appended. The list's order stays.

        Raises :class:`NotFoundError` if the message is gone or was finished before.
        """
        assert status is not Status.STREAMING, "a finished answer does not stream"
        final = tuple(parts)

        def work(connection: sqlite3.Connection) -> None:
            query = "SELECT key FROM messages WHERE id = ? AND status = 'streaming'"
            row = connection.execute(query, (message_id,)).fetchone()
            if row is None:
                raise _not_streaming(message_id)
            connection.execute(
                f"""
                UPDATE messages SET status = ?, owner = '', origin = {AS_TEXT}, error = {AS_TEXT}
                WHERE key = ?
                """,
                (status.value, origin_value(origin), text_value(error), row[0]),
            )
            replace_parts(connection, row[0], final)

        await self._db.run(work)

    async def set_leaf(self, conversation_id: str, leaf_id: str | None) -> None:
        """Which branch is shown. The list's order stays. Raises :class:`NotFoundError`."""
        await self._db.run(lambda connection: _show(connection, conversation_id, leaf_id))

    async def recover(self) -> list[str]:
        """Answers whose process ended while it wrote them become ``INTERRUPTED`` and keep their text.

        Those of other running processes are left alone. Returns the messages' ids, oldest first.
        """

        def work(connection: sqlite3.Connection) -> list[str]:
            owners = [
                owner
                for (owner,) in connection.execute(
                    "SELECT DISTINCT owner FROM messages WHERE status = 'streaming'"
                )
            ]
            recovered: list[str] = []
            for owner in owners:
                if not self._db.is_alive(owner):
                    recovered += _interrupt(connection, owner)
            return recovered

        return await self._db.run(work)

    async def _set(self, message_id: str, assignments: str, *values: object) -> None:
        def work(connection: sqlite3.Connection) -> None:
            statement = f"UPDATE messages SET {assignments} WHERE id = ?"
            if connection.execute(statement, (*values, message_id)).rowcount == 0:
                raise no_message(message_id)

        await self._db.run(work)


def _insert(connection: sqlite3.Connection, message: Message, owner: str) -> Message:
    (position,) = connection.execute(
        "SELECT coalesce(max(position) + 1, 0) FROM messages WHERE conversation_id = ? AND parent_id IS ?",
        (message.conversation_id, message.parent_id),
    ).fetchone()
    placed = replace(message, position=position)
    insert_message(connection, placed, owner if message.status is Status.STREAMING else "")
    return placed


def _interrupt(connection: sqlite3.Connection, owner: str) -> list[str]:
    found = list(select_messages(connection, "status = 'streaming' AND owner = ?", owner))
    for key, message in found:
        replace_parts(connection, key, message.parts)
        connection.execute(
            "UPDATE messages SET status = ?, owner = '' WHERE key = ?", (Status.INTERRUPTED.value, key)
        )
    return [message.id for _, message in found]


def _show(connection: sqlite3.Connection, conversation_id: str, leaf_id: str | None) -> None:
    query = "SELECT 1 FROM messages WHERE conversation_id = ? AND id = ? AND trash_key IS NULL"
    if leaf_id is not None and connection.execute(query, (conversation_id, leaf_id)).fetchone() is None:
        raise no_message(leaf_id)
    changed = connection.execute(
        "UPDATE conversations SET leaf_id = ? WHERE id = ?", (leaf_id, conversation_id)
    )
    if changed.rowcount == 0:
        raise no_chat(conversation_id)


def _not_streaming(message_id: str) -> NotFoundError:
    return NotFoundError(f"No answer “{message_id}” is being written.", action="Open the chat again.")
