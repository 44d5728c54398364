"""What was just done to the list, and the way back, for some seconds. Main thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from desktop.domain.changes import Change, Kind
from desktop.services.undo import Done
from desktop.ui.operation import run
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.elided_label import ElidedLabel

SHOWN_MS = 8000


class UndoBar(QFrame):
    """Stays while the pointer or the keyboard is on it, and goes once something else would be undone."""

    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("undo-bar")
        self.setProperty("panel", "card")
        self._undo = kit.services.undo
        self._tasks = kit.tasks
        self._done: Done | None = None
        self._on_undone: Callable[[], None] = _nothing
        self._text = ElidedLabel(self)
        self._text.setObjectName("undo-text")
        self._button = QPushButton(self.tr("Undo"), self)
        self._button.setObjectName("undo-button")
        self._button.setProperty("kind", "quiet")
        self._button.setAccessibleName(self.tr("Undo"))
        self._button.setToolTip(self.tr("Takes this back"))
        self._button.clicked.connect(self._on_undo_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GRID, GRID, GRID, GRID)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        self._timer = QTimer(self)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.leave = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self.leave)
        self.hide()

    def offer(self, text: str, on_undone: Callable[[], None] | None = None) -> None:
        """What was done last can be undone here."""
        self._done = self._undo.next
        self._on_undone = on_undone or _nothing
        self._show(text)

    def say(self, text: str) -> None:
        """Something that need not be undone."""
        self._done = None
        self._show(text)

    def _show(self, text: str) -> None:
        self._text.set_whole(text)
        self.setAccessibleName(text)
        self._button.setVisible(self._done is not None)
        self.show()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _hide(self) -> None:
        self._timer.stop()
        self._done = None
        self.hide()

    def _on_undo_clicked(self) -> None:
        on_undone = self._on_undone
        self._hide()
        run(
            self,
            self._undo.undo(),
            tasks=self._tasks,
            name="undo",
            on_success=lambda _: on_undone(),
        )

    def _on_changed(self, change: Change) -> None:
        if change.kind is Kind.UNDO and self._done is not None and self._undo.next is not self._done:
            self._hide()

    def _on_timeout(self) -> None:
        if not self.underMouse() and not self._button.hasFocus():
            self._hide()


def _nothing() -> None:
    pass
