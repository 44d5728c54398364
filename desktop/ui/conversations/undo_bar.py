"""What was just done to the list, and the way back, for some seconds. Main thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from desktop.ui.theme import GRID
from desktop.ui.widgets.elided_label import ElidedLabel

SHOWN_MS = 8000


class UndoBar(QFrame):
    """Stays while the pointer or the keyboard is on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("undo-bar")
        self.setProperty("panel", "card")
        self._undo: Callable[[], None] | None = None
        self._text = ElidedLabel(self)
        self._text.setObjectName("undo-text")
        self._button = QPushButton(self.tr("Undo"), self)
        self._button.setObjectName("undo-button")
        self._button.setProperty("kind", "quiet")
        self._button.setAccessibleName(self.tr("Undo"))
        self._button.setToolTip(self.tr("Brings the chat back"))
        self._button.clicked.connect(self._on_undo_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GRID, GRID, GRID, GRID)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        self._timer = QTimer(self)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.hide()

    def offer(self, text: str, undo: Callable[[], None]) -> None:
        self._undo = undo
        self._text.set_whole(text)
        self.setAccessibleName(text)
        self.show()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _on_undo_clicked(self) -> None:
        self._timer.stop()
        self.hide()
        if self._undo is not None:
            self._undo()

    def _on_timeout(self) -> None:
        if not self.underMouse() and not self._button.hasFocus():
            self._timer.stop()
            self.hide()
