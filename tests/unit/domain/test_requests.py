"""Requests, load settings and text: valid as soon as they exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation import Role
from desktop.domain.errors import ParameterError
from desktop.domain.generation import MAX_PREFILL, GenerationRequest, Timing, Turn, timing_dict
from desktop.domain.model import LOAD_RANGES, LoadSettings, load_label
from desktop.domain.parameters import Parameters
from desktop.domain.text import well_formed

TURNS = (Turn(Role.USER, "Hello"),)


@given(st.text(st.characters(), max_size=20))
def test_any_text_can_be_sent_somewhere(text: str) -> None:
    turn = Turn(Role.USER, text)

    turn.content.encode()
    assert len(turn.content) <= len(text)


@given(st.text(max_size=20))
def test_text_that_is_whole_stays_as_it_is(text: str) -> None:
    assert well_formed(text) is text


def test_two_halves_become_one_character_and_a_lone_half_a_mark() -> None:
    assert well_formed("a\ud83d\ude00b") == "a😀b"
    assert well_formed("a\ud83db\ude00") == "a�b�"


@pytest.mark.parametrize("n", [0, -1, 9, 2**63, True, 1.0, "2", None], ids=str)
def test_a_number_of_answers_out_of_range_is_refused(n: object) -> None:
    with pytest.raises(ParameterError, match="between 1 and 8") as refusal:
        GenerationRequest(TURNS, n=n)  # type: ignore[arg-type]

    assert refusal.value.setting == "n"


@pytest.mark.parametrize("alternatives", [-1, 51, 2**63, True, 1.0, "2", float("nan")], ids=str)
def test_a_number_of_alternatives_out_of_range_is_refused(alternatives: object) -> None:
    with pytest.raises(ParameterError, match="between 0 and 50") as refusal:
        GenerationRequest(TURNS, alternatives=alternatives)  # type: ignore[arg-type]

    assert refusal.value.setting == "alternatives"


def test_alternatives_can_be_none_at_all_or_only_the_tokens_own() -> None:
    assert [GenerationRequest(TURNS, alternatives=k).alternatives for k in (None, 0, 50)] == [None, 0, 50]


def test_what_an_answer_begins_with_is_whole_text_of_bounded_length() -> None:
    assert GenerationRequest(TURNS, prefill="Yes \ud83d").prefill == "Yes �"
    assert len(GenerationRequest(TURNS, prefill="x" * MAX_PREFILL).prefill) == MAX_PREFILL
    with pytest.raises(ParameterError, match="at most 100,000 characters") as refusal:
        GenerationRequest(TURNS, prefill="x" * (MAX_PREFILL + 1))

    assert refusal.value.setting == "prefill"


@pytest.mark.parametrize(
    ("values", "reproducible", "expected"),
    [
        ({"temperature": 0.7}, None, False),
        ({"temperature": 0.0}, None, True),
        ({"seed": 0}, None, True),
        ({"seed": 0}, False, False),
        ({"temperature": 0.7}, True, True),
    ],
)
def test_a_request_that_leaves_nothing_to_chance_is_reproducible(
    values: dict[str, float], reproducible: bool | None, expected: bool
) -> None:
    request = GenerationRequest(TURNS, Parameters(**values), reproducible=reproducible)  # type: ignore[arg-type]

    assert request.is_reproducible is expected


@pytest.mark.parametrize("name", LOAD_RANGES)
@pytest.mark.parametrize("value", [-2, 2**31, 2**63, -(2**63), 1.5, float("nan"), "4", None, True], ids=str)
def test_a_load_setting_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ParameterError, match=f"{load_label(name)} must be between") as refusal:
        LoadSettings(**{name: value})  # type: ignore[arg-type]

    assert refusal.value.setting == name


@pytest.mark.parametrize("name", LOAD_RANGES)
def test_the_limits_of_the_load_settings_are_allowed(name: str) -> None:
    for value in LOAD_RANGES[name]:
        assert getattr(LoadSettings(**{name: value}), name) == value  # type: ignore[arg-type]


def test_times_are_rounded_for_reading() -> None:
    assert timing_dict(Timing(1.23456789, 0.1, 0.2, 31.41592)) == {
        "load_s": 1.234568,
        "prompt_s": 0.1,
        "first_token_s": 0.2,
        "tokens_per_s": 31.416,
    }
