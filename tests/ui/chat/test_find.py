"""Find in chat: every match is counted, also where nobody has looked yet, and can be gone to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from desktop.domain.conversation import Message, MessageTree, Part, PartKind, Role, Status
from desktop.domain.errors import StorageError
from desktop.ui.actions import ActionId
from desktop.ui.chat import finder
from desktop.ui.chat.find_index import FindIndex, Match, readable
from desktop.ui.chat.rows import ROW_CHARACTERS, rows_of
from desktop.ui.theme import Token
from tests.helpers import chats
from tests.helpers.qt_loop import until

COUNT = 420
NEEDLE = "lantern"
LONG = "\n\n".join(f"Paragraph {n}. " + "word " * 60 for n in range(150)) + "\n\nThe **lan**tern at the end."


def said(message: Message, text: str) -> Message:
    return replace(message, parts=(Part(PartKind.TEXT, text),))


@pytest.fixture
async def long_chat(services) -> str:
    """420 messages; the word stands in the 4th (twice), at the end of a very long 11th, and in the 301st."""
    made = await services.conversations.new()
    messages = list(chats.turns(made.id, COUNT))
    messages[3] = said(messages[3], "A *lantern* and a `LANTERN`.\n\n```\ncode\n```")
    messages[10] = replace(said(messages[10], LONG), role=Role.ASSISTANT)
    messages[300] = said(messages[300], "Where is the lantern?")
    thought = (Part(PartKind.THINKING, "lantern lantern"), *messages[301].parts)
    messages[301] = replace(messages[301], parts=thought)
    await services.chat._stores.disk.messages.add(*messages, leaf_id=messages[-1].id, title="Long")
    return made.id


def field(chat) -> QLineEdit:
    return chat.open.findChild(QLineEdit, "find-field")


def count(chat) -> str:
    return chat.open.finder.bar.count_text()


async def find(chat, words: str) -> None:
    chat.actions.action(ActionId.FIND).trigger()
    QTest.keyClicks(field(chat), words)


def is_marked(chat, message_id: str) -> bool:
    """Whether the current match is seen in a message that is in sight."""
    widget = chat.transcript.widget_of(message_id)
    if widget is None or not widget.isVisible():
        return False
    return mark_in(chat, widget)


def mark_in(chat, widget) -> bool:
    picture = chat.transcript.viewport().grab().toImage()
    color = chat.kit.theme.color(Token.HIGHLIGHT_CURRENT).rgb()
    box = widget.geometry().intersected(chat.transcript.viewport().rect())
    return any(
        picture.pixel(x, y) == color
        for y in range(box.top(), box.bottom())
        for x in range(box.left(), box.right(), 2)
    )


async def test_it_counts_every_message_and_leads_from_match_to_match(chat, long_chat):
    await chat.show(long_chat)
    await find(chat, NEEDLE)
    assert QApplication.focusWidget() is field(chat)
    await until(lambda: count(chat) == "1 of 4", "a count over all messages")
    # From the end on there is none: the first of all is shown.
    await until(lambda: is_marked(chat, f"{long_chat}-3"), "the first one is in sight")

    QTest.keyClick(field(chat), Qt.Key.Key_Return)
    assert count(chat) == "2 of 4"
    QTest.keyClick(field(chat), Qt.Key.Key_Return)
    assert count(chat) == "3 of 4"
    key = (f"{long_chat}-10", len(readable_rows()) - 1)
    await until(
        lambda: (w := chat.transcript._live.widget(key)) and mark_in(chat, w), "in the last row of it"
    )
    chat.actions.action(ActionId.FIND_NEXT).trigger()
    assert count(chat) == "4 of 4"
    await until(lambda: is_marked(chat, f"{long_chat}-300"), "the last one")
    chat.actions.action(ActionId.FIND_NEXT).trigger()
    assert count(chat) == "1 of 4"
    QTest.keyClick(field(chat), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert count(chat) == "4 of 4"
    await until(lambda: is_marked(chat, f"{long_chat}-300"), "back")


def readable_rows() -> tuple[str, ...]:
    return readable(Message("m", "c", None, Role.ASSISTANT, (Part(PartKind.TEXT, LONG),)))


async def test_escape_ends_the_search_and_gives_the_keyboard_back(chat, long_chat):
    await chat.show(long_chat)
    await find(chat, NEEDLE)
    await until(lambda: count(chat) == "1 of 4", "a count")
    await until(lambda: is_marked(chat, f"{long_chat}-3"), "a mark")
    QTest.keyClick(field(chat), Qt.Key.Key_Escape)
    assert chat.open.finder.bar.isHidden()
    assert QApplication.focusWidget() is chat.composer.edit
    assert not is_marked(chat, f"{long_chat}-3")
    # The words are there again.
    chat.actions.action(ActionId.FIND).trigger()
    assert field(chat).selectedText() == NEEDLE
    await until(lambda: count(chat) == "1 of 4", "a count again")


async def test_it_says_that_nothing_was_found(chat, long_chat):
    await chat.show(long_chat)
    await find(chat, "xyzzy")
    await until(lambda: count(chat) == "Nothing found", "the answer")
    assert not chat.open.findChild(QWidget, "find-next").isEnabled()
    QTest.keyClick(field(chat), Qt.Key.Key_Return)
    field(chat).clear()
    await until(lambda: count(chat) == "", "nothing to say")


async def test_the_first_match_is_the_next_from_what_is_seen(chat, long_chat):
    await chat.show(long_chat)
    chat.transcript.go_to(f"{long_chat}-200")
    await find(chat, "lante")
    await until(lambda: is_marked(chat, f"{long_chat}-300"), "the next one")
    await until(lambda: count(chat) == "4 of 4", "a count")
    QTest.keyClicks(field(chat), "rn")
    assert count(chat) == "4 of 4"
    QTest.keyClick(field(chat), Qt.Key.Key_Return)  # Looks at once, without a step.
    await until(lambda: not chat.open.finder._scanning, "a count")
    assert count(chat) == "4 of 4", "the longer word is found at the same place"


async def test_an_answer_that_is_being_written_is_counted_too(chat, model, gate):
    await model(reply="One lantern, two lanterns. " * 40, gate=gate)
    await chat.show()
    await find(chat, NEEDLE)
    gate.open_to(80)
    await chat.ask("Lantern?")
    await until(lambda: count(chat).endswith("of 21"), "it counts on")
    QTest.keyClick(field(chat), Qt.Key.Key_Escape)
    assert chat.open.finder.bar.isHidden() and chat.running(), "the answer goes on"
    gate.open()
    chat.actions.action(ActionId.FIND).trigger()
    await until(lambda: not chat.running() and count(chat).endswith("of 81"), "all of it")


async def test_another_chat_is_searched_for_the_same_words(chat, services, long_chat):
    other = await services.conversations.new()
    message = said(next(chats.turns(other.id, 1)), "lantern")
    await services.chat._stores.disk.messages.add(message, leaf_id=message.id, title="Short")
    await chat.show(long_chat)
    await find(chat, NEEDLE)
    await until(lambda: count(chat) == "1 of 4", "a count")
    await chat.show(other.id)
    await until(lambda: count(chat) == "1 of 1", "a count of the other")


async def test_a_deleted_branch_is_not_counted_any_more(chat, services, long_chat):
    await chat.show(long_chat)
    await find(chat, NEEDLE)
    await until(lambda: count(chat) == "1 of 4", "a count")
    await services.chat.delete_branch(f"{long_chat}-250", long_chat)
    await until(lambda: count(chat) == "1 of 3", "fewer")


async def test_a_search_that_fails_says_so(chat, long_chat, monkeypatch):
    async def fail(*_):
        raise StorageError("The disk is gone.")

    await chat.show(long_chat)
    monkeypatch.setattr(type(chat.services.conversations), "bodies", fail)
    await find(chat, NEEDLE)
    await until(lambda: "The disk is gone." in chat.open.banner.text(), "the words")


async def test_a_heavy_message_is_read_beside_the_window(chat, services, monkeypatch):
    monkeypatch.setattr(finder, "_HEAVY", 1000)
    made = await services.conversations.new()
    message = said(next(chats.turns(made.id, 1)), "lantern " * 1000)
    await services.chat._stores.disk.messages.add(message, leaf_id=message.id, title="Heavy")
    await chat.show(made.id)
    await find(chat, NEEDLE)
    await until(lambda: count(chat) == "1 of 1,000", "a count")


def indexed(*texts: str, status: Status = Status.COMPLETE) -> tuple[FindIndex, list]:
    messages = [
        Message(f"m{n}", "c", f"m{n - 1}" if n else None, Role.USER, (Part(PartKind.TEXT, text),), status)
        for n, text in enumerate(texts)
    ]
    path = rows_of(messages, MessageTree(messages))._path
    index = FindIndex()
    index.follow(path)
    for message in messages:
        index.put(message.id, readable(message), unfinished=status is Status.STREAMING)
    return index, list(path)


def counted(index: FindIndex, needle: str) -> int:
    index.look_for(needle)
    for name in index.uncounted():
        index.count(name)
    return index.total


def test_matches_are_numbered_in_reading_order() -> None:
    index, _ = indexed("a b a", "", "A", "ba")
    assert counted(index, "a") == 4
    expected = [Match("m0", 0, 0), Match("m0", 0, 1), Match("m2", 0, 0), Match("m3", 0, 0)]
    assert [index.match(n) for n in range(4)] == expected
    assert index.match(4) is index.match(-1) is None
    assert [index.number(match, int(match.message_id[1])) for match in expected] == [0, 1, 2, 3]
    assert index.number(Match("m2", 0, 1), 2) is None
    assert index.number(expected[0], None) is None
    assert [index.first_from(place) for place in range(5)] == [0, 2, 2, 3, 4]


def test_what_is_shown_knows_better_than_the_count() -> None:
    index, _ = indexed("a a", "a")
    counted(index, "a")
    assert index.correct("m0", 0, 1)
    assert not index.correct("m0", 0, 1)
    assert not index.correct("m0", 7, 1)
    assert index.total == 2
    assert index.number(Match("m0", 0, 1), 0) is None
    assert index.following(Match("m0", 0, 1), 0) == 1
    assert index.match(1) == Match("m1", 0, 0)


def test_a_longer_word_is_looked_for_only_where_its_beginning_was() -> None:
    index, _ = indexed("an", "no", "ant")
    assert counted(index, "a") == 2
    index.look_for("an")
    assert index.uncounted() == ["m0", "m2"]
    assert counted(index, "ant") == 1
    assert counted(index, "n") == 3


def test_an_answer_is_read_again_once_it_is_finished() -> None:
    index, path = indexed("half a", status=Status.STREAMING)
    assert counted(index, "a") == 2
    index.follow(path)
    assert index.unread() == []
    index.follow([path[0]._replace(status=Status.COMPLETE)])
    assert index.unread() == ["m0"]
    assert not index.knows("m0")
    index.clear()
    assert index.total == 0


def test_a_long_message_is_counted_row_by_row() -> None:
    rows = readable_rows()
    assert len(rows) > 1 and max(map(len, rows)) < 2 * ROW_CHARACTERS
    assert sum("lantern" in row for row in rows) == 1
