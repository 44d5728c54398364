"""The next token's distribution after each sampler, against samplers written down in numpy."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from desktop.domain.conversation import Role
from desktop.domain.errors import ContextOverflowError, ParameterError
from desktop.domain.generation import Turn
from desktop.domain.instruments import Distribution, DistributionRequest, Stage
from desktop.domain.model import Adapter
from desktop.domain.parameters import Parameters
from desktop.engine.bridge import EngineBridge
from desktop.engine.worker.loading.loading import Opened
from desktop.engine.worker.measuring import microscope
from desktop.engine.worker.measuring.microscope import DistributionTask, Points, stages
from desktop.engine.worker.prompts.thinking import Splitter
from desktop.engine.worker.sampling.candidates import Candidates
from desktop.engine.worker.sampling.choice import Guard
from desktop.engine.worker.sampling.grammars import Grammars
from desktop.engine.worker.sampling.sampler import Sampler
from tests.helpers.engine import Subject, ask, hear, opened, request
from tests.helpers.measuring import SMALL, all_logprobs, measure, opened_here
from tests.helpers.tiny_models import TinyModels

QUIET = Parameters(
    temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0, samplers=("temperature",)
)
"""Parameters under which every sampler is off."""
DRAWS = 20_000
PROMPT = "the sea the ship the sea of water and the"


@pytest.fixture(scope="module")
def model(tiny_models: TinyModels) -> Iterator[Opened]:
    with opened_here(tiny_models["llama"]) as found:
        yield found


@pytest.fixture(scope="module")
def prompt(model: Opened) -> np.ndarray:
    return np.array(model.model.vocabulary.tokenize(PROMPT), np.int32)


@pytest.fixture(scope="module")
def logits(model: Opened, prompt: np.ndarray) -> np.ndarray:
    """Flat enough for every sampler to have something to do."""
    return (0.6 * all_logprobs(model, prompt.tolist())[-1]).astype(np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Of those above minus infinity; 0 for the others."""
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def after(
    model: Opened, logits: np.ndarray, prompt: np.ndarray, parameters: Parameters
) -> dict[str, np.ndarray]:
    """Each stage's probabilities, 0 for what cannot be chosen."""
    found = stages(logits, parameters, model.model.vocabulary, SMALL.context_length, prompt)
    return {name: np.nan_to_num(probabilities) for name, probabilities in found}


# Each sampler on its own


def top_k(p: np.ndarray, k: int) -> np.ndarray:
    return np.where(p >= np.sort(p)[-k], p, 0)


def top_p(p: np.ndarray, share: float) -> np.ndarray:
    order = np.argsort(-p, kind="stable")
    kept = int(np.searchsorted(p[order].cumsum(), share)) + 1
    return np.where(np.isin(np.arange(len(p)), order[:kept]), p, 0)


def min_p(p: np.ndarray, share: float) -> np.ndarray:
    return np.where(p >= share * p.max(), p, 0)


def typical(p: np.ndarray, share: float) -> np.ndarray:
    surprise = -np.log(p)
    order = np.argsort(np.abs(surprise - (p * surprise).sum()), kind="stable")
    kept = int(np.searchsorted(p[order].cumsum(), share)) + 1
    return np.where(np.isin(np.arange(len(p)), order[:kept]), p, 0)


def top_n_sigma(p: np.ndarray, n: float) -> np.ndarray:
    logits = np.log(p)
    return np.where(logits >= logits.max() - n * logits.std(), p, 0)


def warmer(p: np.ndarray, temperature: float) -> np.ndarray:
    return p ** (1 / temperature)


def dynamic(p: np.ndarray, low: float, high: float, exponent: float) -> np.ndarray:
    entropy = -(p * np.log(p)).sum() / np.log(len(p))
    return warmer(p, low + (high - low) * entropy**exponent)


def xtc(p: np.ndarray, chance: float, threshold: float) -> np.ndarray:
    good = np.flatnonzero(p >= threshold)
    without = p.copy()
    without[np.delete(good, np.argmin(p[good]))] = 0
    return chance * without / without.sum() + (1 - chance) * p


