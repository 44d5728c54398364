"""Temperature 0 or a seed: the same text again, whatever the worker did before, and whatever it does beside.

Without the care that `desktop.engine.worker.scheduling.scheduler` takes these answers do differ: on this
model a token's logits move by several tenths with the shape of the batch.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from desktop.domain.conversation import Role
from desktop.domain.generation import Delta, GenerationRequest, PromptProgress, Turn
from desktop.domain.model import LoadSettings
from desktop.domain.parameters import Parameters
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import SETTINGS, Heard, Subject, ask, hear, native, opened, request

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = "Write a poem about a lighthouse."
LONG = "Here are my notes. " + " ".join(
    f"On day {day} we sailed {day * 37 % 91} miles and saw {('a whale', 'gulls', 'nothing')[day % 3]}."
    for day in range(9)
)
CHUNK = 64
SEEDS = (1, 2**31, 2**32 - 2)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bridge(starter_model) -> AsyncIterator[EngineBridge]:
    async with opened(native(starter_model)) as (bridge, _):
        yield bridge


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cold(starter_model) -> dict[str, list[str]]:
    """What a worker that has seen nothing else answers; one that is started anew for each would be slow."""
    answers = {}
    async with opened(native(starter_model)) as (bridge, _):
        for name, values in ASKED.items():
            await bridge.load(str(starter_model), SETTINGS)
            answers[name] = texts(await ask(bridge, **values))
    return answers


ASKED: dict[str, dict[str, Any]] = {
    "greedy, short": {"text": SHORT, "max_tokens": 14},
    "greedy, long": {"text": LONG, "max_tokens": 12},
    "seed, short": {"text": SHORT, "max_tokens": 14, "temperature": 1.2, "seed": 7, "n": 3},
    "seed, long": {"text": LONG, "max_tokens": 12, "temperature": 1.2, "seed": 7, "n": 3},
}


def texts(heard: Heard) -> list[str]:
    """All answers, whole."""
    return [response.text for response in heard.done.responses]


@contextlib.asynccontextmanager
async def neighbour(bridge: EngineBridge) -> AsyncIterator[Heard]:
    """An ordinary answer that is being written."""
    generation = bridge.generate(
        request("Tell me a very long story.", max_tokens=1200, reproducible=False, temperature=1.0)
    )
    heard = await hear(generation, until=lambda event: isinstance(event, Delta))
    listening = asyncio.create_task(hear(generation))
    try:
        yield heard
    finally:
        generation.cancel()
        heard.events += (await listening).events


@pytest.mark.parametrize("name", ASKED)
async def test_the_same_request_is_answered_with_the_same_text(
    bridge: EngineBridge, cold: dict[str, list[str]], name: str
) -> None:
    first = await ask(bridge, **ASKED[name])
    second = await ask(bridge, **ASKED[name])

    assert texts(first) == texts(second) == cold[name]
    assert all(cold[name])


@pytest.mark.parametrize("name", ASKED)
async def test_other_chats_in_between_change_nothing(
    bridge: EngineBridge, cold: dict[str, list[str]], name: str
) -> None:
    values = ASKED[name]
    await ask(bridge, **values)
    # They begin alike, or not at all alike, leave holes in the cache, and take the first one's place in it.
    for other in (f"{values['text']} Be brief.", LONG[:150], "What is rust?"):
        await ask(bridge, other, temperature=1.0, seed=-1, max_tokens=8)

    assert texts(await ask(bridge, **values)) == cold[name]


@pytest.mark.parametrize("name", ["greedy, short", "seed, long"])
async def test_an_answer_beside_it_changes_nothing(
    bridge: EngineBridge, cold: dict[str, list[str]], name: str
) -> None:
    async with neighbour(bridge) as other:
        asked = asyncio.create_task(ask(bridge, **ASKED[name]))
        await asyncio.sleep(0.2)

    assert texts(await asked) == cold[name]
    assert other.streamed() == other.text


async def test_an_answer_that_comes_later_changes_nothing(
    bridge: EngineBridge, cold: dict[str, list[str]]
) -> None:
    generation = bridge.generate(request(**ASKED["greedy, short"]))
    heard = await hear(generation, until=lambda event: isinstance(event, Delta))
    late = asyncio.create_task(ask(bridge, "What is salt?", reproducible=False, max_tokens=8))
    heard.events += (await hear(generation)).events

    assert texts(heard) == cold["greedy, short"]
    assert (await late).text


async def test_whatever_comes_and_is_stopped_changes_nothing(
    bridge: EngineBridge, cold: dict[str, list[str]]
) -> None:
    """Stopped in line, in the prompt, in the answer: before, beside and after one that must not change."""
    chance = random.Random(20)

    async def passer_by() -> None:
        text = LONG[: chance.choice((20, 200, 500))]
        generation = bridge.generate(request(text, n=chance.choice((1, 3)), max_tokens=300, temperature=1.0))
        await asyncio.sleep(chance.random())
        generation.cancel()
        heard = await hear(generation)
        assert [heard.streamed(index) for index in range(len(texts(heard)))] == texts(heard)

    for _ in range(2):
        before = [asyncio.create_task(passer_by()) for _ in range(3)]
        await asyncio.sleep(0.1)
        asked = asyncio.create_task(ask(bridge, **ASKED["seed, long"]))
        await asyncio.gather(*before, *(passer_by() for _ in range(3)))

        assert texts(await asked) == cold["seed, long"]


async def test_what_it_read_before_is_kept_where_that_changes_nothing(
    bridge: EngineBridge, cold: dict[str, list[str]]
) -> None:
    await ask(bridge, **ASKED["greedy, long"])
    heard = await ask(bridge, **ASKED["greedy, long"])

    size = heard.progress[-1].total
    assert size > 2 * CHUNK
    assert heard.progress[-1].reused == (size - 1) // CHUNK * CHUNK
    assert texts(heard) == cold["greedy, long"]


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_seed_can_be_repeated(bridge: EngineBridge, seed: int) -> None:
    async def once() -> Heard:
        return await ask(bridge, SHORT, seed=seed, temperature=1.2, max_tokens=20)

    first, second = await once(), await once()

    assert first.text == second.text
    assert first.done.responses[0].seed == second.done.responses[0].seed == seed


async def test_another_seed_gives_another_text(bridge: EngineBridge) -> None:
    answers = {
        (await ask(bridge, SHORT, seed=seed, temperature=1.2, max_tokens=20)).text for seed in (1, 2, 3)
    }

    assert len(answers) == 3


async def test_without_a_seed_the_text_changes_and_the_seed_is_told(bridge: EngineBridge) -> None:
    first = await ask(bridge, SHORT, temperature=1.2, max_tokens=20)
    second = await ask(bridge, SHORT, temperature=1.2, max_tokens=20)

    assert first.text != second.text
    assert first.done.responses[0].seed != second.done.responses[0].seed
    assert first.done.responses[0].seed >= 0


async def test_an_answer_can_be_made_again_from_the_seed_that_was_told(bridge: EngineBridge) -> None:
    first = await ask(bridge, SHORT, temperature=1.2, max_tokens=20, reproducible=True)
    seed = first.done.responses[0].seed

    again = await ask(bridge, SHORT, temperature=1.2, max_tokens=20, seed=seed)

    assert again.text == first.text


async def test_several_answers_with_a_seed_differ_and_can_be_repeated(bridge: EngineBridge) -> None:
    async def once() -> list[str]:
        return texts(await ask(bridge, SHORT, n=3, seed=11, temperature=1.2, max_tokens=16))

    first = await once()
    await ask(bridge, "What is rust?", max_tokens=4)

    assert await once() == first
    assert len(set(first)) == 3


async def test_the_next_turn_of_a_chat_equals_a_cold_one(bridge: EngineBridge, starter_model) -> None:
    turns = [Turn(Role.USER, LONG)]
    parameters = Parameters(temperature=1.2, seed=7, max_tokens=16)

    async def answer(engine: EngineBridge) -> Heard:
        return await hear(engine.generate(GenerationRequest(tuple(turns), parameters, n=4)))

    first = await answer(bridge)
    # Another chat takes the cells that follow.
    await ask(bridge, LONG[::-1][:200], temperature=1.0, max_tokens=4)
    turns += [Turn(Role.ASSISTANT, texts(first)[0]), Turn(Role.USER, f"And then? {LONG[100:]}")]
    warm = await answer(bridge)
    async with opened(native(starter_model)) as (fresh, _):
        from_nothing = await answer(fresh)

    assert warm.progress[-1].reused >= 2 * CHUNK
    assert warm.progress[-1].total > warm.progress[-1].reused + 2 * CHUNK
    assert from_nothing.progress[-1].reused == 0
    assert texts(warm) == texts(from_nothing)


async def test_stopping_inside_the_prompt_leaves_the_next_answer_right(
    bridge: EngineBridge, starter_model
) -> None:
    # Unlike any other prompt from its first words on, so that none of it is in the cache; and long enough to
    # be stopped inside on a busy machine.
    question = f"The notes of another ship: {LONG} {LONG} What did we see on day 4?"
    generation = bridge.generate(request(question, max_tokens=16))
    stopped = await hear(
        generation, until=lambda event: isinstance(event, PromptProgress) and event.done >= CHUNK
    )
    generation.cancel()
    stopped.events += (await hear(generation)).events
    assert stopped.progress[-1].done < stopped.progress[-1].total

    after = await ask(bridge, question, max_tokens=16)

    async with opened(native(starter_model)) as (fresh, _):
        assert after.text == (await ask(fresh, question, max_tokens=16)).text
    assert after.progress[-1].reused >= CHUNK


async def test_it_holds_with_two_threads_and_big_batches(starter_model) -> None:
    subject = Subject("llama", starter_model, LoadSettings(threads=2, context_length=2048))
    async with opened(subject) as (bridge, _):
        first = await ask(bridge, LONG, max_tokens=8)
        await ask(bridge, f"{LONG} Be brief.", max_tokens=1, temperature=1.0)
        second = await ask(bridge, LONG, max_tokens=8)

    assert first.text == second.text != ""
    assert second.progress[-1].reused == 128
