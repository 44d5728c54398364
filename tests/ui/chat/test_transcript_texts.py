"""What stands in the messages: as it is written, as it is finished, and safe whatever it is."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop.domain.conversation import MessageTree, Role, Status
from desktop.ui.chat.link_question import ask_to_open
from desktop.ui.chat.rows import LONGEST_CUT, ROW_CHARACTERS, Streamed, parts_of, rows_of
from desktop.ui.markdown.code_block import CodeWidget
from desktop.ui.markdown.rich_text import RichText
from tests.helpers import chats
from tests.helpers.chat_pane import shown_text
from tests.helpers.qt_loop import until
from tests.helpers.transcripts import one, rows, streaming, visible


async def test_a_streamed_answer_reads_like_the_finished_one(transcript):
    text = chats.DATABASES
    transcript.reset(one("", status=Status.STREAMING))
    for length in range(0, len(text), 30):
        transcript.stream(Streamed("m", text[:length]))
    streamed = visible(transcript)[0]
    assert "SQLite" in shown_text(streamed)
    transcript.set_rows(one(text), follow=True)
    kept, height = shown_text(visible(transcript)[0]), visible(transcript)[0].height()
    transcript.reset(rows_of([], MessageTree([])))
    transcript.reset(one(text))
    fresh = visible(transcript)[0]
    assert shown_text(fresh).split() == kept.split()
    assert abs(fresh.height() - height) <= 24


async def test_what_still_comes_of_an_answer_that_was_read_as_finished_changes_nothing(transcript):
    transcript.reset(one("", status=Status.STREAMING))
    transcript.stream(Streamed("m", "**Fine** and"))
    transcript.set_rows(one("**Fine** and done."), follow=True)
    transcript.stream(Streamed("m", "**Fine** and done.", "12 tokens/s"))
    (finished,) = visible(transcript)
    assert shown_text(finished) == "Fine and done."
    assert "12 tokens/s" not in finished.foot


async def test_an_open_fence_is_plain_code_until_it_closes_and_then_gets_colours(transcript):
    transcript.reset(one("", status=Status.STREAMING))
    transcript.stream(Streamed("m", "Look:\n\n```python\nimport os\nprint(os"))
    code = visible(transcript)[0].findChild(CodeWidget)
    assert code.isVisible()
    assert code.source() == "import os"
    transcript.stream(Streamed("m", "Look:\n\n```python\nimport os\nprint(os.name)\n```\n"))
    code = visible(transcript)[0].findChild(CodeWidget)
    assert code.source() == "import os\nprint(os.name)"
    await until(lambda: code._text.document().firstBlock().layout().formats(), "colours")


async def test_code_is_copied_as_it_was_written(transcript):
    transcript.reset(one("```sh\nls \u202e -l\n```"))
    code = visible(transcript)[0].findChild(CodeWidget)
    code.findChild(QWidget, "code-copy").click()
    assert QGuiApplication.clipboard().text() == "ls \u202e -l"
    assert "\u202e" not in code._text.toPlainText()


async def test_long_lines_of_code_wrap_when_asked(transcript):
    transcript.reset(one("```\n" + "word " * 100 + "\n```"))
    code = visible(transcript)[0].findChild(CodeWidget)
    before = code.height()
    code.findChild(QWidget, "code-wrap").click()
    assert code.height() > before + 40
    assert visible(transcript)[0].height() > before + 40


async def test_a_very_long_code_block_is_a_window_that_unfolds(transcript):
    transcript.reset(one("```python\n" + "print('hello')\n" * 5000 + "```"))
    code = visible(transcript)[0].findChild(CodeWidget)
    assert code.height() < 700
    unfold = code.findChild(QWidget, "code-unfold")
    assert unfold.text().replace(",", "") == "Show all 5000 lines"
    unfold.click()
    assert code.height() > 50_000


LONG = {
    "code": "```python\n" + "x = [1, 2, 3]  # numbers\n" * 5000 + "```",
    "columns": "|" + "c|" * 200 + "\n|" + "-|" * 200 + "\n" + ("|" + "v|" * 200 + "\n") * 40,
    "quotes": "> " * 100 + "deep",
    "lists": "\n".join("  " * depth + "- item" for depth in range(60)),
    "line": "x" * 1_000_000,
    "words": "word " * 200_000,
    "image": "![x](data:image/png;base64," + "A" * 1_000_000 + ")",
    "stars": "a*" * 4000,
    "brackets": "[a](" * 2000,
    "rows": "|a|b|c|\n|-|-|-|\n" + "|x|y|z|\n" * 1000,
    "bidi": "\u202eabc\u2066 " * 500,
    "family": "👩‍👩‍👧‍👦" * 2000,
}


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.USER])
@pytest.mark.parametrize("name", sorted(LONG))
async def test_no_message_freezes_the_window(transcript, name, role):
    """Against a plain long chat, and in time of the processor: a slow or busy machine is no failure."""
    plain = one("A sentence of plain words, as in any letter. " * 300)
    transcript.reset(plain)

    def shown(content) -> float:
        transcript.reset(rows_of([], MessageTree([])))
        start = time.thread_time()
        transcript.reset(content)
        transcript.repaint()
        return time.thread_time() - start

    usual = sorted(shown(plain) for _ in range(5))[2]
    hard = min(shown(one(LONG[name], role)) for _ in range(3))
    assert hard < max(20 * usual, 0.1)
    assert visible(transcript)


async def test_a_long_message_is_cut_into_rows_without_losing_a_letter(transcript):
    text = "\n\n".join(f"Paragraph {n}. " + "word " * 60 for n in range(300))
    assert len(text) > 4 * ROW_CHARACTERS
    parts = parts_of(text)
    assert "\n\n".join(parts).split() == text.split()
    assert max(map(len, parts)) < 2 * ROW_CHARACTERS
    shown = one(text)
    assert [row.first for row in shown] == [True, *[False] * (len(shown) - 1)]
    assert shown[-1].last


@pytest.mark.parametrize("piece", ["a\n", "word " * 50 + "\n\n", "x", "```\nx\n"])
async def test_a_text_too_long_to_look_for_its_blocks_is_cut_at_lines(transcript, monkeypatch, piece):
    text = piece * (3 * LONGEST_CUT // len(piece))
    monkeypatch.setattr("desktop.ui.chat.rows.Splitter", None)
    parts = parts_of(text)
    assert "".join(parts) == text
    assert max(map(len, parts)) <= ROW_CHARACTERS
    assert "\n" not in piece or all(part.endswith("\n") for part in parts)
    transcript.reset(one(text))
    assert visible(transcript)


async def test_many_short_blocks_make_more_rows_than_prose(transcript):
    items = "\n".join(f"{n}. item\n   1. inner" for n in range(800))
    prose = "\n\n".join("word " * 60 for _ in range(len(items) // 300))
    assert len(parts_of(items)) > len(parts_of(prose))
    # An item follows an item in one list, as it was written.
    assert "\n".join(parts_of(items)) == items


async def test_rendered_text_loads_nothing(transcript):
    transcript.reset(one("text"))
    text = visible(transcript)[0].findChild(RichText)
    for address in ("https://a.example/x.png", "file:///etc/passwd", "data:image/png;base64,AAAA"):
        assert text.loadResource(2, QUrl(address)) is None


async def test_a_link_asks_before_it_opens(transcript):
    asked: list[str] = []
    transcript.link_chosen.connect(asked.append)
    transcript.reset(one("[site](https://a.example/path)"))
    text = visible(transcript)[0].findChild(RichText)
    text.anchorClicked.emit(QUrl("https://a.example/path"))
    text.anchorClicked.emit(QUrl("javascript:alert(1)"))
    text.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert asked == ["https://a.example/path"]


@pytest.mark.parametrize(("answer", "opened"), [("Open", ["https://a.example"]), ("Cancel", [])])
async def test_only_a_yes_opens_the_link(transcript, answer, opened):
    went: list[str] = []
    ask_to_open(transcript, "https://a.example", went.append)
    box = transcript.findChild(QMessageBox, "link-question")
    assert box.informativeText() == "https://a.example"
    next(button for button in box.buttons() if button.text().replace("&", "") == answer).click()
    assert went == opened
    ask_to_open(transcript, "file:///etc/passwd", went.append)
    assert went == opened


@pytest.mark.parametrize("scale", [80, 100, 133, 200])
async def test_every_line_of_code_can_be_seen_at_any_text_size(transcript, theme, scale):
    transcript.reset(one("```python\n" + "x = [1, 2]\n" * 30 + "last = 1\n```"))
    theme.set_scale(scale)
    code = visible(transcript)[0].findChild(CodeWidget)._text
    assert code.font().pointSizeF() == pytest.approx(theme.points() * 0.92, abs=0.1)
    last = code.document().lastBlock()
    assert last.text() == "last = 1"
    box = code.blockBoundingGeometry(last).translated(code.contentOffset())
    assert 0 <= code.viewport().height() - box.bottom() < 2 * box.height()


async def test_dark_and_large_text_reach_messages_that_are_shown_already(transcript, theme):
    transcript.reset(rows(6))
    before = visible(transcript)[-1].height()
    light = transcript.grab().toImage().pixelColor(5, 5)
    theme.set_mode("dark")
    theme.set_scale(150)
    assert visible(transcript)[-1].height() > before
    assert transcript.grab().toImage().pixelColor(5, 5) != light


async def test_only_an_answer_that_is_written_now_has_the_present_models_name(transcript):
    transcript.set_model_name("Lantern 7B")
    transcript.reset(one("", status=Status.STREAMING))
    assert visible(transcript)[0].accessibleName() == "Lantern 7B"
    transcript.reset(one("from another app"))
    assert visible(transcript)[0].accessibleName() == "Model"


async def test_only_one_text_is_selected_at_a_time(transcript):
    transcript.reset(one("one\n\n```\ntwo\n```\n\nthree"))
    texts = sorted(visible(transcript)[0].findChildren(RichText), key=lambda text: text.y())
    first, second = (text for text in texts if text.isVisible())
    first.setFocus(Qt.FocusReason.MouseFocusReason)
    first.selectAll()
    assert first.textCursor().selectedText() == "one"
    second.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not first.textCursor().hasSelection()


async def test_a_screen_reader_can_read_an_answer_while_it_is_written(transcript):
    message_id, made = streaming()
    transcript.reset(made)
    transcript.stream(Streamed(message_id, "word " * 100))
    description = transcript.widget_of(message_id).accessibleDescription()
    assert description.startswith("word word")
    transcript.stream(Streamed(message_id, "word " * 101))
    assert transcript.widget_of(message_id).accessibleDescription() == description, "not for every word"
    transcript.stream(Streamed(message_id, "word " * 10_000))
    assert len(transcript.widget_of(message_id).accessibleDescription()) == 2000