ALONE: list[tuple[str, dict[str, object], Callable[[np.ndarray], np.ndarray]]] = [
    ("top_k", {"top_k": 12}, lambda p: top_k(p, 12)),
    ("top_p", {"top_p": 0.5}, lambda p: top_p(p, 0.5)),
    ("min_p", {"min_p": 0.2}, lambda p: min_p(p, 0.2)),
    ("typical_p", {"typical_p": 0.7}, lambda p: typical(p, 0.7)),
    ("top_n_sigma", {"top_n_sigma": 1.5}, lambda p: top_n_sigma(p, 1.5)),
    ("temperature", {"temperature": 1.7}, lambda p: warmer(p, 1.7)),
    (
        "temperature",
        {"dynatemp_range": 0.5, "dynatemp_exponent": 2.0},
        lambda p: dynamic(p, 0.5, 1.5, 2.0),
    ),
    ("xtc", {"xtc_probability": 0.4, "xtc_threshold": 0.03}, lambda p: xtc(p, 0.4, 0.03)),
    ("xtc", {"xtc_probability": 1.0, "xtc_threshold": 0.03}, lambda p: xtc(p, 1.0, 0.03)),
]


@pytest.mark.parametrize(("sampler", "values", "reference"), ALONE)
def test_a_sampler_does_what_it_does_in_numpy(
    model: Opened,
    logits: np.ndarray,
    prompt: np.ndarray,
    sampler: str,
    values: dict[str, object],
    reference: Callable[[np.ndarray], np.ndarray],
) -> None:
    parameters = replace(QUIET, samplers=(sampler,), **values)  # type: ignore[arg-type]
    before = softmax(logits.astype(np.float64))

    found = after(model, logits, prompt, parameters)

    expected = reference(before)
    assert list(found) == ["model", sampler]
    np.testing.assert_allclose(found["model"], before, atol=1e-6)
    np.testing.assert_allclose(found[sampler], expected / expected.sum(), atol=1e-5)
    assert (found[sampler] != found["model"]).any()


def test_penalties_look_back_on_the_prompt(model: Opened, logits: np.ndarray, prompt: np.ndarray) -> None:
    values = {"repeat_penalty": 1.3, "frequency_penalty": 0.2, "presence_penalty": 0.4, "penalty_window": 5}
    parameters = replace(QUIET, samplers=("penalties",), **values)  # type: ignore[arg-type]

    found = after(model, logits, prompt, parameters)

    changed = logits.astype(np.float64)
    for token, count in zip(*np.unique(prompt[-5:], return_counts=True), strict=True):
        changed[token] = changed[token] * 1.3 if changed[token] <= 0 else changed[token] / 1.3
        changed[token] -= count * 0.2 + 0.4
    np.testing.assert_allclose(found["penalties"], softmax(changed), atol=1e-5)


def test_dry_knows_what_the_prompt_would_go_on_repeating(
    model: Opened, logits: np.ndarray, prompt: np.ndarray
) -> None:
    vocabulary = model.model.vocabulary
    # " the sea" came twice: what followed it then is held back now.
    again = np.concatenate((prompt, vocabulary.tokenize(" sea"))).astype(np.int32)
    parameters = replace(QUIET, samplers=("dry",), dry_multiplier=1.0, dry_allowed_length=1, dry_breakers=())

    found = after(model, logits, again, parameters)

    (of,) = vocabulary.tokenize(" of")
    assert found["dry"][of] < 0.8 * found["model"][of]


def test_biases_come_first_and_what_is_banned_is_gone(
    model: Opened, logits: np.ndarray, prompt: np.ndarray
) -> None:
    parameters = replace(QUIET, logit_bias=((100, 3.0),), ignore_eos=True)

    found = after(model, logits, prompt, parameters)

    changed = logits.astype(np.float64)
    changed[100] += 3
    changed[list(model.model.vocabulary.ending)] = -np.inf
    assert list(found) == ["model", "logit_bias"]
    np.testing.assert_allclose(found["logit_bias"], softmax(changed), atol=1e-6)


# The chain as a whole

CHAINS = [
    Parameters(),
    Parameters(temperature=1.4, xtc_probability=0.5, xtc_threshold=0.05, top_k=0, min_p=0.02, top_p=1.0),
    Parameters(mirostat="v2", mirostat_tau=3.0),
    Parameters(mirostat="v1", mirostat_tau=3.0),
    Parameters(adaptive_target=0.2, min_p=0.01, top_k=0),
    Parameters(samplers=("temperature", "top_p", "top_k", "penalties"), temperature=2.0, repeat_penalty=1.2),
    Parameters(temperature=0.0),
]


