"""The tree of a chat, and answers while they are written."""

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.conversation import (
    InContext,
    Message,
    MessageTree,
    Origin,
    Part,
    PartKind,
    Rating,
    Role,
    Status,
)
from desktop.domain.errors import NotFoundError
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from tests.unit.storage.chats import chat, opened, question, raw, said, streaming

ORIGIN = Origin(
    model_name="SmolLM2",
    model_hash="a1",
    template_hash="b2",
    engine_build="b1234",
    preset_id="chatbot",
    system_prompt="Be brief.",
    parameters={"temperature": 0.7, "stop": ["\n"]},
    seed=42,
    prompt_tokens=10,
    completion_tokens=20,
    prompt_s=0.25,
    first_token_s=0.5,
    tokens_per_s=99.5,
)


@pytest.fixture(autouse=True)
async def chats(conversations: ConversationRepository) -> None:
    for name in ("a", "b"):
        await conversations.create(chat(name))


async def the_message(messages: MessageRepository, conversation: str = "a") -> Message:
    (message,) = await messages.tree(conversation)
    return message


async def test_messages_come_back_as_they_were_after_a_restart(
    path: Path, messages: MessageRepository
) -> None:
    asked = Message(
        "q",
        "a",
        None,
        Role.USER,
        (
            Part(PartKind.ATTACHMENT, "one", "a.txt"),
            Part(PartKind.ATTACHMENT, "two", "a.txt"),
            Part(PartKind.TEXT, ""),
            Part(PartKind.TEXT, "really"),
            Part(PartKind.TEXT, "two texts"),
        ),
        created_at=1.5,
    )
    answer = Message("r", "a", "q", Role.ASSISTANT, (), Status.FAILED, 2.5, origin=ORIGIN, error="No memory.")
    system = Message("s", "a", None, Role.SYSTEM, (Part(PartKind.THINKING, "hm"),), position=1)
    await messages.add(asked, answer, system, leaf_id="r")

    async with opened(path) as db:
        assert await MessageRepository(db).tree("a") == [asked, answer, system]
        assert await MessageRepository(db).tree("b") == []


async def test_sending_saves_question_answer_title_and_empties_the_composer_in_one_step(
    conversations: ConversationRepository, messages: MessageRepository
) -> None:
    await conversations.save_draft("a", "hello")
    await conversations.save_draft("b", "other")

    await messages.add(
        question("q", "a"), streaming("r", "a", "q"), leaf_id="r", title="Hello", clear_draft=True
    )

    head = await conversations.get("a")
    assert (head.leaf_id, head.title, head.draft, head.updated_at) == ("r", "Hello", "", 3.0)
    assert (await conversations.get("b")).draft == "other"


async def test_without_being_asked_sending_keeps_title_and_draft(
    conversations: ConversationRepository, messages: MessageRepository
) -> None:
    await conversations.save_draft("a", "the next one")

    await messages.add(question("q", "a"), leaf_id="q")

    head = await conversations.get("a")
    assert (head.title, head.draft) == ("Title of a", "the next one")


async def test_a_send_that_fails_leaves_the_chat_and_the_draft_as_they_were(
    conversations: ConversationRepository, messages: MessageRepository
) -> None:
    await conversations.save_draft("a", "hello")

    with pytest.raises(NotFoundError):
        await messages.add(question("q", "a"), leaf_id="elsewhere", title="Hello", clear_draft=True)

    assert await messages.tree("a") == []
    assert (await conversations.get("a")).draft == "hello"


@pytest.mark.parametrize(
    "orphan", [question("x", "a", "nowhere"), question("x", "a", "in-b"), question("x", "nowhere")]
)
async def test_an_answer_to_something_that_is_gone_is_refused(
    messages: MessageRepository, orphan: Message
) -> None:
    await messages.add(question("in-b", "b"), leaf_id="in-b")

    with pytest.raises(NotFoundError):
        await messages.add(orphan, leaf_id="x")


async def test_edits_and_new_answers_are_versions_in_the_order_they_were_made(
    messages: MessageRepository,
) -> None:
    (first,) = await messages.add(replace(question("q1", "a"), created_at=300.0), leaf_id="q1")
    await messages.add(question("in-b", "b"), leaf_id="in-b")
    for name, at in (("r1", 200.0), ("r2", 100.0), ("r3", 150.0)):
        await messages.add(replace(streaming(name, "a", "q1"), created_at=at), leaf_id=name)
    (edited,) = await messages.add(replace(question("q2", "a"), position=77), leaf_id="q2")

    tree = MessageTree(await messages.tree("a"))

    assert (first.position, edited.position) == (0, 1)
    assert [message.id for message in tree.children("q1")] == ["r1", "r2", "r3"]
    assert [message.id for message in tree.children(None)] == ["q1", "q2"]


