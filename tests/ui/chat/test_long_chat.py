"""A chat too long to be read at once: its end is there, the rest comes when it is looked at."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.changes import Kind
from desktop.domain.conversation import Conversation, Message, MessageTree, Node, Part, PartKind, Rating, Role
from desktop.domain.outline import Outline
from desktop.ui.chat.rows import KEPT, Rows, parts_of, rows_of
from desktop.ui.chat.transcript.heights import Heights
from desktop.ui.chat.transcript.layout import MARGIN
from tests.helpers import chats
from tests.helpers.qt_loop import until

COUNT = 600
LONG = "\n\n".join(f"Paragraph {n}. " + "word " * 60 for n in range(150))


@pytest.fixture
async def long_chat(services) -> str:
    """600 messages; the third is so long that it takes several rows."""
    made = await services.conversations.new()
    messages = list(chats.turns(made.id, COUNT))
    messages[2] = replace(messages[2], parts=(Part(PartKind.TEXT, LONG),))
    await services.chat._stores.disk.messages.add(*messages, leaf_id=messages[-1].id, title="Long")
    return made.id


async def test_scrolling_to_the_beginning_brings_what_was_said_there(chat, long_chat):
    await chat.show(long_chat)
    await until(lambda: chat.messages(), "the end")
    assert chat.messages()[-1].row.message.id == f"{long_chat}-{COUNT - 1}"
    assert all(widget.row.loaded for widget in chat.messages() if widget.isVisible())
    assert chat.transcript.body(f"{long_chat}-0") is None

    bar = chat.transcript.verticalScrollBar()
    bar.setValue(0)
    await until(lambda: (first := chat.transcript.widget_of(f"{long_chat}-0")) and first.row.loaded, "text")

    assert chat.texts()[0] == chats.QUESTIONS[0]
    await until(lambda: chat.transcript._live.index((f"{long_chat}-2", 1)) is not None, "all rows of it")
    assert chat.transcript._live[2].text.startswith("Paragraph 0.")
    assert chat.transcript._live.rows.index((f"{long_chat}-3", 0)) == 2 + len(parts_of(LONG))


async def test_the_place_is_kept_when_texts_come_and_rows_grow(chat, long_chat):
    await chat.show(long_chat)
    await until(lambda: chat.messages(), "the end")
    chat.transcript._go_to(30)
    await until(lambda: (w := chat.transcript.widget_of(f"{long_chat}-30")) and w.row.loaded, "text")
    await until(lambda: chat.transcript._live.index((f"{long_chat}-2", 1)) is not None, "the long one")

    widget = chat.transcript.widget_of(f"{long_chat}-30")
    assert 0 <= widget.y() < chat.transcript.viewport().height()


async def test_a_message_that_was_gone_to_stays_when_the_long_one_above_it_comes(chat, long_chat):
    await chat.show(long_chat)
    await until(lambda: chat.messages(), "the end")
    assert chat.transcript.go_to(f"{long_chat}-4")
    assert not chat.transcript.go_to("nowhere")
    await until(lambda: chat.transcript._live.index((f"{long_chat}-2", 1)) is not None, "the long one")
    await at_rest(chat)

    widget = chat.transcript.widget_of(f"{long_chat}-4")
    assert widget.row.loaded and widget.y() == MARGIN
    assert chat.transcript.current_message() == f"{long_chat}-4"


async def at_rest(chat) -> list[tuple[object, int]]:
    """Where the messages are, once nothing is left to be read or rendered."""

    async def is_done() -> bool:
        await chat.kit.tasks.settle()
        return not chat.transcript._idle.isActive()

    await until(is_done, "rest")
    return [(widget.row.key, widget.y()) for widget in chat.messages()]


async def test_a_rating_far_up_changes_one_message_and_keeps_the_place(chat, services, long_chat):
    await chat.show(long_chat)
    await until(lambda: chat.messages(), "the end")
    before = chat.open.opened()
    places = await at_rest(chat)

    await services.chat.rate(f"{long_chat}-5", long_chat, Rating.UP)
    await until(lambda: chat.transcript.body(f"{long_chat}-5"), "it is read")

    assert chat.open.opened() is before, "the chat was not read anew"
    assert await at_rest(chat) == places


async def test_a_change_while_the_whole_chat_is_read_again_is_not_lost(
    chat, services, long_chat, monkeypatch
):
    await chat.show(long_chat)
    last = f"{long_chat}-{COUNT - 1}"
    await until(lambda: chat.transcript.body(last), "the end")
    held = {"outline": asyncio.Event(), "refresh": asyncio.Event()}
    begun: list[str] = []

    def hold(name: str, *, after: bool) -> None:
        read = getattr(services.conversations, name)

        async def slow(*args):
            found = await read(*args) if after else None
            begun.append(name)
            await held[name].wait()
            return found or await read(*args)

        monkeypatch.setattr(services.conversations, name, slow)

    hold("outline", after=True)
    hold("refresh", after=False)
    services.bus.publish(Kind.MESSAGES, long_chat)
    await until(lambda: begun == ["outline"], "all is read")
    await services.chat.rate(last, long_chat, Rating.UP)
    await until(lambda: begun == ["outline", "refresh"], "the change is about to be read")
    before = chat.open.opened()
    held["outline"].set()
    await until(lambda: chat.open.opened() is not before, "all is shown, as it was before the change")
    held["refresh"].set()
    await until(lambda: chat.transcript.body(last).rating is Rating.UP, "the change")


async def test_a_deleted_branch_is_gone_from_sight_and_comes_back(chat, services, long_chat):
    await chat.show(long_chat)
    await until(lambda: chat.messages(), "the end")

    await services.chat.delete_branch(f"{long_chat}-{COUNT - 4}", long_chat)
    last = f"{long_chat}-{COUNT - 5}"
    await until(lambda: chat.messages()[-1].row.message.id == last and chat.messages()[-1].row.loaded, "gone")
    await services.undo.undo()
    await until(lambda: chat.messages()[-1].row.message.id == f"{long_chat}-{COUNT - 1}", "back")


def outline(count: int) -> tuple[Outline, dict[str, Message]]:
    messages = {message.id: message for message in chats.turns("c", count)}
    nodes = rows_of(list(messages.values()), MessageTree(messages.values()))._path
    head = Conversation("c", "", 1.0, 1.0, leaf_id=f"c-{count - 1}")
    return Outline(head, nodes), messages


def test_texts_that_were_not_looked_at_for_long_are_given_back() -> None:
    shape, messages = outline(KEPT + 50)
    rows = Rows(shape.path, shape.tree, {})

    assert rows.put(messages.values()) == len(rows)

    assert not rows[0].loaded and rows[-1].loaded
    assert rows.missing(range(-5, 60)) == [f"c-{n}" for n in range(50)]
    assert rows[0].estimate() == rows.estimate(0) > 0


def test_rows_follow_a_path_whose_end_changes() -> None:
    shape, messages = outline(10)
    rows = Rows(shape.path, shape.tree, messages)
    system = Node("s", "c-9", 0, Role.SYSTEM, *shape.path[0][4:])
    added = [system, shape.path[1]._replace(id="new", parent_id="s")]

    first = shape.take(replace(shape.conversation, leaf_id="new"), added)

    assert rows.follow(first) == 9
    assert [row.message.id for row in rows][8:] == ["c-8", "c-9", "new"]
    assert [row.end for row in rows][9:] == [False, True]
    shape.take(replace(shape.conversation, leaf_id="c-4"), [])
    assert rows.follow(5) == 4
    assert [rows.index((f"c-{n}", 0)) for n in range(7)] == [0, 1, 2, 3, 4, None, None]
    assert rows.index(("c-4", 1)) is None


def test_a_long_message_gets_its_rows_when_its_text_comes() -> None:
    shape, messages = outline(10)
    rows = Rows(shape.path, shape.tree, {})
    long = replace(messages["c-3"], parts=(Part(PartKind.TEXT, LONG),))

    assert rows.put([long]) == 2

    parts = [row for row in rows if row.message.id == "c-3"]
    assert len(parts) > 1
    assert [row.part for row in parts] == list(range(len(parts)))
    assert [row.last for row in parts] == [False] * (len(parts) - 1) + [True]
    assert "\n\n".join(row.text for row in parts).split() == LONG.split()
    assert rows.index(("c-4", 0)) == 3 + len(parts)


@given(
    st.lists(st.integers(1, 500), max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.lists(st.integers(1, 500), max_size=20)), max_size=6),
)
def test_heights_are_right_whatever_takes_the_place_of_their_end(
    heights: list[int], changes: list[tuple[int, list[int]]]
) -> None:
    kept = list(heights)
    found = Heights(heights)
    for at, new in changes:
        at = min(at, len(kept))
        kept[at:] = new
        found.replace(at, new)

    assert [found[at] for at in range(len(found))] == kept
    assert [found.offset(at) for at in range(len(kept) + 1)] == [
        sum(kept[:at]) for at in range(len(kept) + 1)
    ]
    if kept:
        assert found.find(sum(kept) - 1) == len(kept) - 1
