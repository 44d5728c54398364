"""The commands for theme, text size, presets: by name in the palette and by their keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.command_palette import CommandPalette
from tests.helpers.qt_loop import until

CONTROL = Qt.KeyboardModifier.ControlModifier


async def command(window, words: str) -> None:
    """Runs the first one that the palette finds."""
    window.actions_table.action(ActionId.PALETTE).trigger()
    palette = window.findChild(CommandPalette)
    QTest.keyClicks(palette.field, words)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    await until(lambda: window.findChild(CommandPalette) is None, "the palette's end")


@pytest.mark.parametrize(
    ("words", "chosen"), [("dark", "dark"), ("light theme", "light"), ("system theme", "system")]
)
async def test_the_palette_changes_the_theme(window, services, words, chosen):
    services.settings.put(Setting.THEME, "light" if chosen != "light" else "dark")
    await command(window, words)
    assert services.settings.text(Setting.THEME) == chosen


async def test_the_palette_changes_the_size_of_text(window, services):
    await command(window, "larger")
    assert services.settings.number(Setting.TEXT_SCALE) == 110
    await command(window, "text size")
    assert services.settings.number(Setting.TEXT_SCALE) == 100
    await command(window, "smaller")
    assert services.settings.number(Setting.TEXT_SCALE) == 90


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        (Qt.Key.Key_Plus, 195, 200),
        (Qt.Key.Key_Equal, 100, 110),
        (Qt.Key.Key_Minus, 80, 80),
        (Qt.Key.Key_0, 150, 100),
    ],
)
async def test_text_grows_by_its_keys_and_no_further_than_it_may(window, services, key, start, end):
    services.settings.put(Setting.TEXT_SCALE, start)
    window.activateWindow()
    await until(window.isActiveWindow, "the window has the keyboard")
    QTest.keyClick(window, key, CONTROL)
    assert services.settings.number(Setting.TEXT_SCALE) == end


async def test_a_preset_is_chosen_without_the_mouse_where_the_sidebar_is_hidden(window, services):
    window.actions_table.action(ActionId.TOGGLE_SIDEBAR).trigger()
    assert not window.sidebar.isVisible()
    await command(window, "choose a preset")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert window.sidebar.isVisible()
    other = next(one for one in services.presets.all() if one.id != window.chat_pane.current().preset_id)
    for _ in services.presets.all():
        if [menu.activeAction()] != [one for one in menu.actions() if one.text() == other.name]:
            QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    await until(lambda: window.chat_pane.current().preset_id == other.id, "the preset")
