"""Files of earlier versions: everything in them is there afterwards, and is found."""

import json
import sqlite3
import sys
from pathlib import Path

import pytest

from desktop.domain.conversation import InContext, Rating
from desktop.domain.errors import StorageError
from desktop.storage import migrations
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import TrashRepository
from tests.unit.storage.chats import content, found, opened, put, raw

PAGE = 4096


def first_version(path: Path, count: int, text: str = "text of {} with a Wörd") -> None:
    """A file as the first version wrote it: chats of one message each, the last in the trash."""
    with raw(path) as connection:
        migrations.migrate(connection, 1)
        for number in range(count):
            name = f"c{number}"
            trashed_at = 7.0 if number == count - 1 else None
            connection.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, 1, 1, ?, ?, 'p', NULL, '{}', '', ?)",
                (
                    number + 1,
                    name,
                    f"Title {name}",
                    number,
                    f"m{number}",
                    trashed_at,
                ),
            )
            connection.execute(
                "INSERT INTO messages VALUES (?, ?, ?, NULL, 0, 'user', 'complete', 1, ?, '', '')",
                (number + 1, f"m{number}", name, ("{", json.dumps({"model_name": "Old model"}))[number % 2]),
            )
            connection.execute(
                "INSERT INTO parts VALUES (NULL, ?, 0, 'text', ?, '')", (number + 1, text.format(name) + "\n")
            )


def hits(connection: sqlite3.Connection, words: str, table: str = "parts_search") -> list[int]:
    query = f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid"
    return [rowid for (rowid,) in connection.execute(query, (words,))]


def assert_index_is_whole(connection: sqlite3.Connection) -> None:
    """Each word of each text is in the index where it should be, and no other is."""
    for table in ("parts_search", "titles_search"):
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")


async def test_the_first_versions_chats_are_all_there_and_are_found(path: Path) -> None:
    first_version(path, 4)

    async with opened(path) as db:
        assert db.notice == ""
        listed = await ConversationRepository(db).list()
        assert [one.id for one in listed] == ["c2", "c1", "c0"]
        assert {(one.folder_id, one.pinned, one.temporary) for one in listed} == {(None, False, False)}
        (message,) = await MessageRepository(db).tree("c1")
        assert (message.rating, message.comment, message.context) == (Rating.NONE, "", InContext.AUTO)
        (node,) = await MessageRepository(db).nodes("c1")
        assert (node.characters, node.lines) == (len(message.text), 1)
        (entry,) = await TrashRepository(db).entries()
        assert (entry.conversation_id, entry.message_id, entry.trashed_at) == ("c3", None, 7.0)
        found_in = await db.read(
            lambda c: (
                hits(c, "word"),
                hits(c, "chat : c2"),
                hits(c, "model : old"),
                hits(c, "c1", "titles_search"),
            )
        )
        assert found_in == ([1, 2, 3, 4], [3], [2, 4], [2])
        await db.run(assert_index_is_whole)
    assert len(list(path.parent.glob("*version-1-backup*"))) == 1


async def test_a_long_update_says_how_far_it_is(path: Path) -> None:
    first_version(path, 3)
    with raw(path) as connection:
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO parts VALUES (NULL, 1, ?, 'text', 'more', '')", ((n,) for n in range(1, 25_000))
        )
        connection.execute("COMMIT")
    told: list[float] = []

    db = await Database.open(path, on_progress=told.append)
    await db.close()

    assert told == sorted(told)
    assert told[0] == 0.0 and told[-1] == 1.0
    assert len(set(told)) >= 5


async def test_a_damaged_file_of_the_first_version_is_rescued_and_updated(path: Path) -> None:
    first_version(path, 60, "what was said in {} " + "and so on " * 40)
    damaged = bytearray(content(path))
    page = damaged.find(b"what was said in c30 ") // PAGE
    damaged[page * PAGE : (page + 1) * PAGE] = b"\xa5" * PAGE
    put(path, bytes(damaged))
    path.with_name("chats.db-owner-dead").touch()  # Somebody died with the file open.

    chats = await found(path)

    assert 50 <= len(chats) <= 60
    assert chats["c1"].startswith("what was said in c1 ")
    async with opened(path) as db:
        await db.run(assert_index_is_whole)
        assert len(await db.read(lambda c: hits(c, "said"))) > 40
        assert [entry.conversation_id for entry in await TrashRepository(db).entries()] == ["c59"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of this kind are Unix's")
async def test_an_update_that_finds_no_room_leaves_the_first_versions_file_as_it_was(path: Path) -> None:
    import resource

    first_version(path, 200, "what was said in {} " + "and so on " * 400)
    before = content(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100_000, limits[1]))
    try:
        with pytest.raises(StorageError):
            await Database.open(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    with raw(path) as still_old:
        assert still_old.execute("PRAGMA user_version").fetchone() == (1,)
        assert still_old.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not list(path.parent.glob("*backup*"))
    assert len(await found(path)) == 199
