"""Files of other versions, other programs, and folders that cannot be written."""

import asyncio
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.domain.errors import NewerDataError, StorageError
from desktop.storage import migrations
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.owners import Lock, opening_lock
from tests.unit.storage.chats import content, fill, found, opened, raw, with_mode, without_permission

NEXT_STEP = "ALTER TABLE conversations ADD COLUMN colour INTEGER NOT NULL DEFAULT 0;\n"


@pytest.fixture
def shared_dir() -> Iterator[Path]:
    """A folder that another user can reach: pytest's own are private."""
    with tempfile.TemporaryDirectory(prefix="locution-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


async def test_a_first_start_makes_the_folder_and_an_empty_list(tmp_path: Path) -> None:
    assert await found(tmp_path / "new" / "deep er ü" / "chats.db") == {}


async def test_a_newer_versions_file_is_refused_in_words_and_not_changed_by_a_byte(path: Path) -> None:
    await fill(path, ["a"])
    with raw(path) as newer:
        newer.execute("PRAGMA user_version = 99")
        newer.execute("PRAGMA journal_mode = DELETE")
    before = content(path)

    with pytest.raises(NewerDataError, match="newer version") as caught:
        await Database.open(path)

    assert "Update" in caught.value.action
    assert content(path) == before


async def test_a_newer_versions_file_is_not_changed_even_if_that_version_crashed(path: Path) -> None:
    crashed = path.with_name("crashed.db")
    await fill(path, ["a"])
    with raw(path) as newer:
        newer.execute("PRAGMA user_version = 99")  # This is in the -wal file only.
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{crashed}{suffix}")
    before = [content(crashed, suffix) for suffix in ("", "-wal")]

    with pytest.raises(NewerDataError):
        await Database.open(crashed)

    assert [content(crashed, suffix) for suffix in ("", "-wal")] == before


async def test_a_write_that_a_power_cut_stopped_half_way_is_undone_where_there_is_no_wal(path: Path) -> None:
    crashed = path.with_name("crashed.db")
    await fill(path, ["a", "b"])
    with raw(path) as writing:
        writing.execute("PRAGMA journal_mode = DELETE")
        writing.execute("PRAGMA cache_size = 1")
        writing.execute("BEGIN")
        writing.execute("UPDATE parts SET text = hex(randomblob(30000))")
        writing.execute("UPDATE conversations SET title = 'half', draft = hex(randomblob(30000))")
        for suffix in ("", "-journal"):
            shutil.copy(f"{path}{suffix}", f"{crashed}{suffix}")

    assert await found(crashed) == {"a": "text of a", "b": "text of b"}


async def test_another_programs_database_is_left_alone(path: Path) -> None:
    with raw(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    before = content(path)

    with pytest.raises(StorageError, match="belongs to another program"):
        await Database.open(path)

    assert content(path) == before


async def test_an_older_file_is_updated_and_a_copy_of_it_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(path, ["a", "b"])
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, NEXT_STEP))

    chats = await found(path)
    await found(path)

    assert chats == {"a": "text of a", "b": "text of b"}
    with raw(path) as now:
        assert now.execute("SELECT DISTINCT colour FROM conversations").fetchall() == [(0,)]
    (backup,) = path.parent.glob("*backup*")
    monkeypatch.undo()
    assert await found(backup) == chats


async def test_an_update_that_fails_leaves_the_old_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(path, ["a"])
    with raw(path) as old:
        tables = old.execute("SELECT sql FROM sqlite_master").fetchall()
    broken = NEXT_STEP + "DROP TABLE settings;\nALTER TABLE nowhere ADD COLUMN x;\n"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))

    with pytest.raises(StorageError):
        await Database.open(path)

    assert sorted(file.name for file in path.parent.iterdir()) == ["chats.db", "chats.db-lock"]
    with raw(path) as still_old:
        assert still_old.execute("SELECT sql FROM sqlite_master").fetchall() == tables
    monkeypatch.undo()
    assert await found(path) == {"a": "text of a"}


