"""A group of settings on the page: a heading, and rows that line up with those of the other groups."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QWidget

from desktop.ui.theme import GRID
from desktop.ui.widgets.number_box import NumberBox
from desktop.ui.widgets.toggle import Toggle


class Card(QFrame):
    """A heading, and rows of a label, a control and perhaps a sentence under it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("panel", "card")
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 4 * GRID)
        self._grid.setHorizontalSpacing(6 * GRID)
        self._grid.setVerticalSpacing(2 * GRID)
        self._grid.setColumnStretch(1, 1)
        heading = QLabel(title)
        heading.setProperty("weight", "bold")
        self._grid.addWidget(heading, 0, 0, 1, 2)

    def label_width(self) -> int:
        return max(label.sizeHint().width() for label in self._labels)

    def set_label_width(self, width: int) -> None:
        """The same in every card, so that all controls stand in one line."""
        self._grid.setColumnMinimumWidth(0, width)

    def add(self, label: str, control: QWidget, note: str = "") -> QLabel | None:
        """Returns the label of the sentence, if there is one."""
        row = self._grid.rowCount()
        name = QLabel(label)
        self._labels.append(name)
        name.setBuddy(control)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignVCenter)
        stretches = isinstance(control, NumberBox | QPushButton | Toggle)
        alignment = Qt.AlignmentFlag.AlignLeft if stretches else Qt.AlignmentFlag(0)
        self._grid.addWidget(control, row, 1, alignment)
        if note:
            control.setToolTip(control.toolTip() or note)
            words = QLabel(note)
            words.setProperty("tone", "muted")
            words.setProperty("textsize", "small")
            words.setWordWrap(True)
            self._grid.addWidget(words, row + 1, 1)
            return words
        return None
