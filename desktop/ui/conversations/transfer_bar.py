"""An export or import on its way: how far it is, about how long it takes, and Cancel. Main thread only."""

from __future__ import annotations

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.domain.exchange import Progress
from desktop.ui.theme import GRID
from desktop.ui.widgets.elided_label import ElidedLabel
from desktop.ui.words import duration, filled, number

_STEPS = 1000
_ESTIMATED_S = 2.0
"""Before that, no estimate is worth saying."""


class TransferBar(QFrame):
    """``what`` is being done, in words."""

    cancelled = Signal()

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transfer-bar")
        self.setProperty("panel", "card")
        self._what = what
        self._began = time.monotonic()
        self._text = ElidedLabel(self)
        self._text.setObjectName("transfer-text")
        self._text.set_whole(what)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(what)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._cancel.setObjectName("transfer-cancel")
        self._cancel.setProperty("kind", "quiet")
        self._cancel.setAccessibleName(self.tr("Cancel: %1").replace("%1", what))
        self._cancel.setToolTip(self.tr("Ends this; nothing that was there before is changed"))
        self._cancel.clicked.connect(self._on_cancel_clicked)
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(self._bar, 1)
        row.addWidget(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 2 * GRID, GRID, GRID)
        column.setSpacing(0)
        column.addWidget(self._text)
        column.addLayout(row)
        self.hide()

    def show_progress(self, progress: Progress) -> None:
        self._bar.setValue(round(_STEPS * progress.share))
        words = filled(self.tr("%1: %2"), self._what, number(progress.chats))
        spent = time.monotonic() - self._began
        if spent > _ESTIMATED_S and 0 < progress.share < 1:
            left = duration(max(1.0, spent / progress.share - spent))
            words = filled(self.tr("%1, %2 left"), words, left)
        self._text.set_whole(words)

    def _on_cancel_clicked(self) -> None:
        self._cancel.setEnabled(False)
        self.cancelled.emit()
