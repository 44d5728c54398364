"""The text field prompts are written in: in the composer and where a message is edited in place.

It grows with its text up to some lines, and text far too long to lay out is kept beside it instead of in it
(see ``oversize``). Up and Down at its end go through what was written before. Main thread only.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from desktop.ui.theme import GRID
from desktop.ui.widgets.scroll_keys import turns_pages

MAX_LINES = 10
MAX_CHARACTERS = 100_000
MAX_LINE = 8_000
"""A line longer than this takes long to lay out at every key; prose and code have none."""


def oversize(text: str) -> bool:
    """Whether laying this out while typing would be felt."""
    if len(text) > MAX_CHARACTERS:
        return True
    return len(text) > MAX_LINE and max(map(len, text.split("\n"))) > MAX_LINE


def local_files(source: QMimeData) -> list[Path]:
    """The files of a drop or a paste; none if there is anything else among them."""
    urls = source.urls() if source.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls] if all(url.isLocalFile() for url in urls) else []


class PromptEdit(QPlainTextEdit):
    """``submitted`` by Enter or Ctrl+Enter, ``height_changed`` when it grew or shrank."""

    submitted = Signal()
    height_changed = Signal()
    large_pasted = Signal(str)
    files_pasted = Signal(list)
    """Paths; only with ``takes_files``."""
    recall_requested = Signal(int)
    """1 for the prompt before the one that is shown, -1 for the one after it."""
    escape_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = 0
        self._recalled = ""
        self.enter_sends = True
        self.takes_files = False
        self.longest_paste = MAX_CHARACTERS
        """Characters; what is pasted beyond that comes as ``large_pasted``."""
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
        self._recalled = ""
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def recall(self, text: str) -> None:
        """Shows a prompt of before. Up and Down lead on from it as long as it is not changed."""
        self.set_text(text)
        self._recalled = self.toPlainText()

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
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(key), 0)
        if step and not modifiers & ~Qt.KeyboardModifier.KeypadModifier and self._is_browsing(step):
            self.recall_requested.emit(step)
            return
        if key == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
            return
        if turns_pages(event) and not self.verticalScrollBar().maximum():
            event.ignore()  # All of it is seen: the pages are those of the chat.
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The same lines may be others at another width, of which the document tells nobody.
        self._on_document_size_changed()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._on_document_size_changed()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(self.takes_files and local_files(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if self.takes_files and (files := local_files(source)):
            self.files_pasted.emit(files)
            return
        text = source.text().replace("\r\n", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
        too_long = len(text) > self.longest_paste
        if too_long or oversize(text) or len(text) + self.document().characterCount() > MAX_CHARACTERS:
            self.large_pasted.emit(text)
        else:
            self.insertPlainText(text)
            self.ensureCursorVisible()

    def _is_browsing(self, step: int) -> bool:
        """Whether the keys go through older prompts instead of through the lines."""
        if self.document().isEmpty():
            return step > 0
        return bool(self._recalled) and self.textCursor().atEnd() and self.toPlainText() == self._recalled

    def _on_document_size_changed(self) -> None:
        height = self.wanted_height()
        if height != self._height:
            self._height = height
            self.height_changed.emit()
