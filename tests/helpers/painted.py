"""Whether a widget follows the keyboard of a field in it with a frame that it paints itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget


class FramePaints(QObject):
    """``seen``: for each time the whole widget was painted, whether the field had the keyboard."""

    def __init__(self, widget: QWidget, field: QWidget) -> None:
        super().__init__(widget)
        self.seen: list[bool] = []
        self._widget, self._field = widget, field
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # What blinks in the field paints no more than its own place.
        if isinstance(event, QPaintEvent) and event.rect() == self._widget.rect():
            self.seen.append(self._field.hasFocus())
        return False
