"""The texts at which an answer stops, one a line; ``\\n`` and ``\\t`` stand for what a line cannot hold."""

from __future__ import annotations

import re

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from desktop.domain.errors import ParameterError
from desktop.domain.parameters import make
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme

_LINES = 3
_ESCAPE = re.compile(r"\\(.)")
_MEANING = {"n": "\n", "t": "\t", "\\": "\\"}


def to_line(text: str) -> str:
    """A stop sequence as it is shown."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def from_line(line: str) -> str:
    """What a line means; an unknown escape is taken as it stands."""
    return _ESCAPE.sub(lambda match: _MEANING.get(match[1], match[0]), line)


class StopSequences(QWidget):
    """``edited`` carries a valid tuple; what is not valid is said under the field and goes nowhere."""

    edited = Signal(tuple)
    settled = Signal()
    reset_requested = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        label = QLabel(self.tr("Stop sequences"), self)
        self.field = _Field(self)
        self.field.setObjectName("stop-sequences")
        self.field.setAccessibleName(self.tr("Stop sequences, one a line"))
        self.field.setPlaceholderText(self.tr("One a line; \\n is a line break"))
        self.field.setToolTip(
            self.tr(
                "The answer stops before any of these texts.\nOne a line; \\n is a line break, \\t a tab."
            )
        )
        self.field.setTabChangesFocus(True)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.left.connect(self.settled)
        label.setBuddy(self.field)
        self._problem = QLabel(self)
        self._problem.setObjectName("stop-problem")
        self._problem.setProperty("tone", "danger")
        self._problem.setProperty("textsize", "small")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._reset = QToolButton(self)
        self._reset.setObjectName("reset-stop")
        self._reset.setAccessibleName(self.tr("Reset the stop sequences"))
        self._reset.setToolTip(self.tr("Back to the preset's stop sequences"))
        self._reset.clicked.connect(lambda: self.reset_requested.emit("stop"))
        icons.put(self._reset, IconName.RESET)
        self._reset.hide()
        self._arrange(label)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def set_value(self, stop: tuple[str, ...], *, changed: bool) -> None:
        """Shows a value without reporting an edit."""
        self._reset.setVisible(changed)
        if self._read() != stop:
            with QSignalBlocker(self.field):
                self.field.setPlainText("\n".join(to_line(text) for text in stop))
        self._problem.hide()

    def _arrange(self, label: QLabel) -> None:
        head = QHBoxLayout()
        head.addWidget(label)
        head.addStretch(1)
        head.addWidget(self._reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, GRID)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.field)
        column.addWidget(self._problem)

    def _read(self) -> tuple[str, ...]:
        lines = (from_line(line) for line in self.field.toPlainText().split("\n"))
        return tuple(dict.fromkeys(line for line in lines if line))

    def _on_text_changed(self) -> None:
        try:
            stop = make({"stop": self._read()}).stop
        except ParameterError as error:
            self._problem.setText(error.message)
            self._problem.show()
        else:
            self._problem.hide()
            self.edited.emit(stop)

    def _on_theme_changed(self) -> None:
        self.field.setFont(self._theme.font(mono=True))
        self.field.setFixedHeight(_LINES * self.field.fontMetrics().lineSpacing() + 4 * GRID)


class _Field(QPlainTextEdit):
    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()
