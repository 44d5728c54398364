"""Esc where it means something of its own, and not what the window does with it. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent


def keep_escape(event: QEvent) -> bool:
    """For a widget's ``event``: takes Esc before any shortcut gets it, so that it comes as a key.

    Returns whether it did.
    """
    is_mine = (
        event.type() is QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.key() == Qt.Key.Key_Escape
    )
    if is_mine:
        event.accept()
    return is_mine
