"""The sidebar's rows: every parameter of the table has one, made from it, that says what its value does."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from desktop.domain.parameter_specs import SPECS, Choice, Group, Number
from desktop.domain.parameters import Parameters
from desktop.domain.settings import Setting
from desktop.ui.parameters.row import ParameterRow
from desktop.ui.parameters.text_row import json_problem
from desktop.ui.widgets.menu_button import MenuButton
from desktop.ui.widgets.number_box import NumberBox
from desktop.ui.widgets.section import Section
from tests.helpers.qt_loop import laid_out, until
from tests.helpers.sidebar import button, note, problem, row, until_overrides


def pick(sidebar, name, value) -> None:
    """Chooses from a row's menu."""
    button = sidebar.findChild(MenuButton, f"choice-{name}")
    spec = row(sidebar, name).spec
    assert isinstance(spec, Choice)
    words = dict(spec.choices)[value]
    next(action for action in button.menu().actions() if action.text().lower() == words).trigger()


# All rows


async def test_every_parameter_has_a_row_in_its_section_that_a_screen_reader_can_tell(sidebar):
    for spec in SPECS:
        made = row(sidebar, spec.name)
        assert sidebar.findChild(Section, f"section-{spec.group.value}").isAncestorOf(made)
        assert button(sidebar, f"explain-{spec.name}").toolTip().startswith(spec.help)
        assert button(sidebar, f"reset-{spec.name}").accessibleName() == f"Reset {spec.label}"
        controls = [w for w in made.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
        nameless = [w for w in controls if not w.accessibleName() and w.objectName() != "qt_spinbox_lineedit"]
        assert len(controls) > 2 and not nameless, spec.name


async def test_only_open_sections_have_rows(window, services):
    made = {row.spec.group for row in window.sidebar.findChildren(ParameterRow)}
    assert made == {Group.SAMPLING}
    window.sidebar.findChild(Section, "section-output").set_open(True)
    made = {row.spec.group for row in window.sidebar.findChildren(ParameterRow)}
    assert made == {Group.SAMPLING, Group.OUTPUT}
    assert services.settings.texts(Setting.OPEN_SECTIONS) == ["instructions", "sampling", "output"]


async def test_a_section_that_was_closed_shows_what_is_in_use(window, services):
    chat_id = window.chat_pane.current().id
    await services.conversations.configure(chat_id, overrides={"max_tokens": 99, "stop": ["END"]})
    section = window.sidebar.findChild(Section, "section-limits")
    header = section.findChild(QAbstractButton)
    await until(lambda: "changed" in header.accessibleName(), "the sign")
    section.set_open(True)
    assert window.sidebar.findChild(NumberBox, "box-max_tokens").text() == "99"
    assert window.sidebar.findChild(QPlainTextEdit, "texts-stop").toPlainText() == "END"
    assert window.sidebar.findChild(QAbstractButton, "reset-stop").isVisibleTo(window)


@pytest.mark.parametrize("scale", [80, 200])
async def test_no_row_is_wider_than_the_sidebar_at_any_text_size(window, sidebar, theme, scale):
    theme.set_scale(scale)
    await laid_out(window)
    for name in ("dry_multiplier", "mirostat", "xtc_probability"):
        row(sidebar, name).show()
    content = sidebar.findChild(QScrollArea).widget()
    assert content.minimumSizeHint().width() <= sidebar.minimumSizeHint().width()
    for spec in SPECS:
        made = row(sidebar, spec.name)
        if made.isVisible():
            right = max(w.mapTo(made, w.rect().topRight()).x() for w in made.findChildren(QWidget))
            assert right <= made.width(), spec.name


# Numbers that are out of range


OUT_OF_RANGE = [
    ("temperature", "7", 5.0, "Temperature goes from 0 to 5, so 7 became 5."),
    ("temperature", "-3", 0.0, "Temperature goes from 0 to 5, so -3 became 0."),
    ("top_k", "200000", 100_000, "Top-k goes from 0 to 100,000, so 200000 became 100,000."),
    ("max_tokens", "0", 1, "Max tokens goes from 1 to 1,000,000, so 0 became 1."),
    ("seed", "4294967296", 2**32 - 2, "so 4294967296 became 4294967294."),
    ("top_p", "9" * 400, 1.0, "so 99999999999999999999… became 1."),
]


async def test_a_number_out_of_range_becomes_the_nearest_limit_and_says_so(sidebar, in_use, qtbot):
    for name, typed, value, words in OUT_OF_RANGE:
        box = sidebar.findChild(NumberBox, f"box-{name}")
        row(sidebar, name).set_idle("")
        box.selectAll()
        qtbot.keyClicks(box, typed)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert (box.number(), getattr(in_use(), name)) == (value, value)
        assert problem(sidebar, name).endswith(words)


async def test_the_words_go_with_the_next_value(sidebar, qtbot):
    box = sidebar.findChild(NumberBox, "box-temperature")
    box.selectAll()
    qtbot.keyClicks(box, "7")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert problem(sidebar, "temperature")
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert not problem(sidebar, "temperature")


async def test_what_is_no_number_leaves_the_value_as_it_was(sidebar, in_use, qtbot):
    box = sidebar.findChild(NumberBox, "box-temperature")
    for typed in ("", "-", "nan", "abc"):
        box.selectAll()
        qtbot.keyClick(box, Qt.Key.Key_Delete)
        qtbot.keyClicks(box, typed)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert (box.text(), in_use().temperature) == ("0.7", 0.7)
        assert not problem(sidebar, "temperature")


async def test_a_minimum_that_is_no_number_reads_as_what_it_means(sidebar):
    for name, words in (
        ("seed", "random"), ("penalty_window", "whole context"), ("thinking_budget", "no limit"),
    ):  # fmt: skip
        box = sidebar.findChild(NumberBox, f"box-{name}")
        box.setValue(-1)
        assert box.text() == words


# Switches and choices


async def test_a_switch_is_turned_by_the_space_bar_and_stored_at_once(window, services, sidebar, qtbot):
    switch = sidebar.findChild(QCheckBox, "switch-ignore_eos")
    assert not switch.isChecked()
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    await until_overrides(window, services, {"ignore_eos": True})
    sidebar.findChild(QAbstractButton, "reset-ignore_eos").click()
    assert not switch.isChecked()
    await until_overrides(window, services, {})


async def test_a_switch_shows_whether_it_is_on_and_has_the_keyboard(sidebar):
    switch = sidebar.findChild(QCheckBox, "switch-ignore_eos")
    looks = [switch.grab().toImage()]
    switch.setChecked(True)
    looks.append(switch.grab().toImage())
    switch.setFocus()
    looks.append(switch.grab().toImage())
    assert all(first != second for first, second in itertools.combinations(looks, 2))


async def test_a_switch_can_be_clicked_at_both_ends(sidebar, qtbot):
    switch = sidebar.findChild(QCheckBox, "switch-ignore_eos")
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(2, switch.height() // 2))
    assert switch.isChecked()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(switch.width() - 3, switch.height() // 2))
    assert not switch.isChecked()


async def test_a_choice_is_made_from_a_menu(window, services, sidebar):
    button = sidebar.findChild(MenuButton, "choice-context_policy")
    assert button.words() == "Stop and say so"
    pick(sidebar, "context_policy", "drop_oldest")
    assert button.words() == "Leave out the oldest turns"
    assert button.accessibleName() == "When the context is full: leave out the oldest turns"
    await until_overrides(window, services, {"context_policy": "drop_oldest"})


# Texts


async def test_texts_are_one_a_line_with_escapes(sidebar, in_use, qtbot):
    box = sidebar.findChild(NumberBox, "box-dry_multiplier")
    box.setValue(1)
    box.editingFinished.emit()
    for name in ("stop", "banned", "dry_breakers"):
        field = sidebar.findChild(QPlainTextEdit, f"texts-{name}")
        field.selectAll()
        qtbot.keyClicks(field, "as an AI")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.keyClicks(field, "\\n\\tEnd")
        assert getattr(in_use(), name) == ("as an AI", "\n\tEnd")


async def test_a_grammar_can_be_typed_and_is_stored(window, services, sidebar, qtbot):
    field = sidebar.findChild(QPlainTextEdit, "text-grammar")
    qtbot.keyClicks(field, 'root ::= "yes" | "no"')
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert not field.hasFocus()
    await until_overrides(window, services, {"grammar": 'root ::= "yes" | "no"'})


async def test_a_long_grammar_scrolls_in_a_field_of_bounded_height(sidebar):
    field = sidebar.findChild(QPlainTextEdit, "text-grammar")
    before = field.height()
    field.setPlainText("\n".join(f'rule{n} ::= "x"' for n in range(200)))
    assert before < field.height() < 500
    assert field.verticalScrollBar().maximum() > 0


async def test_a_grammar_beyond_all_bounds_is_refused_in_words(sidebar, in_use):
    sidebar.findChild(QPlainTextEdit, "text-grammar").setPlainText("x" * 100_001)
    assert "at most 100,000 characters" in problem(sidebar, "grammar")
    assert in_use().grammar == ""


async def test_a_schema_that_is_no_json_says_where(sidebar, in_use, qtbot):
    field = sidebar.findChild(QPlainTextEdit, "text-json_schema")
    qtbot.keyClicks(field, '{"type": ')
    assert problem(sidebar, "json_schema").startswith("This is not JSON yet: line 1, column 10")
    qtbot.keyClicks(field, '"object"}')
    assert problem(sidebar, "json_schema") == ""
    assert in_use().json_schema == '{"type": "object"}'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("  \n", ""),
        ("{}", ""),
        ('{\n  "a" 1}', "line 2, column 7"),
        ("[" * 100_000, "too deep"),
        ("9" * 5000, "too long a number"),
    ],
    ids=["nothing", "blank", "json", "a place", "depth", "digits"],
)
def test_what_is_wrong_with_json_is_said_in_words(text, words):
    assert words in json_problem(text) if words else json_problem(text) == ""


async def test_a_grammar_beside_a_schema_waits_until_the_schema_is_gone(sidebar, in_use):
    schema = sidebar.findChild(QPlainTextEdit, "text-json_schema")
    grammar = sidebar.findChild(QPlainTextEdit, "text-grammar")
    schema.setPlainText("{}")
    grammar.setPlainText('root ::= "a"')
    assert "not both" in problem(sidebar, "grammar")
    assert (in_use().grammar, in_use().json_schema) == ("", "{}")
    schema.setPlainText("")
    assert problem(sidebar, "grammar") == ""
    assert (in_use().grammar, in_use().json_schema) == ('root ::= "a"', "")


async def test_a_reset_that_would_contradict_says_so(window, services, sidebar):
    preset = services.presets.get("chatbot")
    with_schema = replace(preset, id="json", parameters=Parameters(json_schema="{}"))
    services.presets._presets["json"] = with_schema
    await services.conversations.configure(
        window.chat_pane.current().id, preset_id="json", overrides={"json_schema": "", "grammar": "x"}
    )
    await until(lambda: sidebar.configuration.preset.id == "json", "the preset")
    sidebar.findChild(QAbstractButton, "reset-json_schema").click()
    assert "not both" in problem(sidebar, "json_schema")
    assert sidebar.configuration.parameters.grammar == "x"


# What has no effect


async def test_what_says_more_of_something_that_is_off_comes_when_it_is_turned_on(sidebar, qtbot):
    details = [
        row(sidebar, name) for name in ("dry_base", "dry_allowed_length", "dry_window", "dry_breakers")
    ]
    assert not any(detail.isVisible() for detail in details)
    assert note(sidebar, "dry_multiplier") == "off · 4 more settings when on"
    box = sidebar.findChild(NumberBox, "box-dry_multiplier")
    box.selectAll()
    qtbot.keyClicks(box, "0.8")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert all(detail.isVisible() for detail in details)
    assert note(sidebar, "dry_multiplier") == "usual"


async def test_a_value_without_effect_says_why_and_rests(sidebar):
    pick(sidebar, "mirostat", "v2")
    assert note(sidebar, "top_k") == "No effect while Mirostat is on."
    assert not sidebar.findChild(NumberBox, "box-top_k").isEnabled()
    assert sidebar.findChild(NumberBox, "box-temperature").isEnabled()
    assert row(sidebar, "mirostat_tau").isVisible()
    pick(sidebar, "mirostat", "off")
    assert note(sidebar, "top_k") == "usual"
    assert sidebar.findChild(NumberBox, "box-top_k").isEnabled()


async def test_thinking_rests_with_a_model_that_cannot_be_told_to(sidebar, model):
    assert "No effect" not in note(sidebar, "thinking")
    await model(name="Plain")
    assert note(sidebar, "thinking") == "No effect: this model cannot be told whether to think."
    await model(name="Thinker", thinking="Hm.")
    assert "No effect" not in note(sidebar, "thinking")


async def test_at_temperature_0_the_rest_of_the_sampling_rests(sidebar):
    box = sidebar.findChild(NumberBox, "box-temperature")
    box.setValue(0)
    box.editingFinished.emit()
    assert note(sidebar, "temperature") == "always the likeliest"
    assert note(sidebar, "min_p").startswith("No effect at temperature 0")
    assert note(sidebar, "seed").startswith("No effect at temperature 0")


async def test_the_word_of_every_number_is_under_it(sidebar):
    for spec in SPECS:
        if isinstance(spec, Number):
            assert row(sidebar, spec.name).band() == spec.band(getattr(Parameters(), spec.name))
