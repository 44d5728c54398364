"""The line over the transcript: the chat's title, the model menu, what folds the columns beside it.

Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from desktop.ui.actions import ActionId, Actions
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID
from desktop.ui.widgets.elided_label import ElidedLabel
from desktop.ui.widgets.icon_button import icon_button

_OF_THE_CHAT = (
    ActionId.RENAME_CHAT,
    ActionId.FIND,
    ActionId.TREE_MAP,
    ActionId.COPY_CHAT,
    ActionId.EXPORT_CHAT,
    ActionId.DELETE_CHAT,
)


class ChatHeader(QFrame):
    """Keeps a place for the model menu, which is made elsewhere."""

    def __init__(
        self, icons: Icons, actions: Actions, model_menu: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("chat-header")
        self._title = ElidedLabel(self)
        self._title.setObjectName("chat-title")
        self._title.setProperty("weight", "bold")
        self._temporary = QLabel(self.tr("Not kept"), self)
        self._temporary.setObjectName("chat-temporary")
        self._temporary.setProperty("tone", "accent")
        self._temporary.setToolTip(
            self.tr("A temporary chat: it is never written to disk, and gone when the app ends")
        )
        self._temporary.hide()
        self._list = self._fold_button(icons, actions, ActionId.TOGGLE_LIST, IconName.LIST)
        self._map = self._fold_button(icons, actions, ActionId.TREE_MAP, IconName.TREE)
        self._sidebar = self._fold_button(icons, actions, ActionId.TOGGLE_SIDEBAR, IconName.SIDEBAR)
        self._more = self._menu_button(icons, actions)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        row.setSpacing(2 * GRID)
        row.addWidget(self._list)
        row.addWidget(self._temporary)
        row.addWidget(self._title, 1)
        row.addWidget(self._map)
        row.addWidget(self._more)
        row.addWidget(model_menu)
        row.addWidget(self._sidebar)

    def set_title(self, title: str, *, temporary: bool = False) -> None:
        self._title.set_whole(title or self.tr("New chat"))
        self._temporary.setVisible(temporary)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """A third of the line is the title's before the model's name gets more than it needs at least."""
        others = self._row.minimumSize().width() - self._title.minimumWidth()
        wanted = self._title.fontMetrics().horizontalAdvance(self._title.whole) + 2 * GRID
        self._title.setMinimumWidth(max(0, min(wanted, self.width() // 3, self.width() - others)))

    def title(self) -> str:
        return self._title.whole

    def focus_last(self) -> None:
        """For the keyboard coming back from the messages."""
        self._sidebar.setFocus(Qt.FocusReason.BacktabFocusReason)

    def _menu_button(self, icons: Icons, actions: Actions) -> QToolButton:
        """What is done with the whole chat."""
        button = icon_button(icons, IconName.MORE, "header-more", self, label=self.tr("More for this chat"))
        button.setFixedSize(8 * GRID, 8 * GRID)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.setObjectName("chat-menu")
        menu.addActions([actions.action(action_id) for action_id in _OF_THE_CHAT])
        button.setMenu(menu)
        return button

    def _fold_button(
        self, icons: Icons, actions: Actions, action_id: ActionId, icon: IconName
    ) -> QToolButton:
        action = actions.action(action_id)
        name = f"header-{action_id.value}"
        button = icon_button(icons, icon, name, self, label=action.text())
        actions.put_tip(button, action_id)
        button.setFixedSize(8 * GRID, 8 * GRID)
        button.clicked.connect(action.trigger)
        return button
