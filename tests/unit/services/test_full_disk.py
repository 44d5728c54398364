"""A disk that fills up while the app runs: it is said, nothing is damaged, nothing that was sent is lost."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desktop.domain.conversation import Conversation, Message, Part, PartKind, Role, Status
from desktop.domain.errors import StorageError
from desktop.domain.exchange import Fate, PortableChat
from desktop.services import unsaved
from desktop.services.assembly import Services
from desktop.storage.encoding import configure_text
from desktop.storage.exchange import own
from desktop.system.paths import Locations
from tests.helpers.scripted import Gate
from tests.helpers.waiting import until
from tests.unit.services.scripted_app import ask, finished, held, new_chat, opened, texts, use, writing
from tests.unit.storage.test_updates import assert_index_is_whole

MB = 2**20
PAGE = 4096
SIZE = 24 * MB


class Disk:
    """A small one of its own where this process may make one; else the database is allowed no more pages."""

    def __init__(self, folder: Path, *, is_real: bool) -> None:
        self.folder = folder
        self._is_real = is_real
        self._ballast = folder / "ballast"

    async def fill(self, services: Services, *, leaving: int = 0) -> None:
        """But for ``leaving`` bytes."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # No room is left in the journal either.
        if not self._is_real:
            await self._allow_pages(services, leaving)
            return
        with self._ballast.open("wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * PAGE)
            file.truncate(file.tell() - leaving)

    async def free(self, services: Services) -> None:
        self._ballast.unlink(missing_ok=True)
        if not self._is_real:
            await self._allow_pages(services, 2**40)

    @property
    def database(self) -> Path:
        return Locations.below(self.folder).database

    async def _allow_pages(self, services: Services, more: int) -> None:
        def work(connection: sqlite3.Connection) -> None:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {min(2**30, pages + more // PAGE)}")

        await services.exchange._imports._db.read(work)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    is_root = sys.platform == "linux" and os.geteuid() == 0
    is_real = is_root and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield Disk(folder, is_real=is_real)
    finally:
        if is_real:
            subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
async def services(disk: Disk) -> AsyncIterator[Services]:
    """Takes the place of the usual ones: over the small disk, and looked through in the end."""
    async with opened(disk.folder) as services:
        yield services
        await disk.free(services)
    with contextlib.closing(sqlite3.connect(disk.database)) as connection:
        configure_text(connection)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert_index_is_whole(connection)


@contextlib.contextmanager
def full_disk_said() -> Iterator[None]:
    with pytest.raises(StorageError, match="disk is full") as caught:
        yield
    assert "Free some disk space" in caught.value.action


async def test_what_cannot_be_sent_or_edited_is_said_and_can_be_sent_later(
    services: Services, disk: Disk, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    chat_id = await new_chat(services)
    answer = await ask(services, chat_id, "before")
    await services.conversations.save_draft(chat_id, "typed before")
    chat = await services.conversations.open(chat_id)
    await disk.fill(services)

    for _ in range(3):
        with full_disk_said():
            await services.chat.send(chat_id, "too much " * MB)
        with full_disk_said():
            await services.chat.edit(chat.path[0].id, chat_id, "other words " * MB)
        with full_disk_said():
            await services.conversations.save_draft(
                chat_id, "with a file", (Part(PartKind.ATTACHMENT, "line\n" * 2 * MB, "large.txt"),)
            )
    same = await services.conversations.open(chat_id)
    assert (same.conversation, same.path) == (chat.conversation, chat.path)
    assert services.chat.running(chat_id) is None

    await disk.free(services)
    assert (await ask(services, chat_id, "after")).status is Status.COMPLETE
    again = await services.conversations.open(chat_id)
    assert [message.text for message in again.path][:3] == ["before", answer.text, "after"]


async def test_an_answer_during_which_the_disk_fills_up_is_shown_and_saved_later(
    services: Services, disk: Disk, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsaved, "RETRY_S", 0.05)
    reply = " ".join(f"word{number}" + 500 * "x" for number in range(60))  # It needs pages of its own.
    await use(services, tmp_path, **held(gate) | {"reply": reply})
    chat_id = await new_chat(services)
    answer_id = await services.chat.send(chat_id, "go")
    await writing(services, chat_id)
    await disk.fill(services)
    gate.open()

    answer = await finished(services, chat_id, answer_id)

    assert (answer.text, answer.status) == (reply, Status.FAILED)
    assert answer.error.startswith("The disk is full")
    saved = asyncio.Event()
    services.bus.subscribe(lambda _change: saved.set())
    await disk.free(services)
    await until(saved.is_set)
    kept = (await services.conversations.open(chat_id)).tree[answer_id]
    assert (kept.text, kept.status, kept.error) == (reply, Status.COMPLETE, "")
    async with opened(disk.folder) as other:
        assert texts(await other.conversations.open(chat_id)) == ["go", reply]


async def test_an_import_that_finds_no_room_stops_between_two_chats_and_goes_on_later(
    services: Services, disk: Disk, tmp_path: Path
) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text("".join(_exported(f"chat {number}", MB) for number in range(8)))
    await disk.fill(services, leaving=3 * MB)

    report = await services.exchange.import_files([path])

    assert report.stopped.startswith("The disk is full")
    there = {head.id for head in await services.conversations.list()}
    assert 0 < len(there) < 8
    assert {chat.conversation_id for chat in report.chats} == there
    await disk.free(services)
    again = await services.exchange.import_files([path])
    assert (again.count(Fate.ALREADY_THERE), again.count(Fate.IMPORTED)) == (len(there), 8 - len(there))
    for head in await services.conversations.list():
        assert len((await services.conversations.open(head.id)).path) == 4


async def test_the_app_starts_on_a_full_disk_or_says_why_not(services: Services, disk: Disk) -> None:
    chat_id = await new_chat(services)
    await services.conversations.save_draft(chat_id, "typed before")
    await disk.fill(services)

    try:
        async with opened(disk.folder) as other:
            assert (await other.conversations.open(chat_id)).conversation.draft == "typed before"
    except StorageError as error:
        assert "disk is full" in error.message or "cannot be written" in error.message

    await disk.free(services)
    assert (await services.conversations.open(chat_id)).conversation.draft == "typed before"


def _exported(name: str, size: int) -> str:
    identity = name.replace(" ", "-")
    ids = [f"{identity}-{number}" for number in range(4)]
    messages = tuple(
        Message(
            message_id,
            identity,
            ids[number - 1] if number else None,
            Role.USER,
            (Part(PartKind.TEXT, "x" * (size // 4)),),
        )
        for number, message_id in enumerate(ids)
    )
    chat = PortableChat(Conversation(identity, name, 1.0, 2.0, leaf_id=ids[-1]), messages)
    return "".join(own.write(chat)).replace("\n", "") + "\n"
