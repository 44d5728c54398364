"""The button that shows the chosen thing and opens a menu."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.ui.icons import Icons
from desktop.ui.theme import GRID, Theme, Token
from desktop.ui.widgets.menu_button import MenuButton


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_its_dot_stands_where_lines_begin_and_its_chevron_where_they_end(
    theme: Theme, icons: Icons, qtbot: QtBot, direction: Qt.LayoutDirection
) -> None:
    button = MenuButton(theme, icons)
    qtbot.addWidget(button)
    button.setLayoutDirection(direction)
    button.set_words("", Token.SUCCESS)
    button.resize(100 * GRID, button.sizeHint().height())
    picture = button.grab().toImage()
    middle = picture.height() // 2
    ground = picture.pixelColor(picture.width() // 2, middle)
    row = range(2 * GRID, picture.width() - 2 * GRID)
    drawn = [x for x in row if any(picture.pixelColor(x, middle + dy) != ground for dy in (-2, 0, 2))]
    dots = [x for x in row if picture.pixelColor(x, middle) == theme.color(Token.SUCCESS)]
    chevron = [x for x in drawn if abs(x - dots[0]) > picture.width() // 2]
    assert dots and chevron
    assert (dots[0] > chevron[0]) is (direction is Qt.LayoutDirection.RightToLeft)
