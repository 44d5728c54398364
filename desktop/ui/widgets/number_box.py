"""A box for one number: no buttons, whole numbers up to 2**53, no trailing zeros, deaf to a passing wheel."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QWidget

from desktop.ui.theme import GRID

_DECIMALS = 3


class NumberBox(QDoubleSpinBox):
    """Integers too: ``QSpinBox`` ends at 2**31, a seed does not. What is out of range cannot be typed."""

    def __init__(
        self,
        minimum: float,
        maximum: float,
        step: float,
        *,
        integer: bool,
        grouped: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._integer = integer
        self.setDecimals(0 if integer else _DECIMALS)
        self.setRange(minimum, maximum)
        self.setSingleStep(step)
        self.setGroupSeparatorShown(integer and grouped)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.lineEdit().setTextMargins(GRID, 0, GRID, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToNearestValue)

    def number(self) -> float | int:
        """The value in its own type."""
        return round(self.value()) if self._integer else round(self.value(), _DECIMALS)

    def textFromValue(self, value: float, /) -> str:
        text = super().textFromValue(value)
        if self._integer:
            return text
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
