"""What a start is doing, if that takes longer than a moment: an update of the chats, or a look at them all.

Main thread, inside the running loop. There is no window yet that could say it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QProgressBar, QVBoxLayout

from desktop.ui.theme import GRID

AFTER_MS = 1000
"""A shorter wait needs no words."""
_STEPS = 1000
_CHARACTERS = 56
"""Of the smaller text, in a line."""


class StartProgress(QObject):
    """Shows itself when the time has come, after ``dress`` has given the application its looks."""

    def __init__(self, dress: Callable[[], None], after_ms: int = AFTER_MS) -> None:
        super().__init__()
        self._dress = dress
        self._share: float | None = None
        self._dialog: _Dialog | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._show)
        self._timer.start(after_ms)

    @property
    def was_shown(self) -> bool:
        return self._dialog is not None

    def set(self, share: float) -> None:
        """How far an update is, from 0 to 1. Until this is called nobody knows."""
        self._share = share
        if self._dialog is not None:
            self._dialog.set(share)

    def end(self) -> None:
        self._timer.stop()
        if self._dialog is not None:
            self._dialog.hide()
            self._dialog.deleteLater()

    def _show(self) -> None:
        self._dress()
        self._dialog = _Dialog()
        if self._share is not None:
            self._dialog.set(self._share)
        self._dialog.show()


class _Dialog(QDialog):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("start-progress")
        self.setWindowTitle(QApplication.applicationDisplayName())
        self.setWindowFlag(Qt.WindowType.WindowCloseButtonHint, False)
        self._words = QLabel(self.tr("Opening your chats…"), self)
        self._words.setProperty("textsize", "large")
        self._more = QLabel(self.tr("This takes a moment."), self)
        self._more.setProperty("tone", "muted")
        for label in (self._words, self._more):
            label.setWordWrap(True)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("How far it is"))
        self._bar.setToolTip(self.tr("How far it is"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6 * GRID, 6 * GRID, 6 * GRID, 6 * GRID)
        self._column.setSpacing(3 * GRID)
        for widget in (self._words, self._more, self._bar):
            self._column.addWidget(widget)
        self._fit()

    def set(self, share: float) -> None:
        self._words.setText(self.tr("Bringing your chats up to date…"))
        self._more.setText(self.tr("This is done once. The chats as they were are kept beside the new file."))
        self._bar.setRange(0, _STEPS)
        self._bar.setValue(round(share * _STEPS))
        self._fit()

    def _fit(self) -> None:
        """As large as the text asks for: a window does not follow lines that are wrapped."""
        for label in (self._words, self._more):
            label.ensurePolished()
        width = _CHARACTERS * self._more.fontMetrics().averageCharWidth() + 12 * GRID
        self.setFixedSize(width, self._column.heightForWidth(width))

    def reject(self) -> None:
        """Escape and the window's button change nothing: the work goes on until it is done."""
