"""The view of the list of chats: its keys, what is selected, and dragging. Main thread only.

It says what the user wants; what becomes of it is decided elsewhere. Dragging runs in a loop of Qt's own, as
everywhere in Qt; it begins at a mouse event and never inside a task, so that no task misses its turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from desktop.domain.conversation import Conversation
from desktop.domain.folders import Folder, FolderTree
from desktop.ui.conversations.delegate import ConversationDelegate, indent
from desktop.ui.conversations.dropping import Drop, Half, MoveFolder, drop_of_chats, drop_of_folder
from desktop.ui.conversations.entries import ChatLine, Entry, FolderLine
from desktop.ui.conversations.model import DRAGGED, ConversationModel
from desktop.ui.theme import GRID, RADIUS, Token
from desktop.ui.toolkit import Toolkit

EXPORTS = (".json", ".jsonl", ".zip")
"""Files that can be dropped to be imported."""
_OPENS_MS = 700
"""A closed folder opens under what is dragged after so long."""
_EDGE = 0.28
"""Share of a folder's line, above and below, that means between it and its neighbour."""


class ConversationView(QListView):
    """``chosen`` carries a chat's id, ``toggled`` a folder's and whether it is to be open."""

    chosen = Signal(str)
    toggled = Signal(str, bool)
    menu_requested = Signal(bool, QPoint)
    """Whether it is about what is selected, and where on the screen."""
    dropped = Signal(object)
    """What was dragged inside the list is to be put there: a :data:`Drop`."""
    files_dropped = Signal(list)

    def __init__(self, kit: Toolkit, model: ConversationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = kit.theme
        self._drop: Drop | None = None
        self._takes_files = False
        self.folders = FolderTree(())
        """As they are in the model."""
        self.delegate = ConversationDelegate(kit.theme, kit.icons, self)
        self._opening = QTimer(self)
        self._opening.setSingleShot(True)
        self._opening.setInterval(_OPENS_MS)
        self._opening.timeout.connect(self._on_hovered)
        self._hovered = ""
        self._actions: Sequence[QAction] = ()
        self.setObjectName("conversations")
        self.setAccessibleName(self.tr("Chats"))
        self.setModel(model)
        self.setItemDelegate(self.delegate)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(False)
        self.setMouseTracking(True)
        self.clicked.connect(self._on_clicked)
        kit.theme.changed.connect(self.doItemsLayout)

    # What is selected

    def current(self) -> Entry | None:
        return self._model.entry(self.currentIndex())

    def selected(self) -> list[Entry]:
        """From the top down."""
        ranges: list[QItemSelectionRange] = self.selectionModel().selection().toList()
        rows = sorted(row for one in ranges for row in range(one.top(), one.bottom() + 1))
        return [self._model.listing.entries[row] for row in rows]

    def selected_chats(self) -> list[Conversation]:
        return [entry.conversation for entry in self.selected() if isinstance(entry, ChatLine)]

    def selected_folders(self) -> list[Folder]:
        return [entry.folder for entry in self.selected() if isinstance(entry, FolderLine)]

    def select(self, keys: Sequence[str], current: str = "") -> None:
        """What of these is listed, and nothing else; ``current`` has the keyboard."""
        rows = sorted(row for key in keys if (row := self._model.row_of(key)) >= 0)
        found = QItemSelection()
        first = last = -2
        for row in [*rows, -2]:
            if row == last + 1:
                last = row
                continue
            if first >= 0:
                found.append(_range(self._model, first, last))
            first = last = row
        selection = self.selectionModel()
        selection.select(found, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        at = self._model.row_of(current) if current else (rows[0] if rows else -1)
        if at >= 0:
            selection.setCurrentIndex(self._model.index(at), QItemSelectionModel.SelectionFlag.NoUpdate)

    def set_actions(self, actions: Sequence[QAction]) -> None:
        """What keys do while the list has the keyboard."""
        self._actions = actions

    def is_editing(self) -> bool:
        return self.state() is QAbstractItemView.State.EditingState

    def rename_current(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            self.scrollTo(index)
            self.edit(index)

    # Keys and clicks

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
        keys = QKeySequence(event.keyCombination())
        return next((action for action in self._actions if action.shortcut() == keys), None)

    def _on_clicked(self, index: QModelIndex) -> None:
        """A click that extends what is selected opens nothing."""
        if QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier:
            self._open(self._model.entry(index))

    def _open(self, entry: Entry | None) -> None:
        if isinstance(entry, ChatLine):
            self.chosen.emit(entry.conversation.id)
        elif isinstance(entry, FolderLine):
            self.toggled.emit(entry.folder.id, not entry.is_open)

    def _go_to_folder(self, depth: int) -> None:
        """From a line in a folder to the folder's."""
        entries = self._model.listing.entries
        for row in range(self.currentIndex().row(), -1, -1):
            entry = entries[row]
            if isinstance(entry, FolderLine) and entry.depth < depth:
                self.setCurrentIndex(self._model.index(row))
                return

    # Dragging

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        super().dragEnterEvent(event)
        self._takes_files = bool(_files(event))
        event.setAccepted(self._takes_files or event.source() is self)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)  # It scrolls at the edges.
        if self._takes_files:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        elif event.source() is self and event.mimeData().hasFormat(DRAGGED):
            self._drop = self._drop_at(event.position().toPoint())
            event.setDropAction(Qt.DropAction.MoveAction)
            event.setAccepted(self._drop is not None)
        self.viewport().update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._end_drag()

    def dropEvent(self, event: QDropEvent) -> None:
        drop, files = self._drop, _files(event)
        self._end_drag()
        self.setState(QAbstractItemView.State.NoState)
        if files:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.files_dropped.emit(files)
        elif drop is not None:
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
            self.dropped.emit(drop)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop is None and not self._takes_files:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color(Token.ACCENT), 2))
        line = self._drop.line if isinstance(self._drop, MoveFolder) else None
        if line is not None:
            box = self._place(line[0], line[0])
            y = box.bottom() if line[1] is Half.BEHIND else box.top()
            start = indent(self._model.listing.entries[line[0]]) + 3 * GRID
            left, right = (0, -start) if self.isRightToLeft() else (start, 0)
            painter.drawLine(box.left() + left, y, box.right() + right, y)
        else:
            box = self._place(*self._drop.rows) if self._drop is not None else self.viewport().rect()
            painter.drawRoundedRect(box.adjusted(2, 1, -2, -1), RADIUS - 2, RADIUS - 2)
        painter.end()

    def _drop_at(self, position: QPoint) -> Drop | None:
        index = self.indexAt(position)
        entries, row = self._model.listing.entries, index.row()
        entry = self._model.entry(index)
        self._hover(entry.folder.id if isinstance(entry, FolderLine) and not entry.is_open else "")
        if self.selected_chats():
            return drop_of_chats(entries, row)
        if not (folders := self.selected_folders()):
            return None
        box = self.visualRect(index)
        share = (position.y() - box.top()) / max(1, box.height())
        half = Half.BEFORE if share < _EDGE else Half.BEHIND if share > 1 - _EDGE else Half.ON
        return drop_of_folder(entries, self.folders, folders[0].id, row, half)

    def _place(self, first: int, last: int) -> QRect:
        """These lines in the viewport; below all where there are none yet."""
        if first >= self._model.rowCount():
            box = self.visualRect(self._model.index(first - 1))
            return box.translated(0, box.height())
        top = self.visualRect(self._model.index(first))
        return top.united(self.visualRect(self._model.index(last)))

    def _hover(self, folder_id: str) -> None:
        if folder_id != self._hovered:
            self._hovered = folder_id
            if folder_id:
                self._opening.start()
            else:
                self._opening.stop()

    def _on_hovered(self) -> None:
        self.toggled.emit(self._hovered, True)

    def _end_drag(self) -> None:
        self._drop = None
        self._takes_files = False
        self._hover("")
        self.viewport().update()


def _range(model: ConversationModel, first: int, last: int) -> QItemSelectionRange:
    return QItemSelectionRange(model.index(first), model.index(last))


def _files(event: QDropEvent) -> list[Path]:
    """Files on this computer that may be exports."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in EXPORTS]
