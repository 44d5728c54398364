"""Errors, settings and presets as values."""

import dataclasses
from typing import Any

import pytest

from desktop.domain import errors
from desktop.domain.errors import BY_CODE, LocutionError, PresetError
from desktop.domain.parameters import Parameters
from desktop.domain.preset import MAX_TEXT, from_mapping
from desktop.domain.settings import Setting


def test_every_error_has_a_code_of_its_own_and_is_in_the_drawing() -> None:
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, LocutionError)
    ]

    assert sorted(kind.code for kind in classes) == sorted(BY_CODE)
    for kind in classes:
        assert f"{kind.__name__} " in (errors.__doc__ or "")
        if kind is not LocutionError:
            assert kind.code in (errors.__doc__ or "")


def test_an_error_reads_as_what_happened_and_what_helps() -> None:
    assert str(LocutionError("It rained.", action="Take an umbrella.")) == "It rained. Take an umbrella."
    assert str(LocutionError("It rained.")) == "It rained."


# Settings


@pytest.mark.parametrize("setting", Setting)
def test_every_default_may_be_stored(setting: Setting) -> None:
    assert setting.accept(setting.default) == setting.default
    assert setting.key == setting.key.lower()


@pytest.mark.parametrize(
    ("setting", "value", "kept"),
    [
        (Setting.THEME, "dark", True),
        (Setting.THEME, "pink", False),
        (Setting.THEME, 1, False),
        (Setting.TEXT_SCALE, 200, True),
        (Setting.TEXT_SCALE, 201, False),
        (Setting.TEXT_SCALE, True, False),
        (Setting.TEXT_SCALE, float("nan"), False),
        (Setting.ENTER_SENDS, False, True),
        (Setting.ENTER_SENDS, 0, False),
        (Setting.THREADS, -1, False),
        (Setting.RECENT_MODELS, ["a"], True),
        (Setting.RECENT_MODELS, None, False),
    ],
)
def test_a_stored_value_that_does_not_fit_gives_the_default(
    setting: Setting, value: object, kept: bool
) -> None:
    assert setting.accept(value) == (value if kept else setting.default)


# Presets


def test_a_preset_takes_what_its_file_says_and_the_defaults_for_the_rest() -> None:
    preset = from_mapping(
        "pirate",
        {"name": " Pirate ", "order": 3, "examples": ["Ahoy"], "parameters": {"temperature": 1}},
    )

    assert (preset.name, preset.order, preset.examples) == ("Pirate", 3, ("Ahoy",))
    assert preset.parameters == dataclasses.replace(Parameters(), temperature=1.0)
    assert preset.icon == "chat"


@pytest.mark.parametrize(
    ("preset_id", "data", "words"),
    [
        ("../etc", {"name": "x"}, "cannot be a preset's id"),
        ("CON:", {"name": "x"}, "cannot be a preset's id"),
        ("", {"name": "x"}, "cannot be a preset's id"),
        ("a" * 65, {"name": "x"}, "cannot be a preset's id"),
        ("a", {}, "name must be a text"),
        ("a", {"name": " "}, "name must be a text"),
        ("a", {"name": 5}, "name must be a text"),
        ("a", {"name": "x" * (MAX_TEXT + 1)}, "name must be a text"),
        ("a", {"name": "x", "run": "rm"}, "there is no field “run”"),
        ("a", {"name": "x", "order": 1.5}, "order must be a whole number"),
        ("a", {"name": "x", "order": True}, "order must be a whole number"),
        ("a", {"name": "x", "examples": "one"}, "examples must be a list"),
        ("a", {"name": "x", "examples": [1]}, "examples must be a list"),
        ("a", {"name": "x", "parameters": []}, "parameters must be a table"),
        ("a", {"name": "x", "parameters": {"temperature": 9}}, "Temperature must be between 0 and 5"),
        ("a", {"name": "x", "parameters": {"temperature": float("nan")}}, "Temperature needs a number"),
        ("a", {"name": "x", "parameters": {"heat": 1}}, "no parameter “heat”"),
        ("a", {"name": "x", "parameters": {5: 1}}, "no parameter “5”"),
    ],
)
def test_a_preset_of_a_stranger_is_refused_where_it_is_wrong(
    preset_id: str, data: dict[str, Any], words: str
) -> None:
    with pytest.raises(PresetError, match=words):
        from_mapping(preset_id, data)
