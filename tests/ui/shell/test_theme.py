"""Colours can be read, the desktop's choice is followed, and text grows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from desktop.ui.icons import IconName, Icons, from_word
from desktop.ui.theme import PALETTE, READABLE_ON, TextSize, Theme, Token


def _luminance(css: str) -> float:
    """Relative luminance as in WCAG 2.2."""
    shares = [int(css[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(a: str, b: str) -> float:
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


PAIRS = [(text, ground) for text, grounds in READABLE_ON.items() for ground in grounds]


@pytest.mark.parametrize(("text", "ground"), PAIRS, ids=lambda token: token.value)
@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground_it_stands_on(text, ground, mode):
    assert _contrast(PALETTE[text][mode], PALETTE[ground][mode]) >= 4.5


def test_every_token_has_a_colour_in_light_and_dark():
    assert set(PALETTE) == set(Token)


def test_text_tokens_are_all_held_to_the_contrast_rule():
    grounds = {ground for grounds in READABLE_ON.values() for ground in grounds}
    decoration = {Token.BORDER}
    assert set(READABLE_ON) | grounds | decoration == set(Token)


def test_the_system_mode_follows_the_desktop_while_the_app_runs(qapp):
    desktop = {"dark": False}
    theme = Theme(desktop_is_dark=lambda: desktop["dark"])
    tell = QGuiApplication.styleHints().colorSchemeChanged
    desktop["dark"] = True
    tell.emit(Qt.ColorScheme.Dark)
    assert theme.css(Token.SURFACE) == PALETTE[Token.SURFACE][1]
    theme.set_mode("light")
    tell.emit(Qt.ColorScheme.Dark)
    assert not theme.dark, "what the user chose stands"
    theme.set_mode("system")
    assert theme.dark
    desktop["dark"] = False
    tell.emit(Qt.ColorScheme.Light)
    assert not theme.dark


def test_widgets_that_are_already_there_change_colour_and_size(theme, qtbot):
    label = QLabel("Text")
    label.setProperty("tone", "muted")
    small = QLabel("Text")
    small.setProperty("textsize", "small")
    for widget in (label, small):
        qtbot.addWidget(widget)
        widget.show()
    before = label.font().pointSizeF()
    theme.set("dark", 200)
    assert label.palette().color(label.foregroundRole()) == theme.color(Token.TEXT_MUTED)
    assert label.font().pointSizeF() == pytest.approx(2 * before, rel=0.01)
    assert small.font().pointSizeF() == pytest.approx(2 * before * TextSize.SMALL.value, rel=0.01)


@pytest.mark.parametrize("name", list(IconName))
def test_every_icon_is_drawn_in_the_colour_asked_for(name, theme):
    image = Icons(theme).pixmap(name, Token.DANGER, 32).toImage()
    inked = [
        image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 200
    ]
    assert len(inked) > 10
    wanted = theme.color(Token.DANGER)
    assert all(abs(c.red() - wanted.red()) < 12 and abs(c.blue() - wanted.blue()) < 12 for c in inked)


def test_a_button_gets_its_icon_anew_when_the_colours_change(theme, icons, qtbot):
    from PySide6.QtWidgets import QToolButton

    button = QToolButton()
    qtbot.addWidget(button)
    icons.put(button, IconName.NEW, Token.TEXT)
    assert not button.icon().isNull()
    light = button.icon().pixmap(24).toImage()
    theme.set_mode("dark")
    assert button.icon().pixmap(24).toImage() != light


def test_an_icon_a_stranger_made_up_falls_back_to_the_chat():
    assert from_word("no-such-icon") is IconName.CHAT
    assert from_word("code") is IconName.CODE
