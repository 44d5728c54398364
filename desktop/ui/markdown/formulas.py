"""Formulas for all text on the screen: set by one thread beside the window, remembered, tinted by the theme.

Main thread only. A view asks with :meth:`Formulas.ask`, shows the source meanwhile, and is told once when its
formulas are there or were refused.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from desktop.ui.markdown.formula_typesetting import EM, Drawing, Formula, Typesetter
from desktop.ui.theme import Theme, Token

PER_TEXT = 100
"""Formulas of one text that are set; further ones stay as they were written."""
_REMEMBERED = 600
_IMAGES = 300
_LARGER = 1.12
"""The mathematical type looks smaller than the text's at the same size."""
_LOOK_MS = 40
_SLICE_S = 0.006


class Formulas(QObject):
    """Drawings by formula. One that cannot be set is remembered as ``None``."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._known: OrderedDict[Formula, Drawing | None] = OrderedDict()
        self._images: OrderedDict[tuple[object, ...], QImage] = OrderedDict()
        self._waiting: dict[object, tuple[list[Formula], Callable[[], None]]] = {}
        self._typesetter = Typesetter()
        self.destroyed.connect(self._typesetter.close)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._on_look)

    def is_known(self, formula: Formula) -> bool:
        return formula in self._known

    def ask(self, owner: object, formulas: list[Formula], ready: Callable[[], None]) -> None:
        """Calls ``ready`` once all are known. A new question replaces the owner's last one."""
        self.forget(owner)
        self._waiting[owner] = (formulas[::-1], ready)
        for formula in formulas:
            if formula not in self._typesetter.wanted and formula not in self._known:
                self._typesetter.put(formula)
        self._timer.start()

    def forget(self, owner: object) -> None:
        """The owner is gone or shows something else. What nobody waits for is not begun."""
        if owner in self._waiting:
            left, _ = self._waiting.pop(owner)
            wanted = {formula for others, _ in self._waiting.values() for formula in others}
            self._typesetter.wanted.difference_update(set(left) - wanted)

    def image(self, formula: Formula, font: QFont) -> QImage | None:
        """For text in ``font``, to be put in its line with its middle at that of the small letters; ``None``
        if the formula cannot be set. Sizes are in logical pixels of the image's device pixel ratio."""
        drawing = self._known.get(formula)
        if drawing is None:
            return None
        self._known.move_to_end(formula)
        ratio = QGuiApplication.primaryScreen().devicePixelRatio()
        color = self._theme.color(Token.TEXT)
        key = (formula, font.pointSizeF(), color.rgba(), ratio)
        if (found := self._images.get(key)) is None:
            found = self._images[key] = _paint(drawing, font, color.rgba(), ratio)
            if len(self._images) > _IMAGES:
                self._images.popitem(last=False)
        self._images.move_to_end(key)
        return found

    def _on_look(self) -> None:
        for formula, drawing in self._typesetter.results():
            self._typesetter.wanted.discard(formula)
            self._known[formula] = drawing
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        until = time.monotonic() + _SLICE_S
        for owner, (left, ready) in list(self._waiting.items()):
            while left and left[-1] in self._known:
                self.image(left.pop(), self._theme.font())
                if time.monotonic() > until:
                    return
            if not left:
                self._waiting.pop(owner)
                ready()
        if not self._waiting:
            self._timer.stop()


def _paint(drawing: Drawing, font: QFont, rgba: int, ratio: float) -> QImage:
    """Qt puts an inline picture with its middle a quarter of a small letter above the baseline: it gets room
    above or below until that is where its own baseline belongs."""
    metrics = QFontMetricsF(font)
    scale = QFontInfo(font).pixelSize() / EM * _LARGER
    ascent, descent = drawing.ascent * scale, drawing.descent * scale
    lift = metrics.xHeight() / 2
    height = max(2 * ascent - lift, 2 * descent + lift, 1.0)
    width = max(1.0, drawing.width * scale)
    image = QImage(
        max(1, round(width * ratio)), max(1, round(height * ratio)), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    top = (height + lift) / 2 - ascent
    QSvgRenderer(QByteArray(drawing.svg)).render(painter, QRectF(0, top, width, ascent + descent))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(QRectF(0, 0, width + 1, height + 1), rgba)
    painter.end()
    return image
