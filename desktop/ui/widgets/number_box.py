"""A box for one number: no buttons, whole numbers up to 2**53, no trailing zeros, deaf to a passing wheel."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QWidget

from desktop.ui.theme import GRID

_DECIMALS = 3


class NumberBox(QDoubleSpinBox):
    """Integers too: ``QSpinBox`` ends at 2**31, a seed does not.

    What is out of range can be typed and becomes the nearest limit when the box is left; ``corrected`` then
    carries what was typed, so that it can be said.
    """

    corrected = Signal(str)

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
        self._typed = ""
        self.setDecimals(0 if integer else _DECIMALS)
        self.setRange(minimum, maximum)
        self.setSingleStep(step)
        self.setGroupSeparatorShown(integer and grouped)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.lineEdit().setTextMargins(GRID, 0, GRID, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToNearestValue)
        self.editingFinished.connect(self._on_editing_finished)

    def number(self) -> float | int:
        """The value in its own type."""
        return round(self.value()) if self._integer else round(self.value(), _DECIMALS)

    def textFromValue(self, value: float, /) -> str:
        text = super().textFromValue(value)
        if self._integer:
            return text
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text

    def validate(self, input: str, pos: int, /) -> tuple[QValidator.State, str, int]:
        state: QValidator.State = super().validate(input, pos)[0]
        if state is QValidator.State.Invalid and self._plain(input) is not None:
            state = QValidator.State.Intermediate
        return state, input, pos

    def fixup(self, input: str, /) -> str:
        plain = self._plain(input)
        if not plain or not any(character.isdigit() for character in plain):
            return self.textFromValue(self.value())
        value = float(plain)
        if not self.minimum() <= value <= self.maximum():
            self._typed = input
        return self.textFromValue(min(max(value, self.minimum()), self.maximum()))

    def _plain(self, text: str) -> str | None:
        """``text`` as Python writes numbers, or ``None`` if it is no beginning of one."""
        locale = self.locale()
        text = text.strip().replace(locale.groupSeparator(), "").replace(locale.decimalPoint(), ".")
        decimals = rf"(\.[0-9]{{0,{_DECIMALS}}})?" if not self._integer else ""
        return text if re.fullmatch(rf"-?[0-9]*{decimals}", text) else None

    def _on_editing_finished(self) -> None:
        typed, self._typed = self._typed, ""
        if typed:
            self.corrected.emit(typed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
