"""How much of the model's context a chat takes, as a bar and in words. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui import words
from desktop.ui.theme import GRID, TextSize, Theme, Token

_BAR = 20 * GRID


class ContextGauge(QWidget):
    """Shows ``used`` of ``total`` tokens; nothing while no model is loaded."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._used = 0
        self._total = 0
        self._about = False
        self._text = ""
        self.setObjectName("context-gauge")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            self.tr(
                "What the model is sent: instructions, this chat and your text. The answer needs room too."
            )
        )
        theme.changed.connect(self.update)

    def show_use(self, used: int, total: int, *, about: bool = False) -> None:
        """``about`` while parts are estimated. Nothing is shown for a ``total`` of 0."""
        self._used, self._total, self._about = used, total, about
        self._text = ""
        if total > 0:
            text = self.tr("about %1 of %2 tokens") if about else self.tr("%1 of %2 tokens")
            self._text = text.replace("%1", words.number(used)).replace("%2", words.number(total))
        self.setAccessibleName(self.tr("Context: %1").replace("%1", self._text) if self._text else "")
        self.updateGeometry()
        self.update()

    @property
    def text(self) -> str:
        return self._text

    @property
    def over(self) -> bool:
        """Whether what would be sent does not fit."""
        return 0 < self._total <= self._used

    def sizeHint(self) -> QSize:
        return QSize(_BAR + 40 * GRID, self._line())

    def minimumSizeHint(self) -> QSize:
        return QSize(_BAR, self._line())

    def _line(self) -> int:
        return max(6 * GRID, QFontMetrics(self._theme.font(TextSize.SMALL)).height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._text:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        share = min(1.0, self._used / self._total)
        token = Token.DANGER if self.over else Token.WARNING if share > 0.85 else Token.ACCENT
        bar = QRectF(0, self.height() / 2 - 2, _BAR, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(Token.BORDER))
        painter.drawRoundedRect(bar, 2, 2)
        bar.setWidth(max(2.0, _BAR * share))
        painter.setBrush(self._theme.color(token))
        painter.drawRoundedRect(bar, 2, 2)
        painter.setFont(self._theme.font(TextSize.SMALL))
        painter.setPen(self._theme.color(Token.DANGER if self.over else Token.TEXT_MUTED))
        box = self.rect().adjusted(_BAR + 2 * GRID, 0, 0, 0)
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
