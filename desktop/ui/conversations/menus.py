"""What can be done with the selected chats or folders: one set of actions for the keys and the menu.

Main thread only. The keys work while the list has the keyboard, whatever they mean elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from desktop.domain.conversation import Conversation
from desktop.domain.folders import Folder, FolderTree
from desktop.ui.actions import ActionId, Actions
from desktop.ui.conversations.acts import ConversationActs
from desktop.ui.conversations.entries import FolderLine
from desktop.ui.conversations.files import ChatFiles
from desktop.ui.conversations.keys import ListKey
from desktop.ui.conversations.view import ConversationView
from desktop.ui.widgets.plain import plain_name

_NAME = 40
"""Characters of a folder's name in a menu."""
_OF_LIST = (
    ActionId.NEW_CHAT,
    ActionId.NEW_TEMPORARY_CHAT,
    ActionId.NEW_FOLDER,
    ActionId.IMPORT_CHATS,
    ActionId.IMPORT_FOLDER,
    ActionId.EXPORT_ALL,
)


class ListMenus(QObject):
    """``folders`` reads the tree as it is shown; ``chats_in`` the ids of the chats in a folder."""

    def __init__(
        self,
        view: ConversationView,
        acts: ConversationActs,
        files: ChatFiles,
        actions: Actions,
        chats_in: Callable[[str], list[str]],
    ) -> None:
        super().__init__(view)
        self._view = view
        self._acts = acts
        self._files = files
        self._table = actions
        self._chats_in = chats_in
        self._rename = self._action(self.tr("Rename"), ListKey.RENAME, view.rename_current)
        self._pin = self._action(self.tr("Pin"), ListKey.PIN, self._on_pin)
        self._duplicate = self._action(self.tr("Duplicate"), ListKey.DUPLICATE, self._on_duplicate)
        self._move = self._action(self.tr("Move to folder"), ListKey.MOVE, self._on_move)
        self._export = self._action(self.tr("Export as"), ListKey.EXPORT, lambda: self._on_export(""))
        self._delete = self._action(self.tr("Delete"), ListKey.DELETE, self._on_delete)
        self._up = self._action(self.tr("Move up"), ListKey.UP, lambda: self._on_shift(-1))
        self._down = self._action(self.tr("Move down"), ListKey.DOWN, lambda: self._on_shift(1))
        view.set_actions((
            self._rename, self._pin, self._duplicate, self._move, self._export, self._delete, self._up,
            self._down,
        ))  # fmt: skip
        view.menu_requested.connect(self.popup)
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        self._on_current_changed()

    def popup(self, of_selected: bool, position: QPoint) -> None:
        """What can be done with what is selected, or at all; ``position`` is on the screen."""
        chats, folders = self._view.selected_chats(), self._view.selected_folders()
        if of_selected and chats:
            menu = self._of_chats(chats)
        elif of_selected and folders:
            menu = self._of_folder(folders[0])
        else:
            menu = self.of_list()
        menu.popup(position)

    def of_list(self) -> QMenu:
        """What needs nothing selected."""
        menu = self._menu("list-menu")
        for action_id in _OF_LIST:
            menu.addAction(self._table.action(action_id))
            if action_id is ActionId.NEW_FOLDER:
                menu.addSeparator()
        return menu

    # -- Menus

    def _of_chats(self, chats: list[Conversation]) -> QMenu:
        menu = self._menu("conversation-menu")
        one = chats[0] if len(chats) == 1 else None
        if one is not None:
            menu.addAction(self.tr("Open"), QKeySequence(ListKey.OPEN), self._open)
            menu.addAction(self._rename)
        if not all(chat.temporary for chat in chats):
            unpin = all(chat.pinned for chat in chats)
            self._pin.setText(self.tr("Unpin") if unpin else self.tr("Pin"))
            menu.addAction(self._pin)
        if one is not None:
            self._duplicate.setText(self.tr("Keep a copy") if one.temporary else self.tr("Duplicate"))
            menu.addAction(self._duplicate)
        if not any(chat.temporary for chat in chats):
            self._fill_folders(self._submenu(menu, self._move))
        self._fill_formats(self._submenu(menu, self._export))
        menu.addSeparator()
        self._delete.setText(
            self.tr("Delete")
            if one is not None
            else self.tr("Delete %1").replace("%1", self._acts.named(chats))
        )
        menu.addAction(self._delete)
        return menu

    def _of_folder(self, folder: Folder) -> QMenu:
        menu = self._menu("folder-menu")
        menu.addAction(self.tr("New chat in it"), lambda: self._acts.new_chat(folder.id))
        menu.addAction(self.tr("New folder in it"), lambda: self._acts.new_folder(folder.id))
        menu.addSeparator()
        menu.addAction(self._rename)
        self._fill_folders(self._submenu(menu, self._move))
        menu.addAction(self._up)
        menu.addAction(self._down)
        formats = self._submenu(menu, self._export)
        self._fill_formats(formats)
        formats.setEnabled(bool(self._chats_in(folder.id)))
        menu.addSeparator()
        self._delete.setText(self.tr("Delete the folder, keep its chats"))
        menu.addAction(self._delete)
        return menu

    def _fill_folders(self, menu: QMenu) -> None:
        """Every folder that what is selected can be moved to, the top, and one that is made for it."""
        menu.setObjectName("folders-menu")
        tree, chats = self._view.folders, self._view.selected_chats()
        folders = [] if chats else self._view.selected_folders()
        barred = {inner for folder in folders for inner in tree.within(folder.id)}
        menu.addAction(self.tr("Top of the list"), lambda: self._move_to(None))
        menu.addSeparator()
        for folder, depth in _in_order(tree):
            if folder.id not in barred:
                name = "    " * depth + _plain(folder.name)
                menu.addAction(name, partial(self._move_to, folder))
        if chats:
            menu.addSeparator()
            menu.addAction(self.tr("New folder…"), lambda: self._acts.new_folder(holding=chats))

    def _fill_formats(self, menu: QMenu) -> None:
        menu.setObjectName("formats-menu")
        for words, format in self._files.formats():
            menu.addAction(f"{words}…", partial(self._on_export, format))

    def _submenu(self, menu: QMenu, action: QAction) -> QMenu:
        """It shows the key that leads to the same without the menu."""
        made = menu.addMenu(action.text())
        made.menuAction().setShortcut(action.shortcut())
        made.menuAction().setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        return made

    def _menu(self, name: str) -> QMenu:
        menu = QMenu(self._view)
        menu.setObjectName(name)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _action(self, text: str, keys: ListKey, do: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: do())
        return action

    # -- Acts

    def _on_current_changed(self) -> None:
        """Only folders have an order; elsewhere these keys mean what the window says."""
        is_folder = isinstance(self._view.current(), FolderLine)
        self._up.setEnabled(is_folder)
        self._down.setEnabled(is_folder)

    def _open(self) -> None:
        if chats := self._view.selected_chats():
            self._view.chosen.emit(chats[0].id)

    def _on_pin(self) -> None:
        chats = self._view.selected_chats()
        self._acts.pin(chats, pinned=not all(chat.pinned for chat in chats))

    def _on_duplicate(self) -> None:
        if len(chats := self._view.selected_chats()) == 1:
            self._acts.duplicate(chats[0])

    def _on_move(self) -> None:
        """The folders alone, at the line that has the keyboard."""
        if not self._view.selected():
            return
        menu = self._menu("folders-menu")
        self._fill_folders(menu)
        place = self._view.visualRect(self._view.currentIndex()).bottomLeft()
        menu.popup(self._view.viewport().mapToGlobal(place))
        menu.setActiveAction(menu.actions()[0])

    def _move_to(self, folder: Folder | None) -> None:
        folder_id = folder.id if folder is not None else None
        if chats := self._view.selected_chats():
            name = self.tr("“%1”").replace("%1", folder.name) if folder else self.tr("the top of the list")
            self._acts.move(chats, folder_id, name)
        elif folders := self._view.selected_folders():
            self._acts.move_folder(folders[0].id, folder_id)

    def _on_shift(self, by: int) -> None:
        """A folder past the one before or behind it."""
        if self._view.selected_chats() or not (folders := self._view.selected_folders()):
            return
        tree, folder = self._view.folders, folders[0]
        parent_id = tree.parent_id(folder.id)
        at = [one.id for one in tree.children(parent_id)].index(folder.id) + by
        if 0 <= at < len(tree.children(parent_id)):
            self._acts.move_folder(folder.id, parent_id, at)

    def _on_export(self, format: str) -> None:
        if chats := self._view.selected_chats():
            self._files.choose([chat.id for chat in chats], chats[0].title if len(chats) == 1 else "", format)
        elif (folders := self._view.selected_folders()) and (ids := self._chats_in(folders[0].id)):
            self._files.choose(ids, folders[0].name, format, archive=True)

    def _on_delete(self) -> None:
        if chats := self._view.selected_chats():
            self._acts.trash(chats)
            return
        for folder in self._view.selected_folders():
            self._acts.delete_folder(folder)


def _in_order(tree: FolderTree, parent_id: str | None = None, depth: int = 0) -> list[tuple[Folder, int]]:
    """As they are listed, each with its depth."""
    found: list[tuple[Folder, int]] = []
    for folder in tree.children(parent_id):
        found += [(folder, depth), *_in_order(tree, folder.id, depth + 1)]
    return found


def _plain(name: str) -> str:
    """A name as a menu shows it: short, and with no letter underlined."""
    return plain_name(name if len(name) <= _NAME else f"{name[: _NAME - 1]}…")
