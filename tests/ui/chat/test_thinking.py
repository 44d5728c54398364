"""What a model thought is shown above its answer, open while it thinks, folded once it answers."""

from __future__ import annotations

from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QScrollBar, QToolButton, QWidget

from desktop.services.live_answer import LiveAnswer, Phase
from desktop.ui.chat import words
from desktop.ui.chat.message.act import MessageAct
from desktop.ui.chat.message.thinking_block import ThinkingBlock
from desktop.ui.chat.progress import progress_fraction, progress_text
from tests.helpers.qt_loop import until

THOUGHT = "First the one,\nthen the other. "


def block(chat) -> Any:
    """The block of the last message, if it is seen."""
    messages = chat.messages()
    found = messages[-1].findChild(ThinkingBlock) if messages else None
    return found if found is not None and found.isVisible() else None


def header(chat) -> QPushButton:
    return chat.messages()[-1].findChild(QPushButton, "thinking-header")


def shown(chat) -> QPlainTextEdit:
    return chat.messages()[-1].findChild(QPlainTextEdit, "thinking-text")


def numbered(word: str, count: int) -> str:
    """So many tokens."""
    return " ".join(f"{word}{n}" for n in range(count))


async def test_it_is_folded_above_the_finished_answer(chat, model):
    await chat.show()
    await model(thinking=THOUGHT, reply="Both.")
    await chat.ask_and_wait("Which?")
    thinking = block(chat)
    assert thinking is not None and not thinking.is_open
    assert header(chat).text().startswith("Thought")
    assert not shown(chat).isVisible()
    message = chat.messages()[-1]
    assert thinking.geometry().bottom() < message.body.y()
    assert message.body.y() + message.body.height() <= message.height()


async def test_a_click_unfolds_it_and_makes_room(chat, model):
    await chat.show()
    await model(thinking=THOUGHT, reply="Both.")
    await chat.ask_and_wait("Which?")
    message = chat.messages()[-1]
    before = message.height()
    header(chat).click()
    assert shown(chat).isVisible() and shown(chat).toPlainText() == THOUGHT
    assert message.height() > before
    assert block(chat).geometry().bottom() < message.body.y()
    assert shown(chat).verticalScrollBar().maximum() == 0
    assert "open" in header(chat).accessibleName()
    header(chat).click()
    assert message.height() == before and not shown(chat).isVisible()


async def test_it_is_open_while_the_model_thinks_and_closes_when_it_answers(chat, model, gate):
    await chat.show()
    await model(thinking=numbered("thought", 20), reply=numbered("word", 100), gate=gate)
    gate.open_to(6)
    await chat.ask("Which?")
    await until(lambda: block(chat) and "thought5" in block(chat).text, "thinking is seen")
    assert block(chat).is_open
    assert header(chat).text().startswith("Thinking …")
    assert "thought3" in shown(chat).toPlainText()
    gate.open_to(22)
    await until(lambda: "word1" in chat.texts()[-1], "the answer begins")
    assert not block(chat).is_open
    assert header(chat).text().startswith("Thought for")
    header(chat).click()
    assert block(chat).is_open
    gate.open_to(30)
    await until(lambda: "word9" in chat.texts()[-1], "more of the answer")
    assert block(chat).is_open, "what the user opened stays open"


async def test_an_answer_stopped_while_it_was_thought_about_shows_the_thoughts(chat, model, gate):
    await chat.show()
    await model(thinking=numbered("thought", 400), reply="Both.", gate=gate)
    gate.open_to(6)
    await chat.ask("Which?")
    await until(lambda: block(chat) and "thought5" in block(chat).text, "thinking is seen")
    chat.open.acts.stop()
    await until(lambda: not chat.running() and not chat.messages()[-1].row.streaming, "the end")
    assert block(chat).is_open
    assert chat.messages()[-1].row.message.text == ""
    status = chat.messages()[-1].findChild(QLabel, "message-status-text")
    assert status.text() == "You stopped this answer."


