"""The window as a whole: panes, keys, what is remembered, and what everyone must be able to use."""

from __future__ import annotations

import asyncio
import itertools

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from desktop.domain.errors import LocutionError
from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId, native_keys
from desktop.ui.command_palette import CommandPalette
from desktop.ui.keys_page import KeysPage
from desktop.ui.main_window import MainWindow, Pane
from desktop.ui.parameters.sidebar import ParameterSidebar
from desktop.ui.theme import Theme
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.section import Section
from desktop.ui.widgets.two_column_delegate import TRAILING
from tests.helpers.qt_loop import laid_out, until

PANES = list(Pane)


def shown_pane(window) -> QWidget:
    return window.centralWidget().findChild(QWidget, "rail").parentWidget() and window._stack.currentWidget()


def visible_rect(widget: QWidget, window: MainWindow) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def clipped_texts(window: MainWindow, root: QWidget) -> list[str]:
    """Labels and buttons whose text needs more room than they have; what shortens itself is left out."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisibleTo(root) or not isinstance(widget, QLabel | QPushButton | QToolButton):
            continue
        if hasattr(widget, "set_words") or getattr(widget, "shortens", False):
            continue
        needed = widget.minimumSizeHint()
        if isinstance(widget, QLabel) and widget.wordWrap():
            fits = widget.heightForWidth(widget.width()) <= widget.height()
        elif isinstance(widget, QLabel):
            fits = needed.width() <= widget.width() and needed.height() <= widget.height()
        else:
            fits = widget.sizeHint().width() <= widget.width() + 1 if widget.text() else True
        if not fits:
            found.append(
                f"{type(widget).__name__} {widget.objectName()}: {widget.text()[:40]} {widget.size()}"
            )
    return found


SHELL = ("rail", "status-line", "parameter-sidebar")


@pytest.mark.parametrize("scale", [80, 100, 200])
@pytest.mark.parametrize("size", [(900, 600), (1600, 1000)], ids=["900x600", "1600x1000"])
async def test_nothing_in_the_shell_overlaps_or_is_cut_off(window, theme, services, model_path, scale, size):
    await services.models.use(model_path)
    theme.set_scale(scale)
    window.resize(*size)
    for section in window.sidebar.findChildren(Section):
        section.set_open(True)
    await until(lambda: (window.width(), window.height()) == size, "the size")
    for index in PANES:
        window.show_pane(index)
        await laid_out(window)
        for name in SHELL:
            part = window.findChild(QWidget, name)
            if part.isVisible():
                assert clipped_texts(window, part) == [], name
        if index != Pane.CHAT:
            assert clipped_texts(window, window._stack.currentWidget()) == []
        rail, status = window.findChild(QWidget, "rail"), window.findChild(QWidget, "status-line")
        assert rail.width() < 100, "the rail leaves the room to the panes"
        areas = [visible_rect(widget, window) for widget in (rail, status, window._stack)]
        for one, other in itertools.combinations(areas, 2):
            assert not one.intersects(other)
        assert all(window.rect().contains(area) for area in areas)


async def test_the_sidebar_keeps_its_rows_whole_however_narrow(window, theme):
    sidebar = window.findChild(ParameterSidebar)
    for scale in (80, 100, 200):
        theme.set_scale(scale)
        rows_need = sidebar.findChild(QScrollArea).widget().minimumSizeHint().width()
        assert sidebar.minimumSizeHint().width() >= rows_need


@pytest.mark.parametrize(
    ("action", "index"),
    [
        (ActionId.PANE_2, Pane.PLAYGROUND),
        (ActionId.PANE_3, Pane.MODELS),
        (ActionId.PANE_4, Pane.PRESETS),
        (ActionId.PANE_5, Pane.SETTINGS),
        (ActionId.SETTINGS, Pane.SETTINGS),
    ],
)
async def test_the_keys_lead_to_the_panes_and_back(window, action, index):
    window.actions_table.action(action).trigger()
    pane = window._stack.currentWidget()
    assert pane is not window.chat_pane
    assert window.findChild(QToolButton, f"rail-{index}").isChecked()
    window.actions_table.action(ActionId.PANE_1).trigger()
    assert window._stack.currentWidget() is window.chat_pane
    assert window.findChild(QToolButton, "rail-0").isChecked()


@pytest.mark.parametrize("index", [Pane.PLAYGROUND, Pane.MODELS, Pane.PRESETS])
async def test_a_pane_that_is_not_built_says_so_and_leads_back(window, index):
    window.findChild(QToolButton, f"rail-{index}").click()
    pane = window._stack.currentWidget()
    words = " ".join(label.text() for label in pane.findChildren(QLabel))
    assert "not built yet" in words and "What will be here" in words and "Today" in words
    back = next(b for b in pane.findChildren(QPushButton) if b.text() == "Back to the chat")
    back.click()
    assert window._stack.currentWidget() is window.chat_pane


async def test_an_action_of_the_chat_leads_back_to_it(window):
    window.show_pane(Pane.SETTINGS)
    window.actions_table.action(ActionId.NEW_CHAT).trigger()
    assert window._stack.currentWidget() is window.chat_pane


async def test_no_two_actions_share_a_key(window):
    keys = [key for _, action in window.actions_table.all() for key in action.shortcuts()]
    assert len({key.toString() for key in keys}) == len(keys)
    assert QKeySequence("Ctrl+Shift+P") in keys


async def test_closing_asks_first_and_keeps_where_the_window_was(window, services):
    asked = []
    window.close_requested.connect(lambda: asked.append(True))
    window.resize(1111, 777)
    window.close()
    assert asked and window.isVisible()
    assert services.settings.text(Setting.WINDOW_GEOMETRY)
    window.actions_table.action(ActionId.QUIT).trigger()
    assert len(asked) == 2


async def test_the_window_comes_back_as_large_as_it_was(window, services, tasks, theme, icons):
    window.resize(790, 610)  # the test's screen is small
    window.close()
    second = MainWindow(services, tasks, theme, icons)
    assert (second.width(), second.height()) == (790, 610)
    second.close_for_good()
    shiboken6.delete(second)


async def test_the_palette_finds_and_runs_a_command(window, qtbot):
    window.actions_table.action(ActionId.PALETTE).trigger()
    palette = window.findChild(CommandPalette)
    assert "Command palette" not in palette.commands()
    qtbot.keyClicks(palette.field, "preset")
    assert palette.commands()[0] == "Presets"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.findChild(QToolButton, "rail-3").isChecked()
    await until(lambda: window.findChild(CommandPalette) is None, "the palette's end")


async def test_the_palette_finds_a_command_by_what_it_does_after_those_with_the_words_in_their_names(window):
    window.actions_table.action(ActionId.PALETTE).trigger()
    palette = window.findChild(CommandPalette)
    palette.field.setText("sidebar")
    assert palette.commands() == ["Show or hide the chat list", "Show or hide the parameters"]
    palette.field.setText("chat")
    names = ["chat" in name.casefold() for name in palette.commands()]
    assert names == sorted(names, reverse=True) and not all(names)
    palette.reject()


async def test_the_palette_shows_its_rows_whole(window):
    window.actions_table.action(ActionId.PALETTE).trigger()
    palette = window.findChild(CommandPalette)
    rows = palette.list.viewport().height() / palette.list.visualItemRect(palette.list.item(0)).height()
    assert rows == 9 <= palette.list.count()
    assert palette.list.geometry().bottom() < palette.height()
    palette.field.setText("preset")
    assert palette.list.viewport().height() % palette.list.visualItemRect(palette.list.item(0)).height() == 0
    palette.close()


async def test_the_palette_moves_with_the_arrows_and_survives_nothing_found(window, qtbot):
    window.actions_table.action(ActionId.PALETTE).trigger()
    palette = window.findChild(CommandPalette)
    first = palette.commands()
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentItem().text() == first[1]
    qtbot.keyClicks(palette.field, "zzzz")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible() and palette.commands() == []
    assert palette.nothing.isVisible() and not palette.list.isVisible()
    palette.field.clear()
    assert palette.commands() == first and not palette.nothing.isVisible()
    palette.reject()


async def test_the_keys_page_lists_every_action_and_what_sends(window, services):
    services.settings.put(Setting.ENTER_SENDS, False)
    window.actions_table.action(ActionId.KEYS).trigger()
    page = window.findChild(KeysPage)
    items = [page.list.item(row) for row in range(page.list.count())]
    # A letter at a message has the name of the action that does the same from anywhere.
    shown = {(item.text(), item.data(TRAILING)) for item in items}
    headings = {text for text, _ in shown}
    for heading, rows in window.actions_table.groups():
        assert heading in headings
        for _, action in rows:
            assert (action.text(), native_keys(action)) in shown
    assert ("Send the message", "Ctrl+Enter") in shown
    page.reject()


async def test_no_title_is_written_while_somebody_types(window, services, model_path, qtbot):
    services.settings.put(Setting.AUTO_TITLES, "always")
    services.titles.idle_s = 3600.0
    await services.models.use(model_path)
    chat = window.chat_pane.current()
    await services.chat.send(chat.id, "What is on the shore?")
    await until(lambda: not services.chat.is_answering and services.titles._timer, "the answer")
    for letter in "typing":
        before = services.titles._timer
        qtbot.keyClicks(window.chat_pane.open_chat.composer.edit, letter)
        assert before.cancelled() and services.titles._timer is not before, "the time starts anew"
    assert (await services.conversations.head(chat.id)).title == "What is on the shore?"
    services.titles.idle_s = 0.0
    qtbot.keyClicks(window.chat_pane.open_chat.composer.edit, "!")
    await until(lambda: window.windowTitle() == "Once upon a shore", "the title")


async def test_an_error_without_a_better_place_shows_above_the_pane(window):
    window.show_pane(Pane.SETTINGS)
    window.show_error(LocutionError("Something failed."))
    banner = next(b for b in window.findChildren(Banner) if b.isVisible())
    assert "Something failed." in banner.text()


async def test_a_second_start_finds_the_window_in_front(window):
    window.showMinimized()
    window.bring_to_front()
    assert window.isVisible() and not window.isMinimized()


def test_the_theme_is_not_dark_by_accident(qapp):
    assert not Theme(desktop_is_dark=lambda: False).dark


async def test_in_a_narrow_window_the_title_keeps_a_third_of_its_line(window):
    chat_pane = window.chat_pane
    header = chat_pane.open_chat.header
    window.model_menu.set_words("A model whose name alone would take all of the line · ready")
    header.set_title("How long does a pendulum take for one swing?")
    window.resize(900, 600)
    await until(lambda: window.width() == 900, "the size")
    await asyncio.sleep(0)
    assert header._title.width() >= header.width() // 3 - 1
    assert header.minimumSizeHint().width() <= header.width()
