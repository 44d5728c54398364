"""What is painted around a message's parts: its bubble or who wrote it, its foot, where the keyboard is.

Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter

from desktop.ui.chat.message.foot import MessageFoot
from desktop.ui.chat.message.layout import GAP, Layout
from desktop.ui.chat.rows import Row
from desktop.ui.icons import Icons
from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token

_MARK = 3
"""Pixels; the width of what marks the message that the keyboard is at."""


class MessageFrame:
    """``current`` says that the keyboard is at the message."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        self._theme = theme
        self._row: Row | None = None
        self._name = ""
        self.foot = MessageFoot(theme, icons)
        self.current = False

    def set_row(self, row: Row, name: str) -> None:
        """``name`` is who wrote an answer."""
        self._row = row
        self._name = name
        self.foot.set_row(row)

    def paint(
        self, painter: QPainter, layout: Layout, size: QSize, *, buttons_width: int, mirrored: bool
    ) -> None:
        """Into a widget of ``size``; ``buttons_width`` of its foot is taken, at the side of the buttons."""
        if (row := self._row) is None:
            return
        if row.own:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(Token.USER_BUBBLE))
            painter.drawRoundedRect(QRectF(layout.bubble), RADIUS + GRID, RADIUS + GRID)
        elif row.first:
            side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
            side |= Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
            painter.setPen(self._theme.color(Token.TEXT_MUTED))
            painter.setFont(self._theme.font(TextSize.SMALL, bold=True))
            painter.drawText(layout.name, side, self._name)
        if self.current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(Token.ACCENT))
            x = size.width() - _MARK if mirrored else 0
            painter.drawRoundedRect(QRectF(x, 0, _MARK, size.height() - GAP // 2), _MARK / 2, _MARK / 2)
        if row.last:
            right = row.own != mirrored
            box = layout.foot.adjusted(0 if right else buttons_width, 0, -buttons_width if right else 0, 0)
            self.foot.paint(painter, box, mirrored=mirrored)
