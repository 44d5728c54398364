"""A filled round-cornered icon button: send, stop, go to the end. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme, Token

SIDE = 9 * GRID
_ICON = 18


class RoundButton(QToolButton):
    """Strong (accent) or calm (raised surface with a border)."""

    def __init__(
        self, theme: Theme, icons: Icons, *, strong: bool, radius: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._strong = strong
        self._radius = radius
        self._name = IconName.SEND
        self._fit()
        icons.changed.connect(self._fit)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _fit(self) -> None:
        side = self._icons.scaled(SIDE)
        self.setFixedSize(side, side)

    def set_icon_name(self, name: IconName) -> None:
        self._name = name
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        color = self._theme.color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, edge, sign = self._tokens()
        painter.setBrush(color(fill))
        painter.setPen(QPen(color(edge), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), self._radius, self._radius)
        side = self._icons.scaled(_ICON)
        box = QRect(0, 0, side, side)
        box.moveCenter(self.rect().center())
        self._icons.icon(self._name, sign).paint(painter, box)

    def _tokens(self) -> tuple[Token, Token, Token]:
        """Fill, edge and sign."""
        lit = self.isEnabled() and (self.underMouse() or self.hasFocus())
        if not self._strong:
            return (Token.HOVER if lit else Token.SURFACE_RAISED), Token.BORDER, Token.TEXT
        if not self.isEnabled():
            return Token.SURFACE_SUNKEN, Token.SURFACE_SUNKEN, Token.TEXT_MUTED
        return Token.ACCENT, (Token.TEXT if lit else Token.ACCENT), Token.TEXT_ON_ACCENT
