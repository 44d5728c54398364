"""The settings page: what is chosen there takes effect at once and is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSlider, QWidget

from desktop.domain.errors import ParameterError
from desktop.domain.model import make_load_settings
from desktop.domain.settings import LOAD_SETTINGS, Setting
from desktop.services.assembly import open_services
from desktop.services.spelling import SpellingService
from desktop.system.paths import Locations
from desktop.ui.actions import Actions
from desktop.ui.keys_page import KeysPage
from desktop.ui.settings.chat import ChatCard
from desktop.ui.settings.pane import SettingsPane
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.number_box import NumberBox
from desktop.ui.widgets.segments import Segments
from desktop.ui.widgets.toggle import Toggle
from tests.helpers.qt_loop import until


@pytest.fixture
def pane(window):
    window.show_pane(4)
    return window.findChild(SettingsPane)


def segment(pane, value) -> QPushButton:
    return pane.findChild(QPushButton, f"segment-{value}")


async def test_dark_is_dark_at_once(window, pane, theme, services, qapp):
    from desktop.domain.changes import Kind

    services.bus.subscribe(
        lambda change: (
            theme.set_mode(services.settings.text(Setting.THEME)) if change.kind is Kind.SETTINGS else None
        )
    )
    segment(pane, "dark").click()
    assert theme.dark
    image = window.grab().toImage()
    assert image.pixelColor(image.width() // 2, image.height() - 60).lightness() < 60
    segment(pane, "light").click()
    image = window.grab().toImage()
    assert image.pixelColor(image.width() // 2, image.height() - 60).lightness() > 200


async def test_the_choices_are_there_after_a_restart(pane, services, data_dir):
    segment(pane, "dark").click()
    segment(pane, "ctrl-enter").click()
    slider = pane.findChild(QSlider, "text-scale")
    slider.setValue(15)
    pane.findChild(NumberBox, "context-length").setValue(4096)
    pane.findChild(NumberBox, "threads").setValue(3)
    await services.settings.aclose()
    async with open_services(Locations.below(data_dir)) as again:
        settings = again.settings
        assert settings.text(Setting.THEME) == "dark"
        assert settings.flag(Setting.ENTER_SENDS) is False
        assert settings.number(Setting.TEXT_SCALE) == 150
        assert settings.number(Setting.CONTEXT_LENGTH) == 4096
        assert settings.number(Setting.THREADS) == 3


async def test_the_page_shows_what_is_set(window, services):
    services.settings.put(Setting.THEME, "dark")
    services.settings.put(Setting.TEXT_SCALE, 130)
    services.settings.put(Setting.ENTER_SENDS, False)
    window.show_pane(4)
    pane = window.findChild(SettingsPane)
    assert pane.theme_choice.value() == "dark"
    assert pane.chat.send_choice.value() == "ctrl-enter"
    assert any(label.text() == "130 %" for label in pane.findChildren(QLabel))
    services.settings.put(Setting.THEME, "light")
    assert pane.theme_choice.value() == "light"


async def test_who_names_chats_and_what_is_told_is_chosen_here(pane, services):
    assert pane.chat.titles.value() == "capable" and pane.chat.notify.isChecked()
    segment(pane, "always").click()
    pane.chat.notify.click()
    assert services.settings.text(Setting.AUTO_TITLES) == "always"
    assert services.settings.flag(Setting.NOTIFY) is False
    services.settings.put(Setting.AUTO_TITLES, "never")
    services.settings.put(Setting.NOTIFY, True)
    assert pane.chat.titles.value() == "never" and pane.chat.notify.isChecked()


async def test_the_keys_and_the_trash_are_reached_from_here(window, pane):
    pane.findChild(QPushButton, "settings-keys").click()
    window.findChild(KeysPage).reject()
    assert "30 days" in " ".join(label.text() for label in pane.findChildren(QLabel))
    pane.findChild(QPushButton, "settings-trash").click()
    await until(lambda: window.chat_pane.isVisible(), "the chats")


async def test_text_size_stays_between_80_and_200(pane, services):
    slider = pane.findChild(QSlider, "text-scale")
    slider.setValue(1)
    assert services.settings.number(Setting.TEXT_SCALE) == 80
    slider.setValue(99)
    assert services.settings.number(Setting.TEXT_SCALE) == 200


async def test_zero_means_automatic(pane):
    assert pane.findChild(NumberBox, "context-length").text() == "automatic"
    assert pane.findChild(NumberBox, "threads").text() == "automatic"


async def test_read_chats_are_kept_within_a_limit_or_not_at_all(pane, services):
    box = pane.findChild(NumberBox, "kept-states")
    assert box.value() == 2000
    box.setValue(0)
    assert box.text() == "keep nothing"
    assert services.settings.number(Setting.KEPT_STATES) == 0


async def test_the_model_can_be_loaded_again_with_a_new_context_length(window, pane, services, model_path):
    await services.models.use(model_path)
    pane.findChild(NumberBox, "context-length").setValue(2048)
    pane.findChild(QPushButton, "reload-model").click()
    await until(lambda: "2,048" in window.status_line.text())


ADVANCED = {
    Setting.GPU_LAYERS: 12,
    Setting.MMAP: False,
    Setting.MLOCK: True,
    Setting.CACHE_TYPE_K: "q8_0",
    Setting.CACHE_TYPE_V: "q4_0",
    Setting.FLASH_ATTENTION: "on",
    Setting.ROPE_SCALING: "yarn",
    Setting.ROPE_FREQ_BASE: 500_000.0,
    Setting.ROPE_FREQ_SCALE: 0.25,
}


def choose(pane, setting, value) -> None:
    """As a user does it."""
    control = pane.advanced.control(setting)
    match control:
        case NumberBox():
            control.setValue(value)
        case Toggle():
            if control.isChecked() != value:
                control.click()
        case Segments():
            segment(control, value).click()


async def test_advanced_settings_are_stored_and_a_model_is_loaded_with_them(pane, services, data_dir):
    assert set(ADVANCED) == set(LOAD_SETTINGS) - {Setting.CONTEXT_LENGTH, Setting.THREADS}
    for setting, value in ADVANCED.items():
        choose(pane, setting, value)

    wanted = {setting.key: value for setting, value in ADVANCED.items()}
    assert services.models.load_settings() == make_load_settings(wanted)
    await services.settings.aclose()
    async with open_services(Locations.below(data_dir)) as again:
        assert {setting.key: again.settings.get(setting) for setting in ADVANCED} == wanted


async def test_advanced_settings_show_what_is_set_and_explain_themselves(pane, services):
    assert pane.advanced.control(Setting.GPU_LAYERS).text() == "as many as fit"
    assert pane.advanced.control(Setting.ROPE_FREQ_BASE).text() == "the model's"
    for setting, value in ADVANCED.items():
        services.settings.put(setting, value)
        control = pane.advanced.control(setting)
        match control:
            case NumberBox():
                assert control.number() == value
            case Toggle():
                assert control.isChecked() is value
            case Segments():
                assert control.value() == value
        assert control.accessibleName()
        assert control.toolTip()
    assert services.models.load_settings().cache_type_v == "q4_0"


async def test_settings_that_exclude_each_other_are_said_at_the_load(window, pane, services, model_path):
    choose(pane, Setting.CACHE_TYPE_V, "q4_0")
    choose(pane, Setting.FLASH_ATTENTION, "off")
    with pytest.raises(ParameterError, match="need flash attention"):
        await services.models.use(model_path)
    choose(pane, Setting.FLASH_ATTENTION, "auto")
    assert (await services.models.use(model_path)).name == "Lantern 7B"


async def test_the_arrows_move_between_segments_and_tab_passes_them(window, pane, qtbot):
    window.activateWindow()
    system = segment(pane, "system")
    system.setFocus()
    qtbot.keyClick(system, Qt.Key.Key_Right)
    assert pane.theme_choice.value() == "light"
    assert segment(pane, "light").focusPolicy() & Qt.FocusPolicy.TabFocus
    assert not segment(pane, "dark").focusPolicy() & Qt.FocusPolicy.TabFocus


async def test_all_controls_stand_in_one_line_at_any_text_size(pane, theme):
    for scale in (100, 200):
        theme.set_scale(scale)
        advanced = [pane.advanced.control(setting) for setting in ADVANCED]
        controls = [pane.theme_choice, pane.chat.send_choice, pane.context_length, pane.threads, *advanced]
        await until(
            lambda: len({one.mapTo(pane, QPoint()).x() for one in controls}) == 1,  # noqa: B023
            "one left edge",
        )


class Dictionary:
    """Knows every word."""

    def check(self, word: str) -> bool:
        return bool(word)

    def suggest(self, word: str) -> list[str]:
        return [word]

    def add(self, word: str) -> None:
        pass


@pytest.mark.parametrize("speller", [Dictionary(), None])
async def test_the_switch_for_spelling_rests_where_there_is_no_dictionary(
    services, tasks, theme, icons, speller
):
    spelling = SpellingService(lambda _locales: speller)
    place = QWidget()
    card = ChatCard(Toolkit(replace(services, spelling=spelling), tasks, theme, icons, Actions(place)))
    card.fill()
    assert card.spell_check.isChecked() and card.spell_check.isEnabled()
    card.show()
    await until(lambda: spelling._is_open, "it was looked for")
    await tasks.settle()
    said = [label.text() for label in card.findChildren(QLabel)]
    assert card.spell_check.isEnabled() is (speller is not None)
    assert any("nor the package" in text for text in said) is (speller is None)
    if speller is not None:
        card.spell_check.click()
        assert not services.settings.flag(Setting.SPELL_CHECK)
    await spelling.aclose()
    card.hide()
    shiboken6.delete(card)
    shiboken6.delete(place)
