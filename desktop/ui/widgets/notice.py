"""A line over the window for some seconds: what was just done, and the way back where there is one.

One for each window; the newest takes the place of the one before. Main thread only.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QLabel, QPushButton, QWidget
from shiboken6 import isValid

from desktop.system.printable import one_line
from desktop.ui.theme import GRID

SHOWN_MS = 8000
_TOP = 14 * GRID
"""Under the header; what is written is at the bottom."""
_SIDES = 8 * GRID
_LONGEST = 300
"""Characters that are read in the time it is there."""


class Notice(QFrame):
    """Stays while the pointer or the keyboard is on it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._place_of: QWidget | None = None
        self._act: Callable[[], None] | None = None
        self.setObjectName("notice")
        self.setProperty("panel", "card")
        self._text = QLabel(self)
        self._text.setObjectName("notice-text")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setMargin(2 * GRID)
        self._button = QPushButton(self)
        self._button.setObjectName("notice-button")
        self._button.clicked.connect(self._on_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(4 * GRID, GRID, 2 * GRID, GRID)
        row.setSpacing(3 * GRID)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        self._timer = QTimer(self, interval=SHOWN_MS)
        self._timer.timeout.connect(self._on_timeout)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(6 * GRID)
        shadow.setOffset(0, GRID)
        self.setGraphicsEffect(shadow)
        window.installEventFilter(self)
        self.hide()

    @staticmethod
    def over(widget: QWidget) -> Notice:
        """The notice of the window that a widget is in, made when it is first needed.

        It stands between the sides of that widget where it is seen, otherwise in the middle of the window.
        """
        window = widget.window()
        notice = window.findChild(Notice) or Notice(window)
        if notice._place_of is not widget:
            notice._place_of = widget
            widget.installEventFilter(notice)
        return notice

    def say(self, text: str, label: str = "", act: Callable[[], None] | None = None, tip: str = "") -> None:
        """Shows ``text``; with ``label`` a button that calls ``act``."""
        self._act = act
        self._text.setText(one_line(text, _LONGEST))
        self.setAccessibleName(text)
        self._button.setText(label)
        self._button.setAccessibleName(label)
        self._button.setToolTip(tip or label)
        self._button.setVisible(bool(label))
        self.show()
        self._place()
        self.raise_()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def text(self) -> str:
        """What is said now, or an empty string."""
        return "" if self.isHidden() else self._text.text()

    def end(self) -> None:
        """It is no longer true."""
        self._timer.stop()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        over = self._window.rect()
        if self._place_of is not None and isValid(self._place_of) and self._place_of.isVisible():
            over &= QRect(self._place_of.mapTo(self._window, QPoint()), self._place_of.size())
        room = over.width() - 2 * _SIDES
        self._text.setWordWrap(False)
        width = self.sizeHint().width()
        if width > room:
            self._text.setWordWrap(True)
            width = room
        height = max(self.heightForWidth(width), self.sizeHint().height())
        self.setGeometry(over.center().x() - width // 2, _TOP, width, height)

    def _on_clicked(self) -> None:
        self.end()
        if self._act is not None:
            self._act()

    def _on_timeout(self) -> None:
        if not self.underMouse() and not self._button.hasFocus():
            self.end()
