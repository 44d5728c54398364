"""The menu of what can be done with a message. Main thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from desktop.domain.conversation import InContext, Rating
from desktop.ui.chat.message.act import MessageAct, can, keys_of
from desktop.ui.chat.rows import Row

translate = QCoreApplication.translate


_GROUPS = (
    (MessageAct.COPY, MessageAct.COPY_PLAIN, MessageAct.SELECT, MessageAct.RAW),
    (MessageAct.EDIT, MessageAct.AGAIN, MessageAct.AGAIN_WITH, MessageAct.CONTINUE),
    (MessageAct.RATE_UP, MessageAct.RATE_DOWN, MessageAct.COMMENT, MessageAct.ORIGIN),
    (MessageAct.PIN, MessageAct.EXCLUDE),
    (MessageAct.BRANCH, MessageAct.DELETE),
)


class MessageMenu(QMenu):
    """Does what stands beside a key that is pressed, as the message itself does while the menu is closed."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        pressed = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.NativeText)
        for action in self.actions():
            if pressed and action.text().partition("\t")[2] == pressed:
                self.close()
                action.trigger()
                return
        super().keyPressEvent(event)


def make_menu(row: Row, chosen: Callable[[MessageAct], None], parent: QWidget) -> QMenu:
    """Of the acts that make sense. Deletes itself when it is closed."""
    menu = MessageMenu(parent)
    menu.setObjectName("message-menu")
    menu.setToolTipsVisible(True)
    menu.setAccessibleName(translate("Chat", "What to do with this message"))
    for group in _GROUPS:
        if not menu.isEmpty():
            menu.addSeparator()
        for act in group:
            if can(act, row):
                menu.addAction(_action(act, row, chosen, menu))
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _action(act: MessageAct, row: Row, chosen: Callable[[MessageAct], None], menu: QMenu) -> QAction:
    text, tip = words_of(act, row.own)
    action = QAction(f"{text}\t{keys_of(act)}", menu)
    action.setObjectName(f"message-act-{act.value}")
    action.setToolTip(tip)
    ticks = {
        MessageAct.RAW: row.raw,
        MessageAct.PIN: row.message.context is InContext.PINNED,
        MessageAct.EXCLUDE: row.message.context is InContext.EXCLUDED,
        MessageAct.RATE_UP: row.message.rating is Rating.UP,
        MessageAct.RATE_DOWN: row.message.rating is Rating.DOWN,
    }
    if act in ticks:
        action.setCheckable(True)
        action.setChecked(ticks[act])
    action.triggered.connect(lambda: chosen(act))
    return action


def words_of(act: MessageAct, own: bool) -> tuple[str, str]:
    """Its name, and what it does."""
    match act:
        case MessageAct.COPY:
            return translate("Chat", "Copy"), translate("Chat", "As it was written, with its marks")
        case MessageAct.COPY_PLAIN:
            return translate("Chat", "Copy as plain text"), translate("Chat", "The words without marks")
        case MessageAct.SELECT:
            return translate("Chat", "Select text…"), translate(
                "Chat", "Opens the text as it was written, to select some of it with the keyboard, too"
            )
        case MessageAct.RAW:
            return translate("Chat", "Show as written"), translate(
                "Chat", "The text with its marks, as the model wrote it"
            )
        case MessageAct.EDIT:
            return translate("Chat", "Edit…"), translate("Chat", "Makes another version; this one is kept")
        case MessageAct.AGAIN if own:
            return translate("Chat", "Answer again"), translate("Chat", "Writes another answer to this")
        case MessageAct.AGAIN:
            return translate("Chat", "Answer again"), translate(
                "Chat", "Writes another version; this one is kept"
            )
        case MessageAct.AGAIN_WITH:
            return translate("Chat", "Answer again with…"), translate(
                "Chat", "Another preset, model or parameters, or a beginning, for one answer"
            )
        case MessageAct.CONTINUE:
            return translate("Chat", "Continue"), translate("Chat", "Goes on where this answer ends")
        case MessageAct.RATE_UP:
            return translate("Chat", "Good answer"), translate("Chat", "Kept with the chat and exported")
        case MessageAct.RATE_DOWN:
            return translate("Chat", "Bad answer"), translate("Chat", "Kept with the chat and exported")
        case MessageAct.COMMENT:
            return translate("Chat", "Comment on the rating…"), translate("Chat", "Why you rated it so")
        case MessageAct.ORIGIN:
            return translate("Chat", "How this was made…"), translate(
                "Chat", "Model, parameters, seed, timing, and what was sent"
            )
        case MessageAct.PIN:
            return translate("Chat", "Always send"), translate(
                "Chat", "Stays in the context when older messages no longer fit"
            )
        case MessageAct.EXCLUDE:
            return translate("Chat", "Never send"), translate(
                "Chat", "Stays here to read, and is not sent to the model"
            )
        case MessageAct.BRANCH:
            return translate("Chat", "Branch to a new chat"), translate(
                "Chat", "Copies everything up to here into a chat of its own"
            )
        case MessageAct.DELETE:
            return translate("Chat", "Delete from here on"), translate(
                "Chat", "This message and what follows it, into the trash"
            )
