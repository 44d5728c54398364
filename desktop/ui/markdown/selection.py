"""What is selected in a text of several blocks: drawn from one to another, and copied as one.

Each block keeps its own part of it, and asks here before it takes a press, a move or a key. Main thread only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import (
    QCursor,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QPlainTextEdit, QTextEdit, QWidget

Edit = QTextEdit | QPlainTextEdit

_FRAGMENT = re.compile("<!--StartFragment-->(.*)<!--EndFragment-->", re.DOTALL)
_SCROLL_MS = 30
_FASTEST = 60
"""Pixels at a time, however far beyond the edge the pointer is."""


class BlockSelection(QObject):
    """Of the blocks in ``view``; ``edits`` gives those that are shown, in reading order."""

    def __init__(self, view: QWidget, edits: Callable[[], Sequence[Edit]]) -> None:
        super().__init__(view)
        self._view = view
        self._edits = edits
        self._start: Edit | None = None
        """Where the pointer was pressed, as long as it is."""
        self._is_gathering = False
        self._scroll = QTimer(self, interval=_SCROLL_MS)
        self._scroll.timeout.connect(self._on_scroll)

    def press(self, edit: Edit, event: QMouseEvent) -> None:
        """Before ``edit`` takes it: what was selected elsewhere is not any more."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        for other in self._edits():
            if other is not edit:
                _clear(other)
        cursor, at = edit.textCursor(), edit.cursorForPosition(event.position().toPoint()).position()
        is_dragged = cursor.hasSelection() and cursor.selectionStart() <= at < cursor.selectionEnd()
        self._start = None if is_dragged else edit

    def move(self, edit: Edit, event: QMouseEvent) -> bool:
        """Whether the pointer, pressed in ``edit``, is at another block now: then all is done."""
        if self._start is not edit or not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        if not self._scroll.isActive():
            self._scroll.start()
        return self._draw_to(event.globalPosition().toPoint())

    def release(self) -> None:
        self._start = None
        self._scroll.stop()

    def key(self, event: QKeyEvent) -> bool:
        """Whether it copied, or selected, what is in all blocks."""
        if event.matches(QKeySequence.StandardKey.SelectAll):
            for edit in self._edits():
                _select(edit, 0, _end(edit))
            return True
        if event.matches(QKeySequence.StandardKey.Copy) and (data := self.gathered()) is not None:
            QGuiApplication.clipboard().setMimeData(data)
            return True
        return False

    def focus_out(self, event: QFocusEvent) -> None:
        """A click elsewhere ends the selection, so that there is only ever one; not one for its menu."""
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            return
        edits, focused = self._edits(), QApplication.focusWidget()
        wants_menu = QGuiApplication.mouseButtons() & Qt.MouseButton.RightButton
        if wants_menu and any(one is focused and one.textCursor().hasSelection() for one in edits):
            return
        for edit in edits:
            _clear(edit)

    def gathered(self) -> QMimeData | None:
        """What is selected in all blocks; ``None`` if there is nothing, or the keyboard is at all of it."""
        parts = [edit for edit in self._edits() if edit.textCursor().hasSelection()]
        if self._is_gathering or not parts or (len(parts) == 1 and parts[0].hasFocus()):
            return None
        self._is_gathering = True
        copied = [edit.createMimeDataFromSelection() for edit in parts]
        self._is_gathering = False
        data = QMimeData()
        data.setText("\n\n".join(one.text() for one in copied))
        pieces = [found[1] for one in copied if (found := _FRAGMENT.search(one.html()))]
        data.setHtml(f"<html><body>{''.join(pieces)}</body></html>")
        return data

    def _draw_to(self, at: QPoint) -> bool:
        edits = list(self._edits())
        if self._start not in edits:
            return False
        first = edits.index(self._start)
        tops = [edit.mapToGlobal(QPoint(0, 0)).y() for edit in edits]
        last = max((n for n, top in enumerate(tops) if top <= at.y()), default=0)
        low, high = min(first, last), max(first, last)
        for n, edit in enumerate(edits):
            if not low <= n <= high:
                _clear(edit)
            elif first != last:
                start, stop = (0, _end(edit)) if first < last else (_end(edit), 0)
                if n == first:
                    start = edit.textCursor().anchor()
                elif n == last:
                    stop = edit.cursorForPosition(edit.viewport().mapFromGlobal(at)).position()
                _select(edit, start, stop)
        return first != last

    def _on_scroll(self) -> None:
        """The pointer is beyond the edge of what is seen, and the text is not: more of it comes."""
        area = self._view.parentWidget()
        while area is not None and not isinstance(area, QAbstractScrollArea):
            area = area.parentWidget()
        if area is None:
            return
        seen, bar = area.viewport(), area.verticalScrollBar()
        pointer = seen.mapFromGlobal(QCursor.pos()).y()
        beyond = min(0, pointer) + max(0, pointer - seen.height())
        top = self._view.mapTo(seen, QPoint(0, 0)).y()
        unseen = min(0, top) if beyond < 0 else max(0, top + self._view.height() - seen.height())
        if beyond and unseen:
            step = min(_FASTEST, abs(beyond), abs(unseen))
            bar.setValue(bar.value() + (step if beyond > 0 else -step))
            self._draw_to(QCursor.pos())


def _end(edit: Edit) -> int:
    return edit.document().characterCount() - 1


def _clear(edit: Edit) -> None:
    cursor = edit.textCursor()
    if cursor.hasSelection():
        cursor.clearSelection()
        _put(edit, cursor)


def _select(edit: Edit, start: int, stop: int) -> None:
    cursor = edit.textCursor()
    if (cursor.anchor(), cursor.position()) != (start, stop):
        cursor.setPosition(start)
        cursor.setPosition(stop, QTextCursor.MoveMode.KeepAnchor)
        _put(edit, cursor)


def _put(edit: Edit, cursor: QTextCursor) -> None:
    """Without scrolling to its end inside a block that is wider than it is shown."""
    bars = edit.horizontalScrollBar(), edit.verticalScrollBar()
    values = [bar.value() for bar in bars]
    edit.setTextCursor(cursor)
    for bar, value in zip(bars, values, strict=True):
        bar.setValue(value)
