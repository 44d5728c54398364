"""The parameter sidebar: what is set there is what the next answer is made with."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPlainTextEdit, QSlider

from desktop.domain.parameter_specs import SPECS, Number
from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.parameters.instructions import Instructions
from desktop.ui.parameters.sections import ParameterSections
from desktop.ui.parameters.texts_row import from_line, to_line
from desktop.ui.parameters.track import Track
from desktop.ui.theme import Token
from desktop.ui.widgets.number_box import NumberBox
from desktop.ui.widgets.section import Section
from tests.helpers.qt_loop import laid_out, until
from tests.helpers.sidebar import button, stored, until_stored

NUMBERS = [spec for spec in SPECS if isinstance(spec, Number)]


@pytest.fixture
def type_into(qtbot):
    """Replaces a box's number as a user does: select, type, Tab."""

    def type_(box, text):
        box.selectAll()
        qtbot.keyClicks(box, text)
        qtbot.keyClick(box, Qt.Key.Key_Tab)

    return type_


def box(sidebar, name) -> NumberBox:
    return sidebar.findChild(NumberBox, f"box-{name}")


async def test_a_typed_temperature_is_what_the_next_answer_is_made_with(window, services, sidebar, type_into):
    type_into(box(sidebar, "temperature"), "1.25")
    await until_stored(window, services, lambda c: c.overrides == {"temperature": 1.25})
    effective = services.conversations.effective(await stored(window, services))
    assert effective.parameters.temperature == 1.25


async def test_a_dragged_slider_changes_the_number_and_the_word(window, services, sidebar):
    slider = sidebar.findChild(QSlider, "slider-temperature")
    row = slider.parentWidget()
    assert row.band() == "balanced"
    slider.setValue(slider.maximum())
    assert box(sidebar, "temperature").text() == "2"
    assert row.band() == "wild"
    slider.setValue(0)
    assert row.band() == "always the likeliest"
    await until_stored(window, services, lambda c: c.overrides == {"temperature": 0.0})


async def test_no_number_outside_its_range_can_be_entered(sidebar, qtbot):
    for spec in NUMBERS:
        field = box(sidebar, spec.name)
        for text in (f"{spec.maximum * 10 + 9:.0f}", "-99999999999", "nan", "1e400"):
            field.setEnabled(True)
            field.selectAll()
            qtbot.keyClicks(field, text)
            qtbot.keyClick(field, Qt.Key.Key_Return)
            assert spec.minimum <= field.number() <= spec.maximum
            assert getattr(sidebar.configuration.parameters, spec.name) == field.number()


async def test_the_largest_seed_survives_unrounded(window, services, sidebar, type_into):
    type_into(box(sidebar, "seed"), "4294967294")
    await until_stored(window, services, lambda c: c.overrides == {"seed": 4294967294})
    assert box(sidebar, "seed").text() == "4294967294"


async def test_a_seed_of_minus_one_reads_random(sidebar):
    assert box(sidebar, "seed").text() == "random"


async def test_one_value_can_be_reset_and_the_dots_go(window, services, sidebar, type_into):
    reset = button(sidebar, "reset-top_k")
    preset_menu = sidebar.findChild(QAbstractButton, "preset-menu")
    assert not reset.isVisible()
    type_into(box(sidebar, "top_k"), "7")
    assert reset.isVisible()
    assert preset_menu.dot() is Token.ACCENT
    assert "changed" in preset_menu.accessibleName()
    reset.click()
    assert box(sidebar, "top_k").text() == "40"
    assert not reset.isVisible()
    assert preset_menu.dot() is None
    await until_stored(window, services, lambda c: not c.overrides)


async def test_reset_all_can_be_undone(window, services, sidebar, type_into):
    type_into(box(sidebar, "temperature"), "1.5")
    type_into(box(sidebar, "min_p"), "0.2")
    button(sidebar, "reset-all").click()
    assert box(sidebar, "temperature").text() == "0.7"
    await until_stored(window, services, lambda c: not c.overrides)
    button(sidebar, "undo-reset").click()
    assert (box(sidebar, "temperature").text(), box(sidebar, "min_p").text()) == ("1.5", "0.2")
    await until_stored(window, services, lambda c: c.overrides == {"temperature": 1.5, "min_p": 0.2})