async def test_the_branch_that_was_shown_is_shown_again(
    conversations: ConversationRepository, messages: MessageRepository
) -> None:
    await messages.add(question("q1", "a"), leaf_id="q1")
    await messages.add(question("q2", "a"), leaf_id="q2")
    await messages.add(question("in-b", "b"), leaf_id="in-b")

    await messages.set_leaf("a", "q1")

    assert (await conversations.get("a")).leaf_id == "q1"
    assert [found.id for found in await conversations.list()] == ["b", "a"]
    with pytest.raises(NotFoundError):
        await messages.set_leaf("a", "in-b")
    with pytest.raises(NotFoundError):
        await messages.set_leaf("nowhere", None)
    await messages.set_leaf("a", None)
    assert (await conversations.get("a")).leaf_id is None


async def test_an_answer_grows_while_it_is_written(messages: MessageRepository) -> None:
    await messages.add(streaming("r", "a", None, *said("Sure, ")), leaf_id="r")

    for kind, text in (
        (PartKind.TEXT, "let me"),
        (PartKind.TEXT, " think."),
        (PartKind.THINKING, "Hm"),
        (PartKind.THINKING, "m."),
        (PartKind.TEXT, "42"),
    ):
        await messages.append("r", kind, text)

    grown = await the_message(messages)
    assert grown.status is Status.STREAMING
    assert grown.parts == (
        Part(PartKind.TEXT, "Sure, let me think."),
        Part(PartKind.THINKING, "Hmm."),
        Part(PartKind.TEXT, "42"),
    )


async def test_a_finished_answer_is_what_it_was_finished_with(
    path: Path, conversations: ConversationRepository, messages: MessageRepository
) -> None:
    await messages.add(streaming("r", "a"), leaf_id="r")
    await messages.append("r", PartKind.TEXT, "raw")
    await messages.add(question("later", "b"), leaf_id="later")

    await messages.finish("r", said("cooked"), Status.LENGTH, ORIGIN, "Too long.")

    async with opened(path) as db:
        done = await the_message(MessageRepository(db))
    assert (done.parts, done.status, done.origin, done.error) == (
        said("cooked"),
        Status.LENGTH,
        ORIGIN,
        "Too long.",
    )
    assert [found.id for found in await conversations.list()] == ["b", "a"]


async def test_what_comes_after_the_end_is_refused_and_changes_nothing(messages: MessageRepository) -> None:
    await messages.add(streaming("r", "a"), leaf_id="r")
    await messages.finish("r", said("done"), Status.CANCELLED)

    with pytest.raises(NotFoundError):
        await messages.begin("r", Origin(model_name="Late"))
    with pytest.raises(NotFoundError):
        await messages.append("r", PartKind.TEXT, "late")
    with pytest.raises(NotFoundError):
        await messages.finish("r", said("late"), Status.COMPLETE)
    with pytest.raises(NotFoundError):
        await messages.append("nowhere", PartKind.TEXT, "late")

    assert (await the_message(messages)).text == "done"
    assert (await the_message(messages)).status is Status.CANCELLED


async def test_answers_of_a_dead_process_are_found_interrupted_with_their_text(
    path: Path, db: Database, messages: MessageRepository
) -> None:
    await messages.add(streaming("r1", "a"), leaf_id="r1")
    await messages.add(streaming("r2", "b", None, *said("so ")), leaf_id="r2")
    await messages.begin("r2", Origin(model_name="Lantern", preset_id="chatbot"))
    await messages.append("r2", PartKind.THINKING, "deep")
    await messages.append("r2", PartKind.TEXT, "far")
    await db.close()

    async with opened(path) as later:
        reopened = MessageRepository(later)
        assert await reopened.recover() == ["r1", "r2"]
        assert await reopened.recover() == []
        kept = await the_message(reopened, "b")

    assert kept.status is Status.INTERRUPTED
    assert kept.origin == Origin(model_name="Lantern", preset_id="chatbot")
    assert kept.parts == (
        Part(PartKind.TEXT, "so "),
        Part(PartKind.THINKING, "deep"),
        Part(PartKind.TEXT, "far"),
    )


async def test_answers_that_another_running_process_writes_are_left_alone(
    path: Path, messages: MessageRepository
) -> None:
    await messages.add(streaming("theirs", "a"), leaf_id="theirs")

    async with opened(path) as other:
        await MessageRepository(other).add(streaming("own", "b"), leaf_id="own")
        assert await MessageRepository(other).recover() == []
    assert await messages.recover() == ["own"]

    await messages.append("theirs", PartKind.TEXT, "goes on")
    assert (await the_message(messages)).text == "goes on"


