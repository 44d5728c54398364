"""What the context's tokens go to, as one bar of several colours and as a table. Main thread only."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from desktop.domain.ledger import Share
from desktop.ui import words
from desktop.ui.theme import GRID, Theme, Token

translate = QCoreApplication.translate
_TOKENS = {
    Share.SYSTEM: Token.LINK,
    Share.EXAMPLES: Token.SUCCESS,
    Share.ATTACHMENTS: Token.WARNING,
    Share.HISTORY: Token.ACCENT,
    Share.NEW: Token.TEXT,
    Share.TEMPLATE: Token.TEXT_MUTED,
    Share.RESERVE: Token.BORDER,
}
"""In the order they are drawn; the table beside the bar says the same in words and numbers."""
_HEIGHT = 3 * GRID
_SWATCH = 10


def _share_name(share: Share) -> str:
    """In the user's language."""
    return {
        Share.SYSTEM: translate("Context", "Instructions"),
        Share.EXAMPLES: translate("Context", "Examples"),
        Share.ATTACHMENTS: translate("Context", "Files"),
        Share.HISTORY: translate("Context", "Chat so far"),
        Share.NEW: translate("Context", "New text"),
        Share.TEMPLATE: translate("Context", "Model's template"),
        Share.RESERVE: translate("Context", "Kept for the answer"),
    }[share]


def _swatch(share: Share, theme: Theme, side: int, ratio: float) -> QPixmap:
    """The colour of a share as a small square."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_color(share, theme))
    painter.drawRoundedRect(QRectF(0, 0, side, side), 2, 2)
    painter.end()
    return pixmap


class ShareBar(QWidget):
    """Empty until :meth:`show_shares`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shares: Mapping[Share, int] = {}
        self._total = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_shares(self, shares: Mapping[Share, int], total: int) -> None:
        """``total`` tokens are the whole bar, or all the shares together where they are more."""
        self._shares, self._total = shares, max(total, sum(shares.values()))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(Token.SURFACE_SUNKEN))
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
        at = 0.0
        for share in _TOKENS:
            if self._total and (count := self._shares.get(share, 0)):
                width = self.width() * count / self._total
                painter.setBrush(_color(share, self._theme))
                painter.drawRoundedRect(QRectF(at, 0, max(2.0, width - 1), self.height()), 2, 2)
                at += width


class ShareTable(QWidget):
    """Two columns of what takes how many tokens."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._numbers: dict[Share, QLabel] = {}
        self._swatches: dict[Share, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(GRID // 2)
        for at, share in enumerate(Share):
            row, column = at % 4, 4 * (at // 4)
            name, number, mark = QLabel(_share_name(share), self), QLabel(self), QLabel(self)
            for label in (name, number):
                label.setProperty("textsize", "small")
            name.setProperty("tone", "muted")
            self._numbers[share], self._swatches[share] = number, mark
            grid.addWidget(mark, row, column)
            grid.addWidget(name, row, column + 1)
            grid.addWidget(number, row, column + 2, Qt.AlignmentFlag.AlignRight)
        grid.setColumnMinimumWidth(3, 6 * GRID)
        grid.setColumnStretch(7, 1)
        theme.changed.connect(self._colour)
        self._colour()

    def show_shares(self, shares: Mapping[Share, int]) -> None:
        for share, label in self._numbers.items():
            label.setText(words.number(shares[share]))

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, super().sizeHint().height())

    def _colour(self) -> None:
        side = round(_SWATCH * max(1.0, self._theme.scale / 100))
        for share, label in self._swatches.items():
            label.setPixmap(_swatch(share, self._theme, side, self.devicePixelRatioF()))


def _color(share: Share, theme: Theme) -> QColor:
    return theme.color(_TOKENS[share])
