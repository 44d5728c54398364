"""A line under the text: what will become of it, and what helps. Main thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.stylesheet import restyle
from desktop.ui.theme import GRID
from desktop.ui.widgets.flow_layout import FlowLayout


@dataclass(frozen=True, slots=True)
class Help:
    """One thing that helps, as a button; ``tip`` says what it does."""

    text: str
    tip: str
    act: Callable[[], None]


class Hint(QWidget):
    """Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = QLabel(self)
        self._words.setObjectName("composer-hint")
        self._words.setProperty("textsize", "small")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._help: Sequence[Help] = ()
        self._row = QWidget(self)
        self._buttons: list[QPushButton] = []
        self._flow = FlowLayout(GRID, self._row)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self._words)
        column.addWidget(self._row)
        self.hide()

    @property
    def text(self) -> str:
        return "" if self.isHidden() else self._words.text()

    def say(self, text: str, *help: Help, is_problem: bool = False) -> None:
        """Nothing for an empty text."""
        restyle(self._words, tone="danger" if is_problem else "muted")
        self._words.setText(text)
        self._help = help
        while len(self._buttons) < len(help):
            self._buttons.append(self._make_button(len(self._buttons)))
        for at, button in enumerate(self._buttons):
            button.setVisible(at < len(help))
            if at < len(help):
                button.setText(help[at].text)
                button.setAccessibleName(help[at].text)
                button.setToolTip(help[at].tip)
        self._row.setVisible(bool(help))
        self.setVisible(bool(text))

    def _make_button(self, at: int) -> QPushButton:
        button = QPushButton(self._row)
        button.setObjectName("composer-hint-action" if at == 0 else f"composer-hint-action-{at + 1}")
        button.setProperty("textsize", "small")
        button.clicked.connect(lambda: self._help[at].act())
        self._flow.addWidget(button)
        return button
