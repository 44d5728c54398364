"""A text of several lines in fixed-width type: a grammar or a schema."""

from __future__ import annotations

import json

from PySide6.QtCore import QCoreApplication, QSignalBlocker
from PySide6.QtWidgets import QWidget

from desktop.domain.parameter_specs import Text
from desktop.ui.icons import Icons
from desktop.ui.parameters.row import ParameterRow
from desktop.ui.theme import Theme
from desktop.ui.widgets.growing_edit import GrowingEdit
from desktop.ui.words import filled

_FEWEST_LINES = 4
_MOST_LINES = 18
_EXAMPLES = {
    "grammar": 'root ::= "yes" | "no"',
    "json_schema": '{"type": "object",\n "properties":\n  {"name": {"type": "string"}}}',
}


class TextRow(ParameterRow):
    def __init__(self, spec: Text, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(spec, icons, parent)
        self._is_json = spec.is_json
        self.field = GrowingEdit(theme, _FEWEST_LINES, _MOST_LINES, mono=True, parent=self)
        self.field.setObjectName(f"text-{spec.name}")
        self.field.setAccessibleName(self.label)
        self.field.setAccessibleDescription(self.help(" "))
        example = self.tr("None. For example:")
        self.field.setPlaceholderText(f"{example}\n{_EXAMPLES.get(spec.name, '')}".rstrip())
        self.field.setToolTip(self.help("\n"))
        self.field.textChanged.connect(self._on_text_changed)
        self.field.left.connect(self.settled)
        self.below(self.field)

    def show_value(self, value: object) -> None:
        text = str(value)
        if self.field.toPlainText() != text:
            with QSignalBlocker(self.field):
                self.field.setPlainText(text)
            self.field.fit()

    def show_problem(self, text: str) -> None:
        """A text that is stored may still be none that the engine takes."""
        super().show_problem(text or (json_problem(self.field.toPlainText()) if self._is_json else ""))

    def _on_text_changed(self) -> None:
        self.edited.emit(self.spec.name, self.field.toPlainText())


def json_problem(text: str) -> str:
    """Where a text stops being JSON, in words; empty if it is JSON or there is none."""
    if not text.strip():
        return ""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        words = QCoreApplication.translate("Parameters", "This is not JSON yet: line %1, column %2: %3.")
        return filled(words, str(error.lineno), str(error.colno), error.msg.rstrip("."))
    except (ValueError, RecursionError):
        return QCoreApplication.translate("Parameters", "This JSON is too deep or has too long a number.")
    return ""