async def test_it_is_copied_by_itself_and_never_with_the_answer(chat, model):
    await chat.show()
    await model(thinking=THOUGHT, reply="**Both.**")
    await chat.ask_and_wait("Which?")
    clipboard = QGuiApplication.clipboard()
    message = chat.messages()[-1]
    message.act(MessageAct.COPY)
    assert clipboard.text() == "**Both.**"
    header(chat).click()
    message.findChild(QToolButton, "thinking-copy").click()
    assert clipboard.text() == THOUGHT


async def test_another_chat_in_between_leaves_nothing_behind(chat, model):
    first = await chat.show()
    await model(thinking=THOUGHT, reply="Both.")
    await chat.ask_and_wait("Which?")
    header(chat).click()
    await chat.show(await _other(chat))
    await model(reply="Plain.")
    await chat.ask_and_wait("And?")
    assert block(chat) is None
    await chat.show(first)
    await until(lambda: block(chat) is not None, "the first chat")
    assert not block(chat).is_open, "it is folded again"


async def _other(chat) -> str:
    return (await chat.services.conversations.new()).id


async def test_the_keyboard_reaches_it_before_the_answers_buttons(chat, model):
    await chat.show()
    await model(thinking=THOUGHT, reply="Both.")
    await chat.ask_and_wait("Which?")
    message = chat.messages()[-1]
    assert message.focus_chain()[0] is header(chat)
    QTest.keyClick(header(chat), Qt.Key.Key_Space)
    names = [widget.objectName() for widget in message.focus_chain()]
    assert names[:3] == ["thinking-header", "thinking-copy", "thinking-text"]
    assert "message-copy" in names


async def test_it_makes_way_for_the_editor(chat, model):
    await chat.show()
    await model(thinking=THOUGHT, reply="Both.")
    await chat.ask_and_wait("Which?")
    message = chat.messages()[-1]
    message.start_edit()
    assert block(chat) is None
    message.end_edit()
    assert block(chat) is not None


async def test_what_was_not_sent_is_said_above_the_answer(chat, model):
    await chat.show()
    await model(cut_turns=3, reply="Short.")
    await chat.services.conversations.configure(chat.pane.current().id, system_prompt="")
    await chat.ask_and_wait("a")
    await chat.ask_and_wait("b")
    note = chat.messages()[-1].findChild(QLabel, "message-left-out")
    assert note.isVisible() and note.text() == "3 earlier messages were not sent"
    assert "context" in note.toolTip()
    assert note.geometry().bottom() < chat.messages()[-1].body.y()


async def test_a_queued_answer_says_for_whom_it_waits(chat, model):
    await chat.show()
    await model(ahead=2, queue_s=3600, reply="At last.")
    await chat.ask("Now")
    line = "Waiting for 2 others"
    await until(lambda: any(message.foot == line for message in chat.messages()), "the line")
    chat.open.acts.stop()
    await until(lambda: not chat.running(), "the end")


# The block alone


@pytest.fixture
def alone(theme, icons, qapp):
    window = QWidget()
    made = ThinkingBlock(theme, icons, window)
    window.resize(500, 600)
    window.show()
    yield made
    shiboken6.delete(window)


def place(thinking: ThinkingBlock, width: int = 400) -> int:
    height = thinking.height_at(width)
    thinking.resize(width, height)
    thinking.arrange()
    return height


def test_a_long_thought_scrolls_in_a_bounded_block(alone):
    alone.set_text("word " * 50_000, 3.0, is_open=True)
    assert place(alone) < 400
    bar = alone.findChild(QPlainTextEdit).verticalScrollBar()
    assert bar.maximum() > 0
    assert bar.value() == 0, "a finished one is read from its start"


