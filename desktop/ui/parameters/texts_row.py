"""Some texts, one a line; ``\\n`` and ``\\t`` stand for what a line cannot hold."""

from __future__ import annotations

import re

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QWidget

from desktop.domain.parameter_specs import Texts
from desktop.ui.icons import Icons
from desktop.ui.parameters.row import ParameterRow
from desktop.ui.theme import Theme
from desktop.ui.widgets.growing_edit import GrowingEdit

_FEWEST_LINES = 3
_MOST_LINES = 8
_ESCAPE = re.compile(r"\\(.)")
_MEANING = {"n": "\n", "t": "\t", "\\": "\\"}


def to_line(text: str) -> str:
    """A text as it is shown."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def from_line(line: str) -> str:
    """What a line means; an unknown escape is taken as it stands."""
    return _ESCAPE.sub(lambda match: _MEANING.get(match[1], match[0]), line)


class TextsRow(ParameterRow):
    def __init__(self, spec: Texts, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(spec, icons, parent)
        self.field = GrowingEdit(theme, _FEWEST_LINES, _MOST_LINES, mono=True, parent=self)
        self.field.setObjectName(f"texts-{spec.name}")
        self.field.setAccessibleName(self.tr("%1, one a line").replace("%1", self.label))
        self.field.setAccessibleDescription(self.help(" "))
        self.field.setPlaceholderText(self.tr("One a line; \\n is a line break"))
        form = self.tr("One a line; \\n is a line break, \\t a tab.")
        self.field.setToolTip(f"{self.help(' ')}\n{form}")
        self.field.textChanged.connect(self._on_text_changed)
        self.field.left.connect(self.settled)
        self.below(self.field)

    def show_value(self, value: object) -> None:
        assert isinstance(value, tuple)
        if self._read() != value:
            with QSignalBlocker(self.field):
                self.field.setPlainText("\n".join(map(to_line, value)))
            self.field.fit()

    def _read(self) -> tuple[str, ...]:
        lines = (from_line(line) for line in self.field.toPlainText().split("\n"))
        return tuple(dict.fromkeys(line for line in lines if line))

    def _on_text_changed(self) -> None:
        self.edited.emit(self.spec.name, self._read())
