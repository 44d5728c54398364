"""Buttons beside each other where there is room for them, else below each other. Main thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QPushButton, QWidget


class ButtonRow(QWidget):
    """As narrow as its widest button, if it must be."""

    def __init__(self, buttons: Sequence[QPushButton], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = buttons
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        for button in buttons:
            self._box.addWidget(button)
        self._box.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        widths = [button.sizeHint().width() for button in self._buttons]
        return QSize(max(widths, default=0), self._box.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = sum(button.sizeHint().width() for button in self._buttons)
        sides = QBoxLayout.Direction
        self._box.setDirection(sides.TopToBottom if needed > self.width() else sides.LeftToRight)
