"""A damaged database: it is kept, and what can still be read goes into a new file. On the database's thread.

The caller makes sure that nobody else has the file open. A row that cannot be read costs itself and not its
neighbours. The user sees chats, so a message whose chat is lost gets a new one, and a message whose parent is
lost becomes the first of its chat.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from desktop.storage import migrations
from desktop.storage.encoding import configure_text

_TABLES = ("folders", "conversations", "trash", "messages", "parts", "deltas", "settings", "draft_parts")
_HIGHEST_KEY = 2**40
"""More rows than any file has."""
_MOST_FAILURES = 20_000
"""Ranges of one table that may fail before the rest of it is given up; a second or so."""
_TOLERANT = "PRAGMA writable_schema = ON"
"""SQLite then reads a file that is shorter than its header says; nothing is written to the schema."""

_MEND = {
    1: (
        """
        INSERT INTO conversations
            (id, title, created_at, updated_at, activity, leaf_id, preset_id, system_prompt, overrides, draft)
        SELECT conversation_id, 'Rescued chat', min(created_at), max(created_at), 0, NULL, '', NULL, '{}', ''
        FROM messages WHERE conversation_id NOT IN (SELECT id FROM conversations) GROUP BY conversation_id
        """,
        "UPDATE messages SET parent_id = NULL WHERE parent_id NOT IN (SELECT id FROM messages)",
        """
        UPDATE conversations SET leaf_id = (
            SELECT id FROM messages WHERE conversation_id = conversations.id ORDER BY key DESC LIMIT 1
        ) WHERE leaf_id IS NULL OR leaf_id NOT IN (SELECT id FROM messages)
        """,
        "DELETE FROM parts WHERE message_key NOT IN (SELECT key FROM messages)",
        "DELETE FROM deltas WHERE message_key NOT IN (SELECT key FROM messages)",
    ),
    2: (
        "UPDATE folders SET parent_id = NULL WHERE parent_id NOT IN (SELECT id FROM folders)",
        "UPDATE conversations SET folder_id = NULL WHERE folder_id NOT IN (SELECT id FROM folders)",
        "DELETE FROM trash WHERE conversation_id NOT IN (SELECT id FROM conversations)",
        "UPDATE messages SET trash_key = NULL WHERE trash_key NOT IN (SELECT key FROM trash)",
        """
        INSERT INTO trash (conversation_id, trashed_at, stamp)
        SELECT id, trashed_at, 0 FROM conversations WHERE trashed_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM trash WHERE conversation_id = conversations.id AND message_id IS NULL)
        """,
    ),
    5: ("DELETE FROM draft_parts WHERE conversation_id NOT IN (SELECT id FROM conversations)",),
}
"""By the version that the tables came with."""

_log = logging.getLogger(__name__)


def rescue(path: Path, kept: Path) -> str:
    """Puts a sound file in the damaged one's place and keeps that as ``kept``; returns what the user is told.

    The sound file takes the place last, in one step: interrupted at any moment, the next start begins again.
    """
    fresh = _with(path, "-rescue")
    for leftover in (fresh, _with(fresh, "-journal")):
        leftover.unlink(missing_ok=True)
    for suffix in ("", "-wal"):
        if _with(path, suffix).exists():
            _keep(_with(path, suffix), _with(kept, suffix))
    chats, messages = _salvage(path, fresh)
    for suffix in ("-wal", "-shm"):  # They would be replayed over the new file.
        _with(path, suffix).unlink(missing_ok=True)
    fresh.replace(path)
    _log.warning("%s was damaged; kept as %s, %d chats and %d messages rescued", path, kept, chats, messages)
    found = f"{_number(chats, 'chat')} with {_number(messages, 'message')} could be rescued from it."
    if not chats:
        found = "Nothing in it could be read, so the list starts empty."
    return f"The file with your chats was damaged. {found} The damaged file is kept as {kept}."


def _salvage(damaged: Path, fresh: Path) -> tuple[int, int]:
    """How many conversations and messages the new file holds."""
    source = f"{damaged.absolute().as_uri()}?mode=ro"
    version = _readable_version(source)
    with closing(sqlite3.connect(fresh.absolute().as_uri(), uri=True, isolation_level=None)) as connection:
        configure_text(connection)
        fresh_version = version or len(migrations.MIGRATIONS)
        migrations.migrate(connection, fresh_version)
        if version:
            connection.execute(_TOLERANT)
            connection.execute("ATTACH ? AS damaged", (source,))
            # Not in one transaction: in that SQLite writes no more after it has come upon damage.
            for table in _TABLES:
                _copy(connection, table)
            connection.execute("DETACH damaged")
        for first, statements in _MEND.items():
            for statement in statements if first <= fresh_version else ():
                connection.execute(statement)
        chats, messages = (
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("conversations", "messages")
        )
    return chats, messages


def _readable_version(source: str) -> int:
    """The version of the damaged file, or 0 if not even its tables' names can be read."""
    with closing(sqlite3.connect(source, uri=True)) as connection:
        try:
            connection.execute(_TOLERANT)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return migrations.version(connection)
        except sqlite3.DatabaseError as error:
            _log.warning("Nothing in %s can be read: %s", source, error)
            return 0


def _copy(connection: sqlite3.Connection, table: str) -> None:
    """Copies all rows, and where that fails, halves the range of keys until the bad rows stand alone."""
    columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
    if not columns:  # A later version's.
        return
    statement = (
        f"INSERT OR IGNORE INTO main.{table} ({columns})"
        f" SELECT {columns} FROM damaged.{table} WHERE key BETWEEN ? AND ?"
    )
    failures = 0
    ranges = [(0, _HIGHEST_KEY)]
    while ranges and failures < _MOST_FAILURES:
        low, high = ranges.pop()
        try:
            connection.execute(statement, (low, high))
        except sqlite3.DatabaseError as error:
            failures += 1
            _log.debug("%s %d to %d: %s", table, low, high, error)
            if low < high:
                middle = (low + high) // 2
                ranges += [(middle + 1, high), (low, middle)]


def _keep(path: Path, kept: Path) -> None:
    # A second name costs no space, and the disk may be full. Not every file system can.
    with suppress(OSError):
        kept.hardlink_to(path)
        return
    shutil.copy2(path, kept)


def _with(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
