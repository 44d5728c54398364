"""Full-text search over titles and messages, the newest first. For services; any task.

What narrows a search is looked up in the index wherever that is possible: the model always, the chats where
they are few, dates as ranges of keys (see ``days`` in the migrations). The rest is looked at row by row.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.domain.errors import StorageError
from desktop.domain.folders import Folder, FolderTree
from desktop.domain.search import Hit, SearchQuery, words_of
from desktop.storage import migrations
from desktop.storage.database import Database
from desktop.storage.failures import is_index_damage
from desktop.storage.reader import Reader

_FEW = 100
"""Chats that are looked up in the index; of more, one is found soon in any case."""
_WORDS = 24
"""Words of a snippet."""
_DAY_S = 86_400
_MOST_TITLES = 20

_MESSAGES = """
    SELECT messages.conversation_id, messages.id, conversations.title,
        snippet(parts_search, :column, :open, :close, '…', {words}), messages.created_at
    FROM parts_search
    CROSS JOIN parts ON parts.key = parts_search.rowid
    CROSS JOIN messages ON messages.key = parts.message_key
    CROSS JOIN conversations ON conversations.id = messages.conversation_id
    WHERE parts_search MATCH :match AND parts_search.rowid BETWEEN :first AND :last
        AND messages.trash_key IS NULL AND {which} AND {model} AND messages.created_at >= :after
        AND messages.created_at < :before
    ORDER BY parts_search.rowid DESC LIMIT :limit
"""
_TITLES = """
    SELECT conversations.id, NULL, conversations.title, highlight(titles_search, 0, :open, :close), updated_at
    FROM titles_search JOIN conversations ON conversations.key = titles_search.rowid
    WHERE titles_search MATCH :match AND {which} AND updated_at >= :after AND created_at < :before
    ORDER BY activity DESC LIMIT :limit
"""
_CHATS = """
    SELECT id, NULL, title, title, updated_at FROM conversations
    WHERE {which} AND updated_at >= :after AND created_at < :before
    ORDER BY activity DESC LIMIT :limit
"""
_EVER = 1e308


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which chats are looked into: ``which`` in SQL, ``chats`` their ids where they are few."""

    which: str
    folders: str = "[]"
    chats: tuple[str, ...] | None = None


class SearchRepository:
    """Reads through ``reader``; ``database`` is the same one, to mend the index in."""

    __slots__ = ("_database", "_reader")

    def __init__(self, reader: Reader, database: Database) -> None:
        self._reader = reader
        self._database = database

    async def search(self, query: SearchQuery, limit: int) -> list[Hit]:
        """At most ``limit``; titles before messages. Without words, the chats that the filters ask for.

        What is in the trash is not found. A folder's inner folders count as it; one that is not there holds
        nothing. Raises :class:`StorageError`.
        """
        try:
            return await self._reader.read(lambda connection: _search(connection, query, limit))
        except StorageError as error:
            if not is_index_damage(error.__cause__):
                raise
        await self._database.run(migrations.rebuild_search)
        return await self._reader.read(lambda connection: _search(connection, query, limit))


def _search(connection: sqlite3.Connection, query: SearchQuery, limit: int) -> list[Hit]:
    scope = _scope(connection, query)
    if query.is_empty or scope is None:
        return []
    # Not in any text by chance or by somebody's wish, so that what stands between them was found.
    marks = tuple(chr(code) for code in random.sample(range(0x10F000, 0x10FFFE), 2))
    values = {
        "open": marks[0],
        "close": marks[1],
        "folders": scope.folders,
        "after": -_EVER if query.after is None else query.after,
        "before": _EVER if query.before is None else query.before,
    }
    words = _expression(query)
    hits: list[Hit] = []
    if not query.model:
        statement = (_TITLES if words else _CHATS).format(which=scope.which)
        titles = min(limit, _MOST_TITLES) if words else limit
        rows = connection.execute(statement, values | {"match": words, "limit": titles})
        hits += [_hit(row, marks) for row in rows]
    if words or query.model:
        hits += _in_messages(connection, query, scope, values | {"limit": limit - len(hits)}, marks)
    return hits


