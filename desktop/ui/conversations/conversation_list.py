"""The left column: new chat, search, the chats in their folders, the trash.

Puts the parts together and follows the bus; opening a chat is the pane's business. Main thread, on the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation
from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.conversations.acts import ConversationActs
from desktop.ui.conversations.dropping import Drop, PutChats
from desktop.ui.conversations.entries import Listing, listing
from desktop.ui.conversations.files import ChatFiles
from desktop.ui.conversations.list_head import ListHead
from desktop.ui.conversations.menus import ListMenus
from desktop.ui.conversations.model import ConversationModel
from desktop.ui.conversations.pages import ColumnPages
from desktop.ui.conversations.reading import ListRead, read_list
from desktop.ui.conversations.search_field import SearchField
from desktop.ui.conversations.transfer_bar import TransferBar
from desktop.ui.conversations.view import ConversationView
from desktop.ui.icons import IconName
from desktop.ui.operation import run
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.words import number

_LEAST_WIDTH = 42 * GRID
_REFRESH_MS = 60
_TRANSFER_MS = 250
"""What takes no longer needs no progress."""
_NEW_DAY_MS = 60_000
"""Between two looks at the calendar: the headings are about today."""


class ConversationList(QFrame):
    """``chosen`` is what the user wants to see; ``trashed`` what was open and is gone."""

    chosen = Signal(str)
    trashed = Signal(str)
    done = Signal(str, str)
    """What can be undone, in words, and the id of the chat that was open and comes back open then, if any."""
    open_read = Signal(object)
    """The head of the open chat, read again with the list: a new title, other parameters."""
    wanted = Signal()
    """The column has something to show, also if it is folded away."""
    left = Signal()
    """The open chat has its new name: the keyboard wants back to it."""

    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kit = kit
        self._services = kit.services
        self._open_id = ""
        self._to_see = ""
        """The open chat, until it was seen in the list: a new one is not listed yet."""
        self._to_name = ""
        self._is_naming_open = False
        self._conversations: Mapping[str, Conversation] = {}
        self._today = date.today()
        self.setObjectName("conversation-list")
        self.setProperty("panel", "window")
        # In the order that Tab goes.
        self._head = ListHead(kit, self)
        self.search = SearchField(kit.icons, self)
        self.model = ConversationModel(self)
        self.view = ConversationView(kit, self.model, self)
        self.acts = ConversationActs(kit, self)
        self.files = ChatFiles(kit, self, self._current)
        self.menus = ListMenus(self.view, self.acts, self.files, kit.actions, self._chats_in)
        self.pages = ColumnPages(kit, self.view, self)
        self._bars = QVBoxLayout()
        self._trash_button = self._make_trash()
        self._reading: asyncio.Task[None] | None = None
        self._refresh = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._calendar = QTimer(self, interval=_NEW_DAY_MS)
        self._build()
        self._connect()
        self._unsubscribe = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)

    def reload(self) -> None:
        """Reads the list again; what is selected stays so."""
        if self._reading is not None and not self._reading.done():
            self._refresh.start()  # Of two at once the older one could come last.
            return
        self._reading = run(
            self,
            read_list(self._services, self.model.listing, self._closed()),
            tasks=self._kit.tasks,
            name="list conversations",
            on_success=self._on_read,
        )

    def set_open(self, conversation_id: str) -> None:
        """Marks the chat that is shown."""
        if conversation_id == self._open_id:
            return
        self._open_id = self._to_see = conversation_id
        self.view.delegate.open_id = conversation_id
        self.view.select((conversation_id,))
        self._see_open()
        self.view.viewport().update()

    def leave(self) -> None:
        """Before the app ends: looks at nothing that happens from now on."""
        self._unsubscribe()
        self._refresh.stop()
        self._calendar.stop()

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def set_results(self, results: QWidget) -> None:
        """What stands in the place of the chats while something is searched for, and takes the keyboard."""
        self.pages.set_results(results)

    def show_chats(self) -> None:
        """In place of what was found, or of the trash."""
        self.search.clear()
        self.pages.leave_trash()

    def show_trash(self) -> None:
        self.search.clear()
        self.wanted.emit()
        self.pages.show_trash()

    # -- Building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self._head)
        column.addWidget(self.search)
        column.addWidget(self.pages, 1)
        column.addLayout(self._bars)
        column.addWidget(self._trash_button)

    def minimumSizeHint(self) -> QSize:
        """Large text and long words need a wider column."""
        return super().minimumSizeHint().expandedTo(QSize(self._kit.theme.grown(_LEAST_WIDTH), 0))

    def _make_trash(self) -> QPushButton:
        """Its text comes with the list: it has the number of what is in there."""
        button = QPushButton(self)
        button.setObjectName("open-trash")
        button.setProperty("kind", "quiet")
        self._kit.actions.put_tip(button, ActionId.TRASH)
        self._kit.icons.put(button, IconName.TRASH)
        button.clicked.connect(self.show_trash)
        return button

    def _connect(self) -> None:
        self._head.menu_requested.connect(lambda place: self.menus.of_list().popup(place))
        self.search.searched.connect(lambda _: self.pages.set_searching(True))
        self.search.left.connect(self._on_search_left)
        self.search.descended.connect(self.pages.take_keyboard)
        self.pages.trash_shown.connect(self._trash_button.setHidden)
        self.model.renamed.connect(self._on_renamed)
        self.model.folder_renamed.connect(self._on_folder_renamed)
        self.view.chosen.connect(self.chosen)
        self.view.toggled.connect(self._on_toggled)
        self.view.dropped.connect(self._on_dropped)
        self.view.files_dropped.connect(self.files.import_files)
        self.acts.chosen.connect(self.chosen)
        self.acts.done.connect(self._on_done)
        self.acts.folder_made.connect(self._on_folder_made)
        self.files.began.connect(self._on_transfer)
        self._refresh.timeout.connect(self._on_refresh)
        self._calendar.timeout.connect(self._on_calendar)
        self._calendar.start()
        action = self._kit.actions.action
        action(ActionId.NEW_TEMPORARY_CHAT).triggered.connect(lambda: self.acts.new_chat(temporary=True))
        action(ActionId.NEW_FOLDER).triggered.connect(lambda: self.acts.new_folder())
        action(ActionId.TRASH).triggered.connect(self.show_trash)
        action(ActionId.RENAME_CHAT).triggered.connect(lambda: self._name_open())
        action(ActionId.DELETE_CHAT).triggered.connect(lambda: self._delete_open())
        self.view.delegate.closeEditor.connect(self._on_name_typed)

    # -- Reading

    def _on_read(self, read: ListRead) -> None:
        if self.view.is_editing():
            self._refresh.start()
            return
        was_listed = self._open_id in self._conversations
        self._conversations, self._today = read.conversations, read.today
        self.view.folders = read.folders
        if read.closed != self._closed():
            self._list_again()
        else:
            self._show(read.listing, read.changed if read.before is self.model.listing else None)
        words = self.tr("Trash (%1)").replace("%1", number(read.trashed))
        self._trash_button.setText(words if read.trashed else self.tr("Trash"))
        self._trash_button.setAccessibleName(self._trash_button.text())
        if (opened := self._current()) is not None:
            # What changed meanwhile is about to be read: until then the screen may be newer than this.
            if not self._refresh.isActive():
                self.open_read.emit(opened)
        elif was_listed:
            self.trashed.emit(self._open_id)
        self._name_new_folder()

    def _name_new_folder(self) -> None:
        """Asks for the name of a folder that was just made, once it is listed."""
        if (row := self.model.row_of(self._to_name)) >= 0:
            self._to_name = ""
            self.view.setCurrentIndex(self.model.index(row))
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
            self.view.rename_current()

    def _name_open(self) -> None:
        """Asks for the open chat's name where it is listed, also if that is folded away."""
        if (opened := self._current()) is None:
            return
        self.wanted.emit()
        self.show_chats()
        if opened.folder_id is not None and opened.folder_id in self.view.folders:
            for folder in self.view.folders.path(opened.folder_id):
                self._on_toggled(folder.id, True)
        if self.view.reveal(opened.id):
            self.view.select((opened.id,), opened.id)
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
            self._is_naming_open = True
            self.view.rename_current()

    def _delete_open(self) -> None:
        if (opened := self._current()) is not None:
            self.acts.trash([opened])

    def _list_again(self) -> None:
        """With other folders closed; nothing else is new."""
        chats, folders = self._conversations.values(), self.view.folders
        self._show(listing(chats, folders, self._today, self._closed()), None)

    def _show(self, made: Listing, changed: Sequence[int] | None) -> None:
        """``changed`` are the only rows that are others than before; without it any may be."""
        if changed is not None:
            self.model.show(made, changed)
            return
        if self.view.is_seen(self._open_id):
            self._to_see = self._open_id  # A chat that is written in goes up.
        self.view.show_listing(made)
        self.pages.set_empty(not made.entries)
        self._see_open()

    def _see_open(self) -> None:
        """Once for a chat that was opened: later the user scrolls where they like."""
        if self._to_see and self.view.reveal(self._to_see):
            self._to_see = ""

    def _closed(self) -> frozenset[str]:
        return frozenset(self._services.settings.texts(Setting.CLOSED_FOLDERS))

    def _current(self) -> Conversation | None:
        """The open chat."""
        return self._conversations.get(self._open_id)

    def _chats_in(self, folder_id: str) -> list[str]:
        """The ids of the chats in a folder and within, pinned ones too."""
        within = set(self.view.folders.within(folder_id))
        return [one.id for one in self._conversations.values() if one.folder_id in within]

    # -- What happened

    def _on_changed(self, change: Change) -> None:
        if change.kind in (Kind.CONVERSATIONS, Kind.FOLDERS) and not self._refresh.isActive():
            self._refresh.start()
        elif change.kind is Kind.MESSAGES:
            self._show_answering()

    def _show_answering(self) -> None:
        answering = self._services.chat.answering
        if answering != self.model.answering:
            self.model.answering = self.view.delegate.answering = answering
            self.view.viewport().update()

    def _on_refresh(self) -> None:
        """Not while a name is typed: the lines would go from under it."""
        if self.view.is_editing():
            self._refresh.start()
        else:
            self.reload()

    def _on_calendar(self) -> None:
        if date.today() != self._today:
            self.reload()

    def _on_search_left(self) -> None:
        self.pages.set_searching(False)
        self.view.reveal(self._open_id)

    def _on_name_typed(self) -> None:
        if self._is_naming_open:
            self._is_naming_open = False
            self.left.emit()

    def _on_renamed(self, conversation_id: str, title: str) -> None:
        self.model.show_title(conversation_id, title)
        self.acts.rename(conversation_id, title)

    def _on_folder_renamed(self, folder_id: str, name: str) -> None:
        self.model.show_title(f"folder {folder_id}", name)
        self.acts.rename_folder(folder_id, name)

    def _on_folder_made(self, folder_id: str, parent_id: str) -> None:
        """Its name is asked for as soon as it is listed."""
        self._to_name = f"folder {folder_id}"
        self.wanted.emit()
        self._on_toggled(parent_id, True)
        self.reload()

    def _on_toggled(self, folder_id: str, is_open: bool) -> None:
        closed = self._closed() - {folder_id} if is_open else self._closed() | {folder_id}
        there = sorted(one for one in closed if one in self.view.folders)
        self._services.settings.put(Setting.CLOSED_FOLDERS, there, actor=self)
        self._list_again()

    def _on_dropped(self, drop: Drop) -> None:
        folder = self.view.folders.get(drop.folder_id or "") if isinstance(drop, PutChats) else None
        place = self.tr("“%1”").replace("%1", folder.name) if folder else self.tr("the top of the list")
        self.acts.drop(drop, self.view.selected_chats(), self.view.selected_folders(), place)

    def _on_done(self, words: str, gone: list[str]) -> None:
        """``gone`` are chats that are in the trash now; the open one comes back open."""
        opened = self._open_id if self._open_id in gone else ""
        self.done.emit(words, opened)
        if opened:
            self.trashed.emit(opened)

    def _on_transfer(self, bar: TransferBar) -> None:
        """Shown if it is not over at once."""
        self._bars.addWidget(bar)

        def show() -> None:
            bar.show()
            self.wanted.emit()

        QTimer.singleShot(_TRANSFER_MS, bar, show)
