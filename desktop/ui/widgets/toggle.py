"""A switch: a check box in the form that people know from phones, drawn in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from desktop.ui.theme import GRID, Theme, Token


class Toggle(QCheckBox):
    """Without text of its own: it stands beside a label, whose words it should have as accessible name."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        height = self.fontMetrics().height()
        return QSize(round(1.8 * height) + GRID, height + GRID)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint, /) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        checked, enabled = self.isChecked(), self.isEnabled()
        ground = Token.ACCENT if checked and enabled else Token.BORDER
        knob = Token.TEXT_ON_ACCENT if checked and enabled else Token.TEXT_MUTED
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(self.rect()).adjusted(GRID / 2, GRID / 2, -GRID / 2, -GRID / 2)
        radius = track.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(ground))
        painter.drawRoundedRect(track, radius, radius)
        side = track.height() - GRID
        left = track.right() - side - GRID / 2 if checked else track.left() + GRID / 2
        painter.setBrush(self._theme.color(knob))
        painter.drawEllipse(QRectF(left, track.top() + GRID / 2, side, side))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color(Token.TEXT if checked else Token.ACCENT), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius + 1, radius + 1)
