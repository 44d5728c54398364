"""What can be done with a message, and the letters that do it while the keyboard is at the message.

Main thread only.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from desktop.domain.conversation import Rating
from desktop.ui.chat.rows import Row
from desktop.ui.widgets.prompt_edit import oversize


class MessageAct(Enum):
    COPY = "copy"
    COPY_PLAIN = "copy-plain"
    SELECT = "select"
    EDIT = "edit"
    AGAIN = "regenerate"
    AGAIN_WITH = "regenerate-with"
    CONTINUE = "continue"
    RATE_UP = "rate-up"
    RATE_DOWN = "rate-down"
    COMMENT = "comment"
    RAW = "raw"
    ORIGIN = "origin"
    PIN = "pin"
    EXCLUDE = "exclude"
    BRANCH = "branch"
    DELETE = "delete"


_KEYS = {
    MessageAct.COPY: "C",
    MessageAct.COPY_PLAIN: "Shift+C",
    MessageAct.SELECT: "S",
    MessageAct.EDIT: "E",
    MessageAct.AGAIN: "R",
    MessageAct.AGAIN_WITH: "Shift+R",
    MessageAct.CONTINUE: "G",
    MessageAct.RATE_UP: "U",
    MessageAct.RATE_DOWN: "D",
    MessageAct.COMMENT: "Shift+U",
    MessageAct.RAW: "V",
    MessageAct.ORIGIN: "I",
    MessageAct.PIN: "P",
    MessageAct.EXCLUDE: "X",
    MessageAct.BRANCH: "B",
    MessageAct.DELETE: "Del",
}
"""In Qt's portable form."""


def can(act: MessageAct, row: Row) -> bool:
    """Whether an act makes sense for the message that a row is of."""
    message = row.message
    if not row.loaded or row.streaming:
        return False
    match act:
        case MessageAct.EDIT:
            return not oversize(message.text)
        case MessageAct.SELECT:
            return bool(message.text)
        case MessageAct.CONTINUE:
            return not row.own and bool(message.text)
        case MessageAct.RATE_UP | MessageAct.RATE_DOWN | MessageAct.RAW:
            return not row.own
        case MessageAct.COMMENT:
            return message.rating is not Rating.NONE
        case MessageAct.ORIGIN:
            return message.origin is not None
        case _:
            return True


def act_of(event: QKeyEvent) -> MessageAct | None:
    """What a key does with the message the keyboard is at."""
    pressed = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
    return next((act for act, keys in _KEYS.items() if keys == pressed), None)


def asks_for_menu(event: QKeyEvent) -> bool:
    """The menu key, and what stands for it where there is none."""
    shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
    return event.key() == Qt.Key.Key_Menu or (event.key() == Qt.Key.Key_F10 and shift)


def keys_of(act: MessageAct) -> str:
    """As this system writes them."""
    return QKeySequence(_KEYS[act]).toString(QKeySequence.SequenceFormat.NativeText)
