"""The boxes of task lists. Qt draws a crossed one for what is done, which reads as "not"; these have a tick.

Main thread only.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPen,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextListFormat,
)

from desktop.ui.markdown.style import INDENT
from desktop.ui.theme import GRID, Theme, Token

_MARKER = QTextBlockFormat.MarkerType
_TICK = ((0.24, 0.53), (0.43, 0.71), (0.77, 0.31))
"""Its three points, as shares of the box."""


class TaskBoxes:
    """Of one document, from the moment it is set until it is set anew."""

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self._tasks: list[tuple[QTextBlock, bool]] = []
        for block in _blocks(document):
            marker, items = block.blockFormat().marker(), block.textList()
            if marker is not _MARKER.NoMarker and items is not None:
                self._tasks.append((block, marker is _MARKER.Checked))
                # A list without a style keeps its place and draws nothing of its own.
                bare = QTextListFormat()
                bare.setStyle(QTextListFormat.Style.ListStyleUndefined)
                bare.setIndent(items.format().indent())
                QTextCursor(block).createList(bare)

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draws all of them, in the document's coordinates."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for block, done in self._tasks:
            box = self._box(block)
            painter.setPen(QPen(theme.color(Token.ACCENT if done else Token.TEXT_MUTED), 1.2))
            painter.setBrush(theme.color(Token.ACCENT) if done else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 2.5, 2.5)
            if done:
                round_ends = (Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
                painter.setPen(QPen(theme.color(Token.TEXT_ON_ACCENT), box.width() / 8, *round_ends))
                corner, side = box.topLeft(), box.width()
                painter.drawPolyline([corner + QPointF(x * side, y * side) for x, y in _TICK])

    def _box(self, block: QTextBlock) -> QRectF:
        """Beside the first line, as high as its capitals and a little more."""
        line = block.layout().lineAt(0)
        whole = self._document.documentLayout().blockBoundingRect(block)
        metrics = QFontMetricsF(block.charFormat().font())
        side = min(round(metrics.capHeight() * 1.3), INDENT - GRID)
        gap = min(2 * GRID, INDENT - side - 1)
        middle = whole.top() + line.y() + line.ascent() - metrics.capHeight() / 2
        if block.textDirection() is Qt.LayoutDirection.RightToLeft:
            left = whole.left() + line.x() + line.width() + gap
        else:
            left = whole.left() + line.x() - gap - side
        return QRectF(round(left) + 0.5, round(middle - side / 2) + 0.5, side, side)


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()
