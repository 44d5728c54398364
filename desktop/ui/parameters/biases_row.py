"""Tokens and what is added to their logits: a line for each."""

from __future__ import annotations

import re

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.domain.parameter_specs import Bias, Biases
from desktop.ui.icons import IconName, Icons
from desktop.ui.parameters.row import ParameterRow
from desktop.ui.parameters.texts_row import from_line, to_line
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.icon_button import icon_button
from desktop.ui.widgets.number_box import NumberBox

_ID = re.compile(r"#(\d{1,10})")
_USUAL = -5.0
_STEP = 0.5


def to_words(token: int | str) -> str:
    """A token as it is shown: ``#17`` is the token with that number."""
    if isinstance(token, int):
        return f"#{token}"
    line = to_line(token)
    return f"\\{line}" if line.startswith("#") else line


def from_words(words: str) -> int | str:
    """What was typed means; ``\\#17`` is a text."""
    if match := _ID.fullmatch(words):
        return int(match[1])
    return from_line(words.removeprefix("\\") if words.startswith("\\#") else words)


class BiasesRow(ParameterRow):
    def __init__(self, spec: Biases, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(spec, icons, parent)
        self._biases = spec
        self._theme = theme
        self._icons = icons
        self._lines_of: list[_Line] = []
        self._place = QWidget(self)
        self._list = QVBoxLayout(self._place)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(GRID)
        self.add = QPushButton(self.tr("Add"), self)
        self.add.setObjectName(f"add-{spec.name}")
        self.add.setProperty("kind", "quiet")
        self.add.setAccessibleName(self.tr("Add a token bias"))
        self.add.setToolTip(self.tr("A word, or #17 for the token with that number"))
        self.add.clicked.connect(self._on_add_clicked)
        self.beside(self.add)
        self.below(self._place)

    def show_value(self, value: object) -> None:
        assert isinstance(value, tuple)
        if self._read() == value:
            return
        while self._lines_of:
            self._remove(self._lines_of[-1])
        for token, bias in value:
            self._append(token, bias)

    def _read(self) -> tuple[Bias, ...]:
        return tuple(line.value() for line in self._lines_of if line.token.text())

    def _append(self, token: int | str, bias: float) -> _Line:
        line = _Line(self._biases.limit, self._icons, self._place)
        line.show_value(token, bias)
        line.edited.connect(self._on_edited)
        line.settled.connect(self.settled)
        line.removed.connect(lambda: self._on_removed(line))
        self._lines_of.append(line)
        self._list.addWidget(line)
        self.add.setEnabled(len(self._lines_of) < self._biases.most)
        return line

    def _remove(self, line: _Line) -> None:
        self._lines_of.remove(line)
        self._list.removeWidget(line)
        line.hide()
        line.deleteLater()
        self.add.setEnabled(True)

    def _on_add_clicked(self) -> None:
        self._append("", _USUAL).token.setFocus()

    def _on_removed(self, line: _Line) -> None:
        at = self._lines_of.index(line)
        self._remove(line)
        following = self._lines_of[at : at + 1] or self._lines_of[-1:]
        (following[0].token if following else self.add).setFocus()
        self._on_edited()
        self.settled.emit()

    def _on_edited(self) -> None:
        self.edited.emit(self.spec.name, self._read())


class _Line(QWidget):
    edited = Signal()
    settled = Signal()
    removed = Signal()

    def __init__(self, limit: float, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self.token = QLineEdit(self)
        self.token.setObjectName("bias-token")
        self.token.setAccessibleName(self.tr("Token"))
        self.token.setPlaceholderText(self.tr("word or #number"))
        self.token.setToolTip(self.tr("All tokens of this text, or #17 for the token with that number"))
        self.token.textEdited.connect(self.edited)
        self.token.editingFinished.connect(self.settled)
        self.box = NumberBox(-limit, limit, _STEP, integer=False, parent=self)
        self.box.setObjectName("bias-value")
        self.box.setAccessibleName(self.tr("Bias"))
        self.box.setToolTip(self.tr("Added to the token's logit: above 0 likelier, -100 in effect never"))
        self.box.valueChanged.connect(self.edited)
        self.box.editingFinished.connect(self.settled)
        remove = icon_button(icons, IconName.CLOSE, "bias-remove", self, label=self.tr("Remove this bias"))
        remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.token, 1)
        row.addWidget(self.box)
        row.addWidget(remove)

    def show_value(self, token: int | str, bias: float) -> None:
        with QSignalBlocker(self.token), QSignalBlocker(self.box):
            self.token.setText(to_words(token) if token != "" else "")
            self.box.setValue(bias)

    def value(self) -> Bias:
        return from_words(self.token.text()), float(self.box.number())
