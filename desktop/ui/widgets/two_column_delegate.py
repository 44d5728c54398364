"""List rows of a text and, in muted colour at the end, something about it: keys, a date, a size."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.ui.theme import GRID, RADIUS, Theme, Token

TRAILING = Qt.ItemDataRole.UserRole + 1
HEADING = Qt.ItemDataRole.UserRole + 2
"""Whether the row stands over a group of others."""
MARKED = Qt.ItemDataRole.UserRole + 3
"""Whether what is at the end was changed by the user."""


class TwoColumnDelegate(QStyledItemDelegate):
    """Reads ``DisplayRole``, :data:`TRAILING`, :data:`HEADING` and :data:`MARKED`."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, option.fontMetrics.height() + 3 * GRID)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        token = _background(option.state)
        if token is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(token))
            painter.drawRoundedRect(rect, RADIUS - GRID // 2, RADIUS - GRID // 2)
        inner = rect.adjusted(2 * GRID, 0, -2 * GRID, 0)
        trailing = str(index.data(TRAILING) or "")
        is_heading = bool(index.data(HEADING))
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold if is_heading else QFont.Weight.Normal)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        room = inner.width() - (metrics.horizontalAdvance(trailing) + 4 * GRID if trailing else 0)
        text = metrics.elidedText(str(index.data() or ""), Qt.TextElideMode.ElideRight, room)
        start, end = (
            QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignVCenter | side)
            for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        )
        painter.setPen(self._theme.color(Token.TEXT_MUTED if is_heading else Token.TEXT))
        painter.drawText(inner, int(start), text)
        painter.setPen(self._theme.color(Token.ACCENT if index.data(MARKED) else Token.TEXT_MUTED))
        painter.drawText(inner, int(end), trailing)
        painter.restore()


def _background(state: QStyle.StateFlag) -> Token | None:
    if state & QStyle.StateFlag.State_Selected:
        return Token.ACCENT_SOFT
    return Token.HOVER if state & QStyle.StateFlag.State_MouseOver else None
