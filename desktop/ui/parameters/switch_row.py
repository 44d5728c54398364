"""Something that is on or off."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QWidget

from desktop.domain.parameter_specs import Switch
from desktop.ui.icons import Icons
from desktop.ui.parameters.row import ParameterRow
from desktop.ui.theme import Theme
from desktop.ui.widgets.toggle import Toggle


class SwitchRow(ParameterRow):
    def __init__(self, spec: Switch, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(spec, icons, parent)
        self.toggle = Toggle(theme, self)
        self.toggle.setObjectName(f"switch-{spec.name}")
        self.toggle.setAccessibleName(self.label)
        self.toggle.setAccessibleDescription(self.help(" "))
        self.toggle.setToolTip(self.help("\n"))
        self.toggle.toggled.connect(self._on_toggled)
        self.beside(self.toggle)

    def show_value(self, value: object) -> None:
        with QSignalBlocker(self.toggle):
            self.toggle.setChecked(value is True)

    def _on_toggled(self, checked: bool) -> None:
        self.edited.emit(self.spec.name, checked)
        self.settled.emit()
