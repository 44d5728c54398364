"""The map of a chat as it is drawn and walked on: only what is seen of it is painted. Main thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from desktop.ui.chat.tree_map_layout import Knot, TreeMap
from desktop.ui.theme import GRID, Theme, Token
from desktop.ui.widgets.escape import keep_escape

_CELL = 5 * GRID
_DOT = 5.0
_LINE = 2


class TreeMapView(QAbstractScrollArea):
    """``on_path`` says which messages are shown in the chat, ``is_own`` which the user wrote."""

    chosen = Signal(str)
    """The message to go to."""
    pointed = Signal(str)
    """The message under the pointer or the keyboard; empty if there is none."""

    def __init__(
        self,
        theme: Theme,
        on_path: Callable[[str], bool],
        is_own: Callable[[str], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._on_path = on_path
        self._is_own = is_own
        self._map = TreeMap()
        self._seen: tuple[str, str] = ("", "")
        self._current = ""
        self._hovered = ""
        self.setObjectName("tree-map-view")
        self.setAccessibleName(self.tr("Map of this chat"))
        self.setToolTip(self.tr("Arrows walk along the branches, Enter goes to the message"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Nothing stands where the two scroll bars meet.
        self.setCornerWidget(QWidget(self))
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)

    def set_map(self, made: TreeMap) -> None:
        """Shows another map; the place that the keyboard is at stays if it is still there."""
        self._map = made
        if self._current not in made.of:
            self._current = ""
        self._update_bars()
        self.viewport().update()

    def set_seen(self, first: str, last: str) -> None:
        """The messages that the chat's window shows now."""
        if (first, last) != self._seen:
            self._seen = (first, last)
            self.viewport().update()

    def set_current(self, message_id: str) -> None:
        """Puts the keyboard at a message and shows it."""
        if (number := self._map.of.get(message_id)) is None:
            return
        self._current = message_id
        self._reveal(self._map.knots[number])
        self.viewport().update()
        self.pointed.emit(message_id)

    @property
    def current(self) -> str:
        return self._current

    def wanted_size(self) -> QSize:
        """All of the map without scrolling."""
        cell = self._cell()
        return QSize((self._map.columns + 1) * cell, (self._map.rows + 1) * cell)

    def point_of(self, message_id: str) -> QPoint:
        """Where a message is in the viewport."""
        number = self._map.of[message_id]
        middle = self._map.middle(message_id)
        assert middle is not None
        top = self._center(self._map.knots[number]).y() - self._cell() / 2
        y = top + (middle - self._map.knots[number].row) * self._cell()
        return QPointF(self._center(self._map.knots[number]).x(), y).toPoint()

    # -- Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_seen(painter)
        cell, top = self._cell(), self.verticalScrollBar().value()
        first, last = (top + event.rect().top()) // cell - 1, (top + event.rect().bottom()) // cell + 1
        numbers = self._map.between(first, last)
        # The shown branch over the others.
        for on_path in (False, True):
            for number in numbers:
                if self._on_path(self._map.knots[number].ids[0]) is on_path:
                    self._paint_way(painter, self._map.knots[number], on_path=on_path)
        for number in numbers:
            self._paint_knot(painter, number)

    def _paint_seen(self, painter: QPainter) -> None:
        middles = [self._map.middle(message_id) for message_id in self._seen]
        found = [middle for middle in middles if middle is not None]
        if found:
            top = (min(found) - 0.5) * self._cell() + self._cell() / 2 - self.verticalScrollBar().value()
            height = (max(found) - min(found) + 1) * self._cell()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(Token.ACCENT_SOFT))
            painter.drawRoundedRect(QRectF(0, top, self.viewport().width(), height), GRID, GRID)

    def _paint_way(self, painter: QPainter, knot: Knot, *, on_path: bool) -> None:
        """From the knot before it, and along it if it is a run."""
        painter.setPen(QPen(self._theme.color(Token.ACCENT if on_path else Token.TEXT_MUTED), _LINE))
        center = self._center(knot)
        end = QPointF(center.x(), center.y() + (knot.rows - 1) * self._cell())
        if knot.parent is not None:
            before = self._map.knots[knot.parent]
            start = self._center(before) + QPointF(0, (before.rows - 1) * self._cell())
            corner = QPointF(center.x(), start.y() + self._cell() / 2)
            if before.column != knot.column:
                painter.drawLine(start, QPointF(start.x(), corner.y()))
                painter.drawLine(QPointF(start.x(), corner.y()), corner)
                painter.drawLine(corner, center)
            else:
                painter.drawLine(start, center)
        if knot.is_run:
            painter.drawLine(center, end)

    def _paint_knot(self, painter: QPainter, number: int) -> None:
        knot = self._map.knots[number]
        on_path = self._on_path(knot.ids[0])
        color = self._theme.color(Token.ACCENT if on_path else Token.TEXT_MUTED)
        ground = self._theme.color(Token.SURFACE_RAISED)
        center = self._center(knot)
        size = _DOT * self._cell() / _CELL
        painter.setPen(QPen(color, _LINE))
        if knot.is_run:
            # A long stretch: a bar with gaps in it.
            box = QRectF(center.x() - size, center.y() - size, 2 * size, 2 * size)
            box.setBottom(box.bottom() + (knot.rows - 1) * self._cell())
            painter.setBrush(ground)
            painter.drawRoundedRect(box, size, size)
            painter.setPen(QPen(color, _LINE, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(center.x(), box.top() + size), QPointF(center.x(), box.bottom() - size))
        else:
            painter.setBrush(ground if self._is_own(knot.ids[0]) else color)
            painter.drawEllipse(center, size, size)
        marked = self._map.of.get(self._current) == number and self.hasFocus()
        if marked or self._map.of.get(self._hovered) == number:
            painter.setPen(QPen(self._theme.color(Token.TEXT), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(center.x() - size - 3, center.y() - size - 3, 2 * size + 6, 2 * size + 6)
            ring.setBottom(ring.bottom() + (knot.rows - 1) * self._cell())
            painter.drawRoundedRect(ring, size + 3, size + 3)

    def _cell(self) -> int:
        return self._theme.grown(_CELL)

    def _center(self, knot: Knot) -> QPointF:
        """Of its first place, in the viewport; the first column is where reading begins."""
        cell = self._cell()
        x = knot.column * cell + cell - self.horizontalScrollBar().value()
        if self.isRightToLeft():
            x = self.viewport().width() - x
        return QPointF(x, knot.row * cell + cell - self.verticalScrollBar().value())

    def _update_bars(self) -> None:
        wanted, room = self.wanted_size(), self.viewport().size()
        for bar, all_of_it, seen in (
            (self.horizontalScrollBar(), wanted.width(), room.width()),
            (self.verticalScrollBar(), wanted.height(), room.height()),
        ):
            bar.setRange(0, max(0, all_of_it - seen))
            bar.setPageStep(max(1, seen))
            bar.setSingleStep(self._cell())

    def _reveal(self, knot: Knot) -> None:
        cell = self._cell()
        for bar, start, length, seen in (
            (self.horizontalScrollBar(), knot.column * cell, 2 * cell, self.viewport().width()),
            (self.verticalScrollBar(), knot.row * cell, (knot.rows + 1) * cell, self.viewport().height()),
        ):
            if not bar.value() <= start <= bar.value() + seen - length:
                bar.setValue(start - (seen - length) // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_bars()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    # -- Pointing

    def _message_at(self, place: QPointF) -> str:
        cell = self._cell()
        row = (place.y() + self.verticalScrollBar().value() - cell / 2) / cell
        for number in self._map.between(int(row), int(row) + 1):
            knot = self._map.knots[number]
            if abs(self._center(knot).x() - place.x()) < cell / 2 and knot.row <= row < knot.row + knot.rows:
                return self._map.message(number, row)
        return ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._message_at(event.position())
        if found != self._hovered:
            self._hovered = found
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()
            self.pointed.emit(found or self._current)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = ""
        self.viewport().update()
        self.pointed.emit(self._current)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and (found := self._message_at(event.position())):
            self.set_current(found)
            self.chosen.emit(found)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self._current:
            self.set_current(self._seen[0])
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        """Esc takes the map away and leaves a running answer alone."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = self._map.of.get(self._current)
        if number is None:
            super().keyPressEvent(event)
            return
        sideways = -1 if self.isRightToLeft() else 1
        match event.key():
            case Qt.Key.Key_Up:
                self._go(self._map.knots[number].parent)
            case Qt.Key.Key_Down:
                self._go(self._down(number))
            case Qt.Key.Key_Left:
                self._go(self._beside(number, -sideways))
            case Qt.Key.Key_Right:
                self._go(self._beside(number, sideways))
            case Qt.Key.Key_Home:
                self._go(self._map.roots[0])
            case Qt.Key.Key_End:
                while (below := self._down(number)) is not None:
                    number = below
                self._go(number)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.chosen.emit(self._current)
            case _:
                super().keyPressEvent(event)

    def _down(self, number: int) -> int | None:
        """The way that is shown, else the first one."""
        ways = self._map.children[number]
        shown = (way for way in ways if self._on_path(self._map.knots[way].ids[0]))
        return next(shown, ways[0] if ways else None)

    def _beside(self, number: int, step: int) -> int | None:
        ways = self._map.siblings(number)
        at = ways.index(number) + step
        return ways[at] if 0 <= at < len(ways) else None

    def _go(self, number: int | None) -> None:
        if number is not None:
            self.set_current(self._map.knots[number].ids[0])
