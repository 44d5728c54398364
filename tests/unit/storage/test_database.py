"""One thread, whole transactions, errors in words."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from desktop.domain.conversation import PartKind
from desktop.domain.errors import NotFoundError, StorageError
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from tests.unit.storage.chats import chat, fill, found, opened, question, raw, streaming


async def test_the_window_goes_on_while_the_disk_is_slow(db: Database) -> None:
    gate = threading.Event()
    slow = asyncio.create_task(db.run(lambda connection: gate.wait(10)))

    await asyncio.sleep(0.02)  # The loop turns although the write is not done.

    assert not slow.done()
    gate.set()
    assert await slow


async def test_all_work_happens_on_one_thread_that_is_not_the_windows(db: Database) -> None:
    threads = {await act(lambda connection: threading.get_ident()) for act in (db.run, db.read, db.run)}

    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_a_write_that_fails_half_way_leaves_nothing(
    db: Database, conversations: ConversationRepository
) -> None:
    await conversations.create(chat("a"))

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE conversations SET title = 'half'")
        raise NotFoundError("the other half")

    with pytest.raises(NotFoundError):
        await db.run(work)

    assert (await conversations.get("a")).title == "Title of a"


async def test_a_read_cannot_write(db: Database) -> None:
    with pytest.raises(StorageError):
        await db.read(lambda connection: connection.execute("DELETE FROM settings"))

    await db.run(lambda connection: connection.execute("DELETE FROM settings"))


async def test_what_was_asked_to_be_saved_is_saved_though_the_caller_was_cancelled(
    db: Database, conversations: ConversationRepository
) -> None:
    await conversations.create(chat("a"))
    gate, started = threading.Event(), threading.Event()

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE conversations SET title = 'first half'")
        started.set()
        gate.wait(10)
        connection.execute("UPDATE conversations SET draft = 'second half'")

    running = asyncio.create_task(db.run(work))
    waiting = asyncio.create_task(
        conversations.configure("a", preset_id="p", system_prompt="s", overrides={})
    )
    await asyncio.to_thread(started.wait, 10)
    running.cancel()
    waiting.cancel()
    await asyncio.gather(running, waiting, return_exceptions=True)
    gate.set()

    kept = await conversations.get("a")
    assert running.cancelled() and waiting.cancelled()
    assert (kept.title, kept.draft, kept.preset_id) == ("first half", "second half", "p")


async def test_a_save_that_fails_after_its_caller_was_cancelled_is_in_the_log(
    conversations: ConversationRepository, caplog: pytest.LogCaptureFixture
) -> None:
    task = asyncio.create_task(conversations.rename("nowhere", "new"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await conversations.list()

    assert "There is no chat “nowhere”." in caplog.text


async def test_quitting_waits_for_everything_that_is_being_saved(path: Path) -> None:
    db = await Database.open(path)
    conversations = ConversationRepository(db)
    saving = [asyncio.create_task(conversations.create(chat(f"{number}"))) for number in range(50)]
    await asyncio.sleep(0)

    await db.close()

    assert len(await found(path)) == 50
    await asyncio.gather(*saving)


async def test_after_quitting_a_save_says_so_instead_of_hanging(path: Path) -> None:
    db = await Database.open(path)
    await db.close()
    await db.close()

    with pytest.raises(StorageError, match="closing"):
        await ConversationRepository(db).list()


async def test_a_full_disk_is_said_nothing_is_half_saved_and_later_it_works(
    db: Database, conversations: ConversationRepository, messages: MessageRepository
) -> None:
    await conversations.create(chat("a"))
    await messages.add(question("q1", "a", text="kept"), leaf_id="q1")

    def fill_the_disk(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    await db.run(fill_the_disk)
    with pytest.raises(StorageError, match="disk is full") as caught:
        await messages.add(question("q2", "a", "q1"), question("q3", "a", "q2", "x" * 100_000), leaf_id="q3")

    assert "Free some disk space" in caught.value.action
    assert [message.text for message in await messages.tree("a")] == ["kept"]
    assert (await conversations.get("a")).leaf_id == "q1"
    await db.run(lambda connection: connection.execute("PRAGMA max_page_count = 1000000"))
    await messages.add(question("q2", "a", "q1"), question("q3", "a", "q2", "x" * 100_000), leaf_id="q3")
    assert len(await messages.tree("a")) == 3


async def test_another_program_that_holds_the_file_is_named_as_the_cause(path: Path) -> None:
    await fill(path, ["a"])

    async with opened(path, patience=0.05) as db:
        conversations = ConversationRepository(db)
        with raw(path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="Another program"):
                await conversations.rename("a", "new")
            assert [conversation.id for conversation in await conversations.list()] == ["a"]
        await conversations.rename("a", "new")


async def test_two_copies_of_the_app_on_one_file_see_each_others_chats(path: Path) -> None:
    async with opened(path) as first, opened(path) as second:
        await asyncio.gather(
            *(ConversationRepository(first).create(chat(f"first {number}")) for number in range(20)),
            *(ConversationRepository(second).create(chat(f"second {number}")) for number in range(20)),
        )

        seen = await ConversationRepository(first).list()

        assert len(seen) == 40
        assert seen == await ConversationRepository(second).list()


async def test_an_unknown_id_with_broken_characters_is_simply_not_found(
    conversations: ConversationRepository, messages: MessageRepository
) -> None:
    with pytest.raises(NotFoundError):
        await conversations.get("\udcff")
    with pytest.raises(NotFoundError):
        await messages.set_leaf("\udcff", None)


async def test_what_is_only_in_memory_works_alike_and_is_never_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = await Database.in_memory()
    conversations, messages = ConversationRepository(database), MessageRepository(database)

    await conversations.create(chat("a"))
    await messages.add(streaming("r", "a"), leaf_id="r")
    await messages.append("r", PartKind.TEXT, "secret " * 100_000)

    assert (await conversations.get("a")).temporary
    assert await messages.recover() == []
    assert len((await messages.tree("a"))[0].text) == 700_000
    await database.close()
    assert not any(Path().iterdir())  # noqa: ASYNC240 - nothing else runs
