"""A few exclusive choices side by side, for what a drop-down would hide."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from desktop.ui.theme import GRID
from desktop.ui.widgets.flow_layout import FlowLayout


class Segments(QWidget):
    """``chosen`` carries the value of the segment the user picked."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """``choices``: value, text, tooltip."""
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, QPushButton] = {}
        row = FlowLayout(GRID, self)
        for value, text, tip in choices:
            button = QPushButton(text, self)
            button.setCheckable(True)
            button.setObjectName(f"segment-{value}")
            button.setAccessibleName(text)
            button.setToolTip(tip)
            button.clicked.connect(lambda _checked, value=value: self.chosen.emit(value))
            button.toggled.connect(self._on_toggled)
            self._group.addButton(button)
            self._buttons[value] = button
            row.addWidget(button)

    def set_value(self, value: str) -> None:
        self._buttons[value].setChecked(True)
        self.setFocusProxy(self._buttons[value])

    def _on_toggled(self) -> None:
        """One stop for the Tab key; the arrows move between the segments."""
        for button in self._buttons.values():
            policy = Qt.FocusPolicy.StrongFocus if button.isChecked() else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(policy)

    def value(self) -> str:
        """Of the checked segment; empty if none is."""
        return next((value for value, button in self._buttons.items() if button.isChecked()), "")