async def test_one_damaged_message_does_not_hide_the_others(
    db: Database, messages: MessageRepository, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("m1", "m2", "m3"):
        await messages.add(replace(question(name, "a", text=name), origin=ORIGIN), leaf_id=name)
    half_right = '{"seed": "x", "prompt_s": 1, "new": 2, "model_name": "M"}'
    await db.run(lambda c: c.execute("UPDATE messages SET role = 'wizard', status = 'odd' WHERE id = 'm1'"))
    await db.run(lambda c: c.execute("UPDATE messages SET origin = ? WHERE id = 'm2'", (half_right,)))
    await db.run(lambda c: c.execute("UPDATE messages SET origin = '{' WHERE id = 'm3'"))
    await db.run(lambda c: c.execute("UPDATE parts SET kind = 'song' WHERE text = 'm3'"))

    first, second, third = await messages.tree("a")

    assert (first.role, first.status, first.text) == (Role.ASSISTANT, Status.COMPLETE, "m1")
    assert second.origin == Origin(model_name="M", prompt_s=1)
    assert (third.origin, third.text) == (Origin(), "m3")
    for trace in ("wizard", "odd", "song", "message m3, origin"):
        assert trace in caplog.text


async def test_streaming_into_a_long_answer_writes_no_more_than_into_a_short_one(
    path: Path, messages: MessageRepository
) -> None:
    async def written() -> int:
        with raw(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await messages.append("r", PartKind.TEXT, "word ")
        return path.with_name("chats.db-wal").stat().st_size

    await messages.add(streaming("r", "a"), leaf_id="r")
    short = await written()
    await messages.append("r", PartKind.TEXT, "x" * 500_000)
    long = await written()

    assert 0 < long <= 2 * short


async def test_opening_a_chat_takes_no_longer_the_more_others_there_are(
    db: Database, messages: MessageRepository
) -> None:
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    async def steps_to_open() -> int:
        nonlocal steps
        await db.read(lambda connection: connection.set_progress_handler(count, 1))
        steps = 0
        await messages.tree("a")
        return steps

    await messages.add(question("q", "a"), leaf_id="q")
    alone = await steps_to_open()
    others = [question(f"q{number}", "b") for number in range(300)]
    await messages.add(*others, streaming("r", "b"), leaf_id="r")
    for number in range(300):
        await messages.append("r", PartKind.TEXT, f"{number}")

    assert await steps_to_open() <= 1.5 * alone


async def test_the_shape_of_a_chat_is_read_without_what_it_says(messages: MessageRepository) -> None:
    await messages.add(question("q", "a", text="one\ntwo\nthree"), streaming("r1", "a", "q"), leaf_id="r1")
    await messages.finish("r1", (Part(PartKind.THINKING, "hm\n"), *said("done")), Status.LENGTH)
    await messages.add(streaming("r2", "a", "q"), leaf_id="r2")
    await messages.append("r2", PartKind.TEXT, "not there yet")

    tree = MessageTree(await messages.nodes("a"))

    assert [node.id for node in tree.children("q")] == ["r1", "r2"]
    asked, first, second = tree["q"], tree["r1"], tree["r2"]
    assert (asked.role, asked.characters, asked.lines, asked.created_at) == (Role.USER, 13, 2, 2.0)
    assert (first.status, first.characters, first.lines) == (Status.LENGTH, 4, 0)
    assert (second.status, second.characters) == (Status.STREAMING, 0)
    assert await messages.nodes("b") == []


async def test_messages_are_read_by_their_ids(messages: MessageRepository) -> None:
    await messages.add(*(question(f"q{n}", "a", text=f"text {n}") for n in range(5)), leaf_id="q0")

    found = await messages.bodies(["q3", "gone", "q1"])

    assert {name: message.text for name, message in found.items()} == {"q1": "text 1", "q3": "text 3"}
    assert await messages.bodies([]) == {}


async def test_ratings_and_marks_stay_with_the_message(path: Path, messages: MessageRepository) -> None:
    await messages.add(question("q", "a"), leaf_id="q")

    await messages.rate("q", Rating.DOWN, "wrong \ud83d")
    await messages.set_context("q", InContext.EXCLUDED)

    async with opened(path) as db:
        (kept,) = await MessageRepository(db).tree("a")
        (node,) = await MessageRepository(db).nodes("a")
    assert (kept.rating, kept.comment) == (Rating.DOWN, "wrong \ud83d")
    assert kept.context is node.context is InContext.EXCLUDED
    for attempt in (messages.rate("x", Rating.UP, ""), messages.set_context("x", InContext.PINNED)):
        with pytest.raises(NotFoundError, match="no message “x”"):
            await attempt


async def test_a_message_brings_its_rating_and_its_mark_with_it(messages: MessageRepository) -> None:
    rated = replace(question("q", "a"), rating=Rating.UP, comment="good", context=InContext.PINNED)

    await messages.add(rated, leaf_id="q")

    assert await the_message(messages) == rated


async def test_the_shape_of_a_chat_with_a_damaged_name_is_read_all_the_same(
    db: Database, messages: MessageRepository
) -> None:
    await messages.add(question("q", "a"), question("r", "a", "q"), leaf_id="r")
    await db.run(lambda c: c.execute("UPDATE messages SET status = CAST(x'ff' AS TEXT) WHERE id = 'r'"))

    assert {node.id: node.status for node in await messages.nodes("a")} == dict.fromkeys(
        "qr", Status.COMPLETE
    )
    assert [message.id for message in await messages.tree("a")] == ["q", "r"]
