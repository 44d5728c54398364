"""The native samplers against an independent implementation of each, link by link."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from desktop.domain.errors import ParameterError
from desktop.domain.parameter_specs import SAMPLERS
from desktop.domain.parameters import Parameters
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.model import Model
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.sampling.candidates import Candidates
from desktop.engine.worker.sampling.links import Link, free, links, look_back, remember
from tests.helpers import samplers
from tests.helpers.samplers import Borderline, Left

SIZE = 64
"""Candidates: tokens 0 to 63. Few, so that single precision decides as double precision does."""
CONTEXT = 512
OFF: dict[str, Any] = {"top_k": 0, "top_p": 1.0, "min_p": 0.0, "repeat_penalty": 1.0, "temperature": 1.0}
"""Every sampler off, beside what is off by default."""
ON: dict[str, st.SearchStrategy[Any]] = {
    "repeat_penalty": st.floats(0.5, 2.0),
    "presence_penalty": st.floats(-2, 2),
    "frequency_penalty": st.floats(-2, 2),
    "penalty_window": st.sampled_from([-1, 1, 5, 64]),
    "dry_multiplier": st.floats(0.1, 5.0),
    "dry_base": st.floats(1.0, 4.0),
    "dry_allowed_length": st.integers(1, 4),
    "dry_window": st.sampled_from([-1, 4, 16, 64]),
    "top_n_sigma": st.floats(0.1, 4.0),
    "top_k": st.integers(1, 80),
    "typical_p": st.floats(0.05, 0.99),
    "top_p": st.floats(0.0, 0.99),
    "min_p": st.floats(0.001, 1.0),
    "xtc_probability": st.just(1.0),
    "xtc_threshold": st.floats(0.01, 0.5),
    "temperature": st.floats(0.2, 5.0),
    "dynatemp_range": st.floats(0.1, 2.0),
    "dynatemp_exponent": st.floats(0.3, 3.0),
}
quick = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def vocabulary(starter_model: Path) -> Iterator[Vocabulary]:
    native.start()
    model = Model(str(starter_model), gpu_layers=0, progress=lambda _fraction: True)
    yield model.vocabulary
    model.close()


@st.composite
def logits(draw: st.DrawFn) -> np.ndarray:
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    return chance.normal(0, draw(st.floats(0.3, 6)), SIZE).astype(np.float32)


some_tokens = st.lists(st.integers(17, 40), max_size=80)
"""With few different ones, so that passages repeat; in the starter's vocabulary some hold breakers."""


def chain(vocabulary: Vocabulary, parameters: Parameters, said: list[int]) -> list[Link]:
    made = links(parameters, vocabulary, CONTEXT, 7)
    remember(made, said)
    return made


def expected(link: str, left: Left, parameters: Parameters, said: list[int], vocabulary: Vocabulary) -> Left:
    breakers = {
        token
        for token in range(SIZE)
        if any(text.encode() in vocabulary.label(token) for text in parameters.dry_breakers)
    }
    match link:
        case "logit_bias":
            return samplers.logit_bias(left, dict(parameters.logit_bias))  # type: ignore[arg-type]
        case "penalties":
            return samplers.penalties(left, said, parameters)
        case "dry":
            return samplers.dry(left, said, parameters, breakers)
        case "mirostat" if parameters.mirostat == "v1":
            return samplers.mirostat_v1(left, parameters, vocabulary.size)
        case "mirostat":
            return samplers.mirostat_v2(left, parameters)
        case "greedy" | "dist":
            return left
        case _:
            step = getattr(samplers, link)
            result = step(left, parameters)
            assert isinstance(result, Left)
            return result


def compare(vocabulary: Vocabulary, parameters: Parameters, start: np.ndarray, said: list[int]) -> list[str]:
    """Applies the chain link by link, comparing after each; returns the links' names."""
    made = chain(vocabulary, parameters, said)
    candidates = Candidates(SIZE)
    candidates.fill(start)
    left = Left.of(np.arange(SIZE), start.astype(np.float64))
    try:
        for link in made:
            candidates.apply(link.handle)
            left = expected(link.name, left, parameters, said, vocabulary)
            ids, shares = candidates.probabilities()
            found = dict(zip(ids.tolist(), shares.tolist(), strict=True))
            wanted = left.possible()
            assert abs(sum(found.values()) - 1) < 1e-9
            for token in found.keys() | wanted.keys():
                difference = abs(found.get(token, 0.0) - wanted.get(token, 0.0))
                assert difference < 1e-5, (link.name, token, difference)
        assert candidates.selected in left.possible()
    except Borderline:
        assume(False)
    finally:
        free(made)
    return [link.name for link in made]


