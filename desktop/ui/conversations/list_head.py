"""The line over the list of chats: a new chat, and a button for all else that begins here.

Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop.ui.actions import ActionId
from desktop.ui.icons import IconName
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit


class ListHead(QWidget):
    """Two buttons; the menu of the second is shown by whoever has it."""

    menu_requested = Signal(QPoint)
    """Where on the screen it belongs."""

    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        action = kit.actions.action(ActionId.NEW_CHAT)
        new = QPushButton(action.text(), self)
        new.setObjectName("new-chat")
        new.setAccessibleName(action.text())
        kit.actions.put_tip(new, ActionId.NEW_CHAT)
        kit.icons.put(new, IconName.NEW)
        new.clicked.connect(action.trigger)
        self._more = QPushButton(self)
        self._more.setObjectName("new-more")
        self._more.setProperty("kind", "quiet")
        self._more.setAccessibleName(self.tr("More: temporary chat, folder, import, export"))
        self._more.setToolTip(self.tr("A temporary chat, a folder, import and export"))
        kit.icons.put(self._more, IconName.MORE)
        self._more.clicked.connect(self._on_more_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(new, 1)
        row.addWidget(self._more)

    def _on_more_clicked(self) -> None:
        self.menu_requested.emit(self._more.mapToGlobal(QPoint(0, self._more.height())))
