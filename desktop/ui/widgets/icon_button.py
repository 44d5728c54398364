"""A button that is only an icon: flat until it is pointed at, and named for those who cannot see it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.ui.icons import IconName, Icons


def icon_button(
    icons: Icons,
    icon: IconName,
    name: str,
    parent: QWidget,
    *,
    label: str = "",
    tip: str = "",
    by_tab: bool = True,
) -> QToolButton:
    """``name`` is the object's; ``label`` what a screen reader says, and the tooltip if ``tip`` is empty.

    Not ``by_tab`` where somebody else leads the keyboard to it.
    """
    button = QToolButton(parent)
    button.setObjectName(name)
    button.setAutoRaise(True)
    button.setAccessibleName(label)
    button.setToolTip(tip or label)
    if not by_tab:
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    icons.put(button, icon)
    return button
