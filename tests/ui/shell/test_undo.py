"""Ctrl+Z in the window: what it takes back, what it says, and whose key it is while something is written."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QSlider, QWidget

from desktop.domain.conversation import Rating
from desktop.services.undo import Act, Done
from desktop.ui import undo_words
from desktop.ui.actions import ActionId
from desktop.ui.widgets import notice as notices
from desktop.ui.widgets.notice import Notice
from desktop.ui.widgets.number_box import NumberBox
from desktop.ui.widgets.section import Section
from tests.helpers.qt_loop import until


@pytest.fixture
async def undoing(chat, model):
    """A chat with an answer, in a window that knows Ctrl+Z."""
    await model(reply="Fine.")
    await chat.show()
    await chat.ask_and_wait("Go")
    chat.pane.window().activateWindow()
    await until(chat.pane.window().isActiveWindow, "the window has the keyboard")
    return chat.pane._undoing


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


async def test_what_was_done_in_a_chat_is_taken_back_when_another_is_open(chat, undoing):
    first, answer = chat.pane.current().id, chat.messages()[-1].row.message
    await rate(chat)
    await chat.services.chat.delete_branch(answer.id, first)
    await chat.services.chat.trash(first)
    other = (await chat.services.conversations.new()).id
    await chat.show(other)
    for act in (Act.DELETE, Act.DELETE_BRANCH, Act.RATE):
        assert chat.services.undo.next.act is act
        action(chat).trigger()
        await chat.kit.tasks.settle()
    path = (await chat.services.conversations.open(first)).path
    assert path[-1].id == answer.id and path[-1].rating is Rating.NONE
    assert chat.pane.current().id == other, "the chat that is open stays"


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
    await until(lambda: window.rect().contains(shown.geometry()), "it fits again")
    pointer_is_over = [True]
    monkeypatch.setattr(Notice, "underMouse", lambda _: pointer_is_over[0])
    shown._on_timeout()
    assert shown.text(), "somebody is about to press its button"
    pointer_is_over[0] = False
    shown._timer.setInterval(10)
    await until(lambda: not shown.text(), "it goes")
    assert notices.SHOWN_MS >= 5000, "long enough to read"


async def test_a_notice_covers_neither_the_search_nor_more_than_the_messages(chat, undoing):
    chat.pane.window().resize(900, 600)
    assert chat.pane.list.isVisible()
    shown = Notice.over(chat.open)
    shown.say("Deleted “%s”" % ("very " * 80), "Undo", lambda: None)
    room = QRect(chat.open.mapTo(chat.pane.window(), QPoint()), chat.open.size())
    assert room.contains(shown.geometry())
    chat.open.hide()
    shown.say("Elsewhere")
    assert abs(shown.geometry().center().x() - chat.pane.window().rect().center().x()) <= 1


async def test_taking_back_a_branch_leads_to_the_chat_it_was_made_from(chat, undoing):
    first = chat.pane.current().id
    chat.open.acts.branch(chat.messages()[-1].row.message.id)
    await until(lambda: chat.pane.current().id != first, "the branch is open")
    made = chat.pane.current().id
    await until(lambda: made in chat.pane.list._conversations, "it is listed")
    action(chat).trigger()
    await until(lambda: made not in chat.pane.list._conversations, "it is gone")
    await until(lambda: chat.pane.current().id == first, "the chat it was made from")
    assert len(await chat.services.conversations.list()) == 1, "no empty chat was made in its place"


async def test_taking_back_a_copy_leaves_the_user_where_he_went_meanwhile(chat, undoing):
    first = chat.pane.current()
    chat.pane.list.acts.duplicate(first)
    await until(lambda: chat.pane.current().id != first.id, "the copy is open")
    made = chat.pane.current().id
    chat.open.new()
    await until(lambda: chat.pane.current().id not in (first.id, made), "another chat")
    other = chat.pane.current().id
    action(chat).trigger()
    await chat.kit.tasks.settle()
    assert chat.pane.current().id == other


async def test_every_act_has_words_of_its_own():
    async def nothing() -> None:
        pass

    said = [undo_words.undone(Done(act, nothing)) for act in Act]
    assert len(set(said)) == len(said)
    assert undo_words.undo(Done(Act.DELETE, nothing, 3)) == "Undo deleting 3 chats"
    assert undo_words.undo(Done(Act.RATE, nothing, 3)) == "Undo rating an answer"
    one, several = Done(Act.PARAMETERS, nothing, name="temperature"), Done(Act.PARAMETERS, nothing, 3)
    assert undo_words.undo(one) == "Undo changing “Temperature”"
    assert undo_words.undone(several) == "Undone: changing 3 parameters"


async def test_a_parameter_is_taken_back_as_it_was_before_the_slider_moved(window, services):
    sidebar, undo = window.sidebar, window.actions_table.action(ActionId.UNDO)
    for section in sidebar.findChildren(Section):
        section.set_open(True)
    box = sidebar.findChild(NumberBox, "box-temperature")
    slider = sidebar.findChild(QSlider, "slider-temperature")
    before = box.text()
    for position in (3, 2, 1):
        slider.setValue(position)
        await sidebar.settle()
    await until(undo.isEnabled, "there is a way back")
    assert undo.text() == "Undo changing “Temperature”"
    undo.trigger()
    await until(lambda: box.text() == before, "the number of before")
    await until(lambda: "Temperature" in Notice.over(window.chat_pane).text(), "it is said")
    assert services.undo.next is None


async def test_what_was_changed_a_moment_ago_is_taken_back_before_it_is_written(window, services):
    sidebar = window.sidebar
    for section in sidebar.findChildren(Section):
        section.set_open(True)
    chat = window.chat_pane.current()
    await services.conversations.rename(chat.id, "A chat")
    box = sidebar.findChild(NumberBox, "box-top_k")
    before = box.text()
    box.stepUp()
    assert services.undo.next.act is Act.RENAME, "it is not written yet"
    window.actions_table.action(ActionId.UNDO).trigger()
    await until(lambda: box.text() == before, "the number of before")
    assert (await services.conversations.head(chat.id)).title == "A chat"


async def test_a_reset_that_was_taken_back_by_the_key_is_not_offered_by_its_button(window, services):
    chat = window.chat_pane.current()
    await services.conversations.configure(chat.id, overrides={"top_k": 7, "seed": 1})
    reset, back = (window.sidebar.findChild(QPushButton, name) for name in ("reset-all", "undo-reset"))
    await until(reset.isVisible, "something to reset")
    reset.click()
    assert back.isVisible()
    window.actions_table.action(ActionId.UNDO).trigger()
    await until(lambda: not back.isVisible(), "it is back already")
    assert (await services.conversations.head(chat.id)).overrides == {"top_k": 7, "seed": 1}
