"""Where prompts are written."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.composer.composer import DRAFT_MS
from tests.helpers import chats
from tests.helpers.painted import FramePaints
from tests.helpers.qt_loop import until


@pytest.fixture
async def stored(services) -> str:
    """A chat longer than what is seen of it."""
    made = await services.conversations.new()
    messages = list(chats.turns(made.id, 30))
    await services.chat._stores.disk.messages.add(*messages, leaf_id=messages[-1].id, title="Long")
    return made.id


def hint(chat) -> str:
    return chat.composer.hint.text


async def test_the_field_grows_with_its_text_up_to_ten_lines(chat):
    await chat.show()
    edit = chat.composer.edit
    heights = []
    for lines in range(1, 15):
        edit.setPlainText("\n".join(["line"] * lines))
        await asyncio.sleep(0)
        heights.append(edit.height())
    assert heights[0] < heights[1] < heights[5] < heights[9]
    assert heights[9] == heights[13]
    edit.clear()
    await asyncio.sleep(0)
    assert edit.height() == heights[0]


async def test_enter_sends_and_shift_enter_starts_a_line(chat, model):
    await model(reply="Fine.")
    await chat.show()
    edit = chat.composer.edit
    QTest.keyClicks(edit, "one")
    QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(edit, "two")
    assert edit.toPlainText() == "one\ntwo"
    QTest.keyClick(edit, Qt.Key.Key_Return)
    await until(lambda: chat.texts()[:1] == ["one\ntwo"], "the message")


async def test_enter_starts_a_line_and_ctrl_enter_sends_if_the_user_wants_it_so(chat, model):
    await model(reply="Fine.")
    await chat.show()
    chat.services.settings.put(Setting.ENTER_SENDS, False)
    edit = chat.composer.edit
    QTest.keyClicks(edit, "one")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    QTest.keyClicks(edit, "two")
    await chat.kit.tasks.settle()
    assert edit.toPlainText() == "one\ntwo"
    assert chat.messages() == []
    QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: chat.texts()[:1] == ["one\ntwo"], "the message")


async def test_escape_stops_the_answer(chat, model, gate):
    await model(reply="word " * 300, gate=gate)
    await chat.show()
    await chat.ask("Go")
    QTest.keyClick(chat.composer.edit, Qt.Key.Key_Escape)
    await until(lambda: not chat.running(), "the end")


async def test_nothing_is_sent_from_an_empty_field(chat):
    await chat.show()
    QTest.keyClick(chat.composer.edit, Qt.Key.Key_Return)
    chat.composer.edit.setPlainText("  \n ")
    QTest.keyClick(chat.composer.edit, Qt.Key.Key_Return)
    await chat.kit.tasks.settle()
    assert chat.messages() == []


async def test_a_draft_is_kept_with_its_chat(chat):
    first = await chat.show()
    QTest.keyClicks(chat.composer.edit, "not finished")
    await until(lambda: not chat.composer._draft.isActive(), "a pause")
    await chat.kit.tasks.settle()
    assert (await chat.services.conversations.open(first)).conversation.draft == "not finished"


async def test_a_draft_is_saved_while_one_writes_without_a_pause(chat):
    await chat.show()
    saved: list[str] = []
    chat.composer.draft_changed.connect(lambda prompt: saved.append(prompt.text))
    for _ in range(2 * DRAFT_MS):
        QTest.keyClicks(chat.composer.edit, "a")
        await asyncio.sleep(0.005)
        if saved:
            break
    assert saved


async def test_leaving_a_chat_saves_its_draft_at_once(chat):
    first = await chat.show()
    QTest.keyClicks(chat.composer.edit, "half a thou")
    chat.open.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    assert chat.composer.text == ""
    await chat.show(first)
    assert chat.composer.text == "half a thou"


async def test_sending_clears_the_draft(chat, model):
    await model(reply="Fine.")
    conversation = await chat.show()
    await chat.ask_and_wait("sent")
    await until(lambda: not chat.composer._draft.isActive(), "a pause")
    await chat.kit.tasks.settle()
    assert (await chat.services.conversations.open(conversation)).conversation.draft == ""


async def test_the_gauge_counts_what_is_typed_without_being_asked(chat, model):
    await model(context_length=4096)
    await chat.show()
    gauge = chat.composer.gauge
    await until(lambda: "4,096 tokens" in gauge.text_shown or "4096 tokens" in gauge.text_shown, "a total")
    empty = gauge.used
    chat.composer.edit.setPlainText("one two three four five six seven eight")
    await until(lambda: gauge.used >= empty + 8, "the typed words")
    chat.composer.edit.clear()
    await until(lambda: gauge.used == empty, "the empty field")


async def test_after_an_answer_the_gauge_is_exact(chat, model):
    await model(reply="one two three")
    await chat.show()
    await chat.ask_and_wait("Go")
    origin = chat.messages()[1].row.message.origin
    await until(
        lambda: chat.composer.gauge.used == origin.prompt_tokens + origin.completion_tokens, "the sum"
    )
    assert not chat.composer.gauge.text_shown.startswith("about")


async def test_the_gauge_of_an_answer_that_still_waits_is_not_the_last_chats(chat, model):
    await model(reply="word", context_length=150, ahead=2, queue_s=600.0)
    await chat.show()
    chat.composer.edit.setPlainText("word " * 400)
    await until(lambda: chat.composer.gauge.text_shown.endswith("does not fit"), "what the first chat costs")
    chat.actions.action(ActionId.NEW_CHAT).trigger()
    await until(lambda: not chat.composer.text, "another chat")
    await chat.ask("Go")
    await until(lambda: not chat.composer.gauge.text_shown.endswith("does not fit"), "what this one costs")
    assert chat.running()
    chat.actions.action(ActionId.STOP).trigger()
    await until(lambda: not chat.running(), "the end")


async def test_a_chat_that_no_longer_fits_says_what_becomes_of_it(chat, model):
    await model(reply="word " * 60, context_length=150)
    await chat.show()
    await chat.ask_and_wait("Go")
    chat.composer.edit.setPlainText("word " * 60)
    await until(lambda: hint(chat).startswith("This no longer fits. Start a new chat"), "the hint")
    assert chat.composer.gauge.text_shown.endswith("does not fit")
    await model(reply="word " * 60, context_length=400, cut_turns=2)
    await until(lambda: "earlier messages will not be sent" in hint(chat), "what the policy does")
    assert chat.composer.gauge.text_shown.endswith("1 message dropped")
    reading = chat.open._context._reading
    cut = replace(reading.ledger.foresight.cut, policy="keep_ends", turns=())
    ledger = replace(reading.ledger, dropped=0, foresight=replace(reading.ledger.foresight, cut=cut))
    chat.open._context.meter.measured.emit(replace(reading, ledger=ledger))
    assert "a part in the middle will not be sent" in hint(chat)
    assert chat.composer.gauge.text_shown.endswith("a part dropped")


async def test_thinking_does_not_count_because_it_is_not_sent_back(chat, model):
    await model(reply="one two three", thinking="word " * 100)
    await chat.show()
    await chat.ask_and_wait("Go")
    origin = chat.messages()[1].row.message.origin
    await until(
        lambda: chat.composer.gauge.used < origin.prompt_tokens + origin.completion_tokens - 90, "the rest"
    )
    await until(lambda: chat.composer.gauge.text_shown.endswith("nothing dropped"), "the ledger")


async def test_a_text_larger_than_the_context_says_what_to_do(chat, model):
    await model(reply="Fine.", context_length=128)
    await chat.show()
    chat.composer.edit.setPlainText("word " * 300)
    await until(lambda: "larger than the context" in hint(chat), "the hint")
    assert "Shorten it" in hint(chat)
    chat.composer.edit.setPlainText("word")
    await until(lambda: hint(chat) == "", "no hint")
    chat.composer.edit.setPlainText("word " * 300)
    await until(lambda: "larger than the context" in hint(chat), "the hint again")
    chat.composer.edit.clear()
    assert hint(chat) == "", "no text, and nothing to say of it"


async def test_a_text_larger_than_the_context_that_is_sent_anyway_is_refused_in_words(chat, model):
    await model(reply="Fine.", context_length=128)
    await chat.show()
    await chat.ask_and_wait("word " * 300)
    status = chat.messages()[1].findChild(QLabel, "message-status-text")
    assert status.isVisible()
    assert "128" in status.text()


async def test_pages_of_the_chat_are_turned_from_the_field_unless_it_has_more_than_is_seen(chat, stored):
    await chat.show(stored)
    edit, bar = chat.composer.edit, chat.transcript.verticalScrollBar()
    await until(lambda: bar.value() == bar.maximum() > 0, "the chat's end")
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_PageUp)
    up = bar.value()
    assert up < bar.maximum()
    assert edit.hasFocus()
    QTest.keyClick(edit, Qt.Key.Key_PageDown)
    assert bar.value() > up
    edit.setPlainText("line\n" * 40)
    await until(lambda: edit.verticalScrollBar().maximum() > 0, "a field that scrolls")
    edit.moveCursor(QTextCursor.MoveOperation.End)
    before = bar.value()
    QTest.keyClick(edit, Qt.Key.Key_PageUp)
    assert bar.value() == before


async def test_the_frame_follows_the_keyboard(chat):
    await chat.show()
    chat.composer.focus_edit()
    await until(chat.composer.edit.hasFocus, "the keyboard in it")
    painted = FramePaints(chat.composer, chat.composer.edit)
    chat.pane.list.focus_search()
    await until(lambda: False in painted.seen, "the frame of a field without the keyboard")
    chat.composer.focus_edit()
    await until(lambda: painted.seen[-1], "the frame of a field with the keyboard")
