"""The place of the playground. Until it is there the page says what it will do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import Theme
from desktop.ui.widgets.coming_page import ComingPage


class PlaygroundPane(ComingPage):
    """Leads back to the chat."""

    def __init__(
        self, theme: Theme, icons: Icons, on_back: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, icons, on_back, parent)
        self.setObjectName("playground-pane")
        self.set_content(
            IconName.PLAYGROUND,
            self.tr("Playground"),
            self.tr("The playground is not built yet. Today you compare answers in the chat: ask again, ")
            + self.tr("and move between the versions with the arrows under an answer."),
            [
                self.tr("Several answers at once, and grids of prompts, presets, models and parameters"),
                self.tr("The probability of every token, and what else could have stood there"),
                self.tr("What temperature, top-k and top-p do to the choice, live"),
                self.tr("Measures with confidence intervals: is B really better than A?"),
            ],
        )
