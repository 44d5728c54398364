"""Parameters: what is refused, in which words, and what comes out of what was typed."""

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.errors import ParameterError
from desktop.domain.parameters import (
    MAX_SEED,
    MAX_STOP_LENGTH,
    MAX_STOP_SEQUENCES,
    NAMES,
    SPEC_BY_NAME,
    SPECS,
    Parameters,
    Spec,
    as_dict,
    make,
    parse,
)

NUMERIC = [spec.name for spec in SPECS]
HUGE = 10**400
"""Too large for a float: comparing it with one must not blow up either."""


def test_every_parameter_but_the_stop_sequences_is_in_the_table() -> None:
    assert {*NUMERIC, "stop"} == set(NAMES) == {field.name for field in fields(Parameters)}


def test_the_defaults_are_valid_and_within_what_the_slider_shows() -> None:
    defaults = as_dict(Parameters())

    assert make(defaults) == Parameters()
    for spec in SPECS:
        value = defaults[spec.name]
        assert isinstance(value, int | float)
        assert spec.usual[0] <= value <= spec.usual[1]


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        HUGE,
        -HUGE,
        1e308,
        -1e308,
        2**63,
        -(2**63),
        -1.5,
        "0.5",
        None,
        True,
        [1],
        {},
        b"1",
        1j,
    ],
    ids=str,
)
def test_what_is_no_sensible_number_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ParameterError) as refusal:
        make({name: value})

    assert refusal.value.setting == name
    assert SPEC_BY_NAME[name].label in refusal.value.message
    with pytest.raises(ParameterError):
        Parameters(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NUMERIC)
def test_the_limits_are_allowed_and_the_next_value_is_not(name: str) -> None:
    spec = SPEC_BY_NAME[name]

    for value in (spec.minimum, spec.maximum):
        assert getattr(make({name: value}), name) == value
    for value in (_below(spec), _above(spec)):
        with pytest.raises(ParameterError, match=f"{spec.label} must be between"):
            make({name: value})


def _below(spec: Spec) -> float:
    return spec.minimum - 1 if spec.integer else math.nextafter(spec.minimum, -math.inf)


def _above(spec: Spec) -> float:
    return spec.maximum + 1 if spec.integer else math.nextafter(spec.maximum, math.inf)


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({"top_k": 0}, True),
        ({"temperature": 0}, True),
        ({"min_p": 1}, True),
        ({"top_p": 0}, True),
        ({"max_tokens": 0}, False),
        ({"max_tokens": 1}, True),
        ({"seed": -1}, True),
        ({"seed": -2}, False),
        ({"seed": 2**32 - 2}, True),
        ({"seed": 2**32 - 1}, False),
        ({"seed": 2**32}, False),
        ({"seed": 2**63}, False),
        ({"top_k": 40.0}, True),
        ({"top_k": 40.5}, False),
    ],
    ids=str,
)
def test_the_ends_of_the_ranges_are_where_they_should_be(values: dict[str, float], fits: bool) -> None:
    if fits:
        make(values)
    else:
        with pytest.raises(ParameterError):
            make(values)


@pytest.mark.parametrize("name", NUMERIC)
@given(value=st.one_of(st.integers(), st.floats(), st.text(max_size=3), st.none(), st.booleans()))
def test_whatever_is_given_comes_out_in_range_and_of_its_type_or_is_refused(name: str, value: object) -> None:
    spec = SPEC_BY_NAME[name]
    try:
        taken = getattr(make({name: value}), name)
    except ParameterError:
        return

    assert type(taken) is (int if spec.integer else float)
    assert spec.minimum <= taken <= spec.maximum
    assert taken == value


def test_seeds_are_those_that_llama_cpp_takes_as_they_are() -> None:
    assert MAX_SEED == 2**32 - 2


def test_what_is_not_given_stays_as_it_is_in_the_base() -> None:
    base = make({"temperature": 0.1, "seed": 5})

    assert make({"seed": 6}, base) == Parameters(temperature=0.1, seed=6)


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ParameterError, match=r"no parameter “heat”. Known: max_tokens, temperature"):
        make({"heat": 1})
    with pytest.raises(ParameterError, match="no parameter “heat”"):
        parse("heat", "1")


# Stop sequences


def test_stop_sequences_are_kept_once_each_and_empty_ones_not_at_all() -> None:
    assert make({"stop": ["b", "", "a", "b"]}).stop == ("b", "a")
    assert make({"stop": "\n"}).stop == ("\n",)
    assert make({"stop": ()}).stop == ()


def test_half_a_surrogate_in_a_stop_sequence_is_replaced() -> None:
    assert make({"stop": ["\ud83d"]}).stop == ("�",)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "must be texts"),
        ([1], "must be texts"),
        (None, "must be texts"),
        ({"a": 1}, "must be texts"),
        ([str(n) for n in range(MAX_STOP_SEQUENCES + 1)], "At most 16"),
        (["x" * (MAX_STOP_LENGTH + 1)], "up to 200 characters"),
    ],
    ids=["a number", "numbers", "nothing", "a table", "too many", "too long"],
)
def test_stop_sequences_that_are_none_are_refused(value: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words) as refusal:
        make({"stop": value})

    assert refusal.value.setting == "stop"


# As typed


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("temperature", "0.5", 0.5),
        ("temperature", " 1 ", 1.0),
        ("top_k", "40", 40),
        ("seed", "-1", -1),
        ("stop", r"\n\tEnd", ("\n\tEnd",)),
    ],
)
def test_what_is_typed_is_understood(name: str, text: str, value: object) -> None:
    assert parse(name, text) == value
    make({name: parse(name, text)})


@pytest.mark.parametrize(
    ("name", "text"), [("temperature", "warm"), ("top_k", "4.5"), ("seed", ""), ("seed", "9" * 5000)]
)
def test_what_is_typed_and_no_number_is_refused(name: str, text: str) -> None:
    with pytest.raises(ParameterError, match=f"{name} needs a number") as refusal:
        parse(name, text)

    assert len(refusal.value.message) < 200


def test_a_number_typed_as_nan_is_refused_when_it_is_used() -> None:
    with pytest.raises(ParameterError, match="Temperature needs a number"):
        make({"temperature": parse("temperature", "nan")})


# Words


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_parameter_has_words_for_its_whole_range(spec: Spec) -> None:
    assert spec.help.endswith(".")
    assert spec.recommended
    assert spec.usual[0] >= spec.minimum
    assert spec.usual[1] <= spec.maximum
    assert spec.off is None or spec.minimum <= spec.off <= spec.maximum
    limits = [limit for limit, _ in spec.bands]
    assert limits == sorted(limits)
    if spec.bands:
        assert spec.band(spec.minimum)
        assert spec.band(spec.maximum)


def test_the_word_for_a_value_is_that_of_its_band() -> None:
    temperature = SPEC_BY_NAME["temperature"]

    assert [temperature.band(value) for value in (0.0, 0.01, 0.7, 0.91, 2.0)] == [
        "always the likeliest",
        "predictable",
        "balanced",
        "creative",
        "wild",
    ]
    assert SPEC_BY_NAME["max_tokens"].band(5) == ""
