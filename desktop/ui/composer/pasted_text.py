"""A text too large to edit line by line, held beside the composer's field and sent with it.

Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from desktop.ui import words
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID
from desktop.ui.widgets.elided_label import ElidedLabel

_PREVIEW = 300


class PastedText(QFrame):
    """Hidden while there is none."""

    removed = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self.setObjectName("pasted-text")
        self.setProperty("panel", "well")
        self._title = QLabel(self)
        self._title.setProperty("textsize", "small")
        self._title.setProperty("weight", "bold")
        self._preview = ElidedLabel(self)
        self._preview.setProperty("textsize", "small")
        self._preview.setProperty("tone", "muted")
        self._remove = QToolButton(self)
        self._remove.setObjectName("pasted-text-remove")
        self._remove.setAutoRaise(True)
        self._remove.setToolTip(self.tr("Remove the pasted text"))
        self._remove.setAccessibleName(self.tr("Remove the pasted text"))
        icons.put(self._remove, IconName.CLOSE)
        self._remove.clicked.connect(self._on_removed)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._preview)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        row.addLayout(column, 1)
        row.addWidget(self._remove)

    def set_text(self, text: str) -> None:
        self.text = text
        count = words.number(len(text))
        self._title.setText(self.tr("Pasted text, %1 characters").replace("%1", count))
        self._preview.set_whole(" ".join(text[:_PREVIEW].split()))
        self.setAccessibleName(self._title.text())
        self.setVisible(bool(text))

    def _on_removed(self) -> None:
        self.set_text("")
        self.removed.emit()
