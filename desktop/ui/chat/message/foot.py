"""What is painted under a message: how fast it was, how far it is, whether the model is sent it.

Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter

from desktop.domain.conversation import InContext
from desktop.ui.chat import words
from desktop.ui.chat.rows import Row
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, TextSize, Theme, Token

_ICON = 16
_BAR = 120
_SIGNS = {InContext.PINNED: IconName.PIN, InContext.EXCLUDED: IconName.HIDDEN}


class MessageFoot:
    """Words and a sign."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        self._theme = theme
        self._icons = icons
        self._sign: IconName | None = None
        self._fraction: float | None = None
        self._progress = ""
        self._text = ""

    @property
    def text(self) -> str:
        """What can be read there now."""
        return self._progress or self._text

    def set_row(self, row: Row) -> None:
        context = row.message.context
        timing = "" if row.own else words.timing(row.message.origin)
        self._sign = _SIGNS.get(context)
        self._progress, self._fraction = "", None
        # What is cut off in a narrow window is the end: the least of it.
        self._text = " · ".join(filter(None, (words.in_context(context), timing))) if row.last else ""

    def set_progress(self, text: str, fraction: float | None) -> bool:
        """Of an answer that is being written; says whether that is another."""
        if (text, fraction) == (self._progress, self._fraction):
            return False
        self._progress, self._fraction = text, fraction
        return True

    def paint(self, painter: QPainter, box: QRect, *, mirrored: bool) -> None:
        """Into ``box``: progress at the side where lines begin, the rest where they end."""
        if not (text := self.text):
            return
        painter.setFont(self._theme.font(TextSize.SMALL))
        painter.setPen(self._theme.color(Token.TEXT_MUTED))
        if self._progress:
            self._paint_progress(painter, box, mirrored)
            return
        side = self._icons.scaled(_ICON) if self._sign is not None else 0
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width() - side - GRID)
        align = Qt.AlignmentFlag.AlignLeft if mirrored else Qt.AlignmentFlag.AlignRight
        painter.drawText(box, _flags(align), text)
        if self._sign is not None:
            width = painter.fontMetrics().horizontalAdvance(text) + GRID
            left = box.left() + width if mirrored else box.right() + 1 - width - side
            icon = self._icons.icon(self._sign).pixmap(QSize(side, side))
            painter.drawPixmap(left, box.center().y() - side // 2 + 1, side, side, icon)

    def _paint_progress(self, painter: QPainter, box: QRect, mirrored: bool) -> None:
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, _flags(align), self._progress)
        if self._fraction is None:
            return
        done = _BAR * max(0.0, min(1.0, self._fraction))
        offset = painter.fontMetrics().horizontalAdvance(self._progress) + 3 * GRID
        left = box.right() + 1 - offset - _BAR if mirrored else box.left() + offset
        bar = QRectF(left, box.center().y() - 1, _BAR, GRID)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(Token.BORDER))
        painter.drawRoundedRect(bar, 2, 2)
        painter.setBrush(self._theme.color(Token.ACCENT))
        start = QPointF(bar.right() - done if mirrored else bar.left(), bar.top())
        painter.drawRoundedRect(QRectF(start, QPointF(start.x() + done, bar.bottom())), 2, 2)


def _flags(align: Qt.AlignmentFlag) -> Qt.AlignmentFlag:
    """The side that is meant, whatever the direction of the text."""
    return align | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
