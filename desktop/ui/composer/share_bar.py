"""What the context's tokens go to, as one bar of several colours and as a table. Main thread only."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QResizeEvent
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
_MAY_BE_ESTIMATED = {Share.HISTORY, Share.ATTACHMENTS, Share.TEMPLATE}
"""Of the instructions and of what is new the tokens are counted always."""
_HEIGHT = 3 * GRID
_SWATCH = 10
_LINES = 4
"""Of the table, where it has two columns."""
_BETWEEN = 6 * GRID
"""The columns, in pixels."""


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
    """What takes how many tokens, in two columns, or in one where there is no room for two."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: dict[Share, QLabel] = {}
        self._numbers: dict[Share, QLabel] = {}
        self._swatches: dict[Share, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * GRID)
        self._grid.setVerticalSpacing(GRID // 2)
        for share in Share:
            name, number, mark = QLabel(_share_name(share), self), QLabel(self), QLabel(self)
            for label in (name, number):
                label.setProperty("textsize", "small")
            name.setProperty("tone", "muted")
            self._names[share], self._numbers[share], self._swatches[share] = name, number, mark
        self._columns = 0
        self._arrange(2)
        theme.changed.connect(self._colour)
        self._colour()

    def show_shares(self, shares: Mapping[Share, int], *, about: bool) -> None:
        """``about``: those are estimates that may be."""
        for share, label in self._numbers.items():
            label.setText(words.number(shares[share], about=about and share in _MAY_BE_ESTIMATED))

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(40 * GRID, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= self._wide() else 1)

    def _wide(self) -> int:
        """What two columns take with all names on one line."""
        lines = [
            self._names[share].fontMetrics().horizontalAdvance(self._names[share].text())
            + self._numbers[share].sizeHint().width()
            + self._swatches[share].sizeHint().width()
            for share in Share
        ]
        return max(lines[:_LINES]) + max(lines[_LINES:]) + _BETWEEN + 12 * GRID

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for at, share in enumerate(Share):
            row, column = (at % _LINES, 4 * (at // _LINES)) if columns == 2 else (at, 0)
            self._names[share].setWordWrap(columns == 1)
            self._grid.addWidget(self._swatches[share], row, column)
            self._grid.addWidget(self._names[share], row, column + 1)
            self._grid.addWidget(self._numbers[share], row, column + 2, Qt.AlignmentFlag.AlignRight)
        self._grid.setColumnMinimumWidth(3, _BETWEEN if columns == 2 else 0)
        self._grid.setColumnStretch(1, 1 if columns == 1 else 0)
        self._grid.setColumnStretch(7, 1 if columns == 2 else 0)

    def _colour(self) -> None:
        side = round(_SWATCH * max(1.0, self._theme.scale / 100))
        for share, label in self._swatches.items():
            label.setPixmap(_swatch(share, self._theme, side, self.devicePixelRatioF()))


def _color(share: Share, theme: Theme) -> QColor:
    return theme.color(_TOKENS[share])
