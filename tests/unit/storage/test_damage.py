"""A damaged file: nothing is deleted, and whatever can be read is in the list again."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop.domain.errors import StorageError
from desktop.storage import migrations
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from tests.unit.storage.chats import chat, content, fill, found, opened, put, question, raw

PAGE = 4096
NAMES = [f"chat {number:03}" for number in range(60)]
TEXT = "what was said in {} " + "and so on " * 40


def page_with(path: Path, text: str) -> int:
    place = content(path).find(text.encode())
    assert place > 0
    return place // PAGE


def scribble(path: Path, page: int) -> None:
    damaged = bytearray(content(path))
    damaged[page * PAGE : (page + 1) * PAGE] = b"\xa5" * PAGE
    put(path, bytes(damaged))


async def notice(path: Path) -> str:
    async with opened(path) as db:
        return db.notice


async def test_a_sound_file_opens_without_a_word(path: Path) -> None:
    await fill(path, ["a"])

    assert await notice(path) == ""


async def test_a_file_of_garbage_is_kept_and_the_app_starts_with_an_empty_list(path: Path) -> None:
    put(path, b"<html>not a database</html>" * 1000)

    said = await notice(path)

    kept = path.with_name("chats-damaged.db")
    assert kept.read_bytes() == b"<html>not a database</html>" * 1000
    assert "damaged" in said and "starts empty" in said and str(kept) in said
    assert await found(path) == {}
    assert await notice(path) == ""


async def test_a_second_damaged_file_does_not_replace_the_first(path: Path) -> None:
    for garbage in (b"first" * 1000, b"second" * 1000):
        put(path, garbage)
        await notice(path)

    assert path.with_name("chats-damaged.db").read_bytes() == b"first" * 1000
    assert path.with_name("chats-damaged-2.db").read_bytes() == b"second" * 1000


async def test_a_bad_page_costs_the_chats_on_it_and_no_others(path: Path) -> None:
    await fill(path, NAMES, TEXT)
    scribble(path, page_with(path, "what was said in chat 030"))

    async with opened(path) as db:
        with pytest.raises(StorageError, match="damaged") as caught:
            await MessageRepository(db).tree("chat 030")
        assert len(await MessageRepository(db).tree("chat 001")) == 1
        await ConversationRepository(db).rename("chat 001", "still works")
    damaged = content(path)
    said = await notice(path)

    assert "Restart" in caught.value.action
    chats = await found(path)
    whole = [name for name in NAMES if chats.get(name) == TEXT.format(name)]
    assert "chat 030" not in whole
    assert len(whole) > len(NAMES) - 15
    assert "60 chats" in said
    assert path.with_name("chats-damaged.db").read_bytes() == damaged


async def test_damage_is_looked_for_after_the_app_was_killed(path: Path) -> None:
    await fill(path, NAMES, TEXT)
    scribble(path, page_with(path, "what was said in chat 030"))
    path.with_name("chats.db-owner-killed").touch()

    assert "damaged" in await notice(path)
    assert await notice(path) == ""


async def test_messages_whose_chat_is_lost_are_in_a_new_chat(path: Path) -> None:
    await fill(path, NAMES, TEXT)
    scribble(path, page_with(path, "Title of chat 030"))
    path.with_name("chats.db-owner-killed").touch()

    async with opened(path) as db:
        listed = await ConversationRepository(db).list()

        rescued = next(conversation for conversation in listed if conversation.id == "chat 030")
        assert rescued.title == "Rescued chat"
        assert rescued.leaf_id == "m-chat 030"
        assert next(other for other in listed if other.id == "chat 059").title == "Title of chat 059"
    assert await found(path) == {name: TEXT.format(name) for name in NAMES}


async def test_an_answer_whose_question_is_lost_is_the_first_of_its_chat(path: Path) -> None:
    async with opened(path) as db:
        await ConversationRepository(db).create(chat("a"))
        await MessageRepository(db).add(
            question("q", "a"), question("r", "a", "q", text="still here"), leaf_id="r"
        )
    with raw(path) as connection:
        connection.execute("DELETE FROM messages WHERE id = 'q'")
        connection.execute("UPDATE parts SET message_key = 77 WHERE message_key = 1")
        connection.execute("INSERT INTO deltas VALUES (NULL, 77, 'text', 'nobody''s')")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'settings'").fetchone()
    scribble(path, root - 1)
    path.with_name("chats.db-owner-killed").touch()

    async with opened(path) as db:
        (message,) = await MessageRepository(db).tree("a")
        assert (message.parent_id, message.text) == (None, "still here")
        broken = await db.read(lambda c: c.execute("PRAGMA foreign_key_check").fetchall())
        assert broken == []


async def test_a_file_that_was_cut_off_is_noticed_at_once(path: Path) -> None:
    await fill(path, NAMES, TEXT)
    whole = content(path)
    put(path, whole[: len(whole) // 2 // PAGE * PAGE])

    assert "damaged" in await notice(path)
    assert path.with_name("chats-damaged.db").exists()


async def test_what_was_not_yet_moved_from_the_journal_is_rescued_too(path: Path) -> None:
    await fill(path, NAMES, TEXT)
    page = page_with(path, "what was said in chat 030")
    with raw(path) as crashed:
        # Enough to lay out the file anew, so that the journal fits the damaged file only.
        crashed.execute("UPDATE conversations SET draft = hex(randomblob(3000))")
        crashed.execute("UPDATE conversations SET title = 'only in the journal' WHERE id = 'chat 001'")
        journal = content(path, "-wal")
        main = content(path)
    put(path, main)
    put(path, journal, "-wal")
    scribble(path, page)
    path.with_name("chats.db-owner-killed").touch()

    async with opened(path) as db:
        assert "damaged" in db.notice
        assert (await ConversationRepository(db).get("chat 001")).title == "only in the journal"
    with raw(path) as rescued:
        assert rescued.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert path.with_name("chats-damaged.db-wal").read_bytes() == journal


async def test_a_rescue_that_is_cut_short_starts_again_and_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(path, NAMES, TEXT)
    scribble(path, page_with(path, "what was said in chat 030"))
    path.with_name("chats.db-owner-killed").touch()

    def disk_full(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", disk_full)
    with pytest.raises(StorageError, match="disk is full"):
        await Database.open(path)
    monkeypatch.undo()
    put(path, b"half of a file" * 1000, "-rescue")

    assert "60 chats" in await notice(path)
    chats = await found(path)
    assert len([name for name in NAMES if chats[name]]) > len(NAMES) - 15


async def test_where_a_file_can_have_one_name_only_a_copy_is_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(path, b"garbage" * 1000)

    def unsupported(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", unsupported)

    await notice(path)

    assert path.with_name("chats-damaged.db").read_bytes() == b"garbage" * 1000


async def test_a_damaged_file_that_another_copy_of_the_app_has_open_is_not_moved(path: Path) -> None:
    await fill(path, NAMES, TEXT)
    page = page_with(path, "what was said in chat 030")
    async with opened(path):
        with path.open("r+b") as file:
            file.seek(page * PAGE)
            file.write(b"\xa5" * PAGE)
        path.with_name("chats.db-owner-killed").touch()

        with pytest.raises(StorageError, match="damaged") as caught:
            await Database.open(path)

        assert "Close every copy" in caught.value.action
        assert not path.with_name("chats-damaged.db").exists()


async def test_damage_in_an_older_versions_file_is_rescued_and_updated(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(path, NAMES, TEXT)
    scribble(path, page_with(path, "what was said in chat 030"))
    path.with_name("chats.db-owner-killed").touch()
    newer = "ALTER TABLE conversations RENAME COLUMN draft TO unsent;\n"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, newer))

    await notice(path)

    with closing(sqlite3.connect(path)) as connection:
        drafts = connection.execute("SELECT unsent FROM conversations ORDER BY id").fetchall()
    assert drafts == [(f"draft of {name}",) for name in NAMES]
