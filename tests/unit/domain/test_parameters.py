"""Parameters as one value: the table is whole, JSON brings the same value back, contradictions are errors."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.errors import ParameterError, PresetError
from desktop.domain.parameter_specs import (
    SPECS,
    Biases,
    Choice,
    Group,
    Number,
    Order,
    Spec,
    Switch,
    Text,
    Texts,
)
from desktop.domain.parameters import NAMES, SPEC_BY_NAME, Parameters, as_dict, make, parse
from desktop.domain.preset import from_mapping
from desktop.services.presets import PresetService


def valid(spec: Spec) -> st.SearchStrategy[object]:
    """Values of every kind that fit ``spec``."""
    match spec:
        case Number() if spec.integer:
            return st.integers(int(spec.minimum), int(spec.maximum))
        case Number():
            return st.floats(spec.minimum, spec.maximum)
        case Switch():
            return st.booleans()
        case Choice():
            return st.sampled_from([choice for choice, _ in spec.choices])
        case Text():
            return st.text(max_size=30)
        case Texts():
            return st.lists(st.text(max_size=spec.longest), max_size=min(spec.most, 5)).map(tuple)
        case Order():
            return st.permutations(spec.names).flatmap(
                lambda names: st.integers(0, len(names)).map(lambda n: tuple(names[:n]))
            )
        case Biases():
            token = st.integers(0, 2**31 - 1) | st.text(min_size=1, max_size=20)
            return st.lists(st.tuples(token, st.floats(-spec.limit, spec.limit)), max_size=5).map(tuple)
        case _:
            raise AssertionError(f"A kind of parameter without a test: {type(spec).__name__}.")


def test_every_parameter_is_in_the_table_once() -> None:
    assert len(SPECS) == len(SPEC_BY_NAME)
    assert set(SPEC_BY_NAME) == set(NAMES) == {field.name for field in fields(Parameters)}
    assert {spec.group for spec in SPECS} == set(Group)


def test_the_defaults_are_valid_and_within_what_the_slider_shows() -> None:
    defaults = as_dict(Parameters())

    assert make(defaults) == Parameters()
    for spec in SPECS:
        if isinstance(spec, Number):
            value = defaults[spec.name]
            assert isinstance(value, int | float)
            assert spec.usual[0] <= value <= spec.usual[1]


@given(st.data())
def test_what_is_stored_as_json_comes_back_the_same(data: st.DataObject) -> None:
    values = {name: data.draw(valid(spec), name) for name, spec in SPEC_BY_NAME.items() if name != "grammar"}
    parameters = make(values)

    assert make(json.loads(json.dumps(as_dict(parameters)))) == parameters


@given(st.data())
def test_a_value_that_was_checked_passes_the_check_again_unchanged(data: st.DataObject) -> None:
    for name, spec in SPEC_BY_NAME.items():
        kept = spec.check(data.draw(valid(spec), name))
        assert spec.check(kept) == kept


def test_what_is_not_given_stays_as_it_is_in_the_base() -> None:
    base = make({"temperature": 0.1, "seed": 5})

    assert make({"seed": 6}, base) == Parameters(temperature=0.1, seed=6)


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ParameterError, match=r"no parameter “heat”. Known: max_tokens, temperature"):
        make({"heat": 1})
    with pytest.raises(ParameterError, match="no parameter “heat”"):
        parse("heat", "1")


def test_a_grammar_and_a_schema_contradict_each_other() -> None:
    with pytest.raises(ParameterError, match="a grammar or a JSON schema, not both") as refusal:
        make({"grammar": "root ::= [a-z]", "json_schema": "{}"})

    assert (refusal.value.setting, refusal.value.action) == ("json_schema", "Remove one of them.")
    assert make({"grammar": "", "json_schema": "{}"}).json_schema == "{}"
    assert make({"json_schema": ""}, make({"json_schema": "{}"})) == Parameters()


# Presets


def test_a_preset_can_name_every_parameter() -> None:
    values = {**as_dict(Parameters()), "mirostat": "v2", "samplers": ["top_k", "temperature"]}
    values |= {"banned": ["as an AI"], "logit_bias": [["word", -5], [17, 2.5]], "ignore_eos": True}

    preset = from_mapping("own", {"name": "Own", "parameters": values})

    assert preset.parameters == make(values)
    assert preset.parameters.logit_bias == (("word", -5.0), (17, 2.5))
    assert preset.parameters.samplers == ("top_k", "temperature")


def test_a_preset_file_can_name_every_kind_of_parameter(tmp_path: Path) -> None:
    tmp_path.joinpath("own.toml").write_text(
        'name = "Own"\n[parameters]\ntemperature = 1\nmirostat = "v1"\nsamplers = ["top_p", "dry"]\n'
        'banned = ["indeed"]\nlogit_bias = [["no", -1.5]]\nignore_eos = true\ngrammar = "root ::= [0-9]+"\n'
    )

    parameters = PresetService([tmp_path]).require("own").parameters

    assert parameters == Parameters(
        temperature=1.0, mirostat="v1", samplers=("top_p", "dry"), banned=("indeed",),
        logit_bias=(("no", -1.5),), ignore_eos=True, grammar="root ::= [0-9]+",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words", "setting"),
    [
        ({"mirostat": "v3"}, "Mirostat must be one of: off, v1, v2", "mirostat"),
        ({"samplers": ["top_q"]}, "There is no sampler “top_q”", "samplers"),
        ({"ignore_eos": 1}, "either on or off", "ignore_eos"),
        ({"grammar": "x", "json_schema": "{}"}, "not both", "json_schema"),
        ({"heat": 1}, "no parameter “heat”", "heat"),
    ],
    ids=["a choice", "an order", "a switch", "a contradiction", "a name"],
)
def test_a_preset_with_a_wrong_parameter_names_it(
    values: dict[str, object], words: str, setting: str
) -> None:
    with pytest.raises(PresetError, match=words) as refusal:
        from_mapping("own", {"name": "Own", "parameters": values})

    assert refusal.value.setting == setting