@pytest.mark.parametrize(
    "names",
    [
        ("repeat_penalty", "presence_penalty", "frequency_penalty", "penalty_window"),
        ("dry_multiplier", "dry_base", "dry_allowed_length", "dry_window"),
        ("top_n_sigma",),
        ("top_k",),
        ("typical_p",),
        ("top_p",),
        ("min_p",),
        ("xtc_probability", "xtc_threshold"),
        ("temperature",),
        ("temperature", "dynatemp_range", "dynatemp_exponent"),
    ],
    ids=lambda names: names[-1],
)
@settings(quick, max_examples=40)
@given(data=st.data(), start=logits(), said=some_tokens)
def test_a_sampler_does_what_it_is_described_to_do(
    vocabulary: Vocabulary, names: tuple[str, ...], data: st.DataObject, start: np.ndarray, said: list[int]
) -> None:
    values = {name: data.draw(ON[name], name) for name in names}

    compare(vocabulary, replace(Parameters(), **{**OFF, **values}), start, said)


@settings(quick, max_examples=150)
@given(
    order=st.permutations(SAMPLERS).flatmap(lambda names: st.integers(0, 9).map(lambda n: names[:n])),
    values=st.fixed_dictionaries({}, optional=ON),
    start=logits(),
    said=some_tokens,
)
def test_a_chain_does_what_its_samplers_do_in_their_order(
    vocabulary: Vocabulary,
    order: list[str],
    values: dict[str, Any],
    start: np.ndarray,
    said: list[int],
) -> None:
    parameters = replace(Parameters(), **{**OFF, **values}, samplers=tuple(order))

    names = compare(vocabulary, parameters, start, said)

    assert names[:-1] == [name for name in order if name in names]
    assert names[-1] == "dist"


@pytest.mark.parametrize("version", ["v1", "v2"])
@settings(quick, max_examples=40)
@given(start=logits(), tau=st.floats(0.5, 8))
def test_mirostat_takes_the_place_of_what_leaves_tokens_out(
    vocabulary: Vocabulary, version: str, start: np.ndarray, tau: float
) -> None:
    parameters = replace(Parameters(), mirostat=version, mirostat_tau=tau)

    names = compare(vocabulary, parameters, start, [20, 21])

    assert names == ["penalties", "temperature", "mirostat"]


@settings(quick, max_examples=40)
@given(start=logits(), target=st.floats(0.01, 1))
def test_adaptive_p_prefers_tokens_near_its_target(
    vocabulary: Vocabulary, start: np.ndarray, target: float
) -> None:
    parameters = replace(Parameters(), **OFF, adaptive_target=target)

    assert compare(vocabulary, parameters, start, []) == ["adaptive_p"]


@settings(quick, max_examples=30)
@given(start=logits(), biases=st.dictionaries(st.integers(0, SIZE - 1), st.floats(-100, 100), min_size=1))
def test_biases_come_first(vocabulary: Vocabulary, start: np.ndarray, biases: dict[int, float]) -> None:
    parameters = replace(Parameters(), **{**OFF, "top_k": 10}, logit_bias=tuple(biases.items()))

    assert compare(vocabulary, parameters, start, []) == ["logit_bias", "top_k", "dist"]


@settings(quick, max_examples=30)
@given(start=logits(), values=st.fixed_dictionaries({}, optional=ON))
@example(np.zeros(SIZE, np.float32), {"xtc_probability": 1.0})
def test_at_temperature_0_the_likeliest_token_is_taken_after_penalties_and_biases(
    vocabulary: Vocabulary, start: np.ndarray, values: dict[str, Any]
) -> None:
    likeliest = int(start.argmax())
    parameters = replace(
        Parameters(), **{**OFF, **values, "temperature": 0.0}, logit_bias=((likeliest, -100.0),)
    )
    made = chain(vocabulary, parameters, [])
    candidates = Candidates(SIZE)
    candidates.fill(start)
    for link in made:
        candidates.apply(link.handle)

    others = start.copy()
    others[likeliest] -= 100
    assert candidates.selected == int(others.argmax())
    assert {link.name for link in made} <= {"logit_bias", "penalties", "dry", "greedy"}
    free(made)


