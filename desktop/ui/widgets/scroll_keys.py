"""Which keys move through a text that is read: whoever shows all of it leaves them to whoever scrolls."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_PAGES = {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
_SCROLL = {*_PAGES, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Down}


def turns_pages(event: QKeyEvent) -> bool:
    """Page Up and Page Down, with no other key held."""
    return event.key() in _PAGES and _is_plain(event)


def scrolls(event: QKeyEvent) -> bool:
    """These, Home, End and the arrows up and down; with Shift they select."""
    return event.key() in _SCROLL and _is_plain(event)


def _is_plain(event: QKeyEvent) -> bool:
    return not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
