"""The text field prompts are written in: in the composer and where a message is edited in place.

It grows with its text up to some lines, and text far too long to lay out is kept beside it instead of in it
(see ``oversize``). Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from desktop.ui.theme import GRID

MAX_LINES = 10
MAX_CHARACTERS = 100_000
MAX_LINE = 8_000
"""A line longer than this takes long to lay out at every key; prose and code have none."""


def oversize(text: str) -> bool:
    """Whether laying this out while typing would be felt."""
    if len(text) > MAX_CHARACTERS:
        return True
    return len(text) > MAX_LINE and max(map(len, text.split("\n"))) > MAX_LINE


class PromptEdit(QPlainTextEdit):
    """``submitted`` by Enter or Ctrl+Enter, ``height_changed`` when it grew or shrank."""

    submitted = Signal()
    height_changed = Signal()
    large_pasted = Signal(str)
    up_pressed_when_empty = Signal()
    escape_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = 0
        self.enter_sends = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("bare", True)
        self.viewport().setAutoFillBackground(False)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self._on_document_size_changed)

    def wanted_height(self) -> int:
        """For the present text at the present width, in pixels; at most ``MAX_LINES`` lines."""
        first = self.document().firstBlock()
        height = self.document().documentLayout().blockBoundingRect(first).height()
        line = height / max(1, first.layout().lineCount())
        lines = max(1, int(self.document().size().height()))
        scrolls = lines > MAX_LINES
        on, off = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(on if scrolls else off)
        return round(min(lines, MAX_LINES) * line) + GRID

    def set_text(self, text: str) -> None:
        """Replaces everything and puts the cursor at the end. No undo step: it is another text."""
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
            if control or (self.enter_sends and not shift):
                self.submitted.emit()
                return
            self.insertPlainText("\n")
            self.ensureCursorVisible()
            return
        if key == Qt.Key.Key_Up and not modifiers and self.document().isEmpty():
            self.up_pressed_when_empty.emit()
            return
        if key == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._on_document_size_changed()

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text().replace("\r\n", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
        if oversize(text) or len(text) + self.document().characterCount() > MAX_CHARACTERS:
            self.large_pasted.emit(text)
        else:
            self.insertPlainText(text)
            self.ensureCursorVisible()

    def _on_document_size_changed(self) -> None:
        height = self.wanted_height()
        if height != self._height:
            self._height = height
            self.height_changed.emit()
