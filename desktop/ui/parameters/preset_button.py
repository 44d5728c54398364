"""The preset in use and the menu to pick another."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from desktop.domain.preset import Preset
from desktop.services.presets import PresetService
from desktop.ui.icons import Icons, from_word
from desktop.ui.theme import Theme, Token
from desktop.ui.widgets.menu_button import MenuButton
from desktop.ui.widgets.plain import plain_name, plain_tip


class PresetButton(MenuButton):
    """``picked`` carries a preset's id. A dot says that something differs from the preset."""

    picked = Signal(str)

    def __init__(
        self, presets: PresetService, theme: Theme, icons: Icons, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, icons, parent)
        self._presets = presets
        self._preset: Preset | None = None
        self.setObjectName("preset-menu")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._on_menu_about_to_show)
        self.setMenu(menu)
        self.show_preset(None, changed=False)

    def show_preset(self, preset: Preset | None, *, changed: bool) -> None:
        self._preset = preset
        name = preset.name if preset else "–"
        self.set_words(name, Token.ACCENT if changed else None)
        words = self.tr("Preset %1, changed") if changed else self.tr("Preset %1")
        self.setAccessibleName(words.replace("%1", name))
        tip = self.tr("Instructions and parameters for a kind of work")
        self.setToolTip(plain_tip(f"{tip}\n{preset.description}") if preset and preset.description else tip)

    def drop_down(self) -> None:
        """Opens the menu, for the keyboard."""
        self.menu().popup(self.mapToGlobal(QPoint(0, self.height())))

    def _on_menu_about_to_show(self) -> None:
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        for preset in self._presets.all():
            action = QAction(plain_name(preset.name), menu)
            action.setToolTip(plain_tip(preset.description))
            action.setCheckable(True)
            action.setChecked(self._preset is not None and preset.id == self._preset.id)
            if not action.isChecked():
                action.setIcon(self._icons.icon(from_word(preset.icon)))
            action.triggered.connect(lambda _checked, preset_id=preset.id: self.picked.emit(preset_id))
            group.addAction(action)
            menu.addAction(action)
