"""Choosing where hardly anything is allowed, over a tiny vocabulary in which every byte is a token."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from desktop.domain.errors import ParameterError
from desktop.domain.generation import FinishReason
from desktop.domain.parameters import Parameters
from desktop.engine.bridge import EngineBridge
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.model import Model
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.prompts.thinking import Splitter
from desktop.engine.worker.sampling.bans import Bans
from desktop.engine.worker.sampling.choice import Guard
from desktop.engine.worker.sampling.grammars import Grammars
from desktop.engine.worker.sampling.sampler import Sampler
from tests.helpers.engine import SETTINGS, Heard, Subject, hear, opened, request
from tests.helpers.tiny_models import TinyModels

CONTEXT = 512
HALF = 0xF0
"""The token that begins a character of four bytes."""


@pytest.fixture(scope="module")
def vocabulary(tiny_models: TinyModels) -> Iterator[Vocabulary]:
    native.start()
    model = Model(str(tiny_models["llama"]), gpu_layers=0, progress=lambda _fraction: True)
    yield model.vocabulary
    model.close()


def guard(
    vocabulary: Vocabulary, *, banned: tuple[str, ...] = (), grammar: str = "", may_end: bool = True
) -> Guard:
    constraint = Grammars(vocabulary).constraint(Parameters(grammar=grammar), "")
    return Guard(
        vocabulary,
        Splitter(),
        bans=Bans(banned) if banned else None,
        constraint=constraint,
        may_end=may_end,
    )


def sampler(vocabulary: Vocabulary, **values: Any) -> Sampler:
    return Sampler(replace(Parameters(), seed=3, **values), vocabulary, CONTEXT, 0)


def only(vocabulary: Vocabulary, allowed: bytes) -> np.ndarray:
    """Logits of a model to which nothing but these bytes is possible, the first one likeliest."""
    logits = np.full(vocabulary.size, -np.inf, np.float32)
    logits[list(allowed)] = -np.arange(len(allowed), dtype=np.float32)
    return logits


def test_the_next_best_token_takes_a_banned_ones_place(vocabulary: Vocabulary) -> None:
    chain = sampler(vocabulary, temperature=0.0)

    assert guard(vocabulary, banned=("a", "B")).choose(chain, only(vocabulary, b"AbaBcd")) == ord("c")
    chain.close()


def test_where_everything_is_banned_the_answer_ends_in_words(vocabulary: Vocabulary) -> None:
    chain = sampler(vocabulary)

    with pytest.raises(ParameterError, match="every token is banned") as caught:
        guard(vocabulary, banned=("a", "b")).choose(chain, only(vocabulary, b"aAbB"))

    assert caught.value.setting == "banned"
    chain.close()


def test_an_answer_that_must_not_end_ends_when_its_grammar_does(vocabulary: Vocabulary) -> None:
    chain = sampler(vocabulary, ignore_eos=True)
    way = guard(vocabulary, grammar='root ::= "a" "b"?', may_end=False)
    way.take(ord("a"), b"a")

    assert way.choose(chain, np.zeros(vocabulary.size, np.float32)) == ord("b")
    way.take(ord("b"), b"b")
    assert vocabulary.ends(way.choose(chain, np.zeros(vocabulary.size, np.float32)))
    chain.close()


def test_a_token_that_its_grammar_demands_is_chosen_whatever_the_samplers_think(
    vocabulary: Vocabulary,
) -> None:
    """A passage repeated this often has a penalty beyond all numbers."""
    chain = sampler(vocabulary, dry_multiplier=5.0, dry_base=4.0, dry_breakers=())
    chain.read(np.full(300, ord("a"), np.int32))
    way = guard(vocabulary, grammar='root ::= "a"{3}')

    assert way.choose(chain, np.zeros(vocabulary.size, np.float32)) == ord("a")
    chain.close()


# Characters that an answer ends in the middle of


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["llama", "thinking"])
async def bridge(request: pytest.FixtureRequest, tiny_models: TinyModels) -> AsyncIterator[EngineBridge]:
    async with opened(Subject("llama", tiny_models[request.param], SETTINGS)) as (bridge, _):
        yield bridge


async def half(bridge: EngineBridge, **values: Any) -> Heard:
    biased = request("What now?", logit_bias=((HALF, 100.0),), max_tokens=2, **values)
    return await hear(bridge.generate(replace(biased, alternatives=0)))


@pytest.mark.asyncio(loop_scope="module")
async def test_half_a_character_at_the_end_is_shown_as_such(bridge: EngineBridge) -> None:
    heard = await half(bridge)

    (response,) = heard.done.responses
    assert response.thinking + response.text == heard.streamed() == "\ufffd\ufffd"
    assert response.finish_reason is FinishReason.LENGTH
    assert sum(len(delta.logprobs) for delta in heard.deltas) == 2


@pytest.mark.asyncio(loop_scope="module")
async def test_half_a_character_can_be_banned(bridge: EngineBridge) -> None:
    heard = await half(bridge, banned=("\ufffd",), thinking="off")

    assert heard.done.responses[0].text == heard.streamed()
    assert "\ufffd" not in heard.text
    assert sum(len(delta.logprobs) for delta in heard.deltas) == 2
