"""Keys that the user chose: what is stored is checked, and what is in force is in force everywhere."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.domain.settings import Setting
from desktop.services.assembly import open_services
from desktop.system.paths import Locations
from desktop.ui.actions import ActionId, Actions, native_keys
from desktop.ui.shortcuts import needed_for_typing, parse, portable, settle, written

DEFAULTS = {"new": parse(["Ctrl+N"]), "stop": parse(["Esc"]), "quit": parse(["Ctrl+Q", "Alt+F4"])}


def settled(chosen) -> dict[str, list[str]]:
    return {name: portable(keys) for name, keys in settle(DEFAULTS, chosen).items()}


def test_without_a_choice_the_default_keys_are_in_force():
    assert settled({}) == {"new": ["Ctrl+N"], "stop": ["Esc"], "quit": ["Ctrl+Q", "Alt+F4"]}


def test_a_chosen_key_takes_the_place_of_the_default_ones_and_an_empty_list_of_all():
    assert settled({"new": ["Ctrl+J", "F5"], "quit": []}) == {
        "new": ["Ctrl+J", "F5"],
        "stop": ["Esc"],
        "quit": [],
    }


def test_a_chosen_key_goes_before_the_default_of_another_action():
    assert settled({"stop": ["Ctrl+N"]})["new"] == []
    assert settled({"stop": ["Ctrl+N"]})["stop"] == ["Ctrl+N"]


def test_of_two_that_want_the_same_the_first_has_it():
    found = settled({"quit": ["F9"], "new": ["F9"]})
    assert found["new"] == ["F9"] and found["quit"] == []


HOSTILE = [
    {"gone": ["Ctrl+J"]},
    {"new": "Ctrl+J"},
    {"new": None},
    {"new": {"a": 1}},
    {3: ["Ctrl+J"]},
]


@pytest.mark.parametrize("chosen", HOSTILE)
def test_what_makes_no_sense_changes_nothing(chosen):
    assert settled(chosen) == settled({})


@pytest.mark.parametrize(
    "texts",
    [["Ctrl+"], ["", "x" * 5000], [5, None, []], ["Ctrl+K, Ctrl+C"], ["A"], ["Return"], ["\0"], ["Ctrl+V"]],
)
def test_what_is_no_key_or_needed_for_typing_is_left_out(texts):
    assert settled({"new": texts})["new"] == []


OF_TYPING = "A Shift+A 7 Ü Space Tab Shift+Tab Return Shift+Return Ctrl+Return Up Left Home PgDown Del Ctrl+C"
FREE = "Ctrl+J Alt+Left F5 Shift+F5 Esc Ctrl+Alt+A Ctrl+Shift+V"


@pytest.mark.parametrize("text", OF_TYPING.split())
def test_typing_keeps_its_keys(text):
    assert needed_for_typing(QKeySequence(text))


@pytest.mark.parametrize(
    "text", ["Ctrl+J", "Alt+Left", "F5", "Shift+F5", "Esc", "Ctrl+Alt+A", "Ctrl+Shift+V"]
)
def test_the_others_are_free(text):
    assert not needed_for_typing(QKeySequence(text))


def test_an_action_has_a_handful_of_keys_at_most():
    assert len(settled({"new": [f"Ctrl+F{n}" for n in range(1, 12)]})["new"]) == 4


def test_the_table_is_whole_and_free_of_clashes(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(window)
    assert {action_id for action_id, _ in actions.all()} == set(ActionId)
    grouped = [pair for heading, rows in actions.groups() for pair in rows if heading]
    assert grouped == actions.all()
    defaults = actions.default_keys()
    strokes = [key for keys in defaults.values() for key in portable(keys)]
    assert len(set(strokes)) == len(strokes)
    assert settle(defaults, {}) == defaults


async def test_new_keys_are_in_force_at_once_and_named_in_tooltips(window, services):
    new = window.actions_table.action(ActionId.NEW_CHAT)
    button = window.findChild(QWidget, "new-chat")
    assert "(Ctrl+N)" in button.toolTip()
    services.settings.put(Setting.KEYS, {"new-chat": ["Ctrl+J", "F5"], "pane-3": []})
    assert portable(tuple(new.shortcuts())) == ["Ctrl+J", "F5"]
    assert native_keys(new) == written(parse(["Ctrl+J", "F5"]))
    assert "(Ctrl+J, F5)" in button.toolTip() and "Ctrl+N" not in button.toolTip()
    rail = window.findChild(QToolButton, "rail-2")
    assert rail.toolTip() and "Ctrl+3" not in rail.toolTip()
    services.settings.put(Setting.KEYS, {})
    assert native_keys(new) == "Ctrl+N" and "(Ctrl+N)" in button.toolTip()


async def test_the_model_menu_names_the_key_that_opens_it(window, services):
    services.settings.put(Setting.KEYS, {"model-menu": ["F4"]})
    assert "(F4)" in window.model_menu.toolTip()
    services.settings.put(Setting.KEYS, {"model-menu": []})
    assert "(" not in window.model_menu.toolTip()


async def test_chosen_keys_are_there_after_a_restart(window, services, data_dir):
    services.settings.put(Setting.KEYS, {"stop": ["Ctrl+."]})
    await services.settings.aclose()
    async with open_services(Locations.below(data_dir)) as again:
        assert again.settings.table(Setting.KEYS) == {"stop": ["Ctrl+."]}


async def test_a_stored_value_of_another_kind_gives_the_default_keys(window, services):
    services.settings.put(Setting.KEYS, ["Ctrl+J"])
    assert services.settings.table(Setting.KEYS) == {}
    assert window.actions_table.keys(ActionId.STOP) == parse(["Esc"])
