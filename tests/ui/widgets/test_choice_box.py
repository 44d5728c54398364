"""A combo box shows its whole text or says that there is more, and its chevron at the end of the line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.ui.widgets.choice_box import ChoiceBox

WIDTH, HEIGHT = 200, 32


def ink(box: ChoiceBox, left: int, right: int) -> int:
    """How many pixels between two columns are not the field's own colour."""
    image = box.grab().toImage()
    ground = image.pixel(WIDTH // 2, 4)
    return sum(image.pixel(x, y) != ground for x in range(left, right) for y in range(4, HEIGHT - 4))


def test_a_long_text_keeps_off_the_chevron_in_both_directions(qtbot, icons):
    host = QWidget()
    qtbot.addWidget(host)
    box = ChoiceBox(icons, host)
    box.resize(WIDTH, HEIGHT)
    box.addItems(["", "word " * 40])
    empty = [ink(box, 6, 40), ink(box, WIDTH - 40, WIDTH - 6)]
    assert empty[0] == 0 and empty[1] > 0
    chevron = ink(box, WIDTH - 24, WIDTH - 6)
    box.setCurrentIndex(1)
    assert ink(box, 6, 40) > 0
    assert ink(box, WIDTH - 24, WIDTH - 6) == chevron
    box.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    box.setCurrentIndex(0)
    assert ink(box, 6, 40) > 0 and ink(box, WIDTH - 40, WIDTH - 6) == 0
