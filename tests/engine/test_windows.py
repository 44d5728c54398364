"""Sliding layers that keep little more than their window: what they left behind is not taken for granted."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.conversation import Role
from desktop.domain.generation import Turn
from desktop.engine.worker.llama import context, load_params
from tests.helpers.native_core import SMALL, Driven, driven
from tests.helpers.tiny_models import WINDOW, TinyModels

# The sliding cells hold a window for each sequence and a batch, in blocks of 256: one such block here.
SETTINGS = replace(SMALL, sequences=2, context_length=2048)
NOTES = " ".join(f"On day {day} they made it to sea number {day * 37 % 91}." for day in range(14))
FIRST = Turn(Role.USER, f"Now look at this. {NOTES}")


@pytest.fixture
def model(tiny_models: TinyModels) -> Path:
    return tiny_models["sliding"]


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """As little as the layers need, in place of cells for the whole context."""
    usual = load_params.context_params

    def params(*arguments: object, **values: object) -> object:
        made = usual(*arguments, **values)  # type: ignore[arg-type]
        made.swa_full = False
        return made

    monkeypatch.setattr(context, "context_params", params)


@pytest.fixture
def core(model: Path, small_windows: None) -> Iterator[Driven]:
    with driven(model, settings=SETTINGS) as core:
        yield core


def cold(model: Path, *turns: Turn, reproducible: bool) -> str:
    with driven(model, settings=SETTINGS) as fresh:
        return fresh.ask(*turns, reproducible=reproducible).text


@pytest.mark.parametrize("reproducible", [True, False], ids=["reproducible", "free"])
def test_what_the_window_left_behind_is_read_again(core: Driven, model: Path, reproducible: bool) -> None:
    core.ask(FIRST, reproducible=reproducible, max_tokens=5 * WINDOW)
    again = core.ask(FIRST, reproducible=reproducible)

    assert again.reused == 0
    assert again.text == cold(model, FIRST, reproducible=reproducible)


@pytest.mark.parametrize("reproducible", [True, False], ids=["reproducible", "free"])
def test_the_end_of_a_long_text_can_be_gone_on_from(core: Driven, model: Path, reproducible: bool) -> None:
    first = core.ask(FIRST, reproducible=reproducible, max_tokens=1)
    turns = (FIRST, Turn(Role.ASSISTANT, first.text), Turn(Role.USER, "And then?"))
    second = core.ask(*turns, reproducible=reproducible)

    assert second.reused > 0
    assert second.text == cold(model, *turns, reproducible=reproducible)
