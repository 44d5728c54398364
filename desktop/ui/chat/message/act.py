"""What can be done with a message: in words, and by which letters while the keyboard is at the message.

Main thread only.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from desktop.domain.conversation import Rating
from desktop.ui.chat.rows import Row
from desktop.ui.widgets.prompt_edit import oversize

translate = QCoreApplication.translate


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


def words_of(act: MessageAct, *, own: bool) -> tuple[str, str]:
    """Its name, and what it does to the user's ``own`` message or to an answer."""
    rated = translate("Chat", "Kept with the chat and exported")
    again = (
        translate("Chat", "Writes another answer to this")
        if own
        else translate("Chat", "Writes another version; this one is kept")
    )
    return {
        MessageAct.COPY: (
            translate("Chat", "Copy"),
            translate("Chat", "As it was written, with its marks"),
        ),
        MessageAct.COPY_PLAIN: (
            translate("Chat", "Copy as plain text"),
            translate("Chat", "The words without marks"),
        ),
        MessageAct.SELECT: (
            translate("Chat", "Select text…"),
            translate(
                "Chat", "Opens the text as it was written, to select some of it with the keyboard, too"
            ),
        ),
        MessageAct.RAW: (
            translate("Chat", "Show as written"),
            translate("Chat", "The text with its marks, as the model wrote it"),
        ),
        MessageAct.EDIT: (
            translate("Chat", "Edit…"),
            translate("Chat", "Makes another version; this one is kept"),
        ),
        MessageAct.AGAIN: (translate("Chat", "Answer again"), again),
        MessageAct.AGAIN_WITH: (
            translate("Chat", "Answer again with…"),
            translate("Chat", "Another preset, model or parameters, or a beginning, for one answer"),
        ),
        MessageAct.CONTINUE: (
            translate("Chat", "Continue"),
            translate("Chat", "Goes on where this answer ends"),
        ),
        MessageAct.RATE_UP: (translate("Chat", "Good answer"), rated),
        MessageAct.RATE_DOWN: (translate("Chat", "Bad answer"), rated),
        MessageAct.COMMENT: (
            translate("Chat", "Comment on the rating…"),
            translate("Chat", "Why you rated it so"),
        ),
        MessageAct.ORIGIN: (
            translate("Chat", "How this was made…"),
            translate("Chat", "Model, parameters, seed, timing, and what was sent"),
        ),
        MessageAct.PIN: (
            translate("Chat", "Always send"),
            translate("Chat", "Stays in the context when older messages no longer fit"),
        ),
        MessageAct.EXCLUDE: (
            translate("Chat", "Never send"),
            translate("Chat", "Stays here to read, and is not sent to the model"),
        ),
        MessageAct.BRANCH: (
            translate("Chat", "Branch to a new chat"),
            translate("Chat", "Copies everything up to here into a chat of its own"),
        ),
        MessageAct.DELETE: (
            translate("Chat", "Delete from here on"),
            translate("Chat", "This message and what follows it, into the trash"),
        ),
    }[act]
