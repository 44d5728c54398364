"""How a row of the sampler order is drawn: a tick, the name, and a grip to drag it by."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme, Token

Index = QModelIndex | QPersistentModelIndex


class OrderDelegate(QStyledItemDelegate):
    """Marks the current row only while the list has the keyboard."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons

    def sizeHint(self, option: QStyleOptionViewItem, index: Index, /) -> QSize:
        return QSize(20 * GRID, option.fontMetrics.height() + 2 * GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, /) -> None:
        self.initStyleOption(option, index)
        used = option.checkState is Qt.CheckState.Checked
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(option.rect).adjusted(1, 0, -1, 0)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(self._theme.color(Token.ACCENT_SOFT))
            painter.drawRoundedRect(area, GRID, GRID)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(self._theme.color(Token.HOVER))
            painter.drawRoundedRect(area, GRID, GRID)
        self._draw_tick(painter, self._tick_box(option), used, option.widget.devicePixelRatioF())
        name = _turned(option, option.rect.adjusted(option.fontMetrics.height() + 3 * GRID, 0, -6 * GRID, 0))
        painter.setPen(self._theme.color(Token.TEXT if used else Token.TEXT_MUTED))
        painter.setFont(option.font)
        text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading), text)
        self._draw_grip(painter, option)
        painter.restore()

    def _tick_box(self, option: QStyleOptionViewItem) -> QRect:
        side = option.fontMetrics.ascent()
        box = QRect(option.rect.left() + 2 * GRID, option.rect.center().y() - side // 2, side, side)
        return _turned(option, box)

    def _draw_tick(self, painter: QPainter, box: QRect, used: bool, ratio: float) -> None:
        outline = Token.ACCENT if used else Token.TEXT_MUTED
        painter.setPen(QPen(self._theme.color(outline), 1.25))
        painter.setBrush(self._theme.color(Token.ACCENT) if used else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), GRID - 1, GRID - 1)
        if used:
            tick = self._icons.pixmap(IconName.CHECK, Token.TEXT_ON_ACCENT, box.width() - 2, ratio)
            painter.drawPixmap(box.topLeft() + QPointF(1, 1).toPoint(), tick)

    def _draw_grip(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        painter.setPen(QPen(self._theme.color(Token.BORDER), 1.5))
        area = option.rect
        box = QRect(area.right() - 5 * GRID, area.center().y() - GRID, 3 * GRID, 2 * GRID)
        box = _turned(option, box)
        for y in (box.top(), box.top() + GRID, box.top() + 2 * GRID):
            painter.drawLine(box.left(), y, box.left() + 3 * GRID, y)


def _turned(option: QStyleOptionViewItem, box: QRect) -> QRect:
    """Where that is in a language that is read from right to left."""
    return QStyle.visualRect(option.direction, option.rect, box)
