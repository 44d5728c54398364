"""The database's shape, as the steps that led to it. Append-only: a step that users have run is never edited.

``PRAGMA user_version`` holds how many steps a file has been through. Runs on the database's thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

APPLICATION_ID = 0x4C4F4355
"""In the file's header, so that some other program's file is not mistaken for ours."""

# 1: conversations and their message trees, settings.
#
# `key` is a row's place in the order of writing, which the clock has no part in; it stays through a
# VACUUM, so an index for full-text search can point at it. `activity` puts the conversation last worked
# in on top: a counter, because clocks go backwards. `parts` is what a message holds once it is written;
# `deltas` is what came in since, a row for each append, so that streaming into a long answer costs the
# same as into a short one; finishing moves deltas into parts. A parent is in the same conversation; the
# check waits for the commit, so that deleting a conversation deletes its messages in one pass (a cascade
# from parent to child may be 1,000 levels deep at most).
_FIRST = """
CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    activity INTEGER NOT NULL,
    leaf_id TEXT,
    preset_id TEXT NOT NULL,
    system_prompt TEXT,
    overrides TEXT NOT NULL,
    draft TEXT NOT NULL,
    trashed_at REAL
) STRICT;
CREATE INDEX conversations_by_activity ON conversations (activity);

CREATE TABLE messages (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent_id TEXT,
    position INTEGER NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at REAL NOT NULL,
    origin TEXT,
    error TEXT NOT NULL,
    owner TEXT NOT NULL,
    UNIQUE (conversation_id, id),
    FOREIGN KEY (conversation_id, parent_id) REFERENCES messages (conversation_id, id)
        DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX messages_by_parent ON messages (conversation_id, parent_id, position);
CREATE INDEX messages_streaming ON messages (owner) WHERE status = 'streaming';

CREATE TABLE parts (
    key INTEGER PRIMARY KEY,
    message_key INTEGER NOT NULL REFERENCES messages (key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (message_key, position)
) STRICT;

CREATE TABLE deltas (
    key INTEGER PRIMARY KEY,
    message_key INTEGER NOT NULL REFERENCES messages (key) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX deltas_by_message ON deltas (message_key);

CREATE TABLE settings (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
) STRICT;
"""

MIGRATIONS: tuple[str, ...] = (_FIRST,)


def version(connection: sqlite3.Connection) -> int:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    assert isinstance(found, int)
    return found


def migrate(connection: sqlite3.Connection, target: int) -> None:
    """Takes the file to version ``target`` in one transaction: wholly, or not at all.

    Foreign keys must be off, as SQLite asks for steps that rebuild a table.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number, script in enumerate(MIGRATIONS[version(connection) : target], version(connection) + 1):
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    # `executescript` would commit what is open before it starts.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