@pytest.mark.parametrize("parameters", CHAINS)
def test_each_stage_sums_to_1(
    model: Opened, logits: np.ndarray, prompt: np.ndarray, parameters: Parameters
) -> None:
    found = after(model, logits, prompt, parameters)

    assert len(found) > 1
    for name, probabilities in found.items():
        assert probabilities.sum() == pytest.approx(1, abs=1e-9), name


@pytest.mark.parametrize("parameters", CHAINS)
def test_tokens_are_drawn_as_the_last_stage_says(
    model: Opened, logits: np.ndarray, prompt: np.ndarray, parameters: Parameters
) -> None:
    """Five standard deviations: by chance that fails once in thousands of runs, and the seed is fixed."""
    vocabulary = model.model.vocabulary
    *_, expected = after(model, logits, prompt, parameters).values()
    candidates = Candidates(vocabulary.size)
    counts = np.zeros(vocabulary.size)
    # Mirostat and adaptive-p go by what they chose before: each of their draws is a first one.
    forgets = parameters.mirostat == "off" and not parameters.adaptive_target
    samplers = 1 if forgets else 2000
    for seed in range(samplers):
        sampler = Sampler(replace(parameters, seed=seed), vocabulary, SMALL.context_length, 0)
        sampler.read(prompt)
        for _ in range(DRAWS if forgets else 1):
            candidates.fill(logits)
            candidates.apply(sampler.handle)
            counts[candidates.selected] += 1
        sampler.close()

    draws = counts.sum()
    deviation = np.sqrt(expected * (1 - expected) / draws)
    assert (np.abs(counts / draws - expected) <= 5 * deviation + 3 / draws).all()
    assert (counts[expected == 0] == 0).all()


# Grammars

LETTERS = 'root ::= ("s" | "q" | "sea")'


@pytest.mark.parametrize("top", [3, 0])
def test_what_a_grammar_refuses_is_drawn_again(
    model: Opened, logits: np.ndarray, prompt: np.ndarray, top: int
) -> None:
    """With a narrow top-k nearly every draw is refused, with none a few are not."""
    vocabulary = model.model.vocabulary
    parameters = replace(QUIET, samplers=("top_k",), top_k=top, grammar=LETTERS, seed=3)
    constraint = Grammars(vocabulary).constraint(parameters, "")
    assert constraint is not None

    found = list(stages(logits, parameters, vocabulary, SMALL.context_length, prompt, constraint))

    name, grammar = found[-1]
    expected = np.nan_to_num(grammar)
    assert name == "grammar"
    assert expected.sum() == pytest.approx(1, abs=1e-6)
    assert {vocabulary.piece(token) for token in np.flatnonzero(expected).tolist()} <= {b"s", b"q", b"se"}
    sampler = Sampler(parameters, vocabulary, SMALL.context_length, 0)
    guard = Guard(vocabulary, Splitter(()), bans=None, constraint=constraint, may_end=True)
    counts = np.zeros(vocabulary.size)
    for _ in range(3000):
        counts[guard.choose(sampler, logits)] += 1
    sampler.close()
    deviation = np.sqrt(expected * (1 - expected) / counts.sum())
    assert (np.abs(counts / counts.sum() - expected) <= 5 * deviation + 0.001).all()


async def test_a_grammar_is_shown_where_the_answer_has_to_follow_it(tiny_models: TinyModels) -> None:
    async with opened(Subject("llama", tiny_models["llama"], SMALL)) as (bridge, _):
        found = await bridge.distribution(ask_for(PROMPT, replace(QUIET, grammar=LETTERS)))
        end = await bridge.distribution(ask_for(PROMPT, replace(QUIET, grammar=LETTERS), prefill="q"))
        with pytest.raises(ParameterError, match="does not follow its grammar"):
            await bridge.distribution(ask_for(PROMPT, replace(QUIET, grammar=LETTERS), prefill="x"))

    assert [stage.sampler for stage in found.stages] == ["model", "grammar"]
    assert found.stages[1].kept <= 3
    assert {one.piece for one in end.stages[-1].candidates} == {"<|im_end|>", "<|endoftext|>"}


# What is asked of the worker


