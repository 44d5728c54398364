"""The list of messages: quick at any length, steady while it moves, safe whatever stands in it."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QEnterEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QToolButton, QWidget

from desktop.domain.conversation import Message, MessageTree, Part, PartKind, Role, Status
from desktop.ui.chat.link_question import ask_to_open
from desktop.ui.chat.rows import LONGEST_CUT, ROW_CHARACTERS, Streamed, parts_of, rows_of
from desktop.ui.chat.transcript.heights import Heights
from desktop.ui.chat.transcript.live_rows import LIVE
from desktop.ui.chat.transcript.transcript import Transcript
from desktop.ui.markdown.code_block import CodeWidget
from desktop.ui.markdown.code_text import CodeText
from desktop.ui.markdown.rich_text import RichText
from tests.helpers import chats
from tests.helpers.chat_pane import shown_text
from tests.helpers.qt_loop import laid_out, until


def rows(count: int, name: str = "c"):
    path = list(chats.turns(name, count))
    return rows_of(path, MessageTree(path))


def one(text: str, role: Role = Role.ASSISTANT, status: Status = Status.COMPLETE):
    message = Message("m", "c", None, role, (Part(PartKind.TEXT, text),), status)
    return rows_of([message], MessageTree([message]))


def streaming(count: int = 30):
    """A chat whose last answer is being written."""
    path = [*chats.turns("c", count)]
    last = replace(path[-1], status=Status.STREAMING, parts=(), role=Role.ASSISTANT)
    path = [*path[:-1], last]
    return last.id, rows_of(path, MessageTree(path))


@pytest.fixture
async def transcript(theme, icons):
    window = QWidget()
    made = Transcript(theme, icons, window)
    window.resize(900, 700)
    made.resize(900, 700)
    window.show()
    window.activateWindow()
    await until(window.isActiveWindow, "the window has the keyboard")
    yield made
    window.hide()
    shiboken6.delete(window)


def visible(transcript: Transcript) -> list:
    """The messages that are seen, from the top down."""
    area = transcript.viewport().rect()
    seen = [w for w in transcript._live if w.isVisible() and w.geometry().intersects(area)]
    return sorted(seen, key=lambda w: w.y())


def first_seen(transcript: Transcript) -> tuple[str, int]:
    """Which message is at the top, and where."""
    widget = visible(transcript)[0]
    return widget.row.message.id, widget.y()


async def test_a_chat_opens_at_its_end(transcript):
    transcript.reset(rows(200))
    last = visible(transcript)[-1]
    assert last.row.message.id == "c-199"
    assert last.geometry().bottom() <= transcript.viewport().height()
    assert transcript.at_end


async def test_messages_neither_overlap_nor_leave_gaps(transcript):
    transcript.reset(rows(200))
    bar = transcript.verticalScrollBar()
    for value in (0, bar.maximum() // 3, bar.maximum() // 2, bar.maximum()):
        bar.setValue(value)
        seen = visible(transcript)
        assert len(seen) >= 2
        for above, below in itertools.pairwise(seen):
            assert below.y() == above.y() + above.height()
            assert transcript._live.index(below.row.key) == transcript._live.index(above.row.key) + 1


async def test_ten_thousand_messages_need_few_widgets(transcript):
    transcript.reset(rows(10_000))
    bar = transcript.verticalScrollBar()
    for share in range(0, 101, 5):
        bar.setValue(bar.maximum() * share // 100)
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    assert transcript.live_count() <= LIVE + 10
    assert visible(transcript)[-1].row.message.id == "c-9999"
    bar.setValue(0)
    assert first_seen(transcript)[0] == "c-0"


async def test_scrolling_up_does_not_jump_when_guesses_become_heights(transcript):
    transcript.reset(rows(300))
    bar = transcript.verticalScrollBar()
    for _ in range(60):
        above, y = first_seen(transcript)
        bar.setValue(bar.value() - 40)
        again = transcript.widget_of(above)
        assert again is not None
        assert again.y() == y + 40


async def test_the_readers_place_is_kept_while_an_answer_grows_below(transcript):
    path = [*chats.turns("c", 40), Message("new", "c", "c-39", Role.ASSISTANT, (), Status.STREAMING)]
    transcript.reset(rows_of(path, MessageTree(path)))
    transcript.stream(Streamed("new", "word " * 50))
    assert transcript.at_end
    bottom = visible(transcript)[-1]
    assert bottom.row.message.id == "new"
    bar = transcript.verticalScrollBar()
    bar.setValue(bar.value() - 300)
    assert not transcript.at_end
    place = first_seen(transcript)
    for length in range(60, 300, 20):
        transcript.stream(Streamed("new", "word " * length))
    assert first_seen(transcript) == place
    button = transcript.findChild(QWidget, "scroll-to-end")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert transcript.at_end
    assert not button.isVisible()
    transcript.stream(Streamed("new", "word " * 600))
    last = visible(transcript)[-1]
    assert last.geometry().bottom() <= transcript.viewport().height()


async def test_scrolling_back_to_the_bottom_follows_again(transcript):
    transcript.reset(rows(60))
    bar = transcript.verticalScrollBar()
    bar.setValue(bar.value() - 500)
    assert not transcript.at_end
    bar.setValue(bar.maximum())
    assert transcript.at_end


async def test_the_text_keeps_a_readable_measure_in_a_wide_window(transcript):
    transcript.resize(1500, 700)
    transcript.reset(rows(4))
    widget = visible(transcript)[-1]
    assert 700 <= widget.width() <= 800
    middle = widget.x() + widget.width() / 2
    assert abs(middle - transcript.width() / 2) <= 1


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
    """Against a plain long chat on the same machine, so that a slow machine is no failure."""
    plain = one("A sentence of plain words, as in any letter. " * 300)
    transcript.reset(plain)

    def shown(content) -> float:
        transcript.reset(rows_of([], MessageTree([])))
        start = time.perf_counter()
        transcript.reset(content)
        transcript.repaint()
        return time.perf_counter() - start

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


async def test_arrow_keys_go_from_message_to_message_and_tab_to_the_buttons(transcript):
    left: list[bool] = []
    transcript.left.connect(left.append)
    transcript.reset(rows(20))
    transcript.clearFocus()
    transcript.setFocus(Qt.FocusReason.TabFocusReason)
    assert transcript.current_message() == "c-19"
    QTest.keyClick(transcript, Qt.Key.Key_Up)
    QTest.keyClick(transcript, Qt.Key.Key_Up)
    assert transcript.current_message() == "c-17"
    QTest.keyClick(transcript, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == chats.ANSWERS[8 % len(chats.ANSWERS)]
    names = []
    while not left:
        focused = QApplication.focusWidget()
        assert focused is not None
        names.append(focused.objectName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert left == [True]
    assert names[:4] == ["transcript", "code-wrap", "code-save", "code-copy"]
    buttons = ("copy", "regenerate", "edit", "branch", "rate-up", "rate-down", "more")
    assert names[4:] == [f"message-{name}" for name in buttons]


async def test_home_and_end_go_to_the_ends(transcript):
    transcript.reset(rows(100))
    QTest.keyClick(transcript, Qt.Key.Key_Home)
    assert first_seen(transcript)[0] == "c-0"
    QTest.keyClick(transcript, Qt.Key.Key_End)
    assert visible(transcript)[-1].row.message.id == "c-99"


async def test_a_message_under_the_pointer_shows_its_buttons(transcript):
    transcript.reset(rows(14))
    widget = visible(transcript)[-2]
    assert not any(button.isVisible() for button in widget.findChildren(QWidget, "message-copy"))
    QApplication.sendEvent(widget, QEnterEvent(QPointF(9, 9), QPointF(9, 9), QPointF(9, 9)))
    assert widget.findChild(QWidget, "message-copy").isVisible()


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


@pytest.mark.parametrize("count", [1, 7, 8, 1000])
def test_rows_are_found_by_their_place(count):
    heights = [(at * 37) % 91 + 1 for at in range(count)]
    index = Heights(heights)
    for at in (0, count // 2, count - 1):
        index.set(at, 200)
        heights[at] = 200
    assert index.total == sum(heights)
    for at in {0, count // 3, count - 1}:
        top = sum(heights[:at])
        assert index.offset(at) == top
        assert index.find(top) == at
        assert index.find(top + heights[at] - 1) == at
    assert index.find(-5) == 0
    assert index.find(10**9) == count - 1


def turn_wheel(widget: QWidget, steps: int) -> None:
    window = widget.window()
    place = widget.mapTo(window, QPoint(20, 5))
    QTest.wheelEvent(window.windowHandle(), QPointF(place), QPoint(0, -120 * steps))


@pytest.mark.parametrize("kind", [RichText, CodeText])
async def test_the_wheel_scrolls_the_messages_also_over_text_and_code(transcript, kind):
    transcript.reset(rows(4))
    inside = next(
        widget
        for message in visible(transcript)
        for widget in message.findChildren(kind)
        if widget.isVisible() and 0 < widget.mapTo(transcript, QPoint(20, 5)).y() < 690
    )
    before = transcript.verticalScrollBar().value()
    turn_wheel(inside, -1)
    await until(lambda: transcript.verticalScrollBar().value() < before, "the scrolling")


@pytest.mark.parametrize("kind", [RichText, CodeText])
async def test_pages_are_turned_also_from_within_text_and_code(transcript, kind):
    transcript.reset(rows(60))
    bar = transcript.verticalScrollBar()
    inside = next(one for one in visible(transcript)[-1].findChildren(kind) if one.isVisible())
    inside.setFocus(Qt.FocusReason.MouseFocusReason)
    end = bar.value()
    QTest.keyClick(inside, Qt.Key.Key_Up)
    assert end - 100 < bar.value() < end
    QTest.keyClick(inside, Qt.Key.Key_Home)
    assert bar.value() == 0
    # What had the keyboard is far away now.
    assert transcript.hasFocus()
    QTest.keyClick(transcript, Qt.Key.Key_PageDown)
    assert bar.value() == bar.pageStep()
    QTest.keyClick(transcript, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()


async def test_the_keyboard_stays_with_the_messages_when_its_text_is_scrolled_away(transcript):
    transcript.reset(rows(60))
    inside = next(one for one in visible(transcript)[-1].findChildren(RichText) if one.isVisible())
    inside.setFocus(Qt.FocusReason.MouseFocusReason)
    bar = transcript.verticalScrollBar()
    bar.setValue(bar.value() - 2 * bar.pageStep())
    assert not inside.isVisible()
    assert transcript.hasFocus()


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


async def test_a_scroll_bar_appears_only_when_there_is_more_and_never_moves_the_messages(transcript):
    transcript.reset(rows(2))
    bar = transcript.verticalScrollBar()
    assert not bar.isEnabled()
    assert bar.grab().toImage().pixelColor(bar.width() // 2, bar.height() // 2) == (
        bar.grab().toImage().pixelColor(0, 0)
    )
    before = visible(transcript)[-1].geometry()
    transcript.set_rows(rows(60), follow=True)
    assert bar.isEnabled()
    after = visible(transcript)[-1].geometry()
    assert (after.x(), after.width()) == (before.x(), before.width())
    assert after.right() <= transcript.viewport().rect().right()


def read_out(transcript: Transcript) -> list:
    """The messages that are seen, in the order in which a screen reader goes through them."""
    interface = QAccessible.queryAccessibleInterface(transcript.viewport())
    found = [interface.child(at).object() for at in range(interface.childCount())]
    return [widget for widget in found if widget in visible(transcript)]


async def test_a_screen_reader_finds_the_messages_from_the_top_down(transcript):
    transcript.reset(rows(200))
    for target in (0, 90, 40, 199):
        transcript._go_to(target)
        await until(lambda: read_out(transcript) == visible(transcript), "the order in which they are seen")


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


async def test_the_buttons_under_a_message_grow_with_the_text(transcript, theme):
    transcript.reset(one("Hello"))
    button = transcript.widget_of("m").findChild(QToolButton, "message-copy")
    before = button.iconSize().width(), button.width()
    theme.set_scale(200)
    await laid_out(transcript)
    assert (button.iconSize().width(), button.width()) == (2 * before[0], 2 * before[1])
    assert button.parentWidget().geometry().bottom() < transcript.widget_of("m").height()
