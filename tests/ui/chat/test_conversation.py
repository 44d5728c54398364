"""Talking: from the composer to the answer in the transcript, with everything a message offers."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from desktop.domain.conversation import Status
from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.chat.message.act import MessageAct
from tests.helpers.qt_loop import until
from tests.helpers.scripted import write_script


def button(parent: QWidget, name: str) -> QToolButton | QPushButton:
    found = parent.findChild(QToolButton, name) or parent.findChild(QPushButton, name)
    assert found is not None, name
    return found


def label(parent: QWidget, name: str) -> str:
    found = parent.findChild(QLabel, name)
    return found.text() if found is not None and found.isVisibleTo(parent) else ""


async def written(chat, count: int) -> None:
    """Waits until so many words of the answer are seen."""
    await until(lambda: chat.texts()[1:] and chat.texts()[1].split() == ["word"] * count, f"{count} words")


async def at_foot(chat, pattern: str) -> None:
    """Waits until the last message says so of how far it is."""
    await until(lambda: re.fullmatch(pattern, chat.messages()[-1].foot), pattern)


async def test_a_typed_question_and_its_answer_stand_in_the_transcript(chat, model):
    await model(reply="Because of **scattering**.")
    await chat.show()
    chat.composer.edit.setFocus()
    QTest.keyClicks(chat.composer.edit, "Why is the sky blue?")
    QTest.keyClick(chat.composer.edit, Qt.Key.Key_Return)
    wanted = ["Why is the sky blue?", "Because of scattering."]
    await until(lambda: chat.texts() == wanted, "the answer")
    assert chat.composer.text == ""
    assert chat.open.header.title() == "Why is the sky blue?"
    assert [widget.accessibleName() for widget in chat.messages()] == ["You", "Lantern 7B"]


async def test_an_answer_grows_while_it_is_written_and_the_button_stops_it(chat, model, gate):
    await model(reply="word " * 400, gate=gate)
    await chat.show()
    await chat.ask("Count")
    stop = button(chat.composer, "composer-stop")
    for words in (5, 10):
        gate.open_to(words)
        await written(chat, words)
    assert stop.isVisible()
    assert not button(chat.composer, "composer-send").isVisible(), "there is nothing to send next"
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    await chat.answered()
    assert chat.messages()[1].row.message.status is Status.CANCELLED
    assert label(chat.messages()[1], "message-status-text") == "You stopped this answer."
    assert chat.texts()[1].split() == ["word"] * 10
    await until(lambda: not stop.isVisible(), "nothing to stop")
    assert button(chat.composer, "composer-send").isVisible()


async def test_before_the_first_word_the_real_progress_is_told(chat, model, gate):
    await model(reply="Done.", gate=gate)
    await chat.show()
    gate.read_to(30)
    await chat.ask("a b c d e f g h " * 10)
    for read in (30, 60):
        gate.read_to(read)
        await at_foot(chat, rf"Reading {read} of 1\d\d tokens( · about \d+ s left)?")
    chat.actions.action(ActionId.STOP).trigger()
    await until(lambda: not chat.running(), "the stop while the prompt is read")


async def test_a_model_that_is_loaded_for_the_question_shows_how_far_it_is(chat, services, tmp_path, gate):
    path = write_script(tmp_path / "slow.gguf", name="Slow", reply="Done.", gate=gate)
    services.settings.put(Setting.LAST_MODEL, str(path))
    await chat.show()
    gate.load_to(0.0)
    await chat.ask("Go")
    for percent in (25, 50, 75):
        gate.load_to(percent / 100)
        await at_foot(chat, f"Loading model {percent} %")
    gate.open()
    await until(lambda: chat.texts()[-1:] == ["Done."], "the answer")


async def test_regenerating_keeps_both_answers_and_arrows_switch_between_them(chat, model):
    await model(reply="First.")
    await chat.show()
    await chat.ask_and_wait("Go")
    await model(reply="Second.")
    chat.actions.action(ActionId.REGENERATE).trigger()
    await until(lambda: chat.texts()[-1:] == ["Second."], "the second answer")
    await until(lambda: not chat.running() and not chat.messages()[1].row.streaming, "its end")
    answer = chat.messages()[1]
    assert label(answer, "version-count") == "2/2"
    button(answer, "version-previous").click()
    await until(lambda: chat.texts()[-1:] == ["First."], "the first answer again")
    assert label(chat.messages()[1], "version-count") == "1/2"
    chat.actions.action(ActionId.NEXT_VERSION).trigger()
    await until(lambda: chat.texts()[-1:] == ["Second."], "the second answer again")


async def test_editing_a_question_asks_again_and_keeps_the_old_branch(chat, model):
    await model(reply="You said: {prompt}")
    await chat.show()
    await chat.ask_and_wait("cats")
    chat.actions.action(ActionId.EDIT_LAST).trigger()
    editor = chat.messages()[0].findChild(QWidget, "message-edit-text")
    assert editor is not None, "an action edits the last message"
    assert editor.toPlainText() == "cats"
    editor.setPlainText("dogs")
    button(chat.messages()[0], "message-edit-send").click()
    await until(lambda: chat.texts() == ["dogs", "You said: dogs"] and not chat.running(), "the new branch")
    assert label(chat.messages()[0], "version-count") == "2/2"
    button(chat.messages()[0], "version-previous").click()
    await until(lambda: chat.texts() == ["cats", "You said: cats"], "the old branch")


async def test_an_edit_that_is_given_up_changes_nothing(chat, model):
    await model(reply="Fine.")
    await chat.show()
    await chat.ask_and_wait("cats")
    chat.actions.action(ActionId.EDIT_LAST).trigger()
    editor = chat.messages()[0].findChild(QWidget, "message-edit-text")
    editor.setPlainText("dogs")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert chat.texts() == ["cats", "Fine."]
    assert len((await chat.services.conversations.open(chat.pane.current().id)).tree) == 2


async def test_an_edit_that_is_refused_stays_in_the_editor(chat, model, gate):
    await model(reply="word " * 300, gate=gate)
    await chat.show()
    await chat.ask("one")
    chat.transcript.edit(chat.messages()[0].row.message.id)
    editor = chat.messages()[0].findChild(QWidget, "message-edit-text")
    editor.setPlainText("two")
    button(chat.messages()[0], "message-edit-send").click()
    await until(lambda: chat.open.banner.isVisible(), "the reason")
    assert "still being written" in chat.open.banner.text()
    assert editor.toPlainText() == "two"
    assert editor.isVisible()


async def test_an_answer_of_the_model_can_be_corrected_in_place(chat, model):
    await model(reply="Wrong.")
    await chat.show()
    await chat.ask_and_wait("Go")
    answer = chat.messages()[1]
    button(answer, "message-edit").click()
    chat.messages()[1].findChild(QWidget, "message-edit-text").setPlainText("Right.")
    button(chat.messages()[1], "message-edit-send").click()
    await until(lambda: label(chat.messages()[1], "version-count") == "2/2", "another version")
    assert chat.texts()[-1:] == ["Right."]


async def test_an_answer_cut_at_its_limit_says_which_limit(chat, model):
    await model(reply="word " * 50)
    conversation = await chat.show()
    await chat.services.conversations.configure(conversation, overrides={"max_tokens": 12})
    await chat.ask_and_wait("Go")
    assert label(chat.messages()[1], "message-status-text") == ("The answer reached its limit of 12 tokens.")


async def test_a_failed_answer_says_why_and_trying_again_works(chat, model):
    await model(fail="The engine has a headache.")
    await chat.show()
    await chat.ask_and_wait("Go")
    answer = chat.messages()[1]
    assert "The engine has a headache." in label(answer, "message-status-text")
    await model(reply="Better.")
    retry = button(answer, "message-retry")
    assert retry.text() == "Try again"
    retry.click()
    await until(lambda: chat.texts()[-1:] == ["Better."], "the new answer")


async def test_a_crash_keeps_what_was_written_and_the_next_question_is_answered(chat, model, gate):
    await model(reply="word " * 200, crash_after=60, gate=gate)
    await chat.show()
    gate.open_to(60)
    await chat.ask("Go")
    await written(chat, 60)
    gate.open()
    await chat.answered()
    assert chat.texts()[1].split() == ["word"] * 60
    assert "engine" in label(chat.messages()[1], "message-status-text")
    await model(reply="Here again.")
    await chat.ask_and_wait("And now?")
    assert chat.texts()[-1] == "Here again."


async def test_copying_gives_the_markdown_and_the_plain_words(chat, model):
    await model(reply="**Bold** and `code`\n\n- one\n- two")
    await chat.show()
    await chat.ask_and_wait("Go")
    answer = chat.messages()[1]
    button(answer, "message-copy").click()
    assert QGuiApplication.clipboard().text() == "**Bold** and `code`\n\n- one\n- two"
    answer.act(MessageAct.COPY_PLAIN)
    assert QGuiApplication.clipboard().text() == "Bold and code\none\ntwo"


async def test_a_finished_answer_shows_how_fast_it_was(chat, model):
    await model(reply="word " * 30)
    await chat.show()
    await chat.ask_and_wait("Go")
    assert "30 tokens" in chat.messages()[1].foot
    assert "tok/s" in chat.messages()[1].foot
    assert "first token after" in chat.messages()[1].foot


async def test_everything_is_there_again_when_the_chat_is_reopened(chat, model):
    await model(reply="You said: {prompt}")
    first = await chat.show()
    await chat.ask_and_wait("one")
    chat.actions.action(ActionId.NEW_CHAT).trigger()
    await until(lambda: chat.pane.current().id != first, "another chat")
    assert chat.messages() == []
    await chat.show(first)
    assert chat.texts() == ["one", "You said: one"]
    assert chat.services.settings.text(Setting.LAST_CONVERSATION) == first


async def test_another_chat_can_be_read_while_one_is_answered(chat, model, gate):
    await model(reply="word " * 300, gate=gate)
    first = await chat.show()
    gate.open_to(5)
    await chat.ask("Go")
    await written(chat, 5)
    chat.pane.open_chat.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    assert chat.messages() == []
    assert not button(chat.composer, "composer-stop").isVisible()
    gate.open_to(25)
    await until(lambda: chat.services.chat.running(first).tokens == 25, "more words")
    await chat.show(first)
    assert chat.running()
    await written(chat, 25)
    await chat.services.chat.stop(first)
    await until(lambda: not chat.running(), "the end")


async def test_start_and_end_of_an_answer_are_announced_and_tokens_are_not(chat, model, gate, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr("desktop.ui.chat.live_view.announce", lambda _widget, text: said.append(text))
    await model(reply="word " * 40, gate=gate)
    await chat.show()
    gate.open_to(20)
    await chat.ask("Go")
    await written(chat, 20)
    assert said == ["The model is answering"]
    gate.open()
    await until(lambda: len(said) == 2, "both announcements")
    assert said == ["The model is answering", "The answer is complete"]
