"""How much of the model's context the next message takes, as a bar and in words. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from desktop.ui import words
from desktop.ui.composer.context_meter import Reading
from desktop.ui.theme import GRID, TextSize, Theme, Token

_BAR = 20 * GRID
_NEARLY_FULL = 0.85


class ContextGauge(QAbstractButton):
    """A click shows what the tokens go to."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share = 0.0
        self._token = Token.ACCENT
        self._text = ""
        self.used = 0
        self.setObjectName("context-gauge")
        self.setAccessibleName(self.tr("Context"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setCheckable(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.update)

    @property
    def text_shown(self) -> str:
        return self._text

    def show_reading(self, reading: Reading) -> None:
        text = self._tokens(reading.used, reading.total, about=reading.about)
        token, ledger = Token.ACCENT, reading.ledger
        if ledger is not None:
            dropped = ledger.dropped
            if ledger.foresight.overflows:
                text, token = f"{text} · {self.tr('does not fit')}", Token.DANGER
            elif dropped:
                words_ = self.tr("1 message dropped") if dropped == 1 else self.tr("%1 messages dropped")
                text, token = f"{text} · {words_.replace('%1', words.number(dropped))}", Token.WARNING
            elif ledger.foresight.cut:
                text, token = f"{text} · {self.tr('a part dropped')}", Token.WARNING
            else:
                text = f"{text} · {self.tr('nothing dropped')}"
        self._show(text, reading.used, reading.total, token)

    def show_running(self, used: int, total: int) -> None:
        """While an answer is written its own numbers are exact."""
        self._show(self._tokens(used, total, about=False), used, total, Token.ACCENT)

    def sizeHint(self) -> QSize:
        return QSize(_BAR + 40 * GRID, self._line())

    def minimumSizeHint(self) -> QSize:
        return QSize(_BAR, self._line())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            edge = Token.ACCENT if self.hasFocus() else Token.HOVER
            painter.setPen(QPen(self._theme.color(edge), 1))
            painter.setBrush(self._theme.color(Token.HOVER))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if not self._text:
            return
        whole = self.rect().adjusted(2 * GRID, 0, -GRID, 0)
        length = min(_BAR, whole.width() // 5)
        bar = QRect(whole.left(), whole.center().y() - 1, length, 4)
        filled = QRect(bar.left(), bar.top(), max(2, round(length * self._share)), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        for box, token in ((bar, Token.BORDER), (filled, self._token)):
            painter.setBrush(self._theme.color(token))
            painter.drawRoundedRect(QStyle.visualRect(self.layoutDirection(), whole, box), 2, 2)
        painter.setFont(self._theme.font(TextSize.SMALL))
        warns = self._token is not Token.ACCENT
        painter.setPen(self._theme.color(self._token if warns else Token.TEXT_MUTED))
        box = QStyle.visualRect(self.layoutDirection(), whole, whole.adjusted(length + 2 * GRID, 0, 0, 0))
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, box.width())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(box, int(QStyle.visualAlignment(self.layoutDirection(), flags)), text)

    def _tokens(self, used: int, total: int, *, about: bool) -> str:
        if total > 0:
            text = self.tr("about %1 of %2 tokens") if about else self.tr("%1 of %2 tokens")
        else:
            text = self.tr("about %1 tokens")
        return words.filled(text, words.number(used, about=about), words.number(total))

    def _show(self, text: str, used: int, total: int, token: Token) -> None:
        self.used = used
        self._share = min(1.0, used / total) if total > 0 else 0.0
        self._token = Token.WARNING if token is Token.ACCENT and self._share > _NEARLY_FULL else token
        if text != self._text:
            self._text = text
            self.setAccessibleName(self.tr("Context: %1").replace("%1", text))
        self.update()

    def _line(self) -> int:
        return max(6 * GRID, QFontMetrics(self._theme.font(TextSize.SMALL)).height() + GRID)
