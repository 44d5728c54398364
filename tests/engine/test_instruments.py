"""All measurements beside answers: stopped in the middle, with a worker that dies, in one line with chats."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from desktop.domain.conversation import Role
from desktop.domain.engine_state import Busy, Failed, Ready
from desktop.domain.errors import EngineGoneError
from desktop.domain.generation import Delta, PromptProgress, Queued, Turn
from desktop.domain.instruments import (
    BeamRequest,
    DistributionRequest,
    EmbedRequest,
    Measurement,
    ScoreRequest,
)
from desktop.domain.model import LoadedModel, LoadSettings
from desktop.engine.asking import OnProgress
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import Subject, ask, hear, is_running, opened, request
from tests.helpers.tiny_models import TinyModels
from tests.helpers.waiting import PATIENCE_S, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = LoadSettings(context_length=2048, batch=64, threads=1)
LONG = "On day seven the ship had sailed many miles, and nobody on it had seen any land. " * 60
"""About 1,100 tokens of the starter's."""
TURNS = (Turn(Role.USER, LONG),)
QUESTION = "Name three colours of the rainbow."

Measure = Callable[[EngineBridge, OnProgress], Awaitable[Measurement]]
SLOW: dict[str, Measure] = {
    "score": lambda bridge, heard: bridge.score(ScoreRequest(LONG * 20, 256, 64), heard),
    "distribution": lambda bridge, heard: bridge.distribution(DistributionRequest(TURNS), heard),
    "embed": lambda bridge, heard: bridge.embed(EmbedRequest((LONG,) * 30), heard),
    "beams": lambda bridge, heard: bridge.search_beams(BeamRequest(TURNS, max_tokens=200), heard),
}
"""Each takes seconds at least, in many portions."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(starter_model: Path) -> AsyncIterator[EngineBridge]:
    async with opened(Subject("llama", starter_model, SETTINGS)) as (bridge, _):
        yield bridge


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def right_answer(shared: EngineBridge) -> str:
    return (await ask(shared, QUESTION, max_tokens=5)).text


@pytest_asyncio.fixture(loop_scope="module")
async def bridge(shared: EngineBridge, right_answer: str) -> AsyncIterator[EngineBridge]:
    """After each test it is idle, all its sequences are free, and it answers as it always did."""
    yield shared
    await until(lambda: isinstance(shared.state, Ready))
    assert (await ask(shared, QUESTION, max_tokens=5)).text == right_answer
    many = await ask(shared, QUESTION, n=8, max_tokens=1, temperature=1.0)
    assert len(many.done.responses) == 8


async def begun(bridge: EngineBridge, kind: str) -> asyncio.Task[Measurement]:
    """A measurement of which a portion is done, and far from all."""
    started = asyncio.Event()
    heard: list[PromptProgress] = []

    def note(progress: PromptProgress) -> None:
        heard.append(progress)
        started.set()

    task = asyncio.ensure_future(SLOW[kind](bridge, note))
    async with asyncio.timeout(PATIENCE_S):
        await started.wait()
    assert heard[-1].done < heard[-1].total
    assert isinstance(task, asyncio.Task)
    return task


@pytest.mark.parametrize("kind", SLOW)
async def test_it_can_be_stopped_in_the_middle(bridge: EngineBridge, kind: str) -> None:
    task = await begun(bridge, kind)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: isinstance(bridge.state, Ready))


@pytest.mark.parametrize("kind", SLOW)
async def test_a_chat_goes_on_beside_it(bridge: EngineBridge, kind: str) -> None:
    """Both get ahead, and the chat's end does not hurt the measurement."""
    task = await begun(bridge, kind)

    answer = await hear(bridge.generate(request("Hi!", reproducible=False, max_tokens=4)))

    assert answer.text
    # The answer's prompt and its steps went between a few of the portions.
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_stopping_a_chat_costs_a_measurement_nothing(bridge: EngineBridge) -> None:
    """The stop interrupts whatever batch is being computed; one that was somebody else's is done again."""
    text = LONG[:500]
    alone = await bridge.score(ScoreRequest(text, 64, 32))
    task = asyncio.create_task(bridge.score(ScoreRequest(text, 64, 32)))
    while not task.done():
        chat = bridge.generate(request(LONG[:300], reproducible=False, max_tokens=400))
        await hear(chat, until=lambda event: isinstance(event, PromptProgress | Delta))
        chat.cancel()
        await hear(chat)

    beside = await task
    assert [token.id for token in beside.tokens] == [token.id for token in alone.tokens]
    assert beside.counted == alone.counted
    # Batches of other sizes round differently.
    assert beside.perplexity == pytest.approx(alone.perplexity, rel=0.03)


