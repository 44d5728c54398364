"""The view of the list of chats: what its keys and clicks mean. Main thread only.

It says what the user wants; what becomes of it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QWidget

from desktop.ui.conversations.delegate import ConversationDelegate
from desktop.ui.conversations.dragging import DraggingView
from desktop.ui.conversations.entries import ChatLine, Entry, FolderLine, Listing
from desktop.ui.conversations.model import ConversationModel
from desktop.ui.toolkit import Toolkit


class ConversationView(DraggingView):
    """``chosen`` carries a chat's id."""

    chosen = Signal(str)
    menu_requested = Signal(bool, QPoint)
    """Whether it is about what is selected, and where on the screen."""

    def __init__(self, kit: Toolkit, model: ConversationModel, parent: QWidget | None = None) -> None:
        super().__init__(kit.theme, model, parent)
        self.delegate = ConversationDelegate(kit.theme, kit.icons, self)
        self._actions: Sequence[QAction] = ()
        self.setObjectName("conversations")
        self.setAccessibleName(self.tr("Chats"))
        self.setItemDelegate(self.delegate)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.clicked.connect(self._on_clicked)
        kit.theme.changed.connect(self.doItemsLayout)

    def set_actions(self, actions: Sequence[QAction]) -> None:
        """What keys do while the list has the keyboard."""
        self._actions = actions

    def show_listing(self, made: Listing) -> None:
        """Other lines; what was selected, and how far it was scrolled, stay."""
        was_empty = not self.lines.listing.entries
        top = self.verticalScrollBar().value()
        row, current = self.currentIndex().row(), self.current()
        keys = [entry.key for entry in self.selected()]
        self.lines.show(made)
        self.executeDelayedItemsLayout()
        if not (kept := [key for key in keys if self.lines.row_of(key) >= 0]):
            # The keyboard goes on from where it was; otherwise the open chat is what is meant.
            kept = [self.lines.key_near(row) if keys and self.hasFocus() else self.delegate.open_id]
        self.select(kept, current.key if current is not None else "")
        if not was_empty:
            self.verticalScrollBar().setValue(top)

    def is_editing(self) -> bool:
        return self.state() is QAbstractItemView.State.EditingState

    def is_seen(self, key: str) -> bool:
        """Whether a line is listed, and not scrolled out of sight."""
        row = self.lines.row_of(key)
        return row >= 0 and self.visualRect(self.lines.index(row)).intersects(self.viewport().rect())

    def reveal(self, key: str) -> bool:
        """Scrolls no further than needed so that a line is seen; ``False`` if it is not listed."""
        if (row := self.lines.row_of(key)) < 0:
            return False
        self.executeDelayedItemsLayout()
        self.scrollTo(self.lines.index(row))
        if row == 1:  # Only a heading is above it.
            self.scrollToTop()
        return True

    def rename_current(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            self.scrollTo(index)
            self.edit(index)

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and self._action_of(event)
        ):
            event.accept()  # Here the key means what the list says, not what the window says.
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_editing():
            super().keyPressEvent(event)  # What the field for a name leaves over means nothing here.
            return
        if (action := self._action_of(event)) is not None:
            action.trigger()
            return
        entry = self.current()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        inwards, outwards = Qt.Key.Key_Right, Qt.Key.Key_Left
        if self.isRightToLeft():
            inwards, outwards = outwards, inwards
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self._open(entry)
        elif key == Qt.Key.Key_F10 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self._ask_for_menu(self.currentIndex())
        elif key == inwards and plain and isinstance(entry, FolderLine) and not entry.is_open:
            self.toggled.emit(entry.folder.id, True)
        elif key == outwards and plain and isinstance(entry, FolderLine) and entry.is_open:
            self.toggled.emit(entry.folder.id, False)
        elif key == outwards and plain and isinstance(entry, FolderLine | ChatLine) and entry.depth:
            self._go_to_folder(entry.depth)
        else:
            super().keyPressEvent(event)

    def moveCursor(
        self, cursor: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home goes to the first line that is no heading."""
        if cursor is QAbstractItemView.CursorAction.MoveHome:
            rows = (self.model().index(row, 0) for row in range(self.model().rowCount()))
            first = next((at for at in rows if at.flags() & Qt.ItemFlag.ItemIsSelectable), QModelIndex())
            return QModelIndex(first)
        return super().moveCursor(cursor, modifiers)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._ask_for_menu(self.currentIndex())
        else:
            self.menu_requested.emit(self.indexAt(event.pos()).isValid(), event.globalPos())

    def _ask_for_menu(self, index: QModelIndex) -> None:
        """From the keyboard, at the line that has it."""
        self.menu_requested.emit(
            index.isValid(), self.viewport().mapToGlobal(self.visualRect(index).center())
        )

    def _action_of(self, event: QKeyEvent) -> QAction | None:
        if self.is_editing():
            return None
        keys = QKeySequence(event.keyCombination())
        return next((one for one in self._actions if keys in one.shortcuts() and one.isEnabled()), None)

    def _on_clicked(self, index: QModelIndex) -> None:
        """A click that extends what is selected opens nothing."""
        if QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier:
            self._open(self.lines.entry(index))

    def _open(self, entry: Entry | None) -> None:
        if isinstance(entry, ChatLine):
            self.chosen.emit(entry.conversation.id)
        elif isinstance(entry, FolderLine):
            self.toggled.emit(entry.folder.id, not entry.is_open)

    def _go_to_folder(self, depth: int) -> None:
        """From a line in a folder to the folder's."""
        entries = self.lines.listing.entries
        for row in range(self.currentIndex().row(), -1, -1):
            entry = entries[row]
            if isinstance(entry, FolderLine) and entry.depth < depth:
                self.setCurrentIndex(self.lines.index(row))
                return
