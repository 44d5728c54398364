"""What is in the trash, line by line: what it is, when it was deleted, how long it is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    QStringListModel,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.services.trash import DAY_S, Trashed, TrashService
from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token
from desktop.ui.widgets.plain import plain_tip
from desktop.ui.words import filled, number

Index = QModelIndex | QPersistentModelIndex
DETAIL = Qt.ItemDataRole.UserRole + 1
"""When it was deleted, and how long it is kept."""


class TrashModel(QStringListModel):
    """One row for each deletion, the last one first; Qt keeps how many there are."""

    def __init__(self, trash: TrashService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trash = trash
        self._entries: Sequence[Trashed] = ()

    def show(self, entries: Sequence[Trashed]) -> None:
        self._entries = entries
        self.setStringList([self.words(entry) for entry in entries])

    def entry(self, index: Index) -> Trashed:
        return self._entries[index.row()]

    def words(self, entry: Trashed) -> str:
        """A chat's title; of a part of a chat also how it begins."""
        title = entry.title or self.tr("New chat")
        if entry.message_id is None:
            return title
        start = " ".join(entry.excerpt.split())
        return filled(self.tr("Part of “%1”: %2"), title, start)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case _ if role == DETAIL:
                return self._detail(self.entry(index))
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(str(super().data(index, Qt.ItemDataRole.DisplayRole) or ""))
            case Qt.ItemDataRole.AccessibleTextRole:
                words = str(super().data(index, Qt.ItemDataRole.DisplayRole))
                return f"{words}, {self._detail(self.entry(index))}"
            case _:
                return super().data(index, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def _detail(self, entry: Trashed) -> str:
        days = math.ceil(self._trash.left_s(entry) / DAY_S)
        left = self.tr("1 day left") if days == 1 else self.tr("%1 days left").replace("%1", number(days))
        when = QDateTime.fromSecsSinceEpoch(int(max(0.0, min(entry.trashed_at, 1e11))))
        date = QLocale().toString(when.date(), QLocale.FormatType.ShortFormat)
        return filled(self.tr("%1 · deleted %2"), left, date)


class TrashDelegate(QStyledItemDelegate):
    """Two lines of text, all rows as tall as each other."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = [self._theme.font(), self._theme.font(TextSize.SMALL)]
        return QSize(10 * GRID, sum(QFontMetrics(font).height() for font in lines) + 3 * GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        box = rect.adjusted(GRID, 1, -GRID, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = state & QStyle.StateFlag.State_Selected
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(Token.ACCENT_SOFT if selected else Token.HOVER))
            painter.drawRoundedRect(box, RADIUS - 2, RADIUS - 2)
        line = box.adjusted(2 * GRID, GRID, -2 * GRID, -GRID)
        for size, token, text in (
            (TextSize.NORMAL, Token.TEXT, str(index.data())),
            (TextSize.SMALL, Token.TEXT_MUTED, str(index.data(DETAIL))),
        ):
            painter.setFont(self._theme.font(size))
            painter.setPen(self._theme.color(token))
            elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading, elided)
            line = line.adjusted(0, painter.fontMetrics().height(), 0, 0)
        painter.restore()
