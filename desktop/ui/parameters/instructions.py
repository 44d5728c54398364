"""The system prompt's field: grows with its text up to a limit, then scrolls."""

from __future__ import annotations

import math

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.ui.theme import GRID, Theme

_FEWEST_LINES = 4
_MOST_LINES = 14


class Instructions(QWidget):
    """``edited`` comes with every change the user makes, ``settled`` when the field is left."""

    edited = Signal(str)
    settled = Signal()
    reset_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = _Field(self)
        self.field.setObjectName("system-prompt")
        self.field.setAccessibleName(self.tr("Instructions to the model, the system prompt"))
        self.field.setPlaceholderText(self.tr("No instructions: the model answers as it was trained to."))
        self.field.setToolTip(
            self.tr("What the model is told before the conversation: its role, language, form and limits.\n")
            + self.tr("Usual: a few short sentences. Small models follow the first ones best.")
        )
        self.field.setTabChangesFocus(True)
        self.field.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.left.connect(self.settled)
        self.field.textChanged.connect(self._fit)
        self.field.resized.connect(self._fit)
        self._hint = QLabel(self)
        self._hint.setProperty("tone", "muted")
        self._hint.setProperty("textsize", "small")
        self._reset = QPushButton(self.tr("Use the preset's"), self)
        self._reset.setObjectName("reset-system-prompt")
        self._reset.setProperty("kind", "flat")
        self._reset.setProperty("textsize", "small")
        self._reset.setAccessibleName(self.tr("Reset the instructions"))
        self._reset.setToolTip(self.tr("Back to the preset's instructions"))
        self._reset.clicked.connect(self.reset_requested)
        foot = QHBoxLayout()
        foot.addWidget(self._hint)
        foot.addStretch(1)
        foot.addWidget(self._reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, GRID)
        column.setSpacing(0)
        column.addWidget(self.field)
        column.addLayout(foot)
        theme.changed.connect(self._fit)

    def set_value(self, text: str, *, changed: bool) -> None:
        """Shows a text without reporting an edit; the caret stays where it is if the text does."""
        self._reset.setVisible(changed)
        if self.field.toPlainText() != text:
            with QSignalBlocker(self.field):
                self.field.setPlainText(text)
            self._fit()
        words = len(text.split())
        hint = self.tr("%1 word") if words == 1 else self.tr("%1 words")
        self._hint.setText(hint.replace("%1", QLocale().toString(words)) if words else "")

    def _on_text_changed(self) -> None:
        self.edited.emit(self.field.toPlainText())

    def _fit(self) -> None:
        lines, line_height = self._lines()
        # Only where it scrolls: a bar that comes and goes changes the width that decides about it.
        always_on, always_off = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        policy = always_on if lines > _MOST_LINES else always_off
        if policy != self.field.verticalScrollBarPolicy():
            self.field.setVerticalScrollBarPolicy(policy)
            QTimer.singleShot(0, self.field, self.field.wrap_again)
        height = math.ceil(min(max(lines, _FEWEST_LINES), _MOST_LINES) * line_height) + 3 * GRID
        if height != self.field.height():
            self.field.setFixedHeight(height)

    def _lines(self) -> tuple[int, float]:
        """How many there are, counted up to one too many, and their height.

        ``document().size()`` would not do: it counts only lines that were already laid out.
        """
        layout = self.field.document().documentLayout()
        block = self.field.document().firstBlock()
        lines, height = 0, 0.0
        while block.isValid() and lines <= _MOST_LINES:
            height += layout.blockBoundingRect(block).height()  # lays the block out
            lines += max(block.layout().lineCount(), 1)
            block = block.next()
        return lines, height / lines


class _Field(QPlainTextEdit):
    left = Signal()
    resized = Signal()

    def wrap_again(self) -> None:
        """Qt keeps the lines of the old width when a bar comes while it is laying out."""
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()
