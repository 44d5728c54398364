"""List rows of a text and, in muted colour at the right, something about it: keys, a date, a size."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.ui.theme import GRID, RADIUS, Theme, Token

TRAILING = Qt.ItemDataRole.UserRole + 1


class TwoColumnDelegate(QStyledItemDelegate):
    """Reads ``DisplayRole`` and :data:`TRAILING`."""

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
        metrics = option.fontMetrics
        room = inner.width() - (metrics.horizontalAdvance(trailing) + 4 * GRID if trailing else 0)
        text = metrics.elidedText(str(index.data() or ""), Qt.TextElideMode.ElideRight, room)
        painter.setPen(self._theme.color(Token.TEXT))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
        painter.setPen(self._theme.color(Token.TEXT_MUTED))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), trailing)
        painter.restore()


def _background(state: QStyle.StateFlag) -> Token | None:
    if state & QStyle.StateFlag.State_Selected:
        return Token.ACCENT_SOFT
    return Token.HOVER if state & QStyle.StateFlag.State_MouseOver else None
