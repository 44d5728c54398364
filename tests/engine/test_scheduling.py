"""Many requests at once on llama.cpp: who waits for whom, and what is not read twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from desktop.domain.conversation import Role
from desktop.domain.engine_state import Ready
from desktop.domain.errors import ContextOverflowError, ParameterError
from desktop.domain.generation import (
    ContextCut,
    Delta,
    FinishReason,
    GenerationRequest,
    PromptProgress,
    Queued,
    Turn,
)
from desktop.domain.model import LoadSettings
from desktop.domain.parameters import Parameters
from desktop.engine.bridge import EngineBridge, Generation
from tests.helpers.engine import Heard, Subject, ask, hear, is_delta, native, opened, request
from tests.helpers.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

INSTRUCTIONS = "You answer sailors. " + "Be kind, be brief, and never speak of the weather. " * 12
ENDLESS = "1, 2, 3, 4, 5, 6, 7, 8,"
LONG_TURNS = (Turn(Role.USER, "All work and no play. " * 60_000),)
"""Takes far longer to be made into tokens than a step of an answer takes."""
CHUNK = 64
"""Tokens of a prompt that are read in one step: the batch of `SETTINGS`."""
STORY = " ".join(f"On day {day} the ship had sailed {day * 37 % 91} miles." for day in range(32))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(starter_model) -> AsyncIterator[EngineBridge]:
    async with opened(native(starter_model)) as (bridge, _):
        yield bridge


@pytest_asyncio.fixture(loop_scope="module")
async def bridge(shared: EngineBridge) -> AsyncIterator[EngineBridge]:
    yield shared
    await until(lambda: isinstance(shared.state, Ready))


def chat(*texts: str, system: str = INSTRUCTIONS, n: int = 1, max_tokens: int = 12) -> GenerationRequest:
    """An ordinary chat: no seed. `texts` are the user's and the assistant's in turn."""
    roles = (Role.USER, Role.ASSISTANT)
    turns = [Turn(roles[at % 2], text) for at, text in enumerate(texts)]
    system_turn = [Turn(Role.SYSTEM, system)] if system else []
    return GenerationRequest((*system_turn, *turns), Parameters(max_tokens=max_tokens), n)


async def answer(bridge: EngineBridge, *texts: str, system: str = INSTRUCTIONS, n: int = 1) -> Heard:
    return await hear(bridge.generate(chat(*texts, system=system, n=n)))


def unread(heard: Heard) -> int:
    """Prompt tokens that had to be read."""
    return heard.progress[-1].total - heard.progress[-1].reused


# What is not read again


async def test_the_next_turn_of_a_chat_reads_only_what_is_new(bridge: EngineBridge) -> None:
    first = await answer(bridge, "Who are you?")
    second = await answer(bridge, "Who are you?", first.text, "And where is the harbour?")

    # The new question with the words around it, and an end of the answer cut into other tokens.
    assert unread(second) < 30
    assert second.progress[-1].reused >= first.done.responses[0].prompt_tokens


async def test_asking_again_reads_nothing_but_the_last_token(bridge: EngineBridge) -> None:
    await answer(bridge, "How high is the mast?")

    assert unread(await answer(bridge, "How high is the mast?")) == 1


async def test_chats_with_the_same_instructions_keep_each_their_own(bridge: EngineBridge) -> None:
    first = await answer(bridge, STORY[:800])
    other = await answer(bridge, "What do you cook on Mondays?")
    again = await answer(bridge, STORY[:800], first.text, "Go on.")

    assert other.progress[-1].reused > 100
    assert unread(again) < 40


async def test_many_answers_read_their_prompt_once(bridge: EngineBridge) -> None:
    alone = await answer(bridge, f"One. {STORY[:900]}", system="")
    four = await answer(bridge, f"Two. {STORY[:900]}", system="", n=4)

    assert len(four.done.responses) == 4
    assert unread(alone) > 200 < unread(four)
    assert four.progress[-1].done == four.progress[-1].total == alone.progress[-1].total


# Who waits for whom


async def test_a_long_prompt_does_not_hold_a_running_answer_up(bridge: EngineBridge) -> None:
    """Between two chunks of the prompt lies a step of the answer."""
    short = bridge.generate(chat("Tell me a very long story.", system="", max_tokens=1000))
    before = await hear(short, until=lambda event: isinstance(event, Delta))
    read = asyncio.Event()
    writing = asyncio.create_task(hear(short, until=lambda event: isinstance(event, Delta) and read.is_set()))
    long = bridge.generate(chat(f"Read this. {STORY}", system="", max_tokens=1))
    prompt = await hear(long)
    read.set()
    during = await writing
    short.cancel()
    await hear(short)

    chunks = unread(prompt) // CHUNK
    assert chunks >= 5
    assert during.deltas[-1].tokens - before.deltas[-1].tokens >= chunks - 2


async def test_a_short_question_is_not_stuck_behind_a_long_prompt(bridge: EngineBridge) -> None:
    ended: list[str] = []

    async def run(name: str, generation: Generation) -> Heard:
        heard = await hear(generation)
        ended.append(name)
        return heard

    long = bridge.generate(chat(f"And this. {STORY}", system="", max_tokens=1))
    await hear(long, until=lambda event: isinstance(event, PromptProgress) and event.done > 0)
    reading = asyncio.create_task(run("long", long))

    short = await run("short", bridge.generate(chat("What is salt?", system="", max_tokens=3)))

    assert short.text
    assert (await reading).done.responses[0].completion_tokens == 1
    assert ended == ["short", "long"]


async def test_when_the_context_is_full_requests_wait_in_line(bridge: EngineBridge) -> None:
    """Each may come to need most of the context, so they run one after the other, in the order they came."""
    order: list[str] = []

    def ask_as(name: str) -> Generation:
        return bridge.generate(request(f"{name}: {ENDLESS}", max_tokens=1500, temperature=0.2))

    async def run(name: str, generation: Generation) -> Heard:
        heard = await hear(generation, until=lambda event: isinstance(event, PromptProgress))
        order.append(name)
        return heard

    def is_told(event: object) -> bool:
        return isinstance(event, Queued)

    ann, ben, cy = map(ask_as, ("Ann", "Ben", "Cy"))
    await run("Ann", ann)
    waited = [(await hear(ben, until=is_told)).events[-1], (await hear(cy, until=is_told)).events[-1]]
    assert waited == [Queued(1), Queued(2)] and order == ["Ann"]

    ann.cancel()
    await run("Ben", ben)
    assert (await hear(cy, until=is_told)).events[-1] == Queued(1)
    ben.cancel()
    await run("Cy", cy)
    cy.cancel()
    ends = [(await hear(one)).done.responses[0].finish_reason for one in (ann, ben, cy)]
    assert ends == [FinishReason.CANCELLED] * 3 and order == ["Ann", "Ben", "Cy"]


async def test_more_requests_than_sequences_are_all_answered(bridge: EngineBridge) -> None:
    heard = await asyncio.gather(*(answer(bridge, f"Who is number {at}?", system="") for at in range(11)))

    assert all(one.streamed() == one.text != "" for one in heard)


# Limits


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def small(starter_model) -> AsyncIterator[EngineBridge]:
    """An engine with little room: two answers at once, 256 tokens."""
    settings = LoadSettings(threads=1, context_length=256, batch=64, sequences=2)
    async with opened(Subject("llama", starter_model, settings)) as (bridge, _):
        yield bridge


async def test_more_answers_than_there_is_room_for_are_refused_in_words(small: EngineBridge) -> None:
    with pytest.raises(ParameterError, match="at most 2 answers at once") as refusal:
        await ask(small, n=3)

    assert refusal.value.setting == "n"
    assert (await ask(small, n=2, max_tokens=3)).done.responses[1].completion_tokens == 3


async def test_an_answer_that_reaches_the_end_of_the_context_ends_there(small: EngineBridge) -> None:
    heard = await ask(small, ENDLESS, max_tokens=5000)

    response = heard.done.responses[0]
    assert response.finish_reason is FinishReason.LENGTH
    assert response.prompt_tokens + response.completion_tokens == 256
    assert heard.done.context_used == 256
    assert heard.streamed() == heard.text


async def test_answers_share_what_room_there_is(small: EngineBridge) -> None:
    heard = await ask(small, ENDLESS, n=2, max_tokens=5000)

    counts = [response.completion_tokens for response in heard.done.responses]
    assert counts[0] == counts[1] == (256 - heard.done.responses[0].prompt_tokens) // 2


async def test_a_prompt_that_fills_the_context_to_the_last_token_but_one_is_answered(
    small: EngineBridge,
) -> None:
    async def size(words: int) -> int:
        return len((await small.render(request("sea " * words).turns)).tokens)

    words = 255 - (await size(100) - 100)
    assert await size(words) == 255

    heard = await ask(small, "sea " * words, max_tokens=50)
    assert heard.done.responses[0].prompt_tokens == 255
    assert heard.done.responses[0].completion_tokens <= 1
    with pytest.raises(ContextOverflowError, match="has 256 tokens, and the context holds 256"):
        await ask(small, "sea " * (words + 1))


async def test_a_megabyte_of_text_is_refused_without_being_counted_and_holds_nobody_up(
    bridge: EngineBridge,
) -> None:
    writing = bridge.generate(chat("Tell me a very long story.", system="", max_tokens=1000))
    await hear(writing, until=is_delta)

    with pytest.raises(ContextOverflowError, match="more than 4,096 tokens"):
        await ask(bridge, "All work and no play makes a dull boy. " * 27_000)

    rendering = asyncio.create_task(bridge.render(LONG_TURNS))
    await hear(writing, until=is_delta)
    assert not rendering.done()
    writing.cancel()
    await hear(writing)
    assert len((await rendering).tokens) > 100_000


async def test_stopping_a_prompt_that_is_still_made_into_tokens_takes_effect_at_once(
    bridge: EngineBridge,
) -> None:
    rendering = asyncio.create_task(bridge.render(LONG_TURNS))
    await asyncio.sleep(0)
    generation = bridge.generate(request())

    generation.cancel()
    heard = await hear(generation)

    assert not rendering.done()
    assert heard.done.responses[0].finish_reason is FinishReason.CANCELLED
    await rendering


# When a conversation no longer fits


def long_chat(policy: str) -> GenerationRequest:
    """About 500 tokens: a code word at the beginning, many exchanges, a question at the end."""
    turns = [Turn(Role.SYSTEM, "Be brief."), Turn(Role.USER, "The code word is heron.")]
    for at in range(12):
        turns += [
            Turn(Role.ASSISTANT, f"Noted. That was message {at}."),
            Turn(Role.USER, f"On day {at} the ship sailed {at * 37 % 91} miles and met nobody at all."),
        ]
    return GenerationRequest(tuple(turns), Parameters(max_tokens=8, temperature=0, context_policy=policy))


async def test_a_full_context_stops_and_says_so(small: EngineBridge) -> None:
    with pytest.raises(ContextOverflowError, match="the context holds 256"):
        await hear(small.generate(long_chat("stop")))


@pytest.mark.parametrize("policy", ["drop_oldest", "keep_ends"])
async def test_what_is_left_out_is_said_before_the_answer(small: EngineBridge, policy: str) -> None:
    asked = long_chat(policy)

    heard = await hear(small.generate(asked))

    cut = heard.events[0]
    assert isinstance(cut, ContextCut)
    assert cut.policy == policy
    kept = [turn for at, turn in enumerate(asked.turns) if at not in cut.turns]
    assert heard.done.responses[0].prompt_tokens == len((await small.render(kept)).tokens) < 256
    assert (asked.turns[1] in kept) == (policy == "keep_ends")
    assert heard.text


async def test_an_answer_to_a_shortened_chat_is_that_to_the_shorter_chat(small: EngineBridge) -> None:
    asked = long_chat("drop_oldest")
    heard = await hear(small.generate(asked))
    cut = heard.events[0]
    assert isinstance(cut, ContextCut)

    kept = tuple(turn for at, turn in enumerate(asked.turns) if at not in cut.turns)

    assert (await hear(small.generate(replace(asked, turns=kept)))).text == heard.text


async def test_a_pasted_line_far_too_long_keeps_its_ends(small: EngineBridge) -> None:
    line = "This is the beginning. " + "on and on " * 100_000 + "This is the end."
    asked = GenerationRequest((Turn(Role.USER, line),), Parameters(max_tokens=8, context_policy="keep_ends"))

    heard = await hear(small.generate(asked))

    cut = heard.events[0]
    assert isinstance(cut, ContextCut)
    assert cut.turns == ()
    assert cut.tokens > 100_000
    assert 128 < heard.done.responses[0].prompt_tokens < 256
