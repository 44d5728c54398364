"""The list of chats as a view of what is selected in it. Main thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from desktop.domain.conversation import Conversation
from desktop.domain.folders import Folder, FolderTree
from desktop.ui.conversations.entries import ChatLine, Entry, FolderLine
from desktop.ui.conversations.model import ConversationModel


class SelectionView(QListView):
    """Several lines can be selected; headings never are. ``folders`` are as they are in the model."""

    def __init__(self, model: ConversationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = model
        self.folders = FolderTree(())
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def current(self) -> Entry | None:
        return self.lines.entry(self.currentIndex())

    def selected(self) -> list[Entry]:
        """From the top down."""
        ranges: list[QItemSelectionRange] = self.selectionModel().selection().toList()
        rows = sorted(row for one in ranges for row in range(one.top(), one.bottom() + 1))
        return [self.lines.listing.entries[row] for row in rows]

    def selected_chats(self) -> list[Conversation]:
        return [entry.conversation for entry in self.selected() if isinstance(entry, ChatLine)]

    def selected_folders(self) -> list[Folder]:
        return [entry.folder for entry in self.selected() if isinstance(entry, FolderLine)]

    def select(self, keys: Sequence[str], current: str = "") -> None:
        """What of these is listed, and nothing else; ``current`` has the keyboard."""
        rows = sorted(row for key in keys if (row := self.lines.row_of(key)) >= 0)
        found = QItemSelection()
        first = last = -2
        for row in [*rows, -2]:
            if row == last + 1:
                last = row
                continue
            if first >= 0:
                found.append(_range(self.lines, first, last))
            first = last = row
        selection = self.selectionModel()
        selection.select(found, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        at = self.lines.row_of(current)
        if at < 0 and rows:
            at = rows[0]
        if at >= 0:
            selection.setCurrentIndex(self.lines.index(at), QItemSelectionModel.SelectionFlag.NoUpdate)


def _range(model: ConversationModel, first: int, last: int) -> QItemSelectionRange:
    return QItemSelectionRange(model.index(first), model.index(last))
