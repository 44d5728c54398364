"""Ctrl+Z in the window: what it takes back, what it says, and whose key it is while something is written."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from desktop.domain.conversation import Rating
from desktop.services.undo import Act, Done
from desktop.ui import undo_words
from desktop.ui.actions import ActionId
from desktop.ui.undoing import Undoing
from desktop.ui.widgets import notice as notices
from desktop.ui.widgets.notice import Notice
from desktop.ui.widgets.number_box import NumberBox
from tests.helpers.qt_loop import until


@pytest.fixture
async def undoing(chat, model):
    """A chat with an answer, in a window that knows Ctrl+Z."""
    made = Undoing(chat.kit, chat.pane.window())
    await model(reply="Fine.")
    await chat.show()
    await chat.ask_and_wait("Go")
    chat.pane.window().activateWindow()
    await until(chat.pane.window().isActiveWindow, "the window has the keyboard")
    return made


def action(chat):
    return chat.actions.action(ActionId.UNDO)


def key(widget: QWidget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


async def rate(chat) -> None:
    message = chat.messages()[-1].row.message
    await chat.services.chat.rate(message.id, message.conversation_id, Rating.UP)


async def rating(chat) -> Rating:
    return (await chat.services.conversations.open(chat.pane.current().id)).path[-1].rating


async def test_the_action_says_what_it_would_take_back(chat, undoing):
    assert not action(chat).isEnabled() and action(chat).text() == "Undo"
    await rate(chat)
    assert action(chat).isEnabled() and action(chat).text() == "Undo rating an answer"
    action(chat).trigger()
    await until(lambda: Notice.over(chat.pane).text() == "Undone: rating an answer", "it is said")
    assert await rating(chat) is Rating.NONE
    assert not action(chat).isEnabled()


async def test_the_key_is_the_windows_while_the_field_has_nothing_to_take_back(chat, undoing):
    await rate(chat)
    edit = chat.composer.edit
    edit.setFocus()
    edit.insertPlainText("hello")
    key(edit)
    assert edit.toPlainText() == "" and await rating(chat) is Rating.UP
    key(edit)
    await chat.kit.tasks.settle()
    assert await rating(chat) is Rating.NONE


@pytest.mark.parametrize("field", [QLineEdit, lambda parent: NumberBox(0, 9, 1, integer=True, parent=parent)])
async def test_other_fields_go_first_too(chat, undoing, field):
    made = field(chat.pane.window())
    made.show()
    made.setFocus()
    await rate(chat)
    QTest.keyClicks(made, "7")
    key(made)
    await chat.kit.tasks.settle()
    assert await rating(chat) is Rating.UP
    key(made)
    await chat.kit.tasks.settle()
    assert await rating(chat) is Rating.NONE
    shiboken6.delete(made)


async def test_a_deleted_branch_is_offered_back_at_once(chat, undoing):
    message = chat.messages()[-1].row.message
    chat.open.acts.delete(message.id)
    shown = Notice.over(chat.pane)
    await until(lambda: shown.text() == "Deleted a message and what follows it", "the offer")
    await until(lambda: chat.texts() == ["Go"], "it is gone")
    button = shown.findChild(QPushButton, "notice-button")
    assert button is not None
    button.click()
    await until(lambda: chat.texts() == ["Go", "Fine."], "it is back")
    assert shown.text() == "Undone: deleting a message and what follows it"


async def test_an_offer_that_would_take_back_something_else_goes(chat, undoing):
    question, answer = (widget.row.message for widget in chat.messages())
    await chat.services.chat.delete_branch(answer.id, answer.conversation_id)
    assert Notice.over(chat.pane).text()
    await chat.services.conversations.rename(question.conversation_id, "Another name")
    assert not Notice.over(chat.pane).text()
    await chat.services.undo.undo()
    assert not Notice.over(chat.pane).text(), "an old deletion is not offered once more"


async def test_a_notice_stays_in_the_window_and_goes_by_itself(chat, undoing, monkeypatch):
    shown = Notice.over(chat.pane)
    assert Notice.over(chat.composer) is shown
    shown.say("a word " * 60)
    window = chat.pane.window()
    window.resize(700, 500)
    assert window.rect().contains(shown.geometry())
    pointer_is_over = [True]
    monkeypatch.setattr(Notice, "underMouse", lambda _: pointer_is_over[0])
    shown._on_timeout()
    assert shown.text(), "somebody is about to press its button"
    pointer_is_over[0] = False
    shown._timer.setInterval(10)
    await until(lambda: not shown.text(), "it goes")
    assert notices.SHOWN_MS >= 5000, "long enough to read"


async def test_every_act_has_words_of_its_own():
    async def nothing() -> None:
        pass

    said = [undo_words.undone(Done(act, nothing)) for act in Act]
    assert len(set(said)) == len(said)
    assert undo_words.undo(Done(Act.DELETE, nothing, 3)) == "Undo deleting 3 chats"
    assert undo_words.undo(Done(Act.RATE, nothing, 3)) == "Undo rating an answer"
