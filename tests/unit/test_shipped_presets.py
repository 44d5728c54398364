"""The presets that come with the app are what the empty chat shows; each must be whole and usable."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from desktop.domain.preset import DEFAULT_ID, Preset, from_mapping

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
FILES = sorted((RESOURCES / "presets").glob("*.toml"))


def _read(path: Path) -> Preset:
    return from_mapping(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))


def test_the_four_modes_are_there_and_the_chatbot_comes_first():
    presets = sorted((_read(path) for path in FILES), key=lambda preset: preset.order)
    assert {"chatbot", "translation", "summarization", "code-assist"} <= {preset.id for preset in presets}
    assert presets[0].id == DEFAULT_ID


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_preset_fills_its_card_on_the_empty_chat(path):
    preset = _read(path)
    assert preset.description and preset.placeholder and preset.system_prompt
    assert 2 <= len(preset.examples) <= 4
    assert all(example.strip() for example in preset.examples)
    assert (RESOURCES / "icons" / f"{preset.icon}.svg").is_file()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_instructions_leave_room_in_a_small_context(path):
    assert len(_read(path).system_prompt) < 1000  # characters, about 250 tokens of a context of 2,048


def test_tasks_with_one_right_answer_stay_near_the_likeliest_token():
    temperature = {path.stem: _read(path).parameters.temperature for path in FILES}
    assert max(temperature["translation"], temperature["code-assist"]) <= 0.3 < temperature["chatbot"]
