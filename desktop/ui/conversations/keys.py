"""The keys of the list of chats, in Qt's portable form. They hold while it has the keyboard."""

from __future__ import annotations

from enum import StrEnum


class ListKey(StrEnum):
    OPEN = "Return"
    RENAME = "F2"
    PIN = "Ctrl+P"
    DUPLICATE = "Ctrl+D"
    MOVE = "Ctrl+Alt+M"
    EXPORT = "Ctrl+E"
    DELETE = "Del"
    UP = "Alt+Up"
    DOWN = "Alt+Down"
    MENU = "Shift+F10"
