"""The system prompt's field."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.growing_edit import GrowingEdit
from desktop.ui.words import number

_FEWEST_LINES = 4
_MOST_LINES = 14


class Instructions(QWidget):
    """``edited`` comes with every change the user makes, ``settled`` when the field is left."""

    edited = Signal(str)
    settled = Signal()
    reset_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = GrowingEdit(theme, _FEWEST_LINES, _MOST_LINES, parent=self)
        self.field.setObjectName("system-prompt")
        self.field.setAccessibleName(self.tr("Instructions to the model, the system prompt"))
        self.field.setPlaceholderText(self.tr("No instructions: the model answers as it was trained to."))
        self.field.setToolTip(
            self.tr("What the model is told before the conversation: its role, language, form and limits.\n")
            + self.tr("Usual: a few short sentences. Small models follow the first ones best.")
        )
        self.field.textChanged.connect(self._on_text_changed)
        self.field.left.connect(self.settled)
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

    def set_value(self, text: str, *, changed: bool) -> None:
        """Shows a text without reporting an edit; the caret stays where it is if the text does."""
        self._reset.setVisible(changed)
        if self.field.toPlainText() != text:
            with QSignalBlocker(self.field):
                self.field.setPlainText(text)
            self.field.fit()
        words = len(text.split())
        hint = self.tr("%1 word") if words == 1 else self.tr("%1 words")
        self._hint.setText(hint.replace("%1", number(words)) if words else "")

    def _on_text_changed(self) -> None:
        self.edited.emit(self.field.toPlainText())
