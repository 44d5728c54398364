"""The message that waits for the running answer to end, over the text. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from desktop.domain.prompt import Prompt
from desktop.system.printable import one_line
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID
from desktop.ui.widgets.elided_label import ElidedLabel
from desktop.ui.widgets.icon_button import icon_button

_SHOWN = 300


class NextStrip(QFrame):
    """Hidden while none waits."""

    edit_requested = Signal()
    remove_requested = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("next-message")
        self.setProperty("panel", "well")
        label = QLabel(self.tr("Will be sent next:"), self)
        label.setProperty("textsize", "small")
        label.setProperty("weight", "bold")
        self._words = ElidedLabel(self)
        self._words.setObjectName("next-message-text")
        self._words.setProperty("textsize", "small")
        self._edit = icon_button(
            icons,
            IconName.EDIT,
            "next-message-edit",
            self,
            label=self.tr("Change the waiting message"),
            tip=self.tr("Puts it back into the field to change it"),
        )
        self._edit.clicked.connect(self.edit_requested)
        self._remove = icon_button(
            icons,
            IconName.CLOSE,
            "next-message-remove",
            self,
            label=self.tr("Remove the waiting message"),
            tip=self.tr("Does not send it"),
        )
        self._remove.clicked.connect(self.remove_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GRID, GRID, GRID, GRID)
        row.setSpacing(2 * GRID)
        row.addWidget(label)
        row.addWidget(self._words, 1)
        row.addWidget(self._edit)
        row.addWidget(self._remove)
        self.hide()

    @property
    def text(self) -> str:
        """What of the message can be read."""
        return self._words.toolTip()

    def show_prompt(self, prompt: Prompt | None) -> None:
        """``None``: none waits."""
        if prompt is not None:
            files = ", ".join(one_line(part.name, 40) for part in prompt.attachments)
            text = " · ".join(filter(None, (one_line(prompt.text, _SHOWN), one_line(files, _SHOWN))))
            self._words.set_whole(text)
            self.setAccessibleName(self.tr("Will be sent next: %1").replace("%1", text))
        self.setVisible(prompt is not None)

    def focus_widgets(self) -> list[QWidget]:
        return [self._edit, self._remove]
