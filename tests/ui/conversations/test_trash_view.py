"""The trash in the left column: bringing back, deleting for good, and what is asked before that."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from desktop.services.trash import DAY_S
from desktop.ui.actions import ActionId
from desktop.ui.app import dress
from tests.helpers.qt_loop import until
from tests.ui.conversations.test_conversation_list import named, titles


@pytest.fixture
async def trash(chat):
    """Two deleted chats, shown."""
    await chat.show()
    ids = await named(chat, "Lighthouse", "Regex help", "Entropy")
    await chat.services.trash.put(ids[:2])
    await until(lambda: chat.pane.list._trash_button.text() == "Trash (2)", "the number")
    chat.actions.action(ActionId.TRASH).trigger()
    view = chat.pane.list.pages.currentWidget()
    await until(lambda: view.model.rowCount() == 2, "the list")
    return view


def button(trash, name: str) -> QPushButton:
    return trash.findChild(QPushButton, name)


def lines(trash) -> list[str]:
    return trash.model.stringList()


async def test_it_says_what_was_deleted_and_how_long_it_is_kept(trash, chat):
    assert sorted(lines(trash)) == ["Lighthouse", "Regex help"]
    assert trash.isVisible() and not chat.pane.list.view.isVisible()
    spoken = trash.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "30 days left · deleted " in spoken


async def test_the_days_go_by_the_trashs_own_clock(trash, chat):
    clock = chat.services.trash._clock
    clock._clock += 28.5 * DAY_S
    assert "2 days left" in trash.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    clock._clock += DAY_S
    assert "1 day left" in trash.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)


async def test_a_chat_is_brought_back_by_the_keyboard(trash, chat):
    trash.view.setFocus()
    title = trash.view.currentIndex().data()
    QTest.keyClick(trash.view, Qt.Key.Key_Return)
    await until(lambda: title in titles(chat) and len(lines(trash)) == 1, "the chat is back")
    QTest.keyClick(trash.view, Qt.Key.Key_Escape)
    assert chat.pane.list.view.isVisible()
    assert chat.pane.list._trash_button.isVisible()


async def test_deleting_for_good_asks_first_and_means_no_by_itself(trash, chat):
    QTest.keyClick(trash.view, Qt.Key.Key_Delete)
    question = trash.question
    assert question.isVisible() and "cannot be undone" in question.text()
    window = chat.pane.window()
    assert window.focusWidget() is button(trash, "trash-no"), "Enter keeps it"
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert not question.isVisible()
    QTest.keyClick(trash.view, Qt.Key.Key_Delete)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert not question.isVisible() and trash.isVisible()
    assert len(await chat.services.trash.entries()) == 2
    QTest.keyClick(trash.view, Qt.Key.Key_Delete)
    button(trash, "trash-yes").click()
    await until(lambda: len(lines(trash)) == 1, "it is gone")
    assert len(await chat.services.trash.entries()) == 1
    await until(lambda: chat.pane.list._trash_button.text() == "Trash (1)", "the number")


async def test_several_are_deleted_for_good_at_once(trash):
    trash.view.selectAll()
    button(trash, "trash-delete").click()
    assert "2 chats" in trash.question.text()
    button(trash, "trash-yes").click()
    await until(lambda: lines(trash) == [], "all are gone")


async def test_the_trash_is_emptied_and_says_so(trash, chat):
    button(trash, "trash-empty").click()
    assert "everything" in trash.question.text()
    button(trash, "trash-yes").click()
    await until(lambda: trash.findChild(QLabel, "trash-nothing").isVisible(), "nothing is left")
    assert await chat.services.trash.entries() == []
    assert not button(trash, "trash-empty").isEnabled()
    assert not button(trash, "trash-restore").isEnabled()
    button(trash, "trash-back").click()
    assert chat.pane.list.view.isVisible()
    await until(lambda: chat.pane.list._trash_button.text() == "Trash", "no number")


async def test_a_part_of_a_chat_is_brought_back_from_here_too(chat, model):
    await model(reply="Fine.")
    conversation = await chat.show()
    await chat.ask_and_wait("Go on")
    answer = chat.pane.open_chat.conversation.leaf_id
    await chat.services.trash.put_branch(conversation, answer)
    await until(lambda: len(chat.messages()) == 1, "the answer is gone")
    chat.actions.action(ActionId.TRASH).trigger()
    trash = chat.pane.list.pages.currentWidget()
    await until(lambda: lines(trash) == ["Part of “Go on”: Fine."], "the list")
    assert not button(trash, "trash-delete").isEnabled(), "it goes with its time"
    button(trash, "trash-restore").click()
    await until(lambda: chat.texts() == ["Go on", "Fine."], "the answer")
    await until(lambda: lines(trash) == [], "it is no longer here")


@pytest.mark.parametrize("scale", [80, 100, 200])
async def test_no_button_is_cut_off_in_large_text(trash, chat, theme, qapp, scale):
    theme.set_scale(scale)
    dress(qapp, theme)
    chat.pane.window().resize(900, 600)
    chat.pane.resize(900, 600)
    column = chat.pane.list

    def cut() -> list[str]:
        buttons = [one for one in column.findChildren(QPushButton) if one.isVisible() and one.text()]
        assert len(buttons) >= 4
        return [one.objectName() for one in buttons if one.sizeHint().width() > one.width() + 1]

    await until(lambda: cut() == [], "room for the buttons")
    QTest.keyClick(trash.view, Qt.Key.Key_Delete)
    await until(lambda: trash.question.isVisible() and cut() == [], "room for the question")


async def test_escape_leads_back_before_it_stops_an_answer(trash, chat, model, gate):
    await model(reply="word " * 400, gate=gate)
    await chat.ask("Go")
    chat.actions.action(ActionId.TRASH).trigger()
    chat.pane.window().activateWindow()
    await until(lambda: chat.pane.window().isActiveWindow() and trash.view.hasFocus(), "the keyboard")
    QTest.keyClick(trash.view, Qt.Key.Key_Escape)
    assert not trash.isVisible() and chat.running()
    chat.actions.action(ActionId.STOP).trigger()
    await until(lambda: not chat.running(), "the end")
