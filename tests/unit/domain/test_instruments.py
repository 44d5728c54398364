"""Requests for measurements: valid as soon as they exist."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation import Role
from desktop.domain.errors import ParameterError
from desktop.domain.generation import MAX_PREFILL, Turn
from desktop.domain.instruments import (
    MAX_BEAMS,
    MAX_SHOWN,
    MAX_TEXTS,
    POOLINGS,
    BeamRequest,
    DistributionRequest,
    EmbedRequest,
    InstrumentRequest,
    ScoreRequest,
)

TURNS = (Turn(Role.USER, "Hello"),)
HALF = "\ud83d"
MAKE: dict[str, Callable[..., InstrumentRequest]] = {
    "window": lambda value: ScoreRequest("x", window=value),
    "stride": lambda value: ScoreRequest("x", stride=value),
    "top": lambda value: DistributionRequest(TURNS, top=value),
    "width": lambda value: BeamRequest(TURNS, width=value),
    "max_tokens": lambda value: BeamRequest(TURNS, max_tokens=value),
}
LIMITS = {
    "window": (0, 1_048_576),
    "stride": (0, 1_048_576),
    "top": (1, MAX_SHOWN),
    "width": (1, MAX_BEAMS),
    "max_tokens": (1, 1_000_000),
}
PREFILLED: list[Callable[[str], DistributionRequest | BeamRequest]] = [
    lambda text: DistributionRequest(TURNS, prefill=text),
    lambda text: BeamRequest(TURNS, prefill=text),
]


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize(
    "value", [-1, 2**31, 10**400, 1.0, float("nan"), "4", None, True, []], ids=lambda v: f"{v!s:.9}"
)
def test_a_number_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ParameterError, match="must be between") as refusal:
        MAKE[name](value)

    assert refusal.value.setting == name


@pytest.mark.parametrize("name", MAKE)
def test_the_limits_are_allowed_and_the_next_number_is_not(name: str) -> None:
    least, most = LIMITS[name]

    for value in (least, most):
        assert getattr(MAKE[name](value), name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(ParameterError):
            MAKE[name](value)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_windows_leave_no_text_out(window: int, stride: int) -> None:
    if window and stride > window:
        with pytest.raises(ParameterError, match="at most as long as the window") as refusal:
            ScoreRequest("x", window, stride)
        assert refusal.value.setting == "stride"
    else:
        ScoreRequest("x", window, stride)


@pytest.mark.parametrize("make", PREFILLED)
def test_a_beginning_is_whole_text_of_bounded_length(
    make: Callable[[str], DistributionRequest | BeamRequest],
) -> None:
    assert make(HALF).prefill == "�"
    assert len(make("x" * MAX_PREFILL).prefill) == MAX_PREFILL
    with pytest.raises(ParameterError, match="at most 100,000 characters") as refusal:
        make("x" * (MAX_PREFILL + 1))
    assert refusal.value.setting == "prefill"


def test_any_text_can_be_measured() -> None:
    assert ScoreRequest(HALF).text == "�"
    assert EmbedRequest((HALF, "")).texts == ("�", "")


@pytest.mark.parametrize("count", [0, MAX_TEXTS + 1])
def test_too_few_or_too_many_texts_are_refused(count: int) -> None:
    assert len(EmbedRequest(("x",) * MAX_TEXTS).texts) == MAX_TEXTS
    with pytest.raises(ParameterError, match="Texts must be between 1 and 1,000"):
        EmbedRequest(("x",) * count)


def test_a_pooling_is_one_of_those_that_there_are() -> None:
    assert [EmbedRequest(("x",), pooling).pooling for pooling in ("", *POOLINGS)] == ["", *POOLINGS]
    with pytest.raises(ParameterError, match="Pooling is one of: mean, cls, last") as refusal:
        EmbedRequest(("x",), "max")
    assert refusal.value.setting == "pooling"
