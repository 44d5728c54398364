"""The left column: new chat, search, the conversations by day, and a way back from a deletion.

It reads the chat service and asks it for renames and deletions; opening is the pane's business.
Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation
from desktop.ui.actions import ActionId, Actions
from desktop.ui.conversations.delegate import ConversationDelegate
from desktop.ui.conversations.model import ConversationModel, ListRole
from desktop.ui.conversations.search_field import SearchField
from desktop.ui.conversations.undo_bar import UndoBar
from desktop.ui.icons import IconName
from desktop.ui.operation import run
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit

_REFRESH_MS = 60


class ConversationList(QFrame):
    """``chosen`` is what the user wants to see; ``trashed`` what is gone."""

    chosen = Signal(str)
    trashed = Signal(str)
    restored = Signal(str)
    open_read = Signal(object)
    """The head of the open chat, read again with the list: a new title, other parameters."""

    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        services = kit.services
        self._conversations = services.conversations
        self._chat = services.chat
        self._trash = services.trash
        self._tasks = kit.tasks
        self._icons = kit.icons
        self._open_id = ""
        self.setObjectName("conversation-list")
        self.setProperty("panel", "window")
        self.setMinimumWidth(44 * GRID)
        self._new = self._new_button(kit.actions)
        self.search = SearchField(kit.icons, self)
        self.search.searched.connect(self._on_searched)
        self.search.left.connect(self._on_search_left)
        self.search.descended.connect(self._on_descended)
        self.model = ConversationModel(self)
        self.model.renamed.connect(self._on_renamed)
        self._delegate = ConversationDelegate(kit.theme, self)
        self.view = self._list_view()
        self._nothing = QLabel(self)
        self._nothing.setObjectName("conversation-nothing")
        self._nothing.setProperty("tone", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self._pages = QStackedWidget(self)
        self._chats = QWidget(self)
        self._results: QWidget | None = None
        self.undo = UndoBar(self)
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(_REFRESH_MS)
        self._refresh.timeout.connect(self.reload)
        self._build()
        kit.theme.changed.connect(self.view.doItemsLayout)
        self._unsubscribe = services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)

    def reload(self) -> None:
        """Reads the list again; the open chat stays marked."""
        run(
            self,
            self._conversations.list(),
            tasks=self._tasks,
            name="list conversations",
            on_success=self._on_loaded,
        )

    def set_open(self, conversation_id: str) -> None:
        """Marks the chat that is shown."""
        self._open_id = conversation_id
        self._delegate.open_id = conversation_id
        self._select(conversation_id)
        self.view.viewport().update()

    def leave(self) -> None:
        """Before the app ends: looks at nothing that happens from now on."""
        self._unsubscribe()
        self._refresh.stop()

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def set_results(self, results: QWidget) -> None:
        """What stands in the place of the chats while something is searched for, and takes the keyboard."""
        self._results = results
        self._pages.addWidget(results)
        self._show_page()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self._new)
        column.addWidget(self.search)
        column.addWidget(self._pages, 1)
        column.addWidget(self.undo)
        chats = QVBoxLayout(self._chats)
        chats.setContentsMargins(0, 0, 0, 0)
        chats.addWidget(self.view, 1)
        chats.addWidget(self._nothing, 1)
        self._chats.setFocusProxy(self.view)
        self._pages.addWidget(self._chats)
        self._nothing.hide()

    def _new_button(self, actions: Actions) -> QPushButton:
        action = actions.action(ActionId.NEW_CHAT)
        button = QPushButton(action.text(), self)
        button.setObjectName("new-chat")
        button.setAccessibleName(action.text())
        actions.put_tip(button, ActionId.NEW_CHAT)
        self._icons.put(button, IconName.NEW)
        button.clicked.connect(action.trigger)
        return button

    def _list_view(self) -> QListView:
        view = QListView(self)
        view.setObjectName("conversations")
        view.setAccessibleName(self.tr("Chats"))
        view.setModel(self.model)
        view.setItemDelegate(self._delegate)
        view.setUniformItemSizes(True)
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        view.setMouseTracking(True)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._on_menu_requested)
        view.clicked.connect(self._on_index_chosen)
        view.activated.connect(self._on_index_chosen)
        delete = QShortcut(QKeySequence(Qt.Key.Key_Delete), view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._on_delete_pressed)
        return view

    def _select(self, conversation_id: str) -> None:
        row = self.model.row_of(conversation_id)
        if row < 0:
            self.view.clearSelection()
            return
        index = self.model.index(row)
        self.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _conversation_at(self, index: QModelIndex) -> Conversation | None:
        found = index.data(ListRole.CONVERSATION) if index.isValid() else None
        return found if isinstance(found, Conversation) else None

    def _put_in_trash(self, conversation: Conversation) -> None:
        def undo() -> None:
            run(
                self,
                self._trash.restore((conversation.id,), actor=self),
                tasks=self._tasks,
                name="restore conversation",
                on_success=lambda _: self._on_restored(conversation.id),
            )

        def done(_: None) -> None:
            title = conversation.title or self.tr("New chat")
            self.undo.offer(self.tr("Deleted “%1”").replace("%1", title), undo)
            self.trashed.emit(conversation.id)
            self.reload()

        run(
            self,
            self._chat.trash(conversation.id, actor=self),
            tasks=self._tasks,
            name="trash conversation",
            on_success=done,
        )

    def _on_restored(self, conversation_id: str) -> None:
        self.reload()
        self.restored.emit(conversation_id)

    def _on_loaded(self, conversations: list[Conversation]) -> None:
        if self.view.state() is QAbstractItemView.State.EditingState:
            self._refresh.start()
            return
        if (opened := next((one for one in conversations if one.id == self._open_id), None)) is not None:
            self.open_read.emit(opened)
        top = self.view.verticalScrollBar().value()
        self.model.set_conversations(conversations)
        self._select(self._open_id)
        self.view.verticalScrollBar().setValue(top)
        self._show_nothing()

    def _show_nothing(self) -> None:
        empty = self.model.count() == 0
        searched = bool(self.search.words)
        self._nothing.setText(
            self.tr("No chat has this in its title.")
            if searched
            else self.tr("Your chats will be listed here.")
        )
        self._nothing.setVisible(empty)
        self.view.setVisible(not empty)

    def _show_page(self) -> None:
        self._pages.setCurrentWidget(
            self._results if self._results is not None and self.search.words else self._chats
        )

    def _on_searched(self, words: str) -> None:
        self._show_page()
        if self._results is None:
            self._show_matching(words)

    def _on_search_left(self) -> None:
        self._show_page()
        self._show_matching("")

    def _on_descended(self) -> None:
        if (page := self._pages.currentWidget()) is not None:
            page.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_matching(self, words: str) -> None:
        self.model.set_matching(words)
        self._select(self._open_id)
        self._show_nothing()

    def _on_index_chosen(self, index: QModelIndex) -> None:
        if conversation := self._conversation_at(index):
            self.chosen.emit(conversation.id)

    def _on_renamed(self, conversation_id: str, title: str) -> None:
        run(
            self,
            self._conversations.rename(conversation_id, title),
            tasks=self._tasks,
            name="rename conversation",
        )

    def _on_delete_pressed(self) -> None:
        if conversation := self._conversation_at(self.view.currentIndex()):
            self._put_in_trash(conversation)

    def _on_menu_requested(self, position: QPoint) -> None:
        index = self.view.indexAt(position)
        conversation = self._conversation_at(index)
        if conversation is None:
            return
        menu = QMenu(self)
        menu.setObjectName("conversation-menu")
        menu.addAction(self.tr("Open"), lambda: self.chosen.emit(conversation.id))
        rename = menu.addAction(self.tr("Rename"), lambda: self.view.edit(index))
        rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
        menu.addSeparator()
        delete = menu.addAction(self.tr("Delete"), lambda: self._put_in_trash(conversation))
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        for action in (rename, delete):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.view.viewport().mapToGlobal(position))

    def _on_changed(self, change: Change) -> None:
        if change.kind is Kind.CONVERSATIONS and not self._refresh.isActive():
            self._refresh.start()
