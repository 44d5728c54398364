"""Beam search on real contexts: branches share what they have in common, whatever the model remembers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from desktop.domain.conversation import Role
from desktop.domain.errors import ContextOverflowError, ParameterError
from desktop.domain.generation import PromptProgress, Turn
from desktop.domain.instruments import BeamRequest, Beams
from desktop.engine.worker.loading.loading import Opened
from desktop.engine.worker.measuring.beams import BeamTask
from tests.helpers.engine import Subject, ask, opened
from tests.helpers.measuring import SMALL, all_logprobs, measure, opened_here
from tests.helpers.tiny_models import TEXT, TinyModels

PROMPT = "the ship has come by the sea and its people"
TURNS = (Turn(Role.USER, "Name the capital of France."),)


@dataclass
class Found:
    tokens: list[int]
    logprob: float


def by_hand(model: Opened, prompt: list[int], width: int, steps: int) -> list[Found]:
    """The search with every answer read from its beginning at each step. None ends: these models never do."""
    live = [Found([], 0.0)]
    for _ in range(steps):
        grown = []
        for one in live:
            after = all_logprobs(model, [*prompt, *one.tokens])[-1]
            grown += [
                Found([*one.tokens, token], one.logprob + float(logprob))
                for token, logprob in enumerate(after)
            ]
        live = sorted(grown, key=lambda one: -one.logprob)[:width]
    return live


@pytest.mark.parametrize("kind", TEXT)
def test_every_architecture_finds_what_reading_all_anew_finds(tiny_models: TinyModels, kind: str) -> None:
    with opened_here(tiny_models[kind]) as model:
        vocabulary = model.model.vocabulary
        prompt = vocabulary.tokenize(PROMPT)
        request = BeamRequest((), width=4, max_tokens=6)

        found = measure(model, BeamTask(1, request, np.array(prompt, np.int32), model.context, vocabulary))

        expected = by_hand(model, prompt, 4, 6)
        assert isinstance(found, Beams)
        assert found.prompt_tokens == len(prompt)
        texts = [b"".join(map(vocabulary.piece, one.tokens)).decode() for one in expected]
        assert [beam.text for beam in found.beams] == texts
        for beam, one in zip(found.beams, expected, strict=True):
            assert beam.logprob == pytest.approx(one.logprob, abs=0.05)
            assert (beam.tokens, beam.finished) == (6, False)
            assert beam.score == pytest.approx(beam.logprob / 6)


async def test_the_narrowest_search_writes_what_greedy_decoding_writes(starter_model: Path) -> None:
    heard: list[PromptProgress] = []
    async with opened(Subject("llama", starter_model, SMALL)) as (bridge, _):
        greedy = await ask(bridge, TURNS[0].content, max_tokens=20)
        narrow = await bridge.search_beams(BeamRequest(TURNS, width=1, max_tokens=20), heard.append)
        wide = await bridge.search_beams(BeamRequest(TURNS, width=3, max_tokens=20))
        begun = await bridge.search_beams(
            BeamRequest(TURNS, width=1, max_tokens=20, prefill="The capital of France")
        )
        again = await ask(bridge, TURNS[0].content, max_tokens=20)

    (only,) = narrow.beams
    assert only.text == greedy.text == begun.beams[0].text == again.text
    assert only.finished
    # The end token counts.
    assert only.tokens == greedy.done.responses[0].completion_tokens + 1
    assert only.score == pytest.approx(only.logprob / only.tokens)
    assert narrow.prompt_tokens == greedy.done.responses[0].prompt_tokens
    assert heard[-1].total == narrow.prompt_tokens + 20
    assert len({beam.text for beam in wide.beams}) == 3
    scores = [beam.score for beam in wide.beams]
    assert scores == sorted(scores, reverse=True)
    assert max(scores) > only.score - 0.05


async def test_a_search_that_cannot_be_is_refused(tiny_models: TinyModels) -> None:
    async with opened(Subject("llama", tiny_models["completion"], SMALL)) as (bridge, _):
        with pytest.raises(ParameterError, match="at most 4"):
            await bridge.search_beams(BeamRequest(TURNS, width=5))
        with pytest.raises(ContextOverflowError, match="512"):
            await bridge.search_beams(BeamRequest((Turn(Role.USER, "word " * 600),)))
        with pytest.raises(ContextOverflowError):
            await bridge.search_beams(BeamRequest((Turn(Role.USER, "word " * 60_000),)))

        assert len((await bridge.search_beams(BeamRequest(TURNS, max_tokens=2))).beams) == 4


async def test_answers_end_where_the_context_does(tiny_models: TinyModels) -> None:
    async with opened(Subject("llama", tiny_models["llama"], SMALL)) as (bridge, _):
        found = await bridge.search_beams(BeamRequest(TURNS, width=4, max_tokens=100_000))

    assert {beam.tokens for beam in found.beams} == {(512 - found.prompt_tokens) // 4}


async def test_a_conversation_is_not_read_again_after_a_search(tiny_models: TinyModels) -> None:
    async with opened(Subject("llama", tiny_models["llama"], SMALL)) as (bridge, _):
        await bridge.search_beams(BeamRequest(TURNS, max_tokens=8))
        heard: list[PromptProgress] = []
        found = await bridge.search_beams(BeamRequest(TURNS, max_tokens=8), heard.append)

    assert heard[-1].reused == found.prompt_tokens - 1
