"""The place of the model manager: until it is there, what it will do and where models are chosen now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import Theme
from desktop.ui.widgets.coming_page import ComingPage


class ModelsPane(ComingPage):
    """Given what to do for its two buttons: back to the chat, and open a file."""

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        on_back: Callable[[], None],
        on_open_file: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, icons, on_back, parent)
        self.setObjectName("models-pane")
        self.set_content(
            IconName.MODELS,
            self.tr("Models"),
            self.tr(
                "The model manager is not built yet. Today you choose models in the menu above the chat."
            ),
            [
                self.tr("Find models that fit this computer and download them, with resume and checks"),
                self.tr("Bring in what other apps have already downloaded"),
                self.tr("See what is inside a file: licence, template, quantization, memory it needs"),
            ],
        )
        self.add_button(self.tr("Open a GGUF file…"), self.tr("Loads a model from a file"), on_open_file)
