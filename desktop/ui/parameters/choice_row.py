"""One of a few values with a word for each."""

from __future__ import annotations

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from desktop.domain.parameter_specs import Choice
from desktop.ui.icons import Icons
from desktop.ui.parameters.row import ParameterRow, translated
from desktop.ui.theme import Theme
from desktop.ui.widgets.menu_button import MenuButton

_SHORT = 10
"""Characters; where all words are as short, the choice stands beside its name."""


class ChoiceRow(ParameterRow):
    def __init__(self, spec: Choice, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(spec, icons, parent)
        self._words = {value: translated(word) for value, word in spec.choices}
        self.button = MenuButton(theme, icons, self)
        self.button.setObjectName(f"choice-{spec.name}")
        self.button.setToolTip(self.help("\n"))
        self.button.setAccessibleDescription(self.help(" "))
        self.button.setMenu(self._make_menu())
        if max(map(len, self._words.values())) <= _SHORT:
            self.beside(self.button)
        else:
            self.below(self.button)

    def show_value(self, value: object) -> None:
        word = self._words.get(str(value), str(value))
        self.button.set_words(word[:1].upper() + word[1:])
        self.button.setAccessibleName(f"{self.label}: {word}")
        self._actions[str(value)].setChecked(True)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        self._actions: dict[str, QAction] = {}
        for value, word in self._words.items():
            action = self._actions[value] = QAction(word[:1].upper() + word[1:], menu)
            action.setCheckable(True)
            action.triggered.connect(lambda _checked, value=value: self._on_picked(value))
            group.addAction(action)
            menu.addAction(action)
        return menu

    def _on_picked(self, value: str) -> None:
        self.show_value(value)
        self.edited.emit(self.spec.name, value)
        self.settled.emit()