@pytest.mark.parametrize("text", ["one line", "a\n\nb\nc", "word " * 60, "x" * 200, ""])
@pytest.mark.parametrize("width", [200, 333, 400])
def test_a_short_thought_is_shown_whole(alone, text, width):
    alone.set_text(text, 3.0, is_open=True)
    place(alone, width)
    view = alone.findChild(QPlainTextEdit)
    lines, at = 0, view.document().firstBlock()
    while at.isValid():
        lines += at.layout().lineCount()
        at = at.next()
    assert lines <= 12
    assert view.verticalScrollBar().maximum() == 0


def test_it_stays_at_its_end_while_it_grows_unless_the_user_scrolled(alone):
    text = "\n".join(f"line {n}" for n in range(50))
    alone.stream(text, 1.0, answering=False)
    place(alone)
    alone.stream(text + "\nmore", 1.1, answering=False)
    bar = alone.findChild(QPlainTextEdit).verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.triggerAction(QScrollBar.SliderAction.SliderToMinimum)
    alone.stream(text + "\nmore\nand more", 1.2, answering=False)
    assert bar.value() == 0
    bar.triggerAction(QScrollBar.SliderAction.SliderToMaximum)
    alone.stream(text + "\nmore\nand more\nto read", 1.3, answering=False)
    assert bar.value() == bar.maximum()


def test_its_text_is_never_markup(alone):
    alone.set_text("<b>bold</b> <img src='http://example.org/x.png'>", 1.0, is_open=True)
    assert alone.findChild(QPlainTextEdit).toPlainText().startswith("<b>bold</b>")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "Thought before answering"),
        (0.4, "Thought for less than a second"),
        (12.4, "Thought for 12 s"),
        (89.0, "Thought for 89 s"),
        (120.0, "Thought for 2.0 min"),
    ],
)
def test_how_long_it_thought_in_words(seconds, text):
    assert words.thought(seconds) == text


@pytest.mark.parametrize(
    ("turns", "tokens", "text"),
    [
        (0, 0, ""),
        (1, 40, "1 earlier message was not sent"),
        (3, 40, "3 earlier messages were not sent"),
        (0, 1400, "A part of the conversation was not sent: 1,400 tokens"),
    ],
)
def test_what_was_left_out_in_words(turns, tokens, text):
    assert words.left_out(turns, tokens) == text


@pytest.mark.parametrize(
    ("phase", "ahead", "text"),
    [(Phase.QUEUED, 1, "Waiting for 1 other"), (Phase.QUEUED, 3, "Waiting for 3 others")],
)
def test_the_progress_of_a_queued_answer_in_words(phase, ahead, text):
    live = LiveAnswer("m", "c", phase=phase, ahead=ahead)
    assert progress_text(live) == text
    assert progress_fraction(live) is None


def test_the_progress_while_thinking_counts_tokens():
    live = LiveAnswer("m", "c", phase=Phase.THINKING, thinking="x", tokens=7)
    assert progress_text(live) == "7 tokens"
    assert progress_fraction(live) is None


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (None, "Reading 1,204 of 5,310 tokens"),
        (0.4, "Reading 1,204 of 5,310 tokens"),
        (12.3, "Reading 1,204 of 5,310 tokens · about 12 s left"),
        (140.0, "Reading 1,204 of 5,310 tokens · about 2 min left"),
    ],
)
def test_reading_a_prompt_says_how_far_it_is_and_how_long_it_takes(monkeypatch, left, text):
    monkeypatch.setattr(LiveAnswer, "prompt_left_s", left)
    live = LiveAnswer("m", "c", phase=Phase.READING, prompt_done=1204, prompt_total=5310)

    assert progress_text(live) == text
    assert progress_fraction(live) == pytest.approx(0.2267, abs=0.001)


async def test_it_stands_at_the_right_where_lines_begin_there(chat, model):
    chat.pane.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    await chat.show()
    await model(thinking=THOUGHT, reply="Both.")
    await chat.ask_and_wait("Which?")
    header(chat).click()
    whole = block(chat).rect()
    assert header(chat).geometry().right() == whole.right()
    assert shown(chat).geometry().left() == whole.left()
    assert block(chat).findChild(QWidget, "thinking-copy").geometry().left() == whole.left()
