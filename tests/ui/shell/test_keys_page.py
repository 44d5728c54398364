"""The keys page: looking up and changing keys, by the keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from shiboken6 import isValid

from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.keys_page import KeysPage
from desktop.ui.shortcuts import portable
from desktop.ui.widgets.two_column_delegate import HEADING, TRAILING
from tests.helpers.qt_loop import until

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
async def page(window, qtbot):
    window.activateWindow()
    window.actions_table.action(ActionId.KEYS).trigger()
    made = window.findChild(KeysPage)
    await until(made.field.hasFocus, "the keyboard in the search field")
    yield made
    if isValid(made):
        made.reject()


def press(qtbot, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Wherever the keyboard is."""
    qtbot.keyClick(QApplication.focusWidget(), key, modifiers)


def look_for(page, qtbot, text) -> None:
    page.field.clear()
    page.field.setFocus()
    qtbot.keyClicks(page.field, text)


def listed(page) -> dict[str, str]:
    items = [page.list.item(row) for row in range(page.list.count())]
    return {item.text(): item.data(TRAILING) for item in items if not item.data(HEADING)}


def words(page) -> str:
    return page.findChild(QLabel, "keys-words").text()


def button(page, name) -> QPushButton:
    return page.findChild(QPushButton, f"keys-{name}")


def keys(window, action_id) -> list[str]:
    return portable(window.actions_table.keys(action_id))


async def test_it_finds_an_action_by_its_name_its_keys_and_its_heading(page, qtbot):
    look_for(page, qtbot, "stop ans")
    assert listed(page) == {"Stop the answer": "Esc"}
    look_for(page, qtbot, "ctrl+shift+p")
    assert list(listed(page)) == ["Command palette"]
    look_for(page, qtbot, "messages again")
    assert list(listed(page)) == ["Answer again", "Answer again with…"]
    look_for(page, qtbot, "at a message delete")
    assert listed(page) == {"Delete from here on": "Del"}
    look_for(page, qtbot, "qqq")
    assert listed(page) == {}
    press(qtbot, Qt.Key.Key_Return)
    assert not page.capture.isVisible()


async def test_new_keys_are_pressed_and_in_force_at_once(window, page, qtbot, services):
    look_for(page, qtbot, "messages again")
    press(qtbot, Qt.Key.Key_Return)
    assert page.capture.hasFocus() and "Answer again" in words(page)
    press(qtbot, Qt.Key.Key_J, CONTROL)
    assert keys(window, ActionId.REGENERATE) == ["Ctrl+J"]
    assert listed(page)["Answer again"] == "Ctrl+J"
    assert "“Answer again” has Ctrl+J now." in words(page)
    assert page.list.hasFocus()
    assert services.settings.table(Setting.KEYS) == {"regenerate": ["Ctrl+J"]}


async def test_escape_leaves_the_keys_as_they_are(window, page, qtbot):
    look_for(page, qtbot, "messages again")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_Escape)
    assert page.isVisible() and page.list.hasFocus()
    assert keys(window, ActionId.REGENERATE) == ["Ctrl+R"]


async def test_a_modifier_alone_is_not_a_key_yet(page, qtbot):
    look_for(page, qtbot, "messages again")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_Control, CONTROL)
    assert page.capture.hasFocus()


@pytest.mark.parametrize(("key", "modifiers", "name"), [
    (Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "A"),
    (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier, "Tab"),
    (Qt.Key.Key_Return, SHIFT, "Shift+Return"),
    (Qt.Key.Key_C, CONTROL, "Ctrl+C"),
])  # fmt: skip
async def test_a_key_that_typing_needs_is_refused_in_words(window, page, qtbot, key, modifiers, name):
    look_for(page, qtbot, "messages again")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, key, modifiers)
    assert words(page).startswith(f"{name} is needed for typing")
    assert page.capture.hasFocus()
    press(qtbot, Qt.Key.Key_F6)
    assert keys(window, ActionId.REGENERATE) == ["F6"]


