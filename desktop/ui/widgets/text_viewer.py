"""A text of any size to look at: an attached file, what a message was made from.

It comes into the field piece by piece, so that megabytes keep no key waiting. Main thread only.
"""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.system.printable import one_line
from desktop.ui import words
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.elided_label import ElidedLabel

LONGEST_LINE = 1_000
"""Characters; a longer one is shown as several, because laying it out would take seconds."""
MOST_CHARACTERS = 4_000_000
MOST_LINES = 100_000
"""What is shown of a text; all of it can be copied."""
_PIECE = 16_000
_WIDTH, _HEIGHT = 180 * GRID, 140 * GRID
_LONG_LINE = re.compile(rf"([^\n]{{{LONGEST_LINE}}})(?=[^\n])")


class TextViewer(QDialog):
    """Deletes itself when closed; to be shown with ``open()``."""

    def __init__(self, name: str, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = text
        self._at = 0
        self.setObjectName("text-viewer")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(one_line(name))
        self._name = ElidedLabel(self)
        self._name.setObjectName("text-viewer-name")
        self._name.setProperty("weight", "bold")
        self._name.set_whole(one_line(name))
        self._size = QLabel(self)
        self._size.setObjectName("text-viewer-size")
        self._size.setProperty("tone", "muted")
        self._size.setProperty("textsize", "small")
        self._size.setWordWrap(True)
        self.field = self._make_field(one_line(name))
        self._wrap = QCheckBox(self.tr("Wrap lines"), self)
        self._wrap.setObjectName("text-viewer-wrap")
        self._wrap.setAccessibleName(self._wrap.text())
        self._wrap.setToolTip(self.tr("Breaks lines that are longer than the window is wide"))
        self._wrap.toggled.connect(self._on_wrap_toggled)
        self._copy = self._make_button("text-viewer-copy", self.tr("Copy"), self.tr("Copies the whole text"))
        self._copy.clicked.connect(self._on_copy_clicked)
        close = self._make_button("text-viewer-close", self.tr("Close"), self.tr("Closes this window (Esc)"))
        close.setDefault(True)
        close.clicked.connect(self.reject)
        self._arrange(close)
        self._feeding = QTimer(self)
        self._feeding.timeout.connect(self._feed)
        self._feed()
        self._feeding.start(0)
        room = parent.window().size() if parent is not None else self.sizeHint()
        self.resize(max(80 * GRID, min(_WIDTH, room.width())), max(60 * GRID, min(_HEIGHT, room.height())))
        self.field.setFocus()

    @property
    def is_complete(self) -> bool:
        """Whether all that will be shown is there."""
        return not self._feeding.isActive()

    def _make_field(self, name: str) -> QPlainTextEdit:
        field = QPlainTextEdit(self)
        field.setObjectName("text-viewer-text")
        field.setAccessibleName(name)
        field.setToolTip("")
        field.setReadOnly(True)
        field.setUndoRedoEnabled(False)
        field.setTabChangesFocus(True)
        field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        field.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        field.setFont(self._theme.font(mono=True))
        return field

    def _make_button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _arrange(self, close: QPushButton) -> None:
        row = QHBoxLayout()
        row.addWidget(self._wrap)
        row.addStretch(1)
        row.addWidget(self._copy)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self._name)
        column.addWidget(self._size)
        column.addWidget(self.field, 1)
        column.addLayout(row)

    def _feed(self) -> None:
        """Appends the next piece."""
        piece = self._text[self._at : min(self._at + _PIECE, MOST_CHARACTERS)].replace("\0", "\ufffd")
        self._at += len(piece)
        cursor = QTextCursor(self.field.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(_LONG_LINE.sub("\\1\n", piece))
        enough = self._at >= MOST_CHARACTERS or self.field.blockCount() > MOST_LINES
        if self._at >= len(self._text) or enough:
            self._feeding.stop()
        self._size.setText(self._size_in_words(cut=enough and self._at < len(self._text)))

    def _size_in_words(self, *, cut: bool) -> str:
        text = self.tr("%1 characters").replace("%1", words.number(len(self._text)))
        if cut:
            text += " · " + self.tr("only the beginning is shown; “Copy” takes all of it")
        return text

    def _on_wrap_toggled(self, wrap: bool) -> None:
        mode = QPlainTextEdit.LineWrapMode
        self.field.setLineWrapMode(mode.WidgetWidth if wrap else mode.NoWrap)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self._copy.setText(self.tr("Copied"))
