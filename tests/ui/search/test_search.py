"""Search in all chats: found while it is typed, shown with the words in it, and gone to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from desktop.domain.conversation import Message, Part, PartKind, Role
from desktop.domain.errors import StorageError
from desktop.domain.search import Hit
from desktop.ui.actions import ActionId
from desktop.ui.search.delegate import FoundDelegate, _python_place
from desktop.ui.search.found import lines, without_marks
from desktop.ui.search.model import FoundModel, FoundRole
from desktop.ui.theme import Token
from tests.helpers import chats
from tests.helpers.qt_loop import until

COUNT = 300


def text(words: str) -> tuple[Part, ...]:
    return (Part(PartKind.TEXT, words),)


@pytest.fixture
async def stored(services) -> str:
    """A long chat with a second branch; the words stand far up, on the other branch, and in another title."""
    long = await services.conversations.new()
    path = list(chats.turns(long.id, COUNT))
    path[40] = replace(path[40], parts=text("Did you see the zeppelin over the bay?"))
    other = Message("other", long.id, path[10].id, Role.ASSISTANT, text("A zeppelin, of course."))
    await services.chat._stores.disk.messages.add(*path, other, leaf_id=path[-1].id, title="Long talk")
    short = await services.conversations.new()
    messages = list(chats.turns(short.id, 2))
    await services.chat._stores.disk.messages.add(*messages, leaf_id=messages[-1].id, title="My zeppelin")
    return long.id


def field(chat):
    return chat.pane.list.search


def found(chat) -> list:
    model = chat.pane.results.model
    return [model.index(row).data(FoundRole.LINE) for row in range(model.rowCount())]


async def search(chat, words: str) -> None:
    chat.actions.action(ActionId.SEARCH).trigger()
    QTest.keyClicks(field(chat), words)
    await until(lambda: chat.pane.results.status(), "an answer")


async def test_words_are_found_in_titles_and_messages_while_they_are_typed(chat, stored):
    await chat.show()
    await search(chat, "zeppel")
    assert chat.pane.results.isVisible()
    titles = [line.text for line in found(chat) if not line.message_id]
    assert titles == ["My zeppelin", "Long talk"]
    messages = [line for line in found(chat) if line.message_id]
    assert {line.message_id for line in messages} == {"other", f"{stored}-40"}
    assert all(line.words == "zeppelin" for line in messages)
    assert chat.pane.results.status() == "3 found"
    field(chat).clear()
    assert not chat.pane.results.isVisible()
    assert found(chat) == []


async def test_a_message_far_up_is_gone_to_with_the_words_marked(chat, stored):
    await chat.show()
    await search(chat, "zeppelin")
    QTest.keyClick(field(chat), Qt.Key.Key_Down)
    view = chat.pane.results.view
    assert view.hasFocus()
    row = next(n for n, line in enumerate(found(chat)) if line.message_id == f"{stored}-40")
    view.setCurrentIndex(chat.pane.results.model.index(row))
    QTest.keyClick(view, Qt.Key.Key_Return)
    await until(lambda: (now := chat.pane.current()) and now.id == stored, "the chat")
    name = f"{stored}-40"
    await until(
        lambda: (w := chat.transcript.widget_of(name)) and w.isVisible() and w.row.loaded, "the message"
    )
    await until(lambda: chat.open.finder.bar.count_text() == "1 of 1", "the words")
    await until(lambda: chat.transcript.current_message() == name, "the keyboard at it")
    widget = chat.transcript.widget_of(name)
    assert 0 <= widget.y() < chat.transcript.viewport().height() - 40


async def test_a_message_on_another_branch_switches_to_it(chat, stored):
    await chat.show(stored)
    await search(chat, "zeppelin")
    chat.pane.results.chosen.emit(stored, "other", "zeppelin")
    await until(lambda: (w := chat.transcript.widget_of("other")) and w.isVisible(), "the other branch")
    chat.pane.results.chosen.emit(stored, f"{stored}-40", "zeppelin")
    await until(lambda: (w := chat.transcript.widget_of(f"{stored}-40")) and w.isVisible(), "back again")


async def test_another_chat_that_is_wanted_meanwhile_ends_the_way_there(chat, services, stored):
    other = await chat.show()
    chat.open.open_at(stored, f"{stored}-40")
    chat.open.open(other)
    chat.open.open(stored)
    await until(lambda: (now := chat.pane.current()) and now.id == stored, "the chat")
    await until(lambda: chat.transcript.seen()[1] == f"{stored}-{COUNT - 1}", "its end")
    assert chat.transcript.at_end


async def test_enter_opens_the_first_that_is_found_also_before_it_is_known(chat, stored):
    await chat.show()
    await search(chat, "zeppelin")
    QTest.keyClick(field(chat), Qt.Key.Key_Return)
    await until(lambda: (now := chat.pane.current()) and now.title == "My zeppelin", "the chat")
    await chat.show()
    field(chat).clear()
    QTest.keyClicks(field(chat), "bay zeppelin")
    QTest.keyClick(field(chat), Qt.Key.Key_Return)
    await until(lambda: chat.transcript.current_message() == f"{stored}-40", "the message")


async def test_enter_opens_a_chat_that_only_a_filter_found(chat, services, stored):
    await services.conversations.pin(stored, pinned=True)
    await chat.show()
    await search(chat, "is:pinned")
    QTest.keyClick(field(chat), Qt.Key.Key_Return)
    await until(lambda: (now := chat.pane.current()) and now.id == stored, "the chat")


async def test_enter_where_nothing_was_found_stays(chat, stored):
    await chat.show()
    await search(chat, "xyzzy")
    QTest.keyClick(field(chat), Qt.Key.Key_Return)
    assert QApplication.focusWidget() is field(chat)
    field(chat).clear()
    QTest.keyClick(field(chat), Qt.Key.Key_Return)
    assert QApplication.focusWidget() is chat.pane.list.view


async def test_a_new_chat_ends_the_search(chat, stored):
    await chat.show(stored)
    await search(chat, "zeppelin")
    chat.actions.action(ActionId.NEW_CHAT).trigger()
    assert field(chat).text() == ""
    await until(lambda: (now := chat.pane.current()) and now.id != stored, "the new chat")


async def test_a_message_that_was_deleted_meanwhile_is_told(chat, stored):
    await chat.show(stored)
    chat.pane.results.chosen.emit(stored, "nowhere", "")
    await until(lambda: "no longer there" in chat.open.banner.text(), "the words")


async def test_a_branch_that_cannot_be_shown_is_told(chat, services, stored, monkeypatch):
    async def fail(*_, **__):
        raise StorageError("The disk is gone.")

    await chat.show(stored)
    monkeypatch.setattr(type(services.chat), "show", fail)
    chat.pane.results.chosen.emit(stored, "other", "")
    await until(lambda: "The disk is gone." in chat.open.banner.text(), "the words")


async def test_it_says_what_was_not_found_and_how_to_narrow_a_search(chat, stored):
    await chat.show()
    await search(chat, "xyzzy")
    await until(lambda: "“xyzzy”" in chat.pane.results.status(), "what was looked for")
    hint = chat.pane.results.findChild(QLabel, "search-hint")
    hint.linkActivated.emit("is:pinned")
    assert field(chat).text() == "xyzzy is:pinned"
    assert QApplication.focusWidget() is field(chat)


async def test_escape_leaves_the_search_and_up_goes_back_to_the_field(chat, stored):
    await chat.show()
    await search(chat, "zeppelin")
    QTest.keyClick(field(chat), Qt.Key.Key_Down)
    view = chat.pane.results.view
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert QApplication.focusWidget() is field(chat)
    QTest.keyClick(field(chat), Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert field(chat).text() == ""
    assert not chat.pane.results.isVisible()


async def test_escape_in_the_empty_field_goes_back_to_the_message_and_stops_no_answer(chat, model, gate):
    await model(reply="word " * 400, gate=gate)
    await chat.show()
    await chat.ask("Count.")
    chat.pane.list.focus_search()
    field(chat).setText("zeppelin")
    QTest.keyClick(field(chat), Qt.Key.Key_Escape)
    assert field(chat).text() == ""
    assert QApplication.focusWidget() is field(chat)
    QTest.keyClick(field(chat), Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is chat.composer.edit
    assert chat.running()


async def test_what_was_found_follows_the_chats(chat, services, stored):
    await chat.show()
    await search(chat, "zeppelin")
    await until(lambda: len(found(chat)) == 4, "all")
    chat.pane.results.view.setCurrentIndex(chat.pane.results.model.index(0))
    await services.conversations.rename(stored, "Airships")
    await until(lambda: "Airships" in [line.text for line in found(chat)], "the new title")
    assert chat.pane.results.view.currentIndex().row() == 0
    await services.chat.trash(stored)
    await until(lambda: len(found(chat)) == 1, "one less")


async def test_a_search_that_fails_says_so(chat, services, monkeypatch):
    async def fail(*_):
        raise StorageError("The disk is gone.")

    await chat.show()
    monkeypatch.setattr(type(services.search), "search", fail)
    chat.actions.action(ActionId.SEARCH).trigger()
    QTest.keyClicks(field(chat), "x")
    await until(lambda: "The disk is gone." in chat.open.banner.text(), "the words")


def hit(words: str, start: int, end: int, message_id: str | None = "m", at: float = 1.0) -> Hit:
    return Hit("c", message_id, "A title", words, ((start, end),), at)


def test_the_found_word_stands_near_the_beginning() -> None:
    words = "word " * 20 + "needle and more"
    _, line = lines([hit(words, 100, 106)])
    assert line.text.startswith("…") and len(line.text) < 60
    ((start, end),) = line.ranges
    assert line.text[start:end] == line.words == "needle"


def test_a_line_stays_a_line_whatever_stands_in_it() -> None:
    _, line = lines([hit("a\n\tb\u202e\x1b[0m" + "x" * 5000, 0, 1)])
    assert "\n" not in line.text and "\u202e" not in line.text and len(line.text) < 500
    _, line = lines([hit("x" * 5000 + "needle", 5000, 5006)])
    ((start, end),) = line.ranges
    assert line.text[start:end] == "needle"


def test_dates_of_strangers_are_no_failure(qapp) -> None:
    model = FoundModel()
    model.set_lines(lines([hit("a", 0, 1, at=1e300), hit("b", 0, 1, at=86400.0 * 400)]))
    assert model.index(1).data(FoundRole.DATE) == ""
    assert model.index(2).data(FoundRole.DATE)
    assert model.index(2).data(Qt.ItemDataRole.AccessibleTextRole).startswith("Message, ")
    assert model.index(9).data() is None
    assert model.index(0).data(Qt.ItemDataRole.FontRole) is None


@pytest.mark.parametrize("mode", ["light", "dark"])
async def test_found_words_are_marked_also_beyond_the_first_plane(chat, theme, mode):
    theme.set_mode(mode)
    chat.actions.action(ActionId.SEARCH).trigger()
    field(chat).setText("needle")
    await until(lambda: chat.pane.results.status(), "an answer")
    words = "👩‍👩‍👧‍👦👩‍👩‍👧‍👦 needle " + "and some words that take much room " * 9
    chat.pane.results.model.set_lines(lines([hit(words, words.index("needle"), words.index("needle") + 6)]))
    view = chat.pane.results.view
    place = view.visualRect(chat.pane.results.model.index(1)).center()
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        view.viewport().mapToGlobal(QPointF(place)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(view.viewport(), move)
    picture = view.viewport().grab().toImage()
    marked = theme.color(Token.HIGHLIGHT).rgb()
    colors = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    assert marked in colors
    assert isinstance(view.itemDelegate(), FoundDelegate)
    assert _python_place("a👩b", 3) == 2


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("the **keeper** of the light", "keeper", "the keeper of the light"),
        ("# The keeper\n~~old~~ lamp", "lamp", "The keeper\nold lamp"),
        ("2**8 and f(**words), __init__, a ** b", "words", "2**8 and f(**words), __init__, a ** b"),
        ("**one** and **two**", "two", "one and two"),
    ],
)
def test_what_was_found_is_read_without_the_marks_of_bold_words(text, words, shown):
    start = text.index(words)
    found, ranges = without_marks(text, ((start, start + len(words)),))
    assert found == shown
    assert [found[first:end] for first, end in ranges] == [words]


def test_a_place_that_holds_marks_only_is_none_and_one_around_them_shrinks():
    assert without_marks("a **b** c", ((2, 4), (2, 7))) == ("a b c", ((2, 3),))


def test_what_a_user_typed_keeps_its_marks_among_what_was_found():
    hit = Hit("c", "m", "Chat", "the **keeper**", ((6, 12),), 0.0, Role.USER)
    assert lines([hit])[-1].text == "the **keeper**"
    assert lines([replace(hit, role=Role.ASSISTANT)])[-1].text == "the keeper"
