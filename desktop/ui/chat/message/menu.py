"""The menu of what can be done with a message. Main thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from desktop.domain.conversation import InContext, Rating
from desktop.ui.chat.message.act import MessageAct, can, keys_of, words_of
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
    text, tip = words_of(act, own=row.own)
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
