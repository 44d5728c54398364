"""The button that floats over the messages and leads to their end. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.round_button import SIDE, RoundButton


class EndButton(RoundButton):
    """Only for the pointer: the keyboard has End."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(theme, icons, strong=False, radius=SIDE // 2, parent=parent)
        self.setObjectName("scroll-to-end")
        self.set_icon_name(IconName.DOWN)
        self.setToolTip(self.tr("Go to the end"))
        self.setAccessibleName(self.tr("Go to the end"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def place(self, viewport: QWidget, *, wanted: bool) -> None:
        """At the foot of the viewport, or away."""
        if wanted:
            middle = QPoint(viewport.width() // 2, viewport.height() - 7 * GRID)
            self.move(middle - QPoint(self.width() // 2, self.height() // 2))
            self.raise_()
        self.setVisible(wanted)
