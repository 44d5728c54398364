"""The list of messages: quick at any length, steady while it moves, all of it by keyboard."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QEnterEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from desktop.domain.conversation import Message, MessageTree, Role, Status
from desktop.ui.chat.rows import Streamed, rows_of
from desktop.ui.chat.transcript.heights import Heights
from desktop.ui.chat.transcript.live_rows import LIVE
from desktop.ui.chat.transcript.transcript import Transcript
from desktop.ui.markdown.code_text import CodeText
from desktop.ui.markdown.rich_text import RichText
from tests.helpers import chats
from tests.helpers.qt_loop import laid_out, until
from tests.helpers.transcripts import first_seen, one, rows, visible


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


async def test_the_buttons_under_a_message_grow_with_the_text(transcript, theme):
    transcript.reset(one("Hello"))
    button = transcript.widget_of("m").findChild(QToolButton, "message-copy")
    before = button.iconSize().width(), button.width()
    theme.set_scale(200)
    await laid_out(transcript)
    assert (button.iconSize().width(), button.width()) == (2 * before[0], 2 * before[1])
    assert button.parentWidget().geometry().bottom() < transcript.widget_of("m").height()
