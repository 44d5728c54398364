"""What was deleted, kept for a while with its way back: whole chats, and branches of chats.

A deletion is stamped with the trash's own clock as well as with the time of day: seconds that the trash has
been in use, which no change of the system's clock can move. See ``services.trash``. For services; any task.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.domain.conversation import MessageTree
from desktop.storage.database import Database
from desktop.storage.failures import no_chat, no_message
from desktop.storage.message_rows import select_nodes

_BRANCH = """
    WITH RECURSIVE branch (id) AS (
        SELECT id FROM messages WHERE conversation_id = :chat AND id = :root
        UNION ALL
        SELECT messages.id FROM messages JOIN branch ON messages.parent_id = branch.id
        WHERE messages.conversation_id = :chat
    )
"""
_EXCERPT = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """One deletion. ``message_id`` is where a branch began; ``None``: the whole chat.

    ``title`` is the chat's, ``excerpt`` how the branch begins; ``trashed_at`` is in Unix seconds.
    """

    conversation_id: str
    message_id: str | None
    title: str
    excerpt: str
    trashed_at: float
    stamp: float
    """The same by the trash's clock."""


class TrashRepository:
    __slots__ = ("_db",)

    def __init__(self, db: Database) -> None:
        self._db = db

    async def entries(self) -> list[Trashed]:
        """The last deletion first. Branches of a chat that is itself in the trash come back with it."""
        query = f"""
            SELECT trash.conversation_id, trash.message_id, title, coalesce((
                SELECT substr(text, 1, {_EXCERPT}) FROM parts
                WHERE message_key = messages.key AND kind = 'text' ORDER BY parts.position LIMIT 1
            ), ''), trash.trashed_at, trash.stamp
            FROM trash JOIN conversations ON conversations.id = trash.conversation_id
            LEFT JOIN messages ON messages.id = trash.message_id
            WHERE trash.message_id IS NULL OR conversations.trashed_at IS NULL
            ORDER BY trash.key DESC
        """
        return await self._db.read(
            lambda connection: [Trashed(*row) for row in connection.execute(query).fetchall()]
        )

    async def put_chats(self, conversation_ids: Sequence[str], at: float, stamp: float) -> list[str]:
        """Out of the list, nothing is deleted. Returns those that were not in the trash before.

        Raises :class:`NotFoundError` if one is not there; then none is moved.
        """

        def work(connection: sqlite3.Connection) -> list[str]:
            moved = []
            for identity in dict.fromkeys(conversation_ids):
                query = "SELECT trashed_at IS NULL FROM conversations WHERE id = ?"
                if (row := connection.execute(query, (identity,)).fetchone()) is None:
                    raise no_chat(identity)
                if row[0]:
                    moved.append(identity)
            for identity in moved:
                connection.execute("UPDATE conversations SET trashed_at = ? WHERE id = ?", (at, identity))
                connection.execute(
                    "INSERT INTO trash (conversation_id, trashed_at, stamp) VALUES (?, ?, ?)",
                    (identity, at, stamp),
                )
            return moved

        return await self._db.run(work)

    async def restore_chats(self, conversation_ids: Sequence[str]) -> None:
        """Back to their old places in the list. Raises :class:`NotFoundError` if one was deleted for good."""

        def work(connection: sqlite3.Connection) -> None:
            for identity in conversation_ids:
                changed = connection.execute(
                    "UPDATE conversations SET trashed_at = NULL WHERE id = ?", (identity,)
                )
                if changed.rowcount == 0:
                    raise no_chat(identity)
                connection.execute(
                    "DELETE FROM trash WHERE conversation_id = ? AND message_id IS NULL", (identity,)
                )

        await self._db.run(work)

    async def put_branch(self, conversation_id: str, message_id: str, at: float, stamp: float) -> str | None:
        """A message and all that follows it. Returns the leaf that is shown now.

        If the branch was shown: the newest of the version beside it, or what came before it. Raises
        :class:`NotFoundError` if the message is not there, or in the trash already.
        """

        def work(connection: sqlite3.Connection) -> str | None:
            tree = MessageTree(select_nodes(connection, conversation_id))
            if message_id not in tree:
                raise no_message(message_id)
            query = "SELECT leaf_id FROM conversations WHERE id = ?"
            leaf_id: str | None = connection.execute(query, (conversation_id,)).fetchone()[0]
            shown = leaf_id
            if any(node.id == message_id for node in tree.path(leaf_id)):
                versions = [version.id for version in tree.siblings(message_id)]
                at_version = versions.index(message_id)
                beside = versions[at_version - 1 : at_version] or versions[at_version + 1 : at_version + 2]
                shown = tree.newest_leaf(beside[0]) if beside else tree[message_id].parent_id
            cursor = connection.execute(
                """
                INSERT INTO trash (conversation_id, message_id, leaf_id, trashed_at, stamp)
                VALUES (?, ?, ?, ?, ?)
                """,
                (conversation_id, message_id, leaf_id, at, stamp),
            )
            connection.execute(
                f"""{_BRANCH} UPDATE messages SET trash_key = :key
                WHERE trash_key IS NULL AND id IN (SELECT id FROM branch)""",
                {"chat": conversation_id, "root": message_id, "key": cursor.lastrowid},
            )
            connection.execute("UPDATE conversations SET leaf_id = ? WHERE id = ?", (shown, conversation_id))
            return shown

        return await self._db.run(work)

    async def restore_branch(self, conversation_id: str, message_id: str) -> None:
        """Back into its chat, which shows it as before. Raises :class:`NotFoundError`.

        A branch of a branch that is in the trash brings that one back too, or it could not be seen.
        """

        def work(connection: sqlite3.Connection) -> None:
            query = "SELECT leaf_id FROM trash WHERE conversation_id = ? AND message_id = ?"
            row = connection.execute(query, (conversation_id, message_id)).fetchone()
            if row is None:
                raise no_message(message_id)
            connection.execute(
                """
                WITH RECURSIVE above (id, parent_id, trash_key) AS (
                    SELECT id, parent_id, trash_key FROM messages WHERE conversation_id = :chat AND id = :root
                    UNION ALL
                    SELECT messages.id, messages.parent_id, messages.trash_key
                    FROM messages JOIN above ON messages.id = above.parent_id
                    WHERE messages.conversation_id = :chat
                )
                DELETE FROM trash WHERE key IN (SELECT trash_key FROM above)
                """,
                {"chat": conversation_id, "root": message_id},
            )
            tree = MessageTree(select_nodes(connection, conversation_id))
            leaf_id = row[0]
            if not any(node.id == message_id for node in tree.path(leaf_id)):
                leaf_id = tree.newest_leaf(message_id)
            connection.execute(
                "UPDATE conversations SET leaf_id = ? WHERE id = ?", (leaf_id, conversation_id)
            )

        await self._db.run(work)

    async def purge(self, before: float) -> list[str]:
        """Deletes for good what was stamped before then. Returns the ids of the chats among it."""
        return await self._delete("stamp < ?", before)

    async def delete(self, conversation_ids: Sequence[str]) -> list[str]:
        """Deletes chats that are in the trash for good; others are left alone. Returns which."""
        deleted: list[str] = []
        for identity in conversation_ids:
            deleted += await self._delete("conversation_id = ? AND message_id IS NULL", identity)
        return deleted

    async def empty(self) -> list[str]:
        """Deletes everything in the trash for good. Returns the ids of the chats among it."""
        return await self._delete("TRUE")

    async def _delete(self, which: str, *values: object) -> list[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            query = f"SELECT conversation_id, message_id FROM trash WHERE {which}"
            rows = connection.execute(query, values).fetchall()
            chats = [conversation for conversation, message in rows if message is None]
            for conversation, message in rows:
                if message is not None:
                    names = {"chat": conversation, "root": message}
                    # What was deleted from the branch before goes with it: its parents are gone.
                    connection.execute(
                        f"""{_BRANCH} DELETE FROM trash
                        WHERE conversation_id = :chat AND message_id IN (SELECT id FROM branch)""",
                        names,
                    )
                    connection.execute(
                        f"{_BRANCH} DELETE FROM messages WHERE id IN (SELECT id FROM branch)", names
                    )
            for conversation in chats:
                connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
            return chats

        return await self._db.run(work)
