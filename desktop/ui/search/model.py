"""What a search found as a list model. Main thread only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QDate,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from desktop.ui.search.found import Line
from desktop.ui.widgets.plain import plain_tip

Index = QModelIndex | QPersistentModelIndex


class FoundRole(IntEnum):
    LINE = Qt.ItemDataRole.UserRole + 1
    """The :class:`Line`."""
    DATE = Qt.ItemDataRole.UserRole + 2
    """When it was written, in words."""


class FoundModel(QAbstractListModel):
    """A row for each line."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: Sequence[Line] = ()

    def set_lines(self, lines: Sequence[Line]) -> None:
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line.text or self.tr("New chat")
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(line.text or self.tr("New chat"))
            case Qt.ItemDataRole.AccessibleTextRole:
                kind = self.tr("Message") if line.message_id else self.tr("Chat")
                return f"{kind}, {_date(line.at)}: {line.text or self.tr('New chat')}"
            case FoundRole.LINE:
                return line
            case FoundRole.DATE:
                return _date(line.at)
            case _:
                return None


def _date(at: float) -> str:
    try:
        day = date.fromtimestamp(at)
    except (ValueError, OverflowError, OSError):  # A chat from a stranger may have been written at any time.
        return ""
    return QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)
