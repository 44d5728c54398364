"""A button that shows the chosen thing and opens a menu; its text is shortened to fit, a chevron ends it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPaintEvent, QPixmap
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QStylePainter, QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme, Token


class MenuButton(QPushButton):
    """``dot`` is a coloured point after the text: a state, or that something was changed."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._dot: Token | None = None
        self._words = ""
        self._chevron = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        icons.changed.connect(self._on_icons_changed)

    def set_words(self, text: str, dot: Token | None = None) -> None:
        """The whole text, also for screen readers; what is painted may be shorter."""
        self._words = text
        self._dot = dot
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        return self._words

    def dot(self) -> Token | None:
        return self._dot

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._words) + self._tail() + 6 * GRID
        return QSize(width, metrics.height() + 3 * GRID)

    def minimumSizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(8 * metrics.averageCharWidth() + self._tail() + 6 * GRID, metrics.height() + 3 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        inner = self.rect().adjusted(3 * GRID, 0, -2 * GRID, 0)
        words = self._draw_words(painter, inner)
        if self._dot is not None:
            self._draw_dot(painter, words.right() + 2 * GRID, inner)
        self._draw_chevron(painter, inner)
        painter.end()

    def _mark_size(self) -> int:
        """The chevron's side; both marks grow with the text."""
        return self.fontMetrics().ascent() - GRID // 4

    def _dot_size(self) -> int:
        return self.fontMetrics().height() // 2

    def _tail(self) -> int:
        dot = self._dot_size() + 2 * GRID if self._dot is not None else 0
        return GRID + self._mark_size() + dot

    def _draw_words(self, painter: QStylePainter, inner: QRect) -> QRect:
        room = inner.width() - self._tail()
        text = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(self._theme.color(Token.TEXT if self.isEnabled() else Token.TEXT_MUTED))
        area = QRect(inner.left(), inner.top(), room, inner.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(self._turned(area), int(flags), text)
        return QRect(area.left(), area.top(), self.fontMetrics().horizontalAdvance(text), area.height())

    def _draw_dot(self, painter: QStylePainter, left: int, inner: QRect) -> None:
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self._dot or Token.ACCENT))
        size = self._dot_size()
        painter.drawEllipse(self._turned(QRect(left, inner.center().y() - size // 2 + 1, size, size)))

    def _draw_chevron(self, painter: QStylePainter, inner: QRect) -> None:
        size = self._mark_size()
        if self._chevron.isNull():
            self._chevron = self._icons.pixmap(
                IconName.CHEVRON_DOWN, Token.TEXT_MUTED, size, self.devicePixelRatioF()
            )
        box = QRect(inner.right() - size, inner.center().y() - size // 2 + 1, size, size)
        painter.drawPixmap(self._turned(box).topLeft(), self._chevron)

    def _turned(self, box: QRect) -> QRect:
        """Where that is in a language that is read from right to left."""
        return QStyle.visualRect(self.layoutDirection(), self.rect(), box)

    def _on_icons_changed(self) -> None:
        self._chevron = QPixmap()
        self.update()