def ask_for(text: str, parameters: Parameters = QUIET, **others: object) -> DistributionRequest:
    return DistributionRequest((Turn(Role.USER, text),), parameters=parameters, **others)  # type: ignore[arg-type]


def total(stage: Stage) -> float:
    return sum(float(np.exp(candidate.logprob)) for candidate in stage.candidates)


async def test_other_parameters_do_not_run_the_model_again(tiny_models: TinyModels) -> None:
    async with opened(Subject("llama", tiny_models["llama"], SMALL)) as (bridge, _):
        first = await bridge.distribution(ask_for(PROMPT, top=1000))
        second = await bridge.distribution(ask_for(PROMPT, Parameters(), top=5))
        other = await bridge.distribution(ask_for(PROMPT + "!"))
        once_more = await bridge.distribution(ask_for(PROMPT, top=1000))

    assert [one.reused for one in (first, second, other, once_more)] == [False, True, False, True]
    assert once_more.stages == first.stages
    assert second.stages[0] == replace(first.stages[0], candidates=first.stages[0].candidates[:5])
    assert [stage.sampler for stage in second.stages] == [
        *("model", "penalties", "top_k", "top_p", "min_p", "temperature"),
    ]
    assert first.stages[0].kept == len(first.stages[0].candidates) == 483
    assert total(first.stages[0]) == pytest.approx(1)
    assert second.stages[2].kept == 40
    logprobs = [candidate.logprob for candidate in second.stages[-1].candidates]
    assert logprobs == sorted(logprobs, reverse=True)


async def test_other_adapters_are_other_logits(tiny_models: TinyModels) -> None:
    bridge = EngineBridge()
    try:
        await bridge.load(str(tiny_models["llama"]), SMALL)
        before = await bridge.distribution(ask_for(PROMPT))
        await bridge.set_adapters((Adapter(str(tiny_models["adapter"])),))
        after_it = await bridge.distribution(ask_for(PROMPT))
    finally:
        await bridge.close()

    assert not after_it.reused
    assert after_it.stages != before.stages


async def test_the_point_is_where_an_answer_would_begin(starter_model: Path) -> None:
    """Greedy, the likeliest token is the one that an answer begins with, also behind what it begins with."""
    async with opened(Subject("llama", starter_model, SMALL)) as (bridge, _):
        question = "Name the capital of France."
        answer = await ask(bridge, question, max_tokens=1)
        found = await bridge.distribution(ask_for(question, Parameters(temperature=0.0)))
        begun = replace(request(question, max_tokens=1), prefill="The capital of France is")
        rest = await hear(bridge.generate(begun))
        further = await bridge.distribution(
            ask_for(question, Parameters(temperature=0.0), prefill="The capital of France is")
        )

    assert found.stages[-1].sampler == "greedy"
    (only,) = found.stages[-1].candidates
    assert (only.piece, only.logprob) == (answer.text, 0.0)
    assert found.prompt_tokens == answer.done.responses[0].prompt_tokens
    (only,) = further.stages[-1].candidates
    assert begun.prefill + only.piece == rest.text == "The capital of France is Paris"


async def test_what_cannot_be_asked_is_refused(tiny_models: TinyModels) -> None:
    async with opened(Subject("llama", tiny_models["llama"], SMALL)) as (bridge, _):
        with pytest.raises(ContextOverflowError, match="512"):
            await bridge.distribution(ask_for("word " * 600))
        with pytest.raises(ParameterError, match="no token 9999"):
            await bridge.distribution(ask_for("hi", replace(QUIET, logit_bias=((9999, 1.0),))))

        assert (await bridge.distribution(ask_for("hi"))).prompt_tokens > 0


def test_few_points_are_kept(model: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    size = model.model.vocabulary.size * 4
    monkeypatch.setattr(microscope, "KEPT", 2 * size)
    points = Points()

    def look(text: str) -> bool:
        vocabulary = model.model.vocabulary
        tokens = np.array(vocabulary.tokenize(text), np.int32)
        task = DistributionTask(1, ask_for(text), tokens, model.context, vocabulary, points)
        found = measure(model, task)
        assert isinstance(found, Distribution)
        return found.reused

    assert [look(text) for text in ("one", "two", "one", "three", "one", "two")] == [
        *(False, False, True, False, True, False),
    ]
    points.clear()
    assert not look("one")
