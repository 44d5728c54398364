"""The place of the preset editor: until it is there, what it will do and where presets are picked now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import Theme
from desktop.ui.widgets.coming_page import ComingPage


class PresetsPane(ComingPage):
    """Leads back to the chat."""

    def __init__(
        self, theme: Theme, icons: Icons, on_back: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, icons, on_back, parent)
        self.setObjectName("presets-pane")
        self.set_content(
            IconName.PRESETS,
            self.tr("Presets"),
            self.tr("The preset editor is not built yet. Today you pick a preset at the top of the sidebar ")
            + self.tr("beside the chat, and change its instructions and parameters for that chat."),
            [
                self.tr("Instructions with variables that become a form, and examples to learn from"),
                self.tr("Versions: yesterday's wording is one click away"),
                self.tr("Import and export as one readable file"),
            ],
        )
