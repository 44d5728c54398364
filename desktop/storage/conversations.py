"""Conversations' rows: the list, and what belongs to a chat besides its messages. For services; any task."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from desktop.domain.conversation import Conversation, Part
from desktop.storage.database import Database
from desktop.storage.drafts import Attachments, attached_names, read_attachments, write_attachments
from desktop.storage.encoding import AS_TEXT, json_value, read_mapping, text_value
from desktop.storage.failures import no_chat

_COLUMNS = """
    id, title, created_at, updated_at, leaf_id, preset_id, system_prompt, overrides, draft,
    folder_id, pinned, trashed_at
"""


class ConversationRepository:
    """What names one conversation raises :class:`NotFoundError` if there is none with that id."""

    __slots__ = ("_db",)

    def __init__(self, db: Database) -> None:
        self._db = db

    async def list(self) -> list[Conversation]:
        """All that are not in the trash, the one last worked in first; of files in drafts only the names."""
        query = f"""
            SELECT {_COLUMNS} FROM conversations WHERE trashed_at IS NULL
            ORDER BY activity DESC, updated_at DESC, key DESC
        """

        def work(connection: sqlite3.Connection) -> list[Conversation]:
            attached = attached_names(connection)
            return [self._conversation(row, attached.get(row[0], ())) for row in connection.execute(query)]

        return await self._db.read(work)

    async def get(self, conversation_id: str) -> Conversation:
        """Also from the trash. Raises :class:`NotFoundError`."""

        def work(connection: sqlite3.Connection) -> Conversation:
            query = f"SELECT {_COLUMNS} FROM conversations WHERE id = ?"
            row = connection.execute(query, (conversation_id,)).fetchone()
            if row is None:
                raise no_chat(conversation_id)
            return self._conversation(row, read_attachments(connection, conversation_id))

        return await self._db.read(work)

    async def create(self, conversation: Conversation) -> None:
        """Puts it on top of the list. Its ``leaf_id`` is set by adding messages and must be ``None``.

        Raises :class:`NotFoundError` if its folder is not there.
        """
        assert conversation.leaf_id is None, "a new conversation has no messages"
        await self._db.run(lambda connection: insert_conversation(connection, conversation))

    async def rename(self, conversation_id: str, title: str) -> None:
        await self._set(conversation_id, f"title = {AS_TEXT}", text_value(title))

    async def retitle(self, conversation_id: str, before: str, title: str) -> bool:
        """Renames it if it still has the title ``before``; returns whether it had."""
        statement = f"UPDATE conversations SET title = {AS_TEXT} WHERE id = ? AND title = {AS_TEXT}"
        values = (text_value(title), conversation_id, text_value(before))
        return await self._db.run(lambda connection: connection.execute(statement, values).rowcount > 0)

    async def configure(
        self,
        conversation_id: str,
        *,
        preset_id: str,
        system_prompt: str | None,
        overrides: Mapping[str, object],
    ) -> None:
        """What answers are made with: all three at once, because choosing a preset changes all three."""
        await self._set(
            conversation_id,
            f"preset_id = ?, system_prompt = {AS_TEXT}, overrides = {AS_TEXT}",
            preset_id,
            _optional(system_prompt),
            json_value(dict(overrides)),
        )

    async def save_draft(self, conversation_id: str, text: str, attachments: Sequence[Part] = ()) -> None:
        """What is typed and not sent yet, with the files that go with it. The list's order stays."""

        def work(connection: sqlite3.Connection) -> None:
            _set(connection, conversation_id, f"draft = {AS_TEXT}", text_value(text))
            write_attachments(connection, conversation_id, attachments)

        await self._db.run(work)

    async def pin(self, conversation_id: str, *, pinned: bool) -> None:
        await self._set(conversation_id, "pinned = ?", pinned)

    async def move(self, folder_ids: Mapping[str, str | None]) -> None:
        """Puts each conversation into its folder, ``None`` for the top: all or, with an error, none.

        Raises :class:`NotFoundError` if a conversation or a folder is not there.
        """

        def work(connection: sqlite3.Connection) -> None:
            for conversation_id, folder_id in folder_ids.items():
                _set(connection, conversation_id, "folder_id = ?", folder_id)

        await self._db.run(work)

    async def _set(self, conversation_id: str, assignments: str, *values: object) -> None:
        await self._db.run(lambda connection: _set(connection, conversation_id, assignments, *values))

    def _conversation(self, row: tuple[Any, ...], attachments: Attachments) -> Conversation:
        identity, title, created_at, updated_at, leaf_id, preset_id, prompt, overrides, draft, *place = row
        folder_id, pinned, trashed_at = place
        return Conversation(
            id=identity,
            title=title,
            created_at=created_at,
            updated_at=updated_at,
            leaf_id=leaf_id,
            preset_id=preset_id,
            system_prompt=prompt,
            overrides={}
            if overrides == "{}"
            else read_mapping(overrides, f"conversation {identity}, overrides"),
            draft=draft,
            draft_attachments=attachments,
            folder_id=folder_id,
            pinned=bool(pinned),
            trashed_at=trashed_at,
            temporary=self._db.is_temporary,
        )


def insert_conversation(connection: sqlite3.Connection, conversation: Conversation) -> None:
    """On top of the list, without its leaf: messages come after it."""
    connection.execute(
        f"""
        INSERT INTO conversations
            (id, created_at, updated_at, preset_id, folder_id, pinned, title, system_prompt, overrides,
             draft, activity)
        SELECT ?, ?, ?, ?, ?, ?, {AS_TEXT}, {AS_TEXT}, {AS_TEXT}, {AS_TEXT},
            coalesce(max(activity), 0) + 1
        FROM conversations
        """,
        (
            conversation.id,
            conversation.created_at,
            conversation.updated_at,
            conversation.preset_id,
            conversation.folder_id,
            conversation.pinned,
            text_value(conversation.title),
            _optional(conversation.system_prompt),
            json_value(dict(conversation.overrides)),
            text_value(conversation.draft),
        ),
    )
    write_attachments(connection, conversation.id, conversation.draft_attachments)


def _set(connection: sqlite3.Connection, conversation_id: str, assignments: str, *values: object) -> None:
    statement = f"UPDATE conversations SET {assignments} WHERE id = ?"
    if connection.execute(statement, (*values, conversation_id)).rowcount == 0:
        raise no_chat(conversation_id)


def _optional(text: str | None) -> bytes | None:
    return None if text is None else text_value(text)
