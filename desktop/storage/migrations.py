"""Takes a file through the steps of :mod:`desktop.storage.schema`, and fills its search tables.

``PRAGMA user_version`` holds how many steps a file has been through. Runs on the database's thread.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator

from desktop.storage import schema

APPLICATION_ID = 0x4C4F4355
"""In the file's header, so that some other program's file is not mistaken for ours."""

MIGRATIONS = schema.STEPS

SEARCH_VERSIONS = (2, 6)
"""Those whose search tables begin empty."""
_BATCH = 10_000
"""Rows put into the index between two reports of progress; about a fifth of a second."""


def version(connection: sqlite3.Connection) -> int:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    assert isinstance(found, int)
    return found


def migrate(
    connection: sqlite3.Connection, target: int, on_progress: Callable[[float], None] = lambda _: None
) -> None:
    """Takes the file to version ``target`` in one transaction: wholly, or not at all.

    Foreign keys must be off, as SQLite asks for steps that rebuild a table, and the connection must know our
    texts (``encoding.configure_text``). ``on_progress`` is told how much of the text has been indexed, from 0
    to 1, where that takes time.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        first = version(connection) + 1
        filled = max((number for number in SEARCH_VERSIONS if first <= number <= target), default=0)
        for number, script in enumerate(MIGRATIONS[first - 1 : target], first):
            for statement in _statements(script):
                connection.execute(statement)
            if number == filled:
                fill_search(connection, on_progress)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def fill_search(
    connection: sqlite3.Connection, on_progress: Callable[[float], None] = lambda _: None
) -> None:
    """Puts every title and every text into the search tables, which are empty."""
    titles, texts = _indexed(connection, "titles_search"), _indexed(connection, "parts_search")
    connection.execute(
        f"INSERT INTO titles_search (rowid, title) SELECT key, title FROM {titles} ORDER BY key"
    )
    first, last = connection.execute(
        "SELECT coalesce(min(key), 1), coalesce(max(key), 0) FROM parts"
    ).fetchone()
    for low in range(first, last + 1, _BATCH):
        connection.execute(
            f"""
            INSERT INTO parts_search (rowid, text, name, chat, model)
            SELECT key, text, name, chat, model FROM {texts} WHERE key BETWEEN ? AND ? ORDER BY key
            """,
            (low, low + _BATCH - 1),
        )
        on_progress(min(1.0, (low + _BATCH - first) / (last + 1 - first)))


def _indexed(connection: sqlite3.Connection, table: str) -> str:
    """Whose rows a search table indexes: it was another in earlier versions."""
    query = "SELECT sql FROM sqlite_master WHERE name = ?"
    (statement,) = connection.execute(query, (table,)).fetchone()
    found = re.search(r"content = '(\w+)'", statement)
    assert found is not None
    return found[1]


def rebuild_search(connection: sqlite3.Connection) -> None:
    """Makes the search tables anew from what they index: nothing in them is anybody's only copy."""
    for table in ("titles_search", "parts_search"):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")


def _statements(script: str) -> Iterator[str]:
    # `executescript` would commit what is open before it starts.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