async def test_no_update_is_tried_without_a_copy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(path, ["a"])
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, NEXT_STEP))
    version = len(migrations.MIGRATIONS)
    path.with_name(f"chats-version-{version - 1}-backup.db-partial").mkdir()  # The copy cannot be made.

    with pytest.raises(StorageError):
        await Database.open(path)

    with raw(path) as still_old:
        assert still_old.execute("PRAGMA user_version").fetchone() == (version - 1,)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of this kind are Unix's")
async def test_a_read_only_folder_is_named(shared_dir: Path) -> None:
    path = shared_dir / "chats.db"
    await fill(path, ["a"])
    before = content(path)

    with without_permission(shared_dir, path), pytest.raises(StorageError) as caught:
        await Database.open(path)

    assert str(path) in caught.value.message
    assert "may write" in caught.value.action
    assert content(path) == before
    assert await found(path) == {"a": "text of a"}


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of this kind are Unix's")
async def test_a_write_protected_file_is_said_at_the_start_and_not_at_the_first_message(
    shared_dir: Path,
) -> None:
    path = shared_dir / "chats.db"
    await fill(path, ["a"])

    with (
        with_mode(0o777, shared_dir, opening_lock(path)),
        without_permission(path),
        pytest.raises(StorageError, match="cannot be written"),
    ):
        await Database.open(path)


async def test_a_file_in_the_place_of_the_folder_is_said(data_dir: Path) -> None:
    (data_dir / "file").write_text("not a folder")

    with pytest.raises(StorageError, match="cannot be written"):
        await Database.open(data_dir / "file" / "chats.db")


async def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "home"
    await asyncio.to_thread(path.mkdir, exist_ok=True)

    with pytest.raises(StorageError, match="cannot be written"):
        await Database.open(path)


async def test_while_another_copy_of_the_app_updates_the_file_this_one_waits_then_says_why(
    path: Path,
) -> None:
    lock = Lock.take(opening_lock(path))
    assert lock is not None

    with pytest.raises(StorageError, match="Another program"):
        await Database.open(path, patience=0.05)

    waiting = asyncio.create_task(found(path))
    await asyncio.sleep(0.05)
    lock.release()
    assert await waiting == {}


async def test_many_first_starts_at_once_all_work(path: Path) -> None:
    assert await asyncio.gather(*(found(path) for _ in range(8))) == [{}] * 8


async def test_nothing_is_left_beside_the_file_after_quitting_but_one_empty_lock(path: Path) -> None:
    await fill(path, ["a"])

    assert sorted(file.name for file in path.parent.iterdir()) == ["chats.db", "chats.db-lock"]
    assert opening_lock(path).stat().st_size == 0


async def test_a_start_that_was_given_up_leaves_nothing_open(path: Path) -> None:
    lock = Lock.take(opening_lock(path))
    assert lock is not None
    task = asyncio.create_task(Database.open(path))
    await asyncio.sleep(0.02)
    task.cancel()
    lock.release()
    await asyncio.gather(task, return_exceptions=True)

    assert task.cancelled()
    assert not list(path.parent.glob("*-owner-*"))


async def test_a_chat_with_a_branch_thousands_of_messages_long_can_be_deleted_in_one_step(path: Path) -> None:
    await fill(path, ["long", "other"])

    def lengthen(connection: sqlite3.Connection) -> None:
        for number in range(3000):
            parent = f"n{number - 1}" if number else "m-long"
            connection.execute(
                """
                INSERT INTO messages
                    (id, conversation_id, parent_id, position, role, status, created_at, error, owner)
                VALUES (?, 'long', ?, 0, 'user', 'complete', 0, '', '')
                """,
                (f"n{number}", parent),
            )

    async with opened(path) as db:
        await db.run(lengthen)
        await db.run(lambda connection: connection.execute("DELETE FROM conversations WHERE id = 'long'"))
        left = await db.read(lambda connection: connection.execute("SELECT id FROM messages").fetchall())

        assert left == [("m-other",)]
        assert len(await ConversationRepository(db).list()) == 1
