"""The conversations as a list model: headings and chats, one row each. Main thread only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from desktop.domain.conversation import Conversation
from desktop.ui.conversations.groups import Entry, Heading, When, entries

Index = QModelIndex | QPersistentModelIndex


class ListRole(IntEnum):
    CONVERSATION = Qt.ItemDataRole.UserRole + 1
    """The :class:`Conversation`, or ``None`` for a heading."""


class ConversationModel(QAbstractListModel):
    """``renamed`` when the user typed another title."""

    renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[Conversation] = []
        self._entries: list[Entry] = []
        self._rows: dict[str, int] = {}
        self._matching = ""

    def set_conversations(self, conversations: Sequence[Conversation]) -> None:
        self._all = list(conversations)
        self._rebuild()

    def set_matching(self, text: str) -> None:
        """Shows only titles with all these words."""
        self._matching = text
        self._rebuild()

    def row_of(self, conversation_id: str) -> int:
        """-1 if it is not shown."""
        return self._rows.get(conversation_id, -1)

    def count(self) -> int:
        """Chats that are shown."""
        return len(self._rows)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if isinstance(entry, Heading):
            return self._heading(entry) if role == Qt.ItemDataRole.DisplayRole else None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole | Qt.ItemDataRole.ToolTipRole:
                return entry.title or self.tr("New chat")
            case ListRole.CONVERSATION:
                return entry
            case _:
                return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self._entries[index.row()], Heading):
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        entry = self._entries[index.row()] if index.isValid() else None
        title = str(value).strip()
        if not isinstance(entry, Conversation) or not title or title == entry.title:
            return False
        self.renamed.emit(entry.id, title)
        return True

    def _rebuild(self) -> None:
        self.beginResetModel()
        self._entries = list(entries(self._all, date.today(), self._matching))
        self._rows = {
            entry.id: row for row, entry in enumerate(self._entries) if isinstance(entry, Conversation)
        }
        self.endResetModel()

    def _heading(self, heading: Heading) -> str:
        match heading.when:
            case When.TODAY:
                return self.tr("Today")
            case When.YESTERDAY:
                return self.tr("Yesterday")
            case When.WEEK:
                return self.tr("Last 7 days")
            case When.MONTH:
                return self.tr("Last 30 days")
            case When.OLDER:
                month = QLocale().standaloneMonthName(heading.month, QLocale.FormatType.LongFormat)
                return f"{month} {heading.year}"
