"""The sidebar's rows that are lists: the order of the samplers, and the biases of tokens."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QLineEdit,
    QListWidget,
)

from desktop.domain.parameter_specs import SAMPLERS
from desktop.ui.parameters.biases_row import from_words, to_words
from desktop.ui.theme import GRID, Token
from desktop.ui.widgets.number_box import NumberBox
from tests.helpers.sidebar import note, problem, until_overrides

# The order of the samplers


def names(order: QListWidget) -> list[str]:
    return [order.item(at).text() for at in range(order.count())]


async def test_a_sampler_is_moved_by_the_keyboard(window, services, sidebar, in_use, qtbot):
    order = sidebar.findChild(QListWidget, "order-samplers")
    assert names(order)[:3] == ["Penalties", "DRY", "Top-n-sigma"]
    order.setCurrentRow(0)
    qtbot.keyClick(order, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert in_use().samplers == SAMPLERS, "the first stays the first"
    qtbot.keyClick(order, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert in_use().samplers[:3] == ("dry", "penalties", "top_n_sigma")
    assert order.currentRow() == 1, "and again moves it on"
    await until_overrides(window, services, {"samplers": ["dry", "penalties", *SAMPLERS[2:]]})
    sidebar.findChild(QAbstractButton, "reset-samplers").click()
    assert names(order)[:2] == ["Penalties", "DRY"]


async def test_the_buttons_move_the_current_sampler_as_far_as_there_is_room(sidebar, in_use):
    order = sidebar.findChild(QListWidget, "order-samplers")
    up, down = (sidebar.findChild(QAbstractButton, name) for name in ("order-up", "order-down"))
    assert not up.isEnabled() and not down.isEnabled()
    order.setCurrentRow(len(SAMPLERS) - 1)
    assert up.isEnabled() and not down.isEnabled()
    up.click()
    assert in_use().samplers[-2:] == ("temperature", "xtc")
    assert down.isEnabled()


async def test_the_space_bar_leaves_a_sampler_out_and_brings_it_back_to_its_place(sidebar, in_use, qtbot):
    order = sidebar.findChild(QListWidget, "order-samplers")
    order.setCurrentRow(3)
    qtbot.keyClick(order, Qt.Key.Key_Space)
    assert in_use().samplers == tuple(name for name in SAMPLERS if name != "top_k")
    assert note(sidebar, "top_k") == "No effect: the sampler order leaves out Top-k."
    qtbot.keyClick(order, Qt.Key.Key_Space)
    assert in_use().samplers == SAMPLERS
    assert note(sidebar, "top_k") == "usual"


async def test_a_dragged_sampler_is_where_it_was_dropped(sidebar, in_use, monkeypatch):
    """The drop itself is Qt's; here it is only pretended, because a drag blocks until the mouse lets go."""
    order = sidebar.findChild(QListWidget, "order-samplers")
    monkeypatch.setattr(
        QListWidget, "dropEvent", lambda _list, _event: _list.insertItem(0, _list.takeItem(8))
    )
    drop = QDropEvent(
        QPoint(5, 1), Qt.DropAction.MoveAction, order.mimeData([order.item(8)]), Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    order.dropEvent(drop)
    assert in_use().samplers == ("temperature", *SAMPLERS[:-1])


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
async def test_a_sampler_has_its_tick_where_lines_begin_and_is_left_out_by_a_click_on_it(
    sidebar, in_use, theme, qtbot, direction
):
    order = sidebar.findChild(QListWidget, "order-samplers")
    order.setLayoutDirection(direction)
    order.item(1).setCheckState(Qt.CheckState.Unchecked)
    picture = order.viewport().grab().toImage()
    accent = theme.color(Token.ACCENT)
    mirrored = direction is Qt.LayoutDirection.RightToLeft
    ticks = []
    for at in range(3):
        area = order.visualItemRect(order.item(at))
        left = area.right() - 30 if mirrored else area.left()
        places = itertools.product(range(left, left + 30), range(area.top(), area.bottom()))
        ticks.append(sum(picture.pixelColor(x, y) == accent for x, y in places) > 50)
    assert ticks == [True, False, True]
    area = order.visualItemRect(order.item(0))
    place = QPoint(area.right() - 3 * GRID if mirrored else area.left() + 3 * GRID, area.center().y())
    qtbot.mouseClick(order.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert "penalties" not in in_use().samplers


# Biases


@pytest.mark.parametrize("token", [0, 17, "word", " word", "#17", "#", "\n", "C:\\new", "\\#1", "\\", "12"])
def test_a_token_reads_back_as_it_was(token):
    assert "\n" not in to_words(token)
    assert from_words(to_words(token)) == token


def test_a_token_is_named_by_its_number_or_by_a_text():
    assert from_words("#17") == 17
    assert from_words("17") == "17"
    assert from_words("\\#17") == "#17"


async def test_biases_are_added_changed_and_removed(window, services, sidebar, in_use, qtbot):
    add = sidebar.findChild(QAbstractButton, "add-logit_bias")
    add.click()
    token = sidebar.findChild(QLineEdit, "bias-token")
    assert in_use().logit_bias == (), "a line without a token is none yet"
    qtbot.keyClicks(token, "delve")
    assert in_use().logit_bias == (("delve", -5.0),)
    box = sidebar.findChild(NumberBox, "bias-value")
    box.selectAll()
    qtbot.keyClicks(box, "-500")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert in_use().logit_bias == (("delve", -100.0),)
    add.click()
    qtbot.keyClicks(sidebar.findChildren(QLineEdit, "bias-token")[-1], "#17")
    await until_overrides(window, services, {"logit_bias": [["delve", -100.0], [17, -5.0]]})
    sidebar.findChild(QAbstractButton, "bias-remove").click()
    assert in_use().logit_bias == ((17, -5.0),)
    sidebar.findChild(QAbstractButton, "reset-logit_bias").click()
    await until_overrides(window, services, {})


async def test_a_token_that_cannot_be_is_refused_in_words(sidebar, in_use, qtbot):
    sidebar.findChild(QAbstractButton, "add-logit_bias").click()
    qtbot.keyClicks(sidebar.findChild(QLineEdit, "bias-token"), "#9999999999")
    assert "there is no token 9999999999" in problem(sidebar, "logit_bias")
    assert all(token != 9999999999 for token, _ in in_use().logit_bias)
