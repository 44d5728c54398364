"""Full-text search over titles and messages, the newest first. For services; any task.

What narrows a search is looked up in the index wherever that is possible: the model always, the chats where
they are few, dates as ranges of keys (see ``days`` in ``schema``). The rest is looked at row by row.

A word that is being typed is the beginning of many words, and the index would have to read where all of them
stand. So the newest messages are read first: many words are soon found in them, and what is hardly ever found
there stands in few places.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from desktop.domain.conversation import Role
from desktop.domain.errors import StorageError
from desktop.domain.folders import Folder, FolderTree
from desktop.domain.search import Hit, SearchQuery, words_of
from desktop.storage import migrations
from desktop.storage.database import Database
from desktop.storage.failures import is_index_damage
from desktop.storage.reader import Reader
from desktop.storage.snippets import Finder
from desktop.storage.words import ends_with_sign, spaced

_FEW = 1000
"""Chats that are looked up in the index; of more, one is found soon in any case."""
_NEWEST = 400
"""Messages that are read for a word that is being typed,"""
_MOST_CHARACTERS = 4_000_000
"""unless they are as long as this together: somebody may have attached books."""
_DAY_S = 86_400
_MOST_TITLES = 20
"""So that messages are seen below them."""

_MESSAGES = """
    SELECT messages.conversation_id, messages.id, conversations.title, messages.created_at, messages.role,
        parts.text, parts.name, {wanted}
    FROM {source}
    CROSS JOIN conversations ON conversations.id = parts.chat
    CROSS JOIN messages ON messages.key = parts.message_key
    WHERE {which}
    ORDER BY {key} DESC LIMIT :limit
"""
_FROM_INDEX = "parts_search CROSS JOIN parts ON parts.key = parts_search.rowid"
_FOUND = "parts_search MATCH :match"
_WANTED = """
    messages.trash_key IS NULL AND {which} AND {model} AND messages.created_at >= :after
    AND messages.created_at < :before
"""
_TITLES = """
    SELECT conversations.id, conversations.title, updated_at
    FROM titles_search JOIN conversations ON conversations.key = titles_search.rowid
    WHERE titles_search MATCH :match AND {which} AND updated_at >= :after AND created_at < :before
    ORDER BY activity DESC LIMIT :limit
"""
_CHATS = """
    SELECT id, title, updated_at FROM conversations
    WHERE {which} AND updated_at >= :after AND created_at < :before
    ORDER BY activity DESC LIMIT :limit
"""
_EVER = 1e308
_ROLES = {role.value: role for role in Role}

Values = Mapping[str, object]
Row = tuple[str, str, str, float, str, str, str, int]


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
    if query.prefix and ends_with_sign(query.terms[-1]):
        query = replace(query, prefix=False)  # Such a sign is the whole word.
    values = {
        "folders": scope.folders,
        "after": -_EVER if query.after is None else query.after,
        "before": _EVER if query.before is None else query.before,
    }
    hits = [] if query.model else _in_titles(connection, query, scope, values, limit)
    if query.terms or query.model:
        hits += _in_messages(connection, query, scope, values, limit - len(hits))
    return hits


def _in_titles(
    connection: sqlite3.Connection, query: SearchQuery, scope: _Scope, values: Values, limit: int
) -> list[Hit]:
    statement = (_TITLES if query.terms else _CHATS).format(which=scope.which)
    most = min(limit, _MOST_TITLES) if query.terms else limit
    finder = Finder(query.terms, prefix=query.prefix)
    rows = connection.execute(statement, {**values, "match": _expression(query), "limit": most})
    return [Hit(identity, None, title, title, finder.mark(title), at) for identity, title, at in rows]


def _in_messages(
    connection: sqlite3.Connection, query: SearchQuery, scope: _Scope, values: Values, limit: int
) -> list[Hit]:
    wanted = _WANTED.format(which=scope.which, model="TRUE")
    narrowed: list[str] = []
    if query.model:
        if not (models := _models(connection, query.model)):
            return []
        # One word of each name will do: the rest is looked at in the rows.
        firsts = {words_of(name)[0] for name in models if words_of(name)}
        narrowed.append("model : (" + " OR ".join(_quoted(first) for first in sorted(firsts)) + ")")
        wanted = _WANTED.format(
            which=scope.which, model="parts.model IN (SELECT value FROM json_each(:models))"
        )
        values = {**values, "models": json.dumps(models)}
    if scope.chats is not None:
        narrowed.append("chat : (" + " OR ".join(_quoted(chat) for chat in scope.chats) + ")")
    first, last = _keys(connection, query)
    values = {**values, "first": first, "last": last, "limit": limit}
    search = _Messages(connection, wanted, tuple(narrowed), values)
    if query.prefix and (hits := search.newest(query, limit)) is not None:
        return hits
    return search.all(query)


@dataclass(frozen=True, slots=True)
class _Messages:
    """``wanted`` in SQL and ``narrowed`` in FTS5's language say which messages count, whatever they say."""

    connection: sqlite3.Connection
    wanted: str
    narrowed: tuple[str, ...]
    values: Values

    def all(self, query: SearchQuery) -> list[Hit]:
        statement = _MESSAGES.format(
            wanted="TRUE",
            source=_FROM_INDEX,
            which=f"{_FOUND} AND parts_search.rowid BETWEEN :first AND :last AND {self.wanted}",
            key="parts_search.rowid",
        )
        rows = self.connection.execute(statement, {**self.values, "match": self._match(query)})
        return _hits(rows, Finder(query.terms, prefix=query.prefix))

    def newest(self, query: SearchQuery, limit: int) -> list[Hit] | None:
        """The same, found by reading; ``None`` if the newest messages do not say."""
        others = replace(query, terms=query.terms[:-1], prefix=False)
        typed = Finder(query.terms[-1:], prefix=True)
        match = self._match(others)
        key = "parts_search.rowid" if match else "parts.key"
        statement = _MESSAGES.format(
            wanted=self.wanted,
            source=_FROM_INDEX if match else "parts",
            which=f"{_FOUND if match else 'TRUE'} AND {key} BETWEEN :first AND :last",
            key=key,
        )
        read = characters = 0
        found: list[Row] = []
        for row in self.connection.execute(statement, {**self.values, "match": match, "limit": _NEWEST}):
            read += 1
            if (characters := characters + len(row[5])) > _MOST_CHARACTERS:
                return None
            if row[7] and (typed.finds(row[5]) or typed.finds(row[6])):
                found.append(row)
                if len(found) == limit:
                    break
        if len(found) < limit and read == _NEWEST:
            return None
        return _hits(found, Finder(query.terms, prefix=True))

    def _match(self, query: SearchQuery) -> str:
        words = [f"{{text name}} : ({expression})"] if (expression := _expression(query)) else []
        return " AND ".join((*words, *self.narrowed))


def _hits(rows: Iterable[Row], finder: Finder) -> list[Hit]:
    """Of a message with several parts, the last one found."""
    hits: dict[str, Hit] = {}
    for conversation_id, message_id, title, at, role, text, name, _ in rows:
        if message_id in hits:
            continue
        shown = name if finder.finds(name) and not finder.finds(text) else text
        piece, ranges = finder.snippet(shown)
        hits[message_id] = Hit(
            conversation_id, message_id, title, piece, ranges, at, _ROLES.get(role, Role.ASSISTANT)
        )
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
    phrases = [_quoted(spaced(term)) for term in query.terms]
    if phrases and query.prefix:
        phrases[-1] += " *"
    return " AND ".join(phrases)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', " ").replace("\0", " ") + '"'
