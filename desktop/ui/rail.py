"""The rail at the window's left edge: one button for each pane, settings at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from desktop.ui.actions import PANES, ActionId, Actions
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme, Token

LARGEST_WITH_TEXT = 120
"""Per cent; above it the names under the icons would make the rail too wide."""
_ICON = 24
_NAMES = {
    ActionId.PANE_1: IconName.CHAT,
    ActionId.PANE_2: IconName.PLAYGROUND,
    ActionId.PANE_3: IconName.MODELS,
    ActionId.PANE_4: IconName.PRESETS,
    ActionId.PANE_5: IconName.SETTINGS,
}


class Rail(QFrame):
    """``picked`` carries the pane's index, 0 for the chat."""

    picked = Signal(int)

    def __init__(self, theme: Theme, icons: Icons, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setProperty("panel", "window")
        self._theme = theme
        self._icons = icons
        self._group = QButtonGroup(self)
        self._buttons: list[QToolButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, 2 * GRID, GRID, 2 * GRID)
        column.setSpacing(GRID)
        for index, action_id in enumerate(PANES):
            action = actions.action(action_id)
            button = self._make_button(action.text(), index)
            actions.put_tip(button, action_id)
            action.triggered.connect(lambda _checked=False, index=index: self.picked.emit(index))
            if action_id is PANES[-1]:
                column.addStretch(1)
            column.addWidget(button)
        self.set_current(0)
        theme.changed.connect(self._fit)
        self._fit()

    def set_current(self, index: int) -> None:
        self._buttons[index].setChecked(True)
        for position, (button, name) in enumerate(zip(self._buttons, _NAMES.values(), strict=True)):
            self._icons.put(button, name, Token.ACCENT if position == index else Token.TEXT_MUTED)

    def _make_button(self, text: str, index: int) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"rail-{index}")
        button.setText(text)
        button.setAccessibleName(text)
        button.setCheckable(True)
        button.setProperty("textsize", "caption")
        button.clicked.connect(lambda: self.picked.emit(index))
        self._group.addButton(button)
        self._buttons.append(button)
        return button

    def _fit(self) -> None:
        with_text = self._theme.scale <= LARGEST_WITH_TEXT
        side = self._icons.scaled(_ICON)
        style = (
            Qt.ToolButtonStyle.ToolButtonTextUnderIcon if with_text else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        for button in self._buttons:
            button.setIconSize(QSize(side, side))
            button.setToolButtonStyle(style)
            button.ensurePolished()
        width = max(button.sizeHint().width() for button in self._buttons)
        for button in self._buttons:
            button.setFixedWidth(max(width, 10 * GRID))