async def test_own_instructions_are_stored_and_given_back_to_the_preset(window, services, sidebar, qtbot):
    field = sidebar.findChild(QPlainTextEdit, "system-prompt")
    assert field.toPlainText() == services.presets.get("chatbot").system_prompt
    field.selectAll()
    qtbot.keyClicks(field, "Answer like a pirate.")
    await until_stored(window, services, lambda c: c.system_prompt == "Answer like a pirate.")
    button(sidebar, "reset-system-prompt").click()
    await until_stored(window, services, lambda c: c.system_prompt is None)
    assert field.toPlainText() == services.presets.get("chatbot").system_prompt


async def test_picking_a_preset_brings_its_instructions_and_parameters(window, services, sidebar):
    menu = sidebar.findChild(QAbstractButton, "preset-menu")
    menu.menu().aboutToShow.emit()
    offered = {action.text(): action for action in menu.menu().actions()}
    assert list(offered)[:4] == ["Chatbot", "Translation", "Summarization", "Code assist"]
    offered["Translation"].trigger()
    await until_stored(window, services, lambda c: c.preset_id == "translation" and not c.overrides)
    assert menu.words() == "Translation"
    assert box(sidebar, "temperature").text() == "0.2"
    assert "translator" in sidebar.findChild(QPlainTextEdit, "system-prompt").toPlainText()
    assert services.settings.text(Setting.LAST_PRESET) == "translation"


async def test_another_chat_shows_its_own_values_and_keeps_the_first_ones(
    window, services, sidebar, model_path, type_into
):
    await services.models.use(model_path)
    first = window.chat_pane.current().id
    await services.chat.send(first, "Hello")  # an unused chat would be taken again
    await services.chat.settle()
    box(sidebar, "temperature").setValue(1.9)  # no hand leaves the box: the edit still waits
    window.chat_pane.open_conversation("")
    await until(lambda: window.chat_pane.current() and window.chat_pane.current().id != first)
    assert box(sidebar, "temperature").text() == "0.7"
    await until_stored(window, services, lambda c: c.overrides == {"temperature": 1.9}, first)
    window.chat_pane.open_conversation(first)
    await until(lambda: box(sidebar, "temperature").text() == "1.9")


async def test_stop_sequences_are_one_a_line_with_escapes(window, services, sidebar, qtbot):
    field = sidebar.findChild(QPlainTextEdit, "texts-stop")
    qtbot.keyClicks(field, "END")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClicks(field, "\\n\\nUser:")
    await until_stored(window, services, lambda c: c.overrides == {"stop": ["END", "\n\nUser:"]})


async def test_too_many_stop_sequences_are_refused_in_words(sidebar):
    sidebar.findChild(Section, "section-limits").set_open(True)
    field = sidebar.findChild(QPlainTextEdit, "texts-stop")
    field.setPlainText("\n".join(str(n) for n in range(40)))
    problem = sidebar.findChild(object, "problem-stop")
    assert problem.isVisible() and "at most 16" in problem.text()
    assert len(sidebar.configuration.parameters.stop) <= 16


@pytest.mark.parametrize("text", ["END", "\n", "a\tb", "C:\\new", "\\", "\\n", "ends with \\"])
def test_a_stop_sequence_reads_back_as_it_was(text):
    assert "\n" not in to_line(text)
    assert from_line(to_line(text)) == text


async def test_a_passing_wheel_changes_nothing(sidebar):
    slider = sidebar.findChild(QSlider, "slider-temperature")
    for widget in (slider, box(sidebar, "temperature")):
        event = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(0, 120), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
    assert box(sidebar, "temperature").text() == "0.7"


async def test_the_arrow_keys_step_a_number(sidebar, qtbot):
    qtbot.keyClick(box(sidebar, "temperature"), Qt.Key.Key_Up)
    assert box(sidebar, "temperature").text() == "0.75"
    qtbot.keyClick(box(sidebar, "top_k"), Qt.Key.Key_Down)
    assert box(sidebar, "top_k").text() == "39"


async def test_a_label_explains_what_its_parameter_does(sidebar, qtbot):
    explain = button(sidebar, "explain-top_p")
    assert sidebar.findChild(QLabel, "explanation-top_p") is None
    qtbot.keyClick(explain, Qt.Key.Key_Space)
    said = sidebar.findChild(QLabel, "explanation-top_p")
    assert said.isVisible() and "reach this probability" in said.text()
    assert "0.9 to 0.95 diverse" in said.text() and "0.9 to 0.95 diverse" in explain.toolTip()
    qtbot.keyClick(explain, Qt.Key.Key_Space)
    assert not said.isVisible()


