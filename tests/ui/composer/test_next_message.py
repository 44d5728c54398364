"""Sending while an answer runs, prompts of before, and the start of the reply."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QToolButton

from desktop.domain.errors import StorageError
from desktop.services.undo import Act
from desktop.ui.actions import ActionId
from tests.helpers.qt_loop import until

LONG = "word " * 400
RETURN, UP, DOWN = Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Down


def send(chat, text: str) -> None:
    QTest.keyClicks(chat.composer.edit, text)
    QTest.keyClick(chat.composer.edit, RETURN)


async def shows(edit: QPlainTextEdit, text: str) -> None:
    await until(lambda: edit.toPlainText() == text, repr(text))


def waits(chat) -> bool:
    return chat.composer.next.isVisible()


async def test_enter_while_an_answer_runs_lets_the_message_wait(chat, model, gate):
    await model(reply=LONG, gate=gate)
    await chat.show()
    await chat.ask("one")
    send(chat, "two")
    assert chat.composer.text == ""
    await until(lambda: waits(chat), "the waiting message")
    assert chat.composer.next.text == "two"
    assert chat.composer.next.accessibleName() == "Will be sent next: two"
    QTest.keyClicks(chat.composer.edit, "three")
    gate.open()
    await until(lambda: chat.texts()[2:3] == ["two"] and not waits(chat), "the second message")
    assert chat.composer.text == "three", "what is typed meanwhile stays"


async def test_beside_stop_there_is_send_as_soon_as_something_is_typed(chat, model, gate):
    await model(reply=LONG, gate=gate)
    await chat.show()
    await chat.ask("one")
    stop = chat.composer.findChild(QToolButton, "composer-stop")
    next_ = chat.composer.findChild(QToolButton, "composer-send")
    await until(lambda: stop.isVisible(), "stop")
    assert not next_.isVisible()
    QTest.keyClicks(chat.composer.edit, "two")
    assert next_.isVisible()
    assert next_.accessibleName() == "Send next"
    next_.click()
    await until(lambda: waits(chat), "the waiting message")
    stop.click()
    await until(lambda: not chat.running(), "the end")


async def test_after_a_stop_the_waiting_message_is_in_the_field_before_what_is_typed(chat, model, gate):
    await model(reply=LONG, gate=gate)
    await chat.show()
    await chat.ask("one")
    send(chat, "two")
    await until(lambda: waits(chat), "the waiting message")
    QTest.keyClicks(chat.composer.edit, "three")
    QTest.keyClick(chat.composer.edit, Qt.Key.Key_Escape)
    await until(lambda: chat.composer.text == "two\n\nthree", "the message")
    assert not waits(chat)
    assert len(chat.messages()) == 2


async def test_what_is_sent_right_after_a_stop_does_not_come_back_into_the_field(chat, model, gate):
    await model(reply=LONG, gate=gate)
    await chat.show()
    await chat.ask("one")
    edit = chat.composer.edit
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    QTest.keyClicks(edit, "two")
    QTest.keyClick(edit, RETURN)
    assert chat.composer.text == ""
    gate.open()
    await until(lambda: len(chat.messages()) == 4 and not chat.running(), "the answer")
    assert chat.texts()[2] == "two" and chat.composer.text == ""


async def test_the_waiting_message_can_be_changed_and_removed(chat, model, gate):
    await model(reply=LONG, gate=gate)
    first = await chat.show()
    await chat.ask("one")
    send(chat, "two")
    await until(lambda: waits(chat), "the waiting message")
    chat.composer.findChild(QToolButton, "next-message-edit").click()
    assert chat.composer.text == "two"
    assert not waits(chat)
    QTest.keyClick(chat.composer.edit, RETURN)
    await until(lambda: waits(chat), "it waits again")
    chat.composer.findChild(QToolButton, "next-message-remove").click()
    assert not waits(chat)
    assert chat.composer.text == ""
    assert chat.services.next_message.of(first) is None
    assert chat.services.undo.next.act is Act.REMOVE_NEXT
    chat.open.banner.findChild(QPushButton, "banner-action").click()
    await until(lambda: chat.composer.text == "two", "the message")
    assert chat.services.undo.next is None, "it is there already"
    await chat.services.chat.stop(first)
    await until(lambda: not chat.running(), "the end")


async def test_undo_brings_a_removed_message_back_into_its_chat(chat, model, gate):
    await model(reply=LONG, gate=gate)
    first = await chat.show()
    await chat.ask("one")
    for text in ("two", "three"):
        send(chat, text)
        await until(lambda: waits(chat), "the waiting message")
        chat.composer.findChild(QToolButton, "next-message-remove").click()
    button = chat.open.banner.findChild(QPushButton, "banner-action")
    await chat.services.undo.undo()
    assert chat.composer.text == "three"
    button.click()
    await chat.kit.tasks.settle()
    assert chat.composer.text == "three", "it comes back once"
    chat.open.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    await chat.services.undo.undo()
    assert chat.composer.text == ""
    await chat.show(first)
    await until(lambda: chat.composer.text == "two\n\nthree", "both")
    await chat.services.chat.stop(first)
    await until(lambda: not chat.services.chat.is_busy(first), "the end")


async def test_a_waiting_message_stays_with_its_chat(chat, model, gate):
    await model(reply=LONG, gate=gate)
    first = await chat.show()
    await chat.ask("one")
    send(chat, "two")
    await until(lambda: waits(chat), "the waiting message")
    chat.open.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    assert not waits(chat)
    assert chat.composer.text == ""
    gate.open()
    await chat.show(first)
    await until(lambda: chat.texts()[2:3] == ["two"], "it is sent all the same")


async def test_enter_at_any_moment_around_an_answers_end_loses_nothing(chat, model):
    await model(reply="Fine.")
    conversation = await chat.show()
    wanted = []
    for number in range(8):
        send(chat, f"question {number}")
        await asyncio.sleep(0.015 * number)
        wanted.append(f"question {number}")

    async def are_asked() -> bool:
        path = (await chat.services.conversations.open(conversation)).path
        return [line for message in path[::2] for line in message.text.split("\n\n")] == wanted

    await until(are_asked, "all questions are asked")
    assert chat.composer.text == ""


async def test_up_recalls_what_was_written_and_down_comes_back(chat, model):
    await model(reply="Fine.")
    await chat.show()
    for text in ("one", "two\nlines", "three"):
        await chat.ask_and_wait(text)
    edit = chat.composer.edit
    for wanted in ("three", "two\nlines", "one"):
        QTest.keyClick(edit, UP)
        await shows(edit, wanted)
    QTest.keyClick(edit, UP)
    for wanted in ("two\nlines", "three", ""):
        QTest.keyClick(edit, DOWN)
        await shows(edit, wanted)


async def test_a_recalled_prompt_that_was_changed_is_not_replaced(chat, model):
    await model(reply="Fine.")
    await chat.show()
    await chat.ask_and_wait("one")
    await chat.ask_and_wait("two")
    edit = chat.composer.edit
    QTest.keyClick(edit, UP)
    await until(lambda: edit.toPlainText() == "two", "the prompt")
    QTest.keyClicks(edit, "!")
    QTest.keyClick(edit, UP)
    QTest.keyClick(edit, DOWN)
    assert edit.toPlainText() == "two!"


async def test_other_chats_prompts_come_after_this_ones(chat, model):
    await model(reply="Fine.")
    first = await chat.show()
    await chat.ask_and_wait("from the first chat")
    chat.open.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    await chat.ask_and_wait("from the second chat")
    edit = chat.composer.edit
    for wanted in ("from the second chat", "from the first chat"):
        QTest.keyClick(edit, UP)
        await shows(edit, wanted)


async def test_the_reply_starts_with_what_is_given_and_that_is_used_once(chat, model):
    await model(reply="there was a lamp.")
    first = await chat.show()
    chat.actions.action(ActionId.PREFILL).trigger()
    line = chat.composer.prefill
    assert line.isVisible()
    QTest.keyClicks(line.field, "Once ")
    QTest.keyClicks(chat.composer.edit, "Tell me")
    chat.open.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    assert not line.isVisible()
    await chat.show(first)
    await until(lambda: line.isVisible() and line.text == "Once ", "it is kept with its chat")
    QTest.keyClick(line.field, RETURN)
    await until(lambda: chat.texts()[1:] == ["Once there was a lamp."], "the answer")
    assert not line.isVisible()
    assert line.text == ""


async def test_escape_in_the_reply_line_gives_it_up(chat):
    await chat.show()
    chat.actions.action(ActionId.PREFILL).trigger()
    line = chat.composer.prefill
    QTest.keyClicks(line.field, "Once ")
    chat.actions.action(ActionId.PREFILL).trigger()
    QTest.keyClick(line.field, Qt.Key.Key_Escape)
    assert not line.isVisible()
    assert chat.composer.prompt.prefill == ""


async def test_what_could_not_be_sent_comes_back_with_the_reason(chat, model, monkeypatch):
    await model(reply="Fine.")
    await chat.show()

    async def full(*_args: object, **_named: object) -> str:
        raise StorageError("The disk is full.", action="Free some space.")

    monkeypatch.setattr(chat.services.chat, "send", full)
    send(chat, "two")
    await until(lambda: chat.composer.text == "two", "the text")
    assert "The disk is full." in chat.open.banner.text()


async def test_a_waiting_message_that_could_not_be_sent_comes_back_with_the_reason(
    chat, model, gate, monkeypatch
):
    await model(reply=LONG, gate=gate)
    await chat.show()
    await chat.ask("one")
    send(chat, "two")
    await until(lambda: waits(chat), "the waiting message")

    async def full(*_args: object, **_named: object) -> str:
        raise StorageError("The disk is full.", action="Free some space.")

    monkeypatch.setattr(chat.services.chat, "send", full)
    gate.open()
    await until(lambda: chat.composer.text == "two", "the text")
    assert "The disk is full." in chat.open.banner.text()
    assert not waits(chat)


async def test_enter_in_the_reply_s_start_goes_to_the_message_until_there_is_one(chat, model):
    await model()
    await chat.show()
    chat.actions.action(ActionId.PREFILL).trigger()
    line = chat.composer.prefill
    QTest.keyClicks(line.field, "In short, ")
    sent = []
    chat.composer.submitted.connect(lambda: sent.append(True))
    QTest.keyClick(line.field, RETURN)
    assert not sent and chat.composer.edit.hasFocus()
    QTest.keyClicks(chat.composer.edit, "Why?")
    QTest.keyClick(line.field, RETURN)
    assert sent
