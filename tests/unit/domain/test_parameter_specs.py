"""Each kind of parameter: what it refuses, in which words, and what comes out of what was typed."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.errors import ParameterError
from desktop.domain.parameter_specs import MAX_SEED, SAMPLERS, SPECS, Group, Number, Spec
from desktop.domain.parameters import SPEC_BY_NAME, Parameters, make, parse

NUMBERS = {spec.name: spec for spec in SPECS if isinstance(spec, Number)}
HUGE = 10**400
"""Too large for a float: comparing it with one must not blow up either."""
UNPRINTABLE = 10**5000
"""Python refuses to write it out; a message must not try to."""

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5)
anything = st.recursive(
    plain | st.binary(max_size=3) | st.just(HUGE) | st.sampled_from(SAMPLERS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@given(value=anything)
def test_whatever_is_given_is_kept_whole_or_refused_by_name(spec: Spec, value: object) -> None:
    try:
        kept = spec.check(value)
    except ParameterError as refusal:
        assert refusal.setting == spec.name
        assert len(refusal.message) < 300
        assert refusal.message.encode()
    else:
        assert spec.check(kept) == kept
        hash(kept)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@given(text=st.text(st.characters(), max_size=12))
def test_whatever_is_typed_is_understood_or_refused(spec: Spec, text: str) -> None:
    try:
        make({spec.name: parse(spec.name, text)})
    except ParameterError as refusal:
        assert refusal.setting == spec.name
        assert len(refusal.message) < 300


def test_a_bare_spec_checks_nothing_by_itself() -> None:
    with pytest.raises(NotImplementedError):
        Spec("name", "Label", Group.OUTPUT, "Help.").check(1)


# Numbers


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        HUGE,
        -HUGE,
        UNPRINTABLE,
        1e308,
        -1e308,
        2**63,
        -(2**63),
        -2.5,
        "0.5",
        None,
        True,
        [1],
        {},
        b"1",
        1j,
    ],
    ids=lambda value: f"{value!s:.12}" if value != UNPRINTABLE else "unprintable",
)
def test_what_is_no_sensible_number_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ParameterError) as refusal:
        make({name: value})

    assert refusal.value.setting == name
    assert NUMBERS[name].label in refusal.value.message
    with pytest.raises(ParameterError):
        Parameters(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("spec", NUMBERS.values(), ids=lambda spec: spec.name)
def test_the_limits_are_allowed_and_the_next_value_is_not(spec: Number) -> None:
    for value in (spec.minimum, spec.maximum):
        assert getattr(make({spec.name: value}), spec.name) == value
    for value in (_below(spec), _above(spec)):
        with pytest.raises(ParameterError, match=f"{spec.label} must be between"):
            make({spec.name: value})


def _below(spec: Number) -> float:
    return spec.minimum - 1 if spec.integer else math.nextafter(spec.minimum, -math.inf)


def _above(spec: Number) -> float:
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
        ({"penalty_window": -1}, True),
        ({"dry_window": -2}, False),
        ({"presence_penalty": -2}, True),
        ({"dry_base": 0.99}, False),
        ({"dynatemp_exponent": 0}, False),
        ({"adaptive_decay": 1}, False),
        ({"thinking_budget": -1}, True),
        ({"thinking_budget": 0}, True),
    ],
    ids=str,
)
def test_the_ends_of_the_ranges_are_where_they_should_be(values: dict[str, float], fits: bool) -> None:
    if fits:
        make(values)
    else:
        with pytest.raises(ParameterError):
            make(values)


@pytest.mark.parametrize("spec", NUMBERS.values(), ids=lambda spec: spec.name)
@given(value=plain)
def test_a_number_comes_out_in_range_and_of_its_type_or_is_refused(spec: Number, value: object) -> None:
    try:
        taken = getattr(make({spec.name: value}), spec.name)
    except ParameterError:
        return

    assert type(taken) is (int if spec.integer else float)
    assert spec.minimum <= taken <= spec.maximum
    assert taken == value


def test_seeds_are_those_that_llama_cpp_takes_as_they_are() -> None:
    assert MAX_SEED == 2**32 - 2


# Switches and choices


@pytest.mark.parametrize("value", [0, 1, "on", None, math.nan, []], ids=str)
def test_a_switch_is_on_or_off_and_nothing_else(value: object) -> None:
    with pytest.raises(ParameterError, match="Ignore the end is either on or off"):
        make({"ignore_eos": value})


@pytest.mark.parametrize("value", ["V1", "", None, 1, True, ["v1"], ("off",), {}], ids=str)
def test_a_choice_is_one_of_those_that_there_are(value: object) -> None:
    with pytest.raises(ParameterError, match="Mirostat must be one of: off, v1, v2"):
        make({"mirostat": value})


# Texts


@pytest.mark.parametrize("value", [5, None, b"x", ["x"], True], ids=str)
def test_a_grammar_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(ParameterError, match="Grammar must be a text"):
        make({"grammar": value})


def test_a_grammar_beyond_all_bounds_is_refused() -> None:
    assert len(make({"grammar": "x" * 100_000}).grammar) == 100_000
    with pytest.raises(ParameterError, match="at most 100,000 characters"):
        make({"grammar": "x" * 100_001})


def test_half_a_surrogate_is_replaced_wherever_a_text_can_be() -> None:
    half = "\ud83d"
    values = {"stop": [half], "banned": half, "grammar": half, "logit_bias": [[half, 1]]}

    parameters = make(values)

    assert (parameters.stop, parameters.banned, parameters.grammar) == (("�",), ("�",), "�")
    assert parameters.logit_bias == (("�", 1.0),)


def test_stop_sequences_are_kept_once_each_and_empty_ones_not_at_all() -> None:
    assert make({"stop": ["b", "", "a", "b"]}).stop == ("b", "a")
    assert make({"stop": "\n"}).stop == ("\n",)
    assert make({"stop": ()}).stop == ()
    assert make({"stop": ["\ud83d", "\ude00"]}).stop == ("�",)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "must be texts"),
        ([1], "must be texts"),
        (None, "must be texts"),
        ({"a": 1}, "must be texts"),
        ([str(n) for n in range(17)], "at most 16"),
        (["x" * 201], "up to 200 characters"),
    ],
    ids=["a number", "numbers", "nothing", "a table", "too many", "too long"],
)
def test_stop_sequences_that_are_none_are_refused(value: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words) as refusal:
        make({"stop": value})

    assert refusal.value.setting == "stop"


# The order of the samplers


def test_samplers_can_be_put_in_any_order_and_left_out() -> None:
    assert make({"samplers": list(reversed(SAMPLERS))}).samplers == tuple(reversed(SAMPLERS))
    assert make({"samplers": ["temperature"]}).samplers == ("temperature",)
    assert make({"samplers": ()}).samplers == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("top_k", "must be a list"),
        (None, "must be a list"),
        ({"top_k"}, "must be a list"),
        (["top_k", "top_k"], "names a sampler twice"),
        (["heat"], "no sampler “heat”"),
        ([["top_k"]], "no sampler like that"),
        ([UNPRINTABLE], "no sampler like that"),
        (["x" * 10_000], "no sampler “xxx"),
    ],
    ids=["a text", "nothing", "a set", "twice", "unknown", "nested", "unprintable", "long"],
)
def test_an_order_that_is_none_is_refused_in_few_words(value: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words) as refusal:
        make({"samplers": value})

    assert len(refusal.value.message) < 200


# Biases


def test_biases_name_a_token_or_a_text() -> None:
    assert make({"logit_bias": [[17, -5], ("word", 2.5)]}).logit_bias == ((17, -5.0), ("word", 2.5))
    assert make({"logit_bias": {"word": 1}}).logit_bias == (("word", 1.0),)


@pytest.mark.parametrize(
    "value",
    [
        "word", None, 5, [5], ["ab"], [b"ab"], [range(2)], [[1]], [[1, 2, 3]], [[True, 1]], [[None, 1]],
        [[1.5, 1]], [["", 1]], [["x" * 201, 1]], [[-1, 1]], [[2**31, 1]], [[HUGE, 1]], [[UNPRINTABLE, 1]],
        [[1, math.nan]], [[1, math.inf]], [[1, 100.1]], [[1, -HUGE]], [[1, UNPRINTABLE]], [[1, "1"]],
        [[1, True]], [[1, None]], [[1, 0]] * 301,
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_biases_that_are_none_are_refused(value: object) -> None:
    with pytest.raises(ParameterError) as refusal:
        make({"logit_bias": value})

    assert refusal.value.setting == "logit_bias"
    assert len(refusal.value.message) < 200


# As typed


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("temperature", "0.5", 0.5),
        ("temperature", " 1 ", 1.0),
        ("top_k", "40", 40),
        ("seed", "-1", -1),
        ("stop", r"\n\tEnd", ("\n\tEnd",)),
        ("ignore_eos", " On ", True),
        ("ignore_eos", "0", False),
        ("mirostat", "v2", "v2"),
        ("samplers", "top_k, temperature,", ("top_k", "temperature")),
        ("logit_bias", '[[17, -5], ["word", 2]]', [[17, -5], ["word", 2]]),
        ("logit_bias", '{"word": -5}', {"word": -5}),
        ("grammar", 'root ::= "a"', 'root ::= "a"'),
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


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ignore_eos", "maybe", "ignore_eos is either on or off, not “maybe”"),
        ("logit_bias", "word=-5", "logit_bias needs JSON such as"),
        ("logit_bias", "[" * 100_000, "logit_bias needs JSON such as"),
        ("logit_bias", "9" * 5000, "logit_bias needs JSON such as"),
    ],
    ids=["a switch", "biases", "biases without end", "a number without end"],
)
def test_what_is_typed_and_not_understood_is_refused(name: str, text: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words) as refusal:
        parse(name, text)

    assert refusal.value.setting == name
    assert len(refusal.value.message) < 200


def test_a_number_typed_as_nan_is_refused_when_it_is_used() -> None:
    with pytest.raises(ParameterError, match="Temperature needs a number"):
        make({"temperature": parse("temperature", "nan")})
    with pytest.raises(ParameterError, match="a bias is between -100 and 100"):
        make({"logit_bias": parse("logit_bias", "[[1, NaN]]")})


# Words


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_parameter_has_words(spec: Spec) -> None:
    assert spec.label
    assert spec.help.endswith(".")


@pytest.mark.parametrize("spec", NUMBERS.values(), ids=lambda spec: spec.name)
def test_every_number_has_words_for_its_whole_range(spec: Number) -> None:
    assert spec.recommended
    assert spec.minimum <= spec.usual[0] < spec.usual[1] <= spec.maximum
    assert spec.off is None or spec.minimum <= spec.off <= spec.maximum
    limits = [limit for limit, _ in spec.bands]
    assert limits == sorted(limits)
    if spec.bands:
        assert spec.band(spec.minimum)
        assert spec.band(spec.maximum)
        assert spec.off is None or spec.band(spec.off) == "off"


def test_the_word_for_a_value_is_that_of_its_band() -> None:
    temperature = SPEC_BY_NAME["temperature"]
    max_tokens = SPEC_BY_NAME["max_tokens"]

    assert isinstance(temperature, Number)
    assert isinstance(max_tokens, Number)
    assert [temperature.band(value) for value in (0.0, 0.01, 0.7, 0.91, 2.0)] == [
        "always the likeliest",
        "predictable",
        "balanced",
        "creative",
        "wild",
    ]
    assert max_tokens.band(5) == ""