async def test_open_sections_are_remembered(window, services, qtbot):
    section = window.sidebar.findChild(Section, "section-limits")
    assert not section.is_open
    header = section.findChild(QAbstractButton)
    qtbot.keyClick(header, Qt.Key.Key_Right)
    assert section.is_open and "open" in header.accessibleName()
    assert "limits" in services.settings.texts(Setting.OPEN_SECTIONS)
    qtbot.keyClick(header, Qt.Key.Key_Left)
    assert "limits" not in services.settings.texts(Setting.OPEN_SECTIONS)


@pytest.mark.parametrize("spec", [s for s in NUMBERS if s.name != "seed"], ids=lambda spec: spec.name)
def test_a_slider_covers_the_usual_range_and_stays_where_it_is_put(spec):
    track = Track.of(spec)
    assert (track.value(0), track.value(track.positions)) == spec.usual
    values = [track.value(position) for position in range(track.positions + 1)]
    assert values == sorted(set(values)), "every position is another, larger value"
    assert [track.position(value) for value in values] == list(range(track.positions + 1))
    assert track.position(spec.maximum) == track.positions


@pytest.mark.parametrize("width", range(250, 420, 13))
async def test_short_instructions_are_shown_whole_at_any_width(qapp, theme, services, qtbot, width):
    field = Instructions(theme)
    qtbot.addWidget(field)
    field.set_value(services.presets.get("chatbot").system_prompt, changed=False)
    field.resize(width, 500)
    field.show()
    await laid_out(field)
    assert field.field.verticalScrollBar().maximum() == 0
    assert field.field.height() < 400


@pytest.mark.parametrize("width", [200, 262, 300, 347])
async def test_no_word_of_long_instructions_is_cut_off_at_the_side(theme, services, qtbot, width):
    made = Instructions(theme)
    qtbot.addWidget(made)
    made.resize(width, 500)
    made.show()
    made.set_value(services.presets.get("code-assist").system_prompt * 2, changed=False)
    await laid_out(made)
    field = made.field
    assert field.verticalScrollBar().isVisible() and not field.horizontalScrollBar().isVisible()
    blocks, block = [], field.document().firstBlock()
    while block.isValid():
        blocks.append(block)
        block = block.next()
    lines = [one.layout().lineAt(at) for one in blocks for at in range(one.layout().lineCount())]
    assert max(line.naturalTextRect().right() for line in lines) <= field.viewport().width()


async def test_what_was_read_before_a_change_was_stored_does_not_take_its_place(window, services, sidebar):
    chat = window.chat_pane.current()
    row = box(sidebar, "temperature")
    before = row.text()
    older = await services.conversations.configure(chat.id, overrides={"temperature": 1.5})
    await until(lambda: row.text() == "1.5", "the change is shown")

    button(sidebar, "reset-all").click()
    sidebar.show_conversation(older)

    assert row.text() == before
    await until_stored(window, services, lambda c: not c.overrides)
    assert row.text() == before


async def test_rows_that_were_hidden_while_the_text_grew_are_not_cut_off(window, theme):
    window.resize(900, 600)
    sections = window.sidebar.findChild(ParameterSections)
    assert not sections.isVisible()
    theme.set_scale(200)
    window.actions_table.action(ActionId.TOGGLE_SIDEBAR).trigger()
    await laid_out(window)
    assert sections.widget().width() == sections.viewport().width()


async def test_another_title_leaves_what_is_being_typed_in_the_sidebar(
    window, services, sidebar, tasks, qtbot
):
    chat = window.chat_pane.current()
    row = sidebar.findChild(QPlainTextEdit, "text-json_schema")
    schema = sidebar.findChild(QPlainTextEdit, "text-grammar")
    schema.setPlainText('root ::= "yes"')
    await sidebar.settle()
    row.setPlainText('{"type": "object"}')
    assert sidebar.configuration.parameters.json_schema == "", "a grammar and a schema do not go together"
    await services.conversations.rename(chat.id, "Another")
    await until(lambda: window.windowTitle() == "Another", "the title")
    await tasks.settle()
    assert row.toPlainText() == '{"type": "object"}'