async def test_a_reproducible_answer_waits_until_the_measurement_is_done(bridge: EngineBridge) -> None:
    task = asyncio.create_task(bridge.score(ScoreRequest(LONG[:1000], 64, 32)))
    await until(lambda: isinstance(bridge.state, Busy))

    answer = await hear(bridge.generate(request(QUESTION, max_tokens=3)))

    assert [event.ahead for event in answer.events if isinstance(event, Queued)] == [1]
    assert task.done()
    await task


async def test_a_measurement_that_waits_can_be_stopped(bridge: EngineBridge) -> None:
    """An answer that must run alone is being written; nothing else begins before its end."""
    alone = bridge.generate(request("Count to a thousand.", max_tokens=1500))
    await hear(alone, until=lambda event: isinstance(event, Delta))
    waiting = [asyncio.ensure_future(measure(bridge, _ignore)) for measure in SLOW.values()]
    await asyncio.sleep(0.3)

    for task in waiting:
        task.cancel()

    await until(lambda: bridge.state == Busy(_model(bridge), 1))
    alone.cancel()
    await hear(alone)


def _ignore(_progress: PromptProgress) -> None:
    pass


def _model(bridge: EngineBridge) -> LoadedModel:
    assert isinstance(bridge.state, Ready | Busy)
    return bridge.state.model


async def test_measurements_run_side_by_side(bridge: EngineBridge) -> None:
    text = LONG[:300]
    turns = (Turn(Role.USER, text),)

    score, distribution, vectors, beams = await asyncio.gather(
        bridge.score(ScoreRequest(text)),
        bridge.distribution(DistributionRequest(turns)),
        bridge.embed(EmbedRequest((text,))),
        bridge.search_beams(BeamRequest(turns, width=2, max_tokens=4)),
    )

    assert score.counted == len(score.tokens) - 1 == vectors.tokens[0] - 1
    assert distribution.prompt_tokens == beams.prompt_tokens
    assert len(beams.beams) == 2


@pytest.mark.parametrize("kind", SLOW)
async def test_a_worker_that_dies_is_said_in_words(starter_model: Path, kind: str) -> None:
    async with opened(Subject("llama", starter_model, SETTINGS)) as (bridge, _):
        task = await begun(bridge, kind)
        assert is_running(bridge.pid) and bridge.pid is not None
        psutil.Process(bridge.pid).kill()

        with pytest.raises(EngineGoneError):
            await task
        assert isinstance(bridge.state, Failed)


@pytest.mark.parametrize("kind", ["recurrent", "hybrid", "sliding"])
async def test_what_cannot_be_cut_back_is_measured_all_the_same_when_others_stop(
    tiny_models: TinyModels, kind: str
) -> None:
    """A state that only goes forward is lost with an interrupted batch: the measurement begins again."""
    text = LONG[:2000]
    turns = (Turn(Role.USER, text),)
    async with opened(Subject("llama", tiny_models[kind], SETTINGS)) as (bridge, _):
        score = await bridge.score(ScoreRequest(text, 256, 128))
        beams = await bridge.search_beams(BeamRequest(turns, width=2, max_tokens=12))
        both = asyncio.gather(
            bridge.score(ScoreRequest(text, 256, 128)),
            bridge.search_beams(BeamRequest(turns, width=2, max_tokens=12)),
        )
        for _ in range(20):
            chat = bridge.generate(request("hi", reproducible=False, max_tokens=50))
            chat.cancel()
            await hear(chat)
        score_beside, beams_beside = await both

    assert score_beside.perplexity == pytest.approx(score.perplexity, rel=0.01)
    assert beams_beside.beams[0].logprob == pytest.approx(beams.beams[0].logprob, abs=0.1)
