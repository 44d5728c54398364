"""The list of chats and what belongs to a chat besides its messages."""

import random
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.conversation import Conversation
from desktop.domain.errors import NotFoundError
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import TrashRepository
from tests.unit.storage.chats import chat, opened, question


async def names(conversations: ConversationRepository) -> list[str]:
    return [conversation.id for conversation in await conversations.list()]


async def test_a_chat_comes_back_as_it_was_after_a_restart(path: Path) -> None:
    whole = Conversation(
        "a", "Title", 1.5, 2.5, None, "chatbot", "Be brief.", {"temperature": 0.5, "stop": ["x"]}, "unsent"
    )
    plain = Conversation("b", "", 1.0, 1.0)
    async with opened(path) as db:
        await ConversationRepository(db).create(whole)
        await ConversationRepository(db).create(plain)

    async with opened(path) as db:
        assert await ConversationRepository(db).list() == [plain, whole]
        assert await ConversationRepository(db).get("a") == whole


async def test_the_chat_last_worked_in_is_on_top_though_the_clock_goes_backwards(
    conversations: ConversationRepository, messages: MessageRepository
) -> None:
    for name, at in (("a", 300.0), ("b", 200.0), ("c", 100.0)):
        await conversations.create(chat(name, at))
    assert await names(conversations) == ["c", "b", "a"]

    await messages.add(question("first", "a"), leaf_id="first", updated_at=50.0)
    assert await names(conversations) == ["a", "c", "b"]
    await messages.add(question("q", "b"), leaf_id="q")

    assert await names(conversations) == ["b", "a", "c"]
    assert (await conversations.get("a")).updated_at == 50.0


async def test_typing_renaming_and_choosing_do_not_move_a_chat(conversations: ConversationRepository) -> None:
    for name in "abc":
        await conversations.create(chat(name))

    await conversations.save_draft("a", "typing")
    await conversations.rename("a", "A new title")
    await conversations.configure("a", preset_id="code", system_prompt="Write code.", overrides={"top_k": 1})

    assert await names(conversations) == ["c", "b", "a"]
    assert await conversations.get("a") == replace(
        chat("a"),
        title="A new title",
        draft="typing",
        preset_id="code",
        system_prompt="Write code.",
        overrides={"top_k": 1},
    )
    assert await conversations.get("b") == chat("b")


async def test_the_presets_own_instructions_can_be_chosen_again(
    conversations: ConversationRepository,
) -> None:
    await conversations.create(replace(chat("a"), system_prompt="mine"))

    await conversations.configure("a", preset_id="p", system_prompt="", overrides={})
    assert (await conversations.get("a")).system_prompt == ""
    await conversations.configure("a", preset_id="p", system_prompt=None, overrides={})

    assert (await conversations.get("a")).system_prompt is None


async def test_a_deleted_chat_is_out_of_the_list_and_comes_back_to_its_place_whole(
    conversations: ConversationRepository, messages: MessageRepository, trash: TrashRepository
) -> None:
    for name in "abc":
        await conversations.create(chat(name))
    await messages.add(question("q", "b"), leaf_id="q")
    await messages.add(question("later", "c"), leaf_id="later")

    await trash.put_chats(["b"], 9.0, 0.0)
    assert await names(conversations) == ["c", "a"]
    assert (await conversations.get("b")).leaf_id == "q"
    await trash.restore_chats(["b"])

    assert await names(conversations) == ["c", "b", "a"]
    assert len(await messages.tree("b")) == 1


async def test_a_chat_that_is_gone_is_said_to_be_gone(
    conversations: ConversationRepository, trash: TrashRepository
) -> None:
    for attempt in (
        conversations.get("x"),
        conversations.rename("x", "t"),
        conversations.configure("x", preset_id="", system_prompt=None, overrides={}),
        conversations.save_draft("x", "d"),
        trash.put_chats(["x"], 1.0, 0.0),
        trash.restore_chats(["x"]),
    ):
        with pytest.raises(NotFoundError, match="no chat “x”"):
            await attempt


@pytest.mark.parametrize("damage", ["{", "[1]", "null", "", "[" * 100_000])
async def test_one_damaged_chat_does_not_hide_the_others(
    db: Database, conversations: ConversationRepository, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    for name in "abc":
        await conversations.create(replace(chat(name), overrides={"top_k": 3}))
    await db.run(lambda c: c.execute("UPDATE conversations SET overrides = ? WHERE id = 'b'", (damage,)))

    listed = await conversations.list()

    assert [(found.id, found.overrides) for found in listed] == [
        ("c", {"top_k": 3}),
        ("b", {}),
        ("a", {"top_k": 3}),
    ]
    assert "conversation b, overrides" in caplog.text


async def test_bad_bytes_in_one_title_do_not_hide_the_others(
    db: Database, conversations: ConversationRepository
) -> None:
    for name in "ab":
        await conversations.create(chat(name))
    await db.run(
        lambda c: c.execute("UPDATE conversations SET title = CAST(x'41ff42' AS TEXT) WHERE id = 'a'")
    )

    assert [found.title for found in await conversations.list()] == [
        "Title of b",
        "A\N{REPLACEMENT CHARACTER}B",
    ]


async def test_ten_thousand_chats_are_all_listed_in_order(
    db: Database, conversations: ConversationRepository
) -> None:
    order = list(range(10_000))
    random.shuffle(order)

    def fill(connection: sqlite3.Connection) -> None:
        connection.executemany(
            """
            INSERT INTO conversations
                (id, title, created_at, updated_at, activity, preset_id, overrides, draft)
            VALUES (?, 't', 1, 1, ?, '', '{}', '')
            """,
            ((f"{activity}", activity) for activity in order),
        )

    await db.run(fill)

    assert await names(conversations) == [f"{activity}" for activity in range(9_999, -1, -1)]
