"""Chats that come in whole: in their place in the list, once, and all of each or nothing."""

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.conversation import Conversation, Message, Role
from desktop.domain.errors import StorageError
from desktop.domain.exchange import PortableChat
from desktop.domain.folders import DEEPEST, Folder, FolderTree
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.folders import FolderRepository
from desktop.storage.imports import AlreadyThere, ImportRepository
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import TrashRepository
from tests.unit.storage.chats import chat, opened, question, raw, said

ROOT = Path(__file__).parents[3]


def made(name: str, count: int = 3, at: float = 10.0, text: str = "x") -> PortableChat:
    """A branch of ``count`` messages, and one version beside its first."""
    messages = [
        Message(
            f"{name}-{n}", name, f"{name}-{n - 1}" if n else None, Role.USER, said(text), created_at=at + n
        )
        for n in range(count)
    ]
    messages.append(Message(f"{name}-other", name, None, Role.USER, said("other"), created_at=at, position=1))
    head = Conversation(name, f"Title of {name}", at, at + count, leaf_id=f"{name}-{count - 1}", pinned=True)
    return PortableChat(head, tuple(messages))


@pytest.fixture
def imports(db: Database) -> ImportRepository:
    return ImportRepository(db)


async def test_a_chat_is_there_as_it_was(
    imports: ImportRepository, conversations: ConversationRepository, messages: MessageRepository
) -> None:
    assert await imports.add(made("a")) == "a"

    assert await conversations.get("a") == made("a").conversation
    assert tuple(await messages.tree("a")) == made("a").messages


async def test_imported_chats_stand_in_the_list_by_their_date_in_whatever_order_they_come(
    imports: ImportRepository, conversations: ConversationRepository
) -> None:
    await conversations.create(chat("old", at=100.0))
    await conversations.create(chat("new", at=200.0))
    for name, at in (("c", 150.0), ("d", 300.0), ("a", 50.0), ("b", 120.0), ("older", 1.0)):
        await imports.add(made(name, at=at))

    listed = [head.id for head in await conversations.list()]

    assert listed == ["d", "new", "c", "b", "old", "a", "older"]
    await conversations.create(chat("newest", at=2.0))
    assert (await conversations.list())[0].id == "newest"


async def test_what_was_imported_before_is_known_and_left_as_it_is(
    imports: ImportRepository, db: Database, messages: MessageRepository
) -> None:
    await imports.add(made("a"))
    await messages.add(question("own", "a", "a-2"), leaf_id="own")

    assert await imports.add(made("a")) == AlreadyThere("Title of a", False, 0)
    assert await imports.add(made("a", count=5)) == AlreadyThere("Title of a", False, 2)
    await TrashRepository(db).put_chats(["a"], 1.0, 1.0)
    assert await imports.add(made("a")) == AlreadyThere("Title of a", True, 0)
    assert len(await messages.tree("a")) == 5


async def test_a_copy_has_ids_of_its_own(
    imports: ImportRepository, conversations: ConversationRepository, messages: MessageRepository
) -> None:
    await imports.add(made("a"))
    copy = await imports.add(made("a"), as_copy=True)

    assert isinstance(copy, str)
    head, tree = await conversations.get(copy), await messages.tree(copy)
    assert [message.text for message in tree] == ["x", "x", "x", "other"]
    assert head.leaf_id == tree[2].id
    assert not {message.id for message in tree} & {message.id for message in made("a").messages}
    assert tree[1].parent_id == tree[0].id


async def test_message_ids_that_another_chat_has_are_changed(
    imports: ImportRepository, messages: MessageRepository
) -> None:
    await imports.add(made("a"))
    thief = made("a")
    head = replace(thief.conversation, id="b", leaf_id=None)
    moved = tuple(replace(message, conversation_id="b") for message in thief.messages)

    assert await imports.add(PortableChat(head, moved)) == "b"

    assert len(await messages.tree("a")) == len(await messages.tree("b")) == 4


async def test_folders_are_found_whatever_their_case_and_made_where_they_are_missing(
    imports: ImportRepository, conversations: ConversationRepository, db: Database
) -> None:
    folders = FolderRepository(db)
    await folders.create(Folder("w", "Work"))
    for name, path in (
        ("a", ("work", "Ideas")),
        ("b", ("WORK", "ideas")),
        ("c", ("x" * 999,) * 30),
        ("d", ()),
    ):
        await imports.add(replace(made(name), folder=path))

    tree = FolderTree(await folders.list())
    placed = {head.id: head.folder_id for head in await conversations.list()}
    assert placed["a"] == placed["b"] and placed["d"] is None
    assert [folder.name for folder in tree.path(placed["a"] or "")] == ["Work", "Ideas"]
    assert [len(folder.name) for folder in tree.path(placed["c"] or "")] == [200] * DEEPEST


async def test_a_full_disk_leaves_no_half_of_a_chat(
    imports: ImportRepository, conversations: ConversationRepository, db: Database
) -> None:
    await imports.add(made("a"))

    def fill_the_disk(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")

    await db.run(fill_the_disk)
    with pytest.raises(StorageError, match="disk is full"):
        await imports.add(replace(made("b", count=200, text="y" * 1000), folder=("New",)))

    assert [head.id for head in await conversations.list()] == ["a"]
    assert await FolderRepository(db).list() == []
    await db.run(lambda connection: connection.execute("PRAGMA max_page_count = 1000000"))
    assert await imports.add(made("b", count=200)) == "b"


IMPORTER = """
import asyncio, itertools, sys
from pathlib import Path
from desktop.storage.database import Database
from desktop.storage.imports import ImportRepository
from tests.unit.storage.test_imports import made

async def main(path):
    imports = ImportRepository(await Database.open(Path(path)))
    for number in itertools.count():
        if isinstance(await imports.add(made(f"c{number}", count=40, text="x" * 300)), str):
            print(number, flush=True)

asyncio.run(main(sys.argv[1]))
"""


def killed_while_importing(path: Path, chats: int) -> int:
    """The number of the last chat that it said was there before it was killed."""
    command = [sys.executable, "-c", IMPORTER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(chats)]
        process.kill()
        told += process.stdout.readlines()
    return max(int(line) for line in told if line.endswith("\n"))


async def test_killed_in_the_middle_every_chat_is_there_whole_or_not_at_all(path: Path) -> None:
    for chats in (5, 6, 7):
        last = killed_while_importing(path, chats)

        with raw(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        async with opened(path) as db:
            listed = await ConversationRepository(db).list()
            assert len(listed) in (last + 1, last + 2)
            for head in listed:
                assert len(await MessageRepository(db).tree(head.id)) == 41
