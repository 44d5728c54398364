"""Which parameters have no effect beside the others: what the sidebar hides or explains."""

from dataclasses import replace

import pytest

from desktop.domain.model import LoadedModel
from desktop.domain.parameter_effects import details, is_on, without_effect
from desktop.domain.parameter_specs import DRAW, SAMPLER_LABELS, SAMPLERS, SPECS, Spec
from desktop.domain.parameters import NAMES, SPEC_BY_NAME, Parameters, make


def idle(**values: object) -> set[str]:
    """The parameters that have no effect with these values."""
    return {name for name in NAMES if without_effect(name, make(values))}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_table_names_only_what_there_is(spec: Spec) -> None:
    assert set(spec.needs) <= set(SPEC_BY_NAME) - {spec.name}
    assert spec.sampler in {"", DRAW, "adaptive_p", *SAMPLERS}
    assert all(not SPEC_BY_NAME[name].needs for name in spec.needs), "no chains of needs"


def test_every_sampler_has_a_name_for_people_and_a_parameter() -> None:
    assert tuple(SAMPLER_LABELS) == SAMPLERS
    assert {spec.sampler for spec in SPECS} >= set(SAMPLERS)


def test_what_only_says_more_of_something_that_is_off_has_no_effect() -> None:
    details_of_what_is_off = {
        "dry_base", "dry_allowed_length", "dry_window", "dry_breakers", "xtc_threshold", "dynatemp_exponent",
        "mirostat_tau", "mirostat_eta", "adaptive_decay",
    }  # fmt: skip

    assert idle() == details_of_what_is_off
    assert idle(thinking="off") == details_of_what_is_off | {"thinking_budget"}
    on = {"dry_multiplier": 0.8, "xtc_probability": 0.5, "dynatemp_range": 0.2, "adaptive_target": 0.5}
    assert idle(**on) == {"mirostat_tau", "mirostat_eta"}


def test_a_window_matters_while_any_penalty_is_on() -> None:
    off = {"repeat_penalty": 1, "presence_penalty": 0, "frequency_penalty": 0}

    assert "penalty_window" in idle(**off)
    assert "penalty_window" not in idle(**off | {"frequency_penalty": 0.1})
    assert without_effect("penalty_window", make(off)) == (
        "No effect while Repetition penalty, Presence penalty and Frequency penalty are off."
    )


def test_at_temperature_0_only_what_changes_the_likeliest_token_matters() -> None:
    found = idle(temperature=0, dry_multiplier=1)

    assert {"top_k", "top_p", "min_p", "typical_p", "seed", "mirostat", "dynatemp_range"} <= found
    assert not {"temperature", "repeat_penalty", "dry_base", "logit_bias", "stop", "banned"} & found


def test_mirostat_takes_the_place_of_what_leaves_tokens_out() -> None:
    found = idle(mirostat="v2", dry_multiplier=1)

    assert {
        "top_k",
        "top_p",
        "min_p",
        "typical_p",
        "top_n_sigma",
        "xtc_probability",
        "adaptive_target",
    } <= found
    assert not {"mirostat_tau", "temperature", "seed", "repeat_penalty", "dry_base"} & found
    assert without_effect("top_k", make({"mirostat": "v1"})) == "No effect while Mirostat is on."


def test_a_sampler_that_is_left_out_of_the_order_has_no_effect() -> None:
    parameters = Parameters(samplers=("temperature", "top_p"))

    assert without_effect("top_k", parameters) == "No effect: the sampler order leaves out Top-k."
    assert without_effect("repeat_penalty", parameters).endswith("leaves out Penalties.")
    assert not without_effect("top_p", parameters)


def test_every_reason_is_a_sentence_that_names_another_parameter() -> None:
    assert without_effect("dry_base", Parameters()) == "No effect while DRY strength is off."
    for name in NAMES:
        for parameters in (Parameters(), Parameters(temperature=0.0), Parameters(samplers=())):
            reason = without_effect(name, parameters)
            assert not reason or (reason.startswith("No effect") and reason.endswith("."))


@pytest.mark.parametrize("thinking", ["auto", "on", "off"])
def test_thinking_has_no_effect_with_a_model_that_cannot_be_told(thinking: str) -> None:
    model = LoadedModel("m", "", "llama", "", 0, 512, 512, 1, "CPU", True, "")
    parameters = make({"thinking": thinking})

    assert without_effect("thinking", parameters, model).startswith("No effect: this model")
    assert not without_effect("thinking", parameters, replace(model, can_switch_thinking=True))
    assert not without_effect("thinking", parameters, replace(model, speaks_of_thinking=True))
    assert not without_effect("thinking", parameters)
    assert not without_effect("top_k", parameters, model)


def test_details_are_what_says_more_of_one_parameter_alone() -> None:
    assert details("dry_multiplier") == ("dry_base", "dry_allowed_length", "dry_window", "dry_breakers")
    assert details("thinking") == ("thinking_budget",)
    assert details("repeat_penalty") == ()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("top_k", 0, False),
        ("top_k", 1, True),
        ("top_p", 1, False),
        ("max_tokens", 1, True),
        ("mirostat", "off", False),
        ("mirostat", "v1", True),
        ("thinking", "auto", True),
        ("ignore_eos", False, False),
        ("stop", ("x",), True),
        ("grammar", "", False),
    ],
)
def test_a_parameter_is_on_unless_its_value_is_its_off(name: str, value: object, expected: bool) -> None:
    assert is_on(name, make({name: value})) is expected
