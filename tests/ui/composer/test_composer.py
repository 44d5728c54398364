"""Where prompts are written."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton

from desktop.domain.settings import Setting
from tests.helpers.qt_loop import until


def hint(chat) -> str:
    label = chat.composer.findChild(QLabel, "composer-hint")
    return label.text() if label.isVisible() else ""


def paste(chat, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    chat.composer.edit.insertFromMimeData(data)


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
    await asyncio.sleep(0.05)
    assert edit.toPlainText() == "one\ntwo"
    assert chat.messages() == []
    QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: chat.texts()[:1] == ["one\ntwo"], "the message")


async def test_escape_stops_the_answer(chat, model):
    await model(reply="word " * 300, tokens_per_s=50.0)
    await chat.show()
    await chat.ask("Go")
    QTest.keyClick(chat.composer.edit, Qt.Key.Key_Escape)
    await until(lambda: not chat.running(), "the end")


async def test_nothing_is_sent_from_an_empty_field(chat):
    await chat.show()
    QTest.keyClick(chat.composer.edit, Qt.Key.Key_Return)
    chat.composer.edit.setPlainText("  \n ")
    QTest.keyClick(chat.composer.edit, Qt.Key.Key_Return)
    await asyncio.sleep(0.05)
    assert chat.messages() == []


async def test_a_draft_is_kept_with_its_chat(chat):
    first = await chat.show()
    QTest.keyClicks(chat.composer.edit, "not finished")
    await until(lambda: not chat.composer._draft.isActive(), "a pause")
    await asyncio.sleep(0.05)
    assert (await chat.services.conversations.open(first)).conversation.draft == "not finished"


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
    await asyncio.sleep(0.4)
    assert (await chat.services.conversations.open(conversation)).conversation.draft == ""


async def test_what_was_not_sent_comes_back(chat, model):
    await model(reply="word " * 300, tokens_per_s=50.0)
    await chat.show()
    await chat.ask("one")
    chat.open._on_submitted("two")
    await until(lambda: chat.composer.text == "two", "the text")
    assert "still being written" in chat.open.banner.text()


async def test_a_megabyte_in_one_line_is_held_beside_the_field(chat, model):
    await model(reply="Fine.", context_length=1_000_000)
    await chat.show()
    chat.composer.edit.setPlainText("Summarize this:")
    paste(chat, "x" * 1_000_000)
    assert chat.composer.edit.toPlainText() == "Summarize this:"
    assert chat.composer.pasted.isVisible()
    title = chat.composer.pasted.accessibleName()
    assert "1000000" in title.replace(",", "")
    assert len(chat.composer.text) == 1_000_000 + len("Summarize this:\n\n")
    chat.composer.pasted.findChild(QToolButton, "pasted-text-remove").click()
    assert chat.composer.text == "Summarize this:"
    assert not chat.composer.pasted.isVisible()


async def test_a_large_draft_comes_back_beside_the_field(chat):
    first = await chat.show()
    chat.composer.edit.setPlainText("Look at this:")
    paste(chat, "y" * 200_000)
    chat.open.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    assert not chat.composer.pasted.isVisible()
    await chat.show(first)
    assert chat.composer.text == "Look at this:\n\n" + "y" * 200_000
    assert chat.composer.edit.toPlainText() == "Look at this:"


async def test_the_gauge_counts_what_is_typed_without_being_asked(chat, model):
    await model(context_length=4096)
    await chat.show()
    gauge = chat.composer.gauge
    await until(lambda: gauge.text.endswith("4,096 tokens") or gauge.text.endswith("4096 tokens"), "a total")
    empty = gauge._used
    chat.composer.edit.setPlainText("one two three four five six seven eight")
    await until(lambda: gauge._used >= empty + 8, "the typed words")
    chat.composer.edit.clear()
    await until(lambda: gauge._used == empty, "the empty field")


async def test_after_an_answer_the_gauge_is_exact(chat, model):
    await model(reply="one two three")
    await chat.show()
    await chat.ask_and_wait("Go")
    origin = chat.messages()[1].row.message.origin
    await until(
        lambda: chat.composer.gauge._used == origin.prompt_tokens + origin.completion_tokens, "the sum"
    )
    assert not chat.composer.gauge.text.startswith("about")


async def test_a_chat_that_no_longer_fits_says_what_becomes_of_it(chat, model):
    await model(reply="word " * 60, context_length=150)
    await chat.show()
    await chat.ask_and_wait("Go")
    chat.composer.edit.setPlainText("word " * 60)
    await until(lambda: hint(chat).startswith("This no longer fits. Start a new chat"), "the hint")
    chat_id = chat.pane.current().id
    await chat.services.conversations.configure(chat_id, overrides={"context_policy": "drop_oldest"})
    await until(lambda: "the oldest messages will not be sent" in hint(chat), "what the policy does")
    await chat.services.conversations.configure(chat_id, overrides={"context_policy": "keep_ends"})
    await until(lambda: "a part in the middle will not be sent" in hint(chat), "what the policy does")


async def test_thinking_does_not_count_because_it_is_not_sent_back(chat, model):
    await model(reply="one two three", thinking="word " * 100)
    await chat.show()
    await chat.ask_and_wait("Go")
    origin = chat.messages()[1].row.message.origin
    await until(
        lambda: chat.composer.gauge._used < origin.prompt_tokens + origin.completion_tokens - 90, "the rest"
    )
    assert chat.composer.gauge.text.startswith("about")


async def test_a_text_larger_than_the_context_says_what_to_do(chat, model):
    await model(reply="Fine.", context_length=128)
    await chat.show()
    chat.composer.edit.setPlainText("word " * 300)
    await until(lambda: "larger than the context" in hint(chat), "the hint")
    assert "Shorten it" in hint(chat)
    chat.composer.edit.setPlainText("word")
    await until(lambda: hint(chat) == "", "no hint")


async def test_a_text_larger_than_the_context_that_is_sent_anyway_is_refused_in_words(chat, model):
    await model(reply="Fine.", context_length=128)
    await chat.show()
    await chat.ask_and_wait("word " * 300)
    status = chat.messages()[1].findChild(QLabel, "message-status-text")
    assert status.isVisible()
    assert "128" in status.text()