def _in_messages(
    connection: sqlite3.Connection,
    query: SearchQuery,
    scope: _Scope,
    values: dict[str, object],
    marks: tuple[str, ...],
) -> list[Hit]:
    wanted = [f"{{text name}} : ({words})"] if (words := _expression(query)) else []
    models = _models(connection, query.model)
    if query.model:
        if not models:
            return []
        # One word of each name will do: the rest is looked at in the rows.
        firsts = {words_of(name)[0] for name in models if words_of(name)}
        wanted.append("model : (" + " OR ".join(_phrase(first) for first in sorted(firsts)) + ")")
        values |= {"models": json.dumps(models)}
    if scope.chats is not None:
        wanted.append("chat : (" + " OR ".join(_phrase(chat) for chat in scope.chats) + ")")
    first, last = _keys(connection, query)
    values |= {"match": " AND ".join(wanted), "column": 0, "first": first, "last": last}
    model = "parts.model IN (SELECT value FROM json_each(:models))" if query.model else "TRUE"
    statement = _MESSAGES.format(words=_WORDS, which=scope.which, model=model)
    hits: dict[str, Hit] = {}
    for row in connection.execute(statement, values):
        hits.setdefault(row[1], _hit(row, marks))  # Of a message with several parts, the last one found.
    return list(hits.values())


def _scope(connection: sqlite3.Connection, query: SearchQuery) -> _Scope | None:
    """``None`` if there is no such place."""
    which = "conversations.trashed_at IS NULL"
    if not (query.folder or query.pinned):
        return _Scope(which)
    folders = "[]"
    if query.pinned:
        which += " AND conversations.pinned"
    if query.folder:
        rows = connection.execute("SELECT id, name, parent_id, position FROM folders")
        tree = FolderTree(Folder(*row) for row in rows)
        folders = json.dumps([inner for found in tree.named(query.folder) for inner in tree.within(found)])
        which += " AND conversations.folder_id IN (SELECT value FROM json_each(:folders))"
    statement = f"SELECT id FROM conversations WHERE {which} LIMIT {_FEW + 1}"
    chats = tuple(row[0] for row in connection.execute(statement, {"folders": folders}))
    if not chats:
        return None
    return _Scope(which, folders, chats if len(chats) <= _FEW else None)


def _models(connection: sqlite3.Connection, wanted: str) -> list[str]:
    """The names that have these words one after the other; the last may go on."""
    if not wanted:
        return []
    needle = " " + " ".join(words_of(wanted))
    names = [name for (name,) in connection.execute("SELECT name FROM models")]
    return [name for name in names if needle in " " + " ".join(words_of(name))]


def _keys(connection: sqlite3.Connection, query: SearchQuery) -> tuple[int, int]:
    """Between which keys everything of these days was written; imports may have put more there."""
    days = [
        -_EVER if query.after is None else query.after // _DAY_S,
        _EVER if query.before is None else query.before // _DAY_S,
    ]
    if query.after is None and query.before is None:
        return 0, 2**62
    row = connection.execute(
        "SELECT coalesce(min(first), 1), coalesce(max(last), 0) FROM days WHERE key BETWEEN ? AND ?", days
    ).fetchone()
    return row[0], row[1]


def _expression(query: SearchQuery) -> str:
    """In FTS5's language, in which whatever stands in quotes is words."""
    phrases = [_phrase(term) for term in query.terms]
    if phrases and query.prefix:
        phrases[-1] += " *"
    return " AND ".join(phrases)


def _phrase(text: str) -> str:
    return '"' + text.replace('"', " ").replace("\0", " ") + '"'


def _hit(row: Sequence[object], marks: Sequence[str]) -> Hit:
    conversation_id, message_id, title, marked, at = row
    text, ranges = _unmarked(str(marked), marks)
    assert isinstance(at, float)
    return Hit(
        str(conversation_id), None if message_id is None else str(message_id), str(title), text, ranges, at
    )


def _unmarked(marked: str, marks: Sequence[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text, and where in it the marks stood."""
    text = ""
    ranges: list[tuple[int, int]] = []
    before, *pieces = marked.split(marks[0])
    text += before
    for piece in pieces:
        found, _, after = piece.partition(marks[1])
        ranges.append((len(text), len(text) + len(found)))
        text += found + after
    return text, tuple(ranges)