@settings(quick, max_examples=40)
@given(
    start=logits(),
    values=st.fixed_dictionaries({}, optional=ON),
    order=st.permutations(SAMPLERS),
    last=st.sampled_from([{}, {"mirostat": "v1"}, {"mirostat": "v2"}, {"adaptive_target": 0.5}]),
    allowed=st.sets(st.integers(0, SIZE - 1), min_size=1, max_size=3),
)
def test_a_token_that_is_taken_out_is_never_chosen(
    vocabulary: Vocabulary,
    start: np.ndarray,
    values: dict[str, Any],
    order: list[str],
    last: dict[str, Any],
    allowed: set[int],
) -> None:
    """Also by samplers that know nothing of tokens whose probability is nothing."""
    parameters = replace(Parameters(), **{**OFF, **values, **last}, samplers=tuple(order))
    made = chain(vocabulary, parameters, [20, 21, 22, 20, 21])
    candidates = Candidates(SIZE)
    candidates.fill(start)
    candidates.forbid(np.array(sorted(set(range(SIZE)) - allowed)))
    for link in made:
        candidates.apply(link.handle)

    assert candidates.selected in allowed
    assert set(candidates.probabilities()[0].tolist()) <= allowed
    free(made)


def names(vocabulary: Vocabulary, **values: Any) -> list[str]:
    made = links(replace(Parameters(), **values), vocabulary, CONTEXT, 7)
    free(made)
    return [link.name for link in made]


def test_what_is_off_is_not_there(vocabulary: Vocabulary) -> None:
    assert names(vocabulary, **OFF) == ["dist"]
    assert names(vocabulary) == ["penalties", "top_k", "top_p", "min_p", "temperature", "dist"]
    assert names(vocabulary, samplers=()) == ["dist"]
    assert names(vocabulary, samplers=(), temperature=0.0) == ["greedy"]
    assert names(vocabulary, penalty_window=0, **{**OFF, "repeat_penalty": 1.5}) == ["dist"]
    assert names(vocabulary, **OFF, dry_multiplier=1.0, dry_window=0) == ["dist"]
    assert names(vocabulary, **OFF, xtc_probability=0.5, xtc_threshold=0.6) == ["dist"]
    assert names(vocabulary, temperature=1e-9) == ["penalties", "greedy"]


def test_the_end_can_be_made_impossible(vocabulary: Vocabulary) -> None:
    parameters = replace(Parameters(), **OFF, ignore_eos=True)
    (bias, *rest) = links(parameters, vocabulary, CONTEXT, 7)
    candidates = Candidates(vocabulary.size)
    candidates.fill(np.zeros(vocabulary.size, np.float32))
    candidates.apply(bias.handle)

    ids, _ = candidates.probabilities()
    assert set(range(vocabulary.size)) - set(ids.tolist()) == set(vocabulary.ending) != set()
    free((bias, *rest))


def test_a_text_is_biased_with_all_its_tokens(vocabulary: Vocabulary) -> None:
    text = "unbelievable, said the ship"
    parameters = replace(Parameters(), **OFF, logit_bias=((text, 3.0), (17, 1.0), (17, 2.0)))
    made = links(parameters, vocabulary, CONTEXT, 7)
    candidates = Candidates(vocabulary.size)
    candidates.fill(np.zeros(vocabulary.size, np.float32))
    candidates.apply(made[0].handle)

    raised = {int(row["id"]) for row in candidates.left if row["logit"] == 3.0}
    assert raised == {*vocabulary.tokenize(text), 17}
    free(made)


def test_a_bias_on_a_token_that_is_not_there_is_refused(vocabulary: Vocabulary) -> None:
    parameters = replace(Parameters(), logit_bias=((vocabulary.size, 1.0),))

    with pytest.raises(ParameterError, match="There is no token 49152") as caught:
        links(parameters, vocabulary, CONTEXT, 7)

    assert caught.value.setting == "logit_bias"


def test_windows_reach_as_far_as_the_context(vocabulary: Vocabulary) -> None:
    off = replace(Parameters(), **OFF)

    assert look_back(off, CONTEXT) == 0
    assert look_back(Parameters(), CONTEXT) == 64
    assert look_back(replace(off, dry_multiplier=1.0), CONTEXT) == CONTEXT
    assert look_back(replace(off, presence_penalty=1.0, penalty_window=10**6), CONTEXT) == CONTEXT
    assert look_back(replace(off, presence_penalty=1.0, samplers=("top_k",)), CONTEXT) == 0


@pytest.mark.parametrize("breaker", ["é", "🏴‍☠️" * 8, "a" * 40, "\x00", "<|im_end|>"])
def test_any_text_can_break_a_passage(vocabulary: Vocabulary, breaker: str) -> None:
    parameters = replace(Parameters(), **OFF, dry_multiplier=1.0, dry_breakers=(breaker,))

    compare(vocabulary, parameters, np.arange(SIZE, dtype=np.float32), [20, 21, 22] * 4)