async def test_a_key_of_another_action_is_said_and_can_be_taken_over(window, page, qtbot):
    look_for(page, qtbot, "messages again")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_N, CONTROL)
    assert words(page) == "Ctrl+N belongs to “New chat”."
    assert keys(window, ActionId.REGENERATE) == ["Ctrl+R"]
    assert button(page, "offer").hasFocus()
    press(qtbot, Qt.Key.Key_Space)
    assert keys(window, ActionId.REGENERATE) == ["Ctrl+N"] and keys(window, ActionId.NEW_CHAT) == []
    assert words(page) == "“New chat” has no keys now."


async def test_what_was_taken_over_is_asked_for_when_the_first_owner_wants_it_back(window, page, qtbot):
    look_for(page, qtbot, "messages again")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_N, CONTROL)
    button(page, "offer").click()
    look_for(page, qtbot, "new chat")
    button(page, "reset").click()
    assert words(page) == "Ctrl+N belongs to “Answer again”."
    button(page, "offer").click()
    assert keys(window, ActionId.NEW_CHAT) == ["Ctrl+N"] and keys(window, ActionId.REGENERATE) == []


async def test_an_action_may_have_several_keys(window, page, qtbot):
    look_for(page, qtbot, "messages again")
    button(page, "add").click()
    press(qtbot, Qt.Key.Key_F5)
    assert keys(window, ActionId.REGENERATE) == ["Ctrl+R", "F5"]
    for key in (Qt.Key.Key_F6, Qt.Key.Key_F7):
        button(page, "add").click()
        press(qtbot, key)
    assert not button(page, "add").isEnabled()
    assert listed(page)["Answer again"] == "Ctrl+R, F5, F6, F7"


async def test_keys_can_be_taken_away_and_given_back(window, page, qtbot, services):
    look_for(page, qtbot, "messages again")
    assert not button(page, "reset").isEnabled() and not button(page, "reset-all").isEnabled()
    page.list.setFocus()
    press(qtbot, Qt.Key.Key_Delete)
    assert keys(window, ActionId.REGENERATE) == []
    assert not button(page, "remove").isEnabled()
    button(page, "reset").click()
    assert keys(window, ActionId.REGENERATE) == ["Ctrl+R"]
    assert services.settings.table(Setting.KEYS) == {}


async def test_all_can_be_given_back_and_that_undone(window, page, services):
    services.settings.put(Setting.KEYS, {"regenerate": ["F5"], "stop": ["F6"]})
    button(page, "reset-all").click()
    assert keys(window, ActionId.REGENERATE) == ["Ctrl+R"] and keys(window, ActionId.STOP) == ["Esc"]
    assert button(page, "offer").text() == "Undo"
    button(page, "offer").click()
    assert keys(window, ActionId.REGENERATE) == ["F5"] and keys(window, ActionId.STOP) == ["F6"]


async def test_the_arrows_pass_over_headings(page, qtbot):
    for _ in range(page.list.count() + 2):
        assert not page.list.currentItem().data(HEADING)
        press(qtbot, Qt.Key.Key_Down)
    assert page.list.currentRow() == page.list.count() - 1
    for _ in range(page.list.count()):
        press(qtbot, Qt.Key.Key_Up)
    assert page.list.currentRow() == 1


async def test_what_belongs_to_the_message_field_is_said_and_not_changed(page, qtbot):
    look_for(page, qtbot, "send the prompt")
    press(qtbot, Qt.Key.Key_Return)
    assert "chosen in the settings" in words(page)
    assert not button(page, "change").isEnabled() and not page.capture.isVisible()


async def test_a_waiting_key_is_not_carried_out(window, page, qtbot):
    asked = []
    window.close_requested.connect(lambda: asked.append(True))
    look_for(page, qtbot, "messages again")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_Q, CONTROL)
    assert not asked
    assert words(page) == "Ctrl+Q belongs to “Quit”."


async def test_the_new_key_works_in_the_window(window, page, qtbot, services):
    look_for(page, qtbot, "open settings")
    press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_F7)
    page.reject()
    await until(lambda: not isValid(page), "the page's end")
    assert window.actions_table.action(ActionId.SETTINGS).shortcut() == QKeySequence("F7")
    window.activateWindow()
    window.chat_pane.focus_composer()
    await until(window.isActiveWindow, "the window in front")
    qtbot.keyClick(window.chat_pane.open_chat.composer.edit, Qt.Key.Key_F7)
    await until(lambda: not window.chat_pane.isVisible(), "the settings")
