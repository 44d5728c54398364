"""What was deleted: out of sight, with its way back, and gone for good when its time is over."""

import pytest

from desktop.domain.conversation import MessageTree
from desktop.domain.errors import NotFoundError
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import Trashed, TrashRepository
from tests.unit.storage.chats import chat, question, streaming

AT, STAMP = 9.0, 5.0


@pytest.fixture(autouse=True)
async def branches(conversations: ConversationRepository, messages: MessageRepository) -> None:
    """Chat a: q ─ r1 ─ s ─ t, and r2 beside r1; t is shown. Chat b: one message."""
    for name in "ab":
        await conversations.create(chat(name))
    await messages.add(question("q", "a", text="first"), question("r1", "a", "q"), leaf_id="r1")
    await messages.add(question("r2", "a", "q"), leaf_id="r2")
    await messages.add(question("s", "a", "r1", "the branch"), question("t", "a", "s"), leaf_id="t")
    await messages.add(question("x", "b"), leaf_id="x")


@pytest.fixture
def left(db: Database):
    async def count() -> tuple[int, int, int]:
        """Rows of conversations, messages and the trash."""
        tables = ("conversations", "messages", "trash")
        return await db.read(
            lambda c: tuple(c.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
        )

    return count


async def shown(conversations: ConversationRepository, messages: MessageRepository) -> list[str]:
    tree = MessageTree(await messages.nodes("a"))
    return [node.id for node in tree.path((await conversations.get("a")).leaf_id)]


async def test_a_deleted_branch_is_gone_and_comes_back_as_it_was_shown(
    conversations: ConversationRepository, messages: MessageRepository, trash: TrashRepository
) -> None:
    assert await trash.put_branch("a", "s", AT, STAMP) == "r1"

    assert await shown(conversations, messages) == ["q", "r1"]
    assert [message.id for message in await messages.tree("a")] == ["q", "r1", "r2"]
    assert await messages.bodies(["s", "t", "r1"]) == {"r1": (await messages.tree("a"))[1]}
    with pytest.raises(NotFoundError):
        await messages.set_leaf("a", "t")
    assert await trash.entries() == [Trashed("a", "s", "Title of a", "the branch", AT, STAMP)]

    await trash.restore_branch("a", "s")
    assert await shown(conversations, messages) == ["q", "r1", "s", "t"]
    assert await trash.entries() == []


async def test_without_the_shown_version_the_one_beside_it_is_shown(
    conversations: ConversationRepository, messages: MessageRepository, trash: TrashRepository
) -> None:
    await trash.put_branch("a", "r1", AT, STAMP)
    assert await shown(conversations, messages) == ["q", "r2"]

    await trash.put_branch("a", "r2", AT, STAMP)
    assert await shown(conversations, messages) == ["q"]

    await trash.put_branch("a", "q", AT, STAMP)
    assert await shown(conversations, messages) == []


async def test_deleting_a_branch_that_is_not_shown_leaves_what_is(
    conversations: ConversationRepository, messages: MessageRepository, trash: TrashRepository
) -> None:
    await trash.put_branch("a", "r2", AT, STAMP)

    assert await shown(conversations, messages) == ["q", "r1", "s", "t"]


async def test_a_branch_comes_back_without_what_was_deleted_from_it_before(
    conversations: ConversationRepository, messages: MessageRepository, trash: TrashRepository
) -> None:
    await trash.put_branch("a", "t", AT, STAMP)
    await trash.put_branch("a", "r1", AT, STAMP)

    await trash.restore_branch("a", "r1")

    assert await shown(conversations, messages) == ["q", "r1", "s"]
    assert [entry.message_id for entry in await trash.entries()] == ["t"]


async def test_a_branch_brings_back_what_it_hangs_on(
    conversations: ConversationRepository, messages: MessageRepository, trash: TrashRepository
) -> None:
    await trash.put_branch("a", "t", AT, STAMP)
    await trash.put_branch("a", "r1", AT, STAMP)

    await trash.restore_branch("a", "t")

    assert await shown(conversations, messages) == ["q", "r1", "s", "t"]
    assert await trash.entries() == []


async def test_a_message_added_after_a_deletion_keeps_its_place_when_that_is_undone(
    messages: MessageRepository, trash: TrashRepository
) -> None:
    await trash.put_branch("a", "r2", AT, STAMP)
    await messages.add(streaming("r3", "a", "q"), leaf_id="r3")
    await trash.restore_branch("a", "r2")

    tree = MessageTree(await messages.nodes("a"))
    assert [node.id for node in tree.children("q")] == ["r1", "r2", "r3"]


async def test_several_chats_are_deleted_and_come_back_together(
    conversations: ConversationRepository, trash: TrashRepository
) -> None:
    assert await trash.put_chats(["a", "b", "a"], AT, STAMP) == ["a", "b"]
    assert await trash.put_chats(["a"], AT, STAMP) == []
    assert [entry.conversation_id for entry in await trash.entries()] == ["b", "a"]
    assert (await conversations.get("a")).trashed_at == AT

    await trash.restore_chats(["a", "b"])

    assert [found.id for found in await conversations.list()] == ["b", "a"]
    assert await trash.entries() == []


async def test_one_that_is_not_there_keeps_all_of_them(
    conversations: ConversationRepository, trash: TrashRepository
) -> None:
    with pytest.raises(NotFoundError):
        await trash.put_chats(["a", "x"], AT, STAMP)

    assert len(await conversations.list()) == 2


async def test_only_what_is_old_enough_is_deleted_for_good(
    trash: TrashRepository, conversations: ConversationRepository, messages: MessageRepository, left
) -> None:
    await trash.put_branch("a", "s", AT, 10.0)
    await trash.put_chats(["b"], AT, 20.0)

    assert await trash.purge(10.0) == []
    assert await left() == (2, 6, 2)
    assert await trash.purge(15.0) == []
    assert await left() == (2, 4, 1)
    assert await shown(conversations, messages) == ["q", "r1"]
    assert await trash.purge(25.0) == ["b"]
    assert await left() == (1, 3, 0)


async def test_a_branch_takes_with_it_what_was_deleted_from_it_earlier(trash: TrashRepository, left) -> None:
    await trash.put_branch("a", "t", AT, 20.0)
    await trash.put_branch("a", "r1", AT, 10.0)

    await trash.purge(15.0)

    assert await left() == (2, 3, 0)


async def test_a_chat_takes_its_deleted_branches_with_it(trash: TrashRepository, left) -> None:
    await trash.put_branch("a", "s", AT, STAMP)
    await trash.put_chats(["a"], AT, STAMP)
    assert [entry.message_id for entry in await trash.entries()] == [None]

    assert await trash.delete(["a", "b"]) == ["a"]

    assert await left() == (1, 1, 0)


async def test_the_trash_is_emptied(trash: TrashRepository, left) -> None:
    await trash.put_branch("a", "s", AT, STAMP)
    await trash.put_chats(["a"], AT, STAMP)

    assert await trash.empty() == ["a"]

    assert await left() == (1, 1, 0)
    assert await trash.entries() == []


async def test_what_is_not_in_the_chat_or_in_the_trash_already_is_refused(trash: TrashRepository) -> None:
    await trash.put_branch("a", "s", AT, STAMP)
    for attempt in (
        trash.put_branch("a", "t", AT, STAMP),
        trash.put_branch("a", "x", AT, STAMP),
        trash.restore_branch("a", "r1"),
        trash.restore_branch("b", "s"),
    ):
        with pytest.raises(NotFoundError):
            await attempt
