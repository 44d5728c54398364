"""What is typed and not sent yet, with the files that go with it."""

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.conversation import Part, PartKind
from desktop.domain.errors import NotFoundError, StorageError
from desktop.storage import migrations
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import TrashRepository
from tests.unit.storage.chats import chat, content, fill, opened, put, question, raw

PAGE = 4096
MB = 2**20


def attached(name: str, text: str) -> Part:
    return Part(PartKind.ATTACHMENT, text, name)


NOTES = attached("notes.txt", "line one\nline two")
ODD = attached("half an \ud83d emoji", "and \ud83d here\0")


@pytest.fixture
async def conversations(db: Database) -> ConversationRepository:
    """With two chats."""
    conversations = ConversationRepository(db)
    for name in "ab":
        await conversations.create(chat(name))
    return conversations


def spoil(path: Path, text: str) -> None:
    """Overwrites a page of the file in the middle of a long text that begins so."""
    damaged = bytearray(content(path))
    page = damaged.find(text.encode()) // PAGE + 3
    damaged[page * PAGE : (page + 1) * PAGE] = b"\xa5" * PAGE
    put(path, bytes(damaged))


async def test_a_draft_and_its_files_are_there_after_a_restart(path: Path) -> None:
    await fill(path, ["a", "b"])
    large = attached("large.log", "x" * (5 * MB))
    async with opened(path) as db:
        await ConversationRepository(db).save_draft("a", "read these", (NOTES, large, ODD))

    async with opened(path) as db:
        head = await ConversationRepository(db).get("a")
        other = await ConversationRepository(db).get("b")

    assert (head.draft, head.draft_attachments) == ("read these", (NOTES, large, ODD))
    assert (other.draft, other.draft_attachments) == ("draft of b", ())


async def test_what_is_saved_last_takes_the_place_of_all_before(
    conversations: ConversationRepository,
) -> None:
    await conversations.save_draft("a", "both", (NOTES, ODD))
    await conversations.save_draft("a", "both", (NOTES, ODD))
    assert (await conversations.get("a")).draft_attachments == (NOTES, ODD)

    await conversations.save_draft("a", "one", (replace(ODD, text="another"),))
    assert (await conversations.get("a")).draft_attachments == (replace(ODD, text="another"),)

    await conversations.save_draft("a", "none")
    assert (await conversations.get("a")).draft_attachments == ()


async def test_files_of_a_draft_are_attachments_whatever_they_were(
    conversations: ConversationRepository,
) -> None:
    await conversations.save_draft("a", "", (Part(PartKind.TEXT, "text", "name"),))

    assert (await conversations.get("a")).draft_attachments == (attached("name", "text"),)


async def test_a_new_chat_comes_with_its_draft(conversations: ConversationRepository) -> None:
    made = replace(chat("c"), draft="read", draft_attachments=(NOTES,))

    await conversations.create(made)

    assert await conversations.get("c") == made


async def test_the_list_knows_the_names_and_does_not_read_the_texts(path: Path) -> None:
    await fill(path, ["a", "b"])
    async with opened(path) as db:
        await ConversationRepository(db).save_draft("a", "", (attached("large", "from here " * MB), NOTES))
    spoil(path, "from here " * 100)  # Whoever reads the text comes upon it.

    async with opened(path) as db:
        listed = await ConversationRepository(db).list()
        with pytest.raises(StorageError, match="damaged"):
            await ConversationRepository(db).get("a")

    assert [(one.id, one.draft_attachments) for one in listed] == [
        ("b", ()),
        ("a", (attached("large", ""), attached("notes.txt", ""))),
    ]


async def test_sending_takes_the_files_with_the_draft_and_leaves_other_chats_theirs(
    conversations: ConversationRepository, messages: MessageRepository
) -> None:
    for name in "ab":
        await conversations.save_draft(name, "look", (NOTES,))

    await messages.add(question("q1", "a"), leaf_id="q1")
    assert (await conversations.get("a")).draft_attachments == (NOTES,)
    await messages.add(question("q2", "a", "q1"), leaf_id="q2", clear_draft=True)

    assert (await conversations.get("a")).draft_attachments == ()
    assert (await conversations.get("b")).draft_attachments == (NOTES,)


async def test_a_send_that_fails_leaves_the_files(
    conversations: ConversationRepository, messages: MessageRepository
) -> None:
    await conversations.save_draft("a", "look", (NOTES,))

    with pytest.raises(NotFoundError):
        await messages.add(question("q", "a"), leaf_id="elsewhere", clear_draft=True)

    assert (await conversations.get("a")).draft_attachments == (NOTES,)


async def test_a_chat_that_is_gone_takes_no_files(conversations: ConversationRepository) -> None:
    with pytest.raises(NotFoundError):
        await conversations.save_draft("nowhere", "", (NOTES,))


async def test_the_trash_keeps_the_files_and_what_is_deleted_for_good_leaves_none(
    path: Path, conversations: ConversationRepository, trash: TrashRepository
) -> None:
    for name in "ab":
        await conversations.save_draft(name, "look", (NOTES,))
    await trash.put_chats(("a", "b"), 1.0, 1.0)
    await trash.restore_chats(("a",))

    await trash.empty()

    assert (await conversations.get("a")).draft_attachments == (NOTES,)
    with raw(path) as connection:
        assert connection.execute("SELECT conversation_id FROM draft_parts").fetchall() == [("a",)]


async def test_a_damaged_files_drafts_are_rescued(path: Path) -> None:
    await fill(path, ["a", "b"])
    async with opened(path) as db:
        await ConversationRepository(db).save_draft("a", "look", (NOTES,))
        await ConversationRepository(db).save_draft("b", "", (attached("lost", "bad " * 10 * PAGE),))
    spoil(path, "bad " * 100)
    async with opened(path) as db:
        with pytest.raises(StorageError, match="damaged"):
            await ConversationRepository(db).get("b")

    async with opened(path) as db:
        assert "rescued" in db.notice
        head = await ConversationRepository(db).get("a")

    assert (head.draft, head.draft_attachments) == ("look", (NOTES,))


async def test_a_file_from_before_there_were_such_drafts_is_updated(tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    with raw(older) as connection:
        migrations.migrate(connection, 4)
        connection.execute(
            """INSERT INTO conversations
            (id, title, created_at, updated_at, activity, preset_id, overrides, draft)
            VALUES ('a', 'T', 1, 1, 1, '', '{}', 'typed before')"""
        )

    async with opened(older) as db:
        head = await ConversationRepository(db).get("a")
        assert (head.draft, head.draft_attachments) == ("typed before", ())
        await ConversationRepository(db).save_draft("a", "look", (NOTES,))
        await MessageRepository(db).add(question("q", "a"), leaf_id="q")
        assert (await ConversationRepository(db).get("a")).draft_attachments == (NOTES,)
