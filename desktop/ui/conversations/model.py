"""The list of chats as a flat list model: one row for each heading, folder and chat. Main thread only."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QLocale,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QStringListModel,
    Qt,
    Signal,
)

from desktop.domain.conversation import Conversation
from desktop.ui.conversations.entries import (
    NOTHING,
    ChatLine,
    Entry,
    FolderLine,
    Heading,
    Listing,
    Section,
)
from desktop.ui.widgets.plain import plain_tip
from desktop.ui.words import filled, number

Index = QModelIndex | QPersistentModelIndex
DRAGGED = "application/x-locution-chats"
"""What is dragged out of the list; it carries only whose it is, because the list knows what is selected."""

_CHOSEN = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEditable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)


class ListRole(IntEnum):
    ENTRY = Qt.ItemDataRole.UserRole + 1
    """The :data:`Entry`."""


class ConversationModel(QStringListModel):
    """``renamed`` and ``folder_renamed`` when the user typed another name for an id.

    The number of rows and their words are kept by Qt itself: a view that lays out ten thousand rows asks for
    each of them, which takes twenty times as long where Python answers.
    """

    renamed = Signal(str, str)
    folder_renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.listing = NOTHING
        self.answering: frozenset[str] = frozenset()
        """Chats in which an answer is being written; only told here, and drawn by the delegate."""
        self._mark = uuid.uuid4().bytes

    def show(self, listing: Listing, changed: Sequence[int] | None = None) -> None:
        """``changed`` are the only rows that are others than before; without it any may be."""
        self.listing = listing
        if changed is None:
            lines = zip(listing.names, listing.entries, strict=True)
            self.setStringList([name or self._words(entry) for name, entry in lines])
            return
        for row in changed:
            # This tells the views, too.
            super().setData(self.index(row), self._words(listing.entries[row]), Qt.ItemDataRole.EditRole)

    def entry(self, index: Index) -> Entry | None:
        return self.listing.entries[index.row()] if index.isValid() else None

    def row_of(self, key: str) -> int:
        """Of a chat's id or an entry's key; -1 if it is not shown."""
        return self.listing.rows.get(key, -1)

    def key_near(self, row: int) -> str:
        """Of the chat or folder at a row, or else the next one below or above; empty if there is none."""
        order = [*range(row, self.rowCount()), *range(min(row, self.rowCount()) - 1, -1, -1)]
        near = (self.listing.entries[at] for at in order if at >= 0)
        return next((entry.key for entry in near if not isinstance(entry, Heading)), "")

    def show_title(self, key: str, title: str) -> None:
        """At once, while it is being written."""
        if (row := self.row_of(key)) >= 0:
            super().setData(self.index(row), title, Qt.ItemDataRole.EditRole)

    # -- For the view

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case ListRole.ENTRY:
                return self.entry(index)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(str(super().data(index, Qt.ItemDataRole.DisplayRole) or ""))
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(index)
            case _:
                return super().data(index, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return _CHOSEN if isinstance(self.entry(index), ChatLine | FolderLine) else Qt.ItemFlag.NoItemFlags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name = " ".join(str(value).split())
        if not name or name == index.data():
            return False
        match self.entry(index):
            case ChatLine(conversation=conversation):
                self.renamed.emit(conversation.id, name)
            case FolderLine(folder=folder):
                self.folder_renamed.emit(folder.id, name)
            case _:
                return False
        return True

    def mimeTypes(self) -> list[str]:
        return [DRAGGED]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(DRAGGED, self._mark)
        return data

    def is_own(self, data: QMimeData) -> bool:
        """Whether it was dragged out of this very list."""
        return data.data(DRAGGED).data() == self._mark

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def _words(self, entry: Entry) -> str:
        match entry:
            case ChatLine(conversation=conversation):
                return conversation.title or self.tr("New chat")
            case FolderLine(folder=folder):
                return folder.name
            case Heading():
                return self._heading(entry)

    def _spoken(self, index: Index) -> str:
        """What a screen reader says of a line: also what is drawn as a sign."""
        words = str(super().data(index, Qt.ItemDataRole.DisplayRole))
        match self.entry(index):
            case FolderLine(count=count, is_open=is_open):
                state = self.tr("%1, folder, open, %2") if is_open else self.tr("%1, folder, closed, %2")
                return filled(state, words, number(count))
            case ChatLine(conversation=Conversation(id=conversation_id)) if conversation_id in self.answering:
                return self.tr("%1, answering").replace("%1", words)
            case ChatLine(conversation=Conversation(temporary=True)):
                return self.tr("%1, not kept").replace("%1", words)
            case ChatLine(conversation=Conversation(pinned=True)):
                return self.tr("%1, pinned").replace("%1", words)
            case _:
                return words

    def _heading(self, heading: Heading) -> str:
        match heading.section:
            case Section.TEMPORARY:
                return self.tr("Not kept")
            case Section.PINNED:
                return self.tr("Pinned")
            case Section.FOLDERS:
                return self.tr("Folders")
            case Section.TODAY:
                return self.tr("Today")
            case Section.YESTERDAY:
                return self.tr("Yesterday")
            case Section.WEEK:
                return self.tr("Previous 7 days")
            case Section.MONTH:
                return self.tr("Previous 30 days")
            case Section.OLDER:
                month = QLocale().standaloneMonthName(heading.month, QLocale.FormatType.LongFormat)
                return f"{month} {heading.year}"
