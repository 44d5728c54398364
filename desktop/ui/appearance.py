"""The commands for the theme and the size of all text, which the settings keep. Main thread."""

from __future__ import annotations

from functools import partial

from desktop.domain.settings import Setting
from desktop.services.settings import SettingsService
from desktop.ui.actions import ActionId, Actions

SCALE_STEP = 10
"""Per cent."""
_THEMES = {
    ActionId.THEME_LIGHT: "light",
    ActionId.THEME_DARK: "dark",
    ActionId.THEME_SYSTEM: "system",
}


def carry_out(actions: Actions, settings: SettingsService) -> None:
    """Connects them; what follows from a setting is done by whoever follows the settings."""
    for action_id, theme in _THEMES.items():
        actions.action(action_id).triggered.connect(partial(_choose, settings, theme))
    for action_id, step in ((ActionId.TEXT_LARGER, SCALE_STEP), (ActionId.TEXT_SMALLER, -SCALE_STEP)):
        actions.action(action_id).triggered.connect(partial(_grow, settings, step))
    actions.action(ActionId.TEXT_NORMAL).triggered.connect(partial(_grow, settings, 0))


def _choose(settings: SettingsService, theme: str, _checked: bool = False) -> None:
    settings.put(Setting.THEME, theme)


def _grow(settings: SettingsService, step: int, _checked: bool = False) -> None:
    """By a step as far as that goes; a step of 0 is back to the usual size."""
    low, high = Setting.TEXT_SCALE.value.limits or (80, 200)
    size = int(settings.number(Setting.TEXT_SCALE)) + step if step else Setting.TEXT_SCALE.default
    assert isinstance(size, int)
    settings.put(Setting.TEXT_SCALE, int(max(low, min(size, high))))
