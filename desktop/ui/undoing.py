"""Ctrl+Z: takes back what was done last in this session, and says what that was.

A field that is being written in has an undo of its own, which goes first while it has anything to take back.
Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from desktop.domain.changes import Change, Kind
from desktop.services.undo import Act, Done
from desktop.ui import undo_words
from desktop.ui.actions import ActionId
from desktop.ui.operation import run
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.notice import Notice

_OFFERED = {Act.DELETE_BRANCH}
"""What takes something out of sight, so that the way back is offered at once."""


class Undoing(QObject):
    """``place`` is where it is said, and where failures are shown."""

    def __init__(self, kit: Toolkit, place: QWidget) -> None:
        super().__init__(place)
        self._stack = kit.services.undo
        self._tasks = kit.tasks
        self._place = place
        self._action = kit.actions.action(ActionId.UNDO)
        self._action.triggered.connect(lambda _=False: self.undo())
        self._plain = self._action.text()
        self._shown: Done | None = None
        self._offer: Done | None = None
        """What the notice offers to take back now."""
        self._offered: set[Done] = set()
        self._then: dict[Done, Callable[[], None]] = {}
        """What else follows when something is taken back."""
        self._watched: QWidget | None = None
        unsubscribe = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(unsubscribe)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)
        self._on_focus_changed(None, QApplication.focusWidget())
        self._show()

    def undo(self) -> None:
        """Takes back what was done last."""
        run(self._place, self._stack.undo(), tasks=self._tasks, name="undo", on_success=self._on_undone)

    def offer(self, text: str, tip: str = "", then: Callable[[], None] | None = None) -> None:
        """Says what was done last, with its way back; ``then`` follows when it is taken back."""
        self._offer = self._shown
        if then is not None:
            self.then(then)
        label = self.tr("Undo") if self._offer is not None else ""
        Notice.over(self._place).say(text, label, self.undo, tip or self.tr("Takes this back"))

    def then(self, follow: Callable[[], None]) -> None:
        """Calls ``follow`` when what was done last is taken back."""
        if self._shown is not None:
            self._then[self._shown] = follow

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A field claims Ctrl+Z also when it has nothing to take back: then the key is the window's."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            pressed = QKeySequence(event.keyCombination())
            if pressed in self._action.shortcuts() and not _has_undo(watched):
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def _show(self) -> None:
        self._shown = self._stack.next
        self._action.setEnabled(self._shown is not None)
        self._action.setText(undo_words.undo(self._shown) if self._shown is not None else self._plain)

    def _on_changed(self, change: Change) -> None:
        if change.kind is not Kind.UNDO:
            return
        self._show()
        if self._offer is not None and self._offer is not self._shown:
            # Its button would take back something else by now.
            self._offer = None
            Notice.over(self._place).end()
        done = self._shown
        if done is not None and done.act in _OFFERED and done not in self._offered:
            self._offered.add(done)
            self.offer(
                self.tr("Deleted a message and what follows it"),
                self.tr("Brings it back; it is in the trash for 30 days"),
            )

    def _on_undone(self, done: Done | None) -> None:
        if done is not None:
            self._then.pop(done, _nothing)()
            Notice.over(self._place).say(undo_words.undone(done))

    def _on_focus_changed(self, _: QWidget | None, focused: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = focused if isinstance(focused, _FIELDS) else None
        if self._watched is not None:
            self._watched.installEventFilter(self)


_FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)


def _nothing() -> None:
    pass


def _has_undo(field: QObject) -> bool:
    """Whether a field could take back something that was written in it."""
    match field:
        case QAbstractSpinBox():
            return field.lineEdit().isUndoAvailable()
        case QLineEdit():
            return not field.isReadOnly() and field.isUndoAvailable()
        case QPlainTextEdit() | QTextEdit():
            return not field.isReadOnly() and field.document().isUndoAvailable()
        case _:
            return False
