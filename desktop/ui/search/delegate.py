"""Paints one line of what a search found: a chat's title, or a few words of a message. Main thread only."""

from __future__ import annotations

from unicodedata import bidirectional

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.ui.markdown.search_marks import units
from desktop.ui.search.found import Line
from desktop.ui.search.model import FoundRole
from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token

_PADDING = 3 * GRID
_LINES = 3
"""Of a message that are shown."""


class FoundDelegate(QStyledItemDelegate):
    """A title takes one line; a message its date and up to three lines, whatever it says."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line = index.data(FoundRole.LINE)
        font = self._theme.font(TextSize.SMALL)
        if isinstance(line, Line) and line.message_id:
            return QSize(10 * GRID, QFontMetrics(font).height() * (_LINES + 1) + 3 * GRID)
        return QSize(10 * GRID, QFontMetrics(self._theme.font(bold=True)).height() + 4 * GRID)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line = index.data(FoundRole.LINE)
        if not isinstance(line, Line):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        self._paint_ground(painter, rect.adjusted(GRID, 1, -GRID, -1), option.state)
        box = rect.adjusted(_PADDING, GRID, -_PADDING, -GRID)
        date = str(index.data(FoundRole.DATE))
        if line.message_id:
            self._paint_message(painter, box, line, date, option.direction)
        else:
            box.setTop(box.top() + GRID)
            self._paint_text(
                painter, box, str(index.data()), line, self._theme.font(bold=True), 1, option.direction
            )
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRect, state: QStyle.StateFlag) -> None:
        selected = state & QStyle.StateFlag.State_Selected
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(Token.ACCENT_SOFT if selected else Token.HOVER))
            painter.drawRoundedRect(box, RADIUS - 2, RADIUS - 2)
        if selected and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._theme.color(Token.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, RADIUS - 2, RADIUS - 2)

    def _paint_message(
        self, painter: QPainter, box: QRect, line: Line, date: str, direction: Qt.LayoutDirection
    ) -> None:
        small = self._theme.font(TextSize.SMALL)
        height = QFontMetrics(small).height()
        painter.setFont(small)
        painter.setPen(self._theme.color(Token.TEXT_MUTED))
        side = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft)
        painter.drawText(QRect(box.left(), box.top(), box.width(), height), side, date)
        self._paint_text(painter, box.adjusted(0, height, 0, 0), line.text, line, small, _LINES, direction)

    def _paint_text(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        line: Line,
        font: QFont,
        most: int,
        direction: Qt.LayoutDirection,
    ) -> None:
        """With the found places marked; what does not fit ends in dots."""
        layout = QTextLayout(text, font)
        option = QTextOption(
            QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignAbsolute
        )
        option.setTextDirection(_direction_of(text))
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        y = 0.0
        layout.beginLayout()
        for number in range(most):
            made = layout.createLine()
            if not made.isValid():
                break
            made.setLineWidth(box.width())
            made.setPosition(QPointF(0, y))
            y += made.height()
            rest = made.textStart() + made.textLength() < units(text, [len(text)])[0]
            if number == most - 1 and rest:
                layout.endLayout()
                start = _python_place(text, made.textStart())
                kept = QFontMetrics(font).elidedText(
                    text[start:], Qt.TextElideMode.ElideRight, box.width() - 2
                )
                self._paint_text(painter, box, text[:start] + kept, line, font, most + 1, direction)
                return
        layout.endLayout()
        painter.setPen(self._theme.color(Token.TEXT))
        layout.draw(painter, QPointF(box.topLeft()), self._marked(text, line))

    def _marked(self, text: str, line: Line) -> list[QTextLayout.FormatRange]:
        form = QTextCharFormat()
        form.setBackground(self._theme.color(Token.HIGHLIGHT))
        form.setForeground(self._theme.color(Token.TEXT))
        marked = []
        for start, end in line.ranges:
            if start >= len(text):
                break
            first, last = units(text, [start, min(end, len(text))])
            place = QTextLayout.FormatRange()
            place.start, place.length, place.format = first, last - first, form
            marked.append(place)
        return marked


def _direction_of(text: str) -> Qt.LayoutDirection:
    """What is written goes its own way, whatever the window's."""
    strong = next((kind for sign in text if (kind := bidirectional(sign)) in ("L", "R", "AL")), "L")
    return Qt.LayoutDirection.LeftToRight if strong == "L" else Qt.LayoutDirection.RightToLeft


def _python_place(text: str, place: int) -> int:
    """A place in Qt's text, where a character beyond U+FFFF is two, as one in a Python string."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * place].decode("utf-16-le", "ignore"))
