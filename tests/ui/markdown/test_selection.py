"""A selection goes over all the blocks of a text, and is copied as one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QGuiApplication, QMouseEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QScrollArea, QTextBrowser

from tests.helpers.qt_loop import until

Edit = QTextBrowser | QPlainTextEdit

SOURCE = """\
The **keeper** wrote:

```python
lamp = "lit"
```

and then $E = mc^2$ was

```
dark
```
"""


@pytest.fixture
async def texts(shown) -> list[Edit]:
    """Words, code, words with a formula, code."""
    shown.show(SOURCE)
    shown.host.activateWindow()
    await until(shown.host.isActiveWindow, "the window has the keyboard")
    return shown.texts()


def place(edit: Edit, position: int) -> QPoint:
    """Of a character, on the screen."""
    cursor = QTextCursor(edit.document())
    cursor.setPosition(position)
    return edit.viewport().mapToGlobal(edit.cursorRect(cursor).center())


def send(edit: Edit, kind: QEvent.Type, at: QPoint, button=Qt.MouseButton.LeftButton) -> None:
    """What the widget that was pressed gets, wherever the pointer is."""
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else button
    pressed = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else button
    inside = QPointF(edit.viewport().mapFromGlobal(at))
    event = QMouseEvent(kind, inside, QPointF(at), pressed, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(edit.viewport(), event)


def draw(start: Edit, first: int, stop: Edit, last: int) -> None:
    """Presses at one character, goes to another and lets go."""
    start.setFocus(Qt.FocusReason.MouseFocusReason)
    send(start, QEvent.Type.MouseButtonPress, place(start, first))
    send(start, QEvent.Type.MouseMove, place(stop, last))
    send(start, QEvent.Type.MouseButtonRelease, place(stop, last))


def selected(texts: list[Edit]) -> list[str]:
    return [edit.textCursor().selectedText() for edit in texts]


def copied(edit: Edit) -> str:
    QTest.keyClick(edit, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QGuiApplication.clipboard().text()


async def test_it_is_drawn_downwards_over_words_and_code_and_copied_as_one(texts):
    draw(texts[0], 4, texts[3], 2)
    assert selected(texts)[:2] == ["keeper wrote:", 'lamp = "lit"']
    assert selected(texts)[3] == "da"
    assert copied(texts[0]) == 'keeper wrote:\n\nlamp = "lit"\n\nand then $E = mc^2$ was\n\nda'
    html = QGuiApplication.clipboard().mimeData().html()
    assert "keeper" in html and "lamp" in html
    assert html.count("<body") == 1


async def test_it_is_drawn_upwards_too_and_shrinks_again(texts):
    draw(texts[1], 4, texts[0], 4)
    assert selected(texts)[:2] == ["keeper wrote:", "lamp"]
    texts[1].setFocus(Qt.FocusReason.MouseFocusReason)
    send(texts[1], QEvent.Type.MouseButtonPress, place(texts[1], 8))
    assert selected(texts) == ["", "", "", ""]
    send(texts[1], QEvent.Type.MouseMove, place(texts[3], 1))
    assert all(selected(texts)[1:])
    send(texts[1], QEvent.Type.MouseMove, place(texts[1], 10))
    assert selected(texts)[2:] == ["", ""]


async def test_ctrl_a_selects_the_whole_text_and_a_click_elsewhere_ends_it(texts, shown):
    texts[2].setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.keyClick(texts[2], Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert all(selected(texts))
    assert copied(texts[2]).startswith("The keeper wrote:\n\nlamp")
    other = QPlainTextEdit(shown.host)
    other.show()
    other.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not any(selected(texts))


async def test_what_begins_at_the_end_of_a_line_is_copied_without_it(texts):
    draw(texts[0], len("The keeper wrote:"), texts[1], 4)
    assert selected(texts)[:2] == ["", "lamp"]
    assert copied(texts[0]) == "lamp"


async def test_one_block_alone_copies_as_before(texts):
    draw(texts[0], 4, texts[0], 10)
    assert copied(texts[0]) == "keeper"
    QGuiApplication.clipboard().setText("before")
    texts[1].setFocus(Qt.FocusReason.MouseFocusReason)
    assert copied(texts[1]) == "before"


async def test_the_menu_of_another_selected_block_copies_all_of_it(texts, monkeypatch):
    draw(texts[0], 4, texts[1], 4)
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.RightButton)
    texts[1].setFocus(Qt.FocusReason.MouseFocusReason)
    send(texts[1], QEvent.Type.MouseButtonPress, place(texts[1], 2), Qt.MouseButton.RightButton)
    monkeypatch.undo()
    texts[1].copy()
    assert QGuiApplication.clipboard().text() == "keeper wrote:\n\nlamp"


async def test_a_selection_that_is_dragged_elsewhere_stays_as_it_is(texts):
    draw(texts[0], 4, texts[0], 10)
    send(texts[0], QEvent.Type.MouseButtonPress, place(texts[0], 6))
    assert selected(texts)[0] == "keeper"
    send(texts[0], QEvent.Type.MouseButtonRelease, place(texts[0], 6))


async def test_wide_code_is_not_scrolled_to_where_the_selection_ends(shown, texts):
    shown.show("one\n\n```\n" + "wide " * 200 + "\n```\n\nlast")
    first, code, last = shown.texts()
    draw(first, 0, last, 2)
    assert code.textCursor().hasSelection()
    assert code.horizontalScrollBar().value() == 0


async def test_more_of_a_long_text_comes_while_the_pointer_is_beyond_the_edge(shown, texts, monkeypatch):
    area = QScrollArea()
    area.resize(800, 300)
    area.setWidget(shown.view)
    area.show()
    shown.show("\n\n".join(f"```\nline {n}\n```\n\nwords" for n in range(20)))
    first, *_, last = shown.texts()
    bar = area.verticalScrollBar()
    await until(lambda: bar.maximum() > 0, "something to scroll")
    below = area.viewport().mapToGlobal(QPoint(20, area.viewport().height() + 400))
    monkeypatch.setattr(QCursor, "pos", lambda: below)
    first.setFocus(Qt.FocusReason.MouseFocusReason)
    send(first, QEvent.Type.MouseButtonPress, place(first, 0))
    send(first, QEvent.Type.MouseMove, below)
    await until(lambda: bar.value() == bar.maximum() and last.textCursor().hasSelection(), "the end")
    above = area.viewport().mapToGlobal(QPoint(0, -400))
    monkeypatch.setattr(QCursor, "pos", lambda: above)
    await until(lambda: bar.value() == 0, "the beginning")
    send(first, QEvent.Type.MouseButtonRelease, above)
    assert not last.textCursor().hasSelection()
    area.takeWidget().setParent(shown.host)
    area.deleteLater()
