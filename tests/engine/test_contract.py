"""What holds for every core behind the bridge: the scripted one, and llama.cpp with the starter model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from itertools import pairwise

import pytest

from desktop.domain.conversation import Role
from desktop.domain.engine_state import Busy, Ready
from desktop.domain.errors import ContextOverflowError, ParameterError
from desktop.domain.generation import (
    Delta,
    FinishReason,
    GenerationRequest,
    PromptProgress,
    TokenOrigin,
    Turn,
)
from desktop.engine import asking
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import ask, hear, is_delta, request
from tests.helpers.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = 600
LONG_PROMPT = "The tide comes in and the tide goes out. " * 90


async def test_an_answer_streams_and_the_pieces_make_the_whole(bridge: EngineBridge) -> None:
    heard = await ask(bridge, max_tokens=40)

    response = heard.done.responses[0]
    assert response.text
    assert heard.streamed() == response.text
    assert len(heard.deltas) > 1
    assert 0 < response.completion_tokens <= 40
    assert response.finish_reason in (FinishReason.STOP, FinishReason.LENGTH)
    counts = [delta.tokens for delta in heard.deltas]
    assert counts == sorted(counts)
    assert counts[-1] <= response.completion_tokens


async def test_the_prompt_is_seen_being_read_before_the_first_word(bridge: EngineBridge) -> None:
    heard = await ask(bridge, "How deep is the sea?")

    last = heard.progress[-1]
    assert last.done == last.total == heard.done.responses[0].prompt_tokens > 0
    first_delta = heard.events.index(heard.deltas[0])
    assert all(isinstance(event, PromptProgress) for event in heard.events[:first_delta])
    assert heard.done.timing.first_token_s > 0
    assert heard.done.context_used > last.total
    assert heard.done.memory > 1_000_000


async def test_several_answers_come_at_once_each_in_its_own_stream(bridge: EngineBridge) -> None:
    heard = await ask(bridge, n=3, temperature=1.0, seed=5, max_tokens=20)

    assert len(heard.done.responses) == 3
    assert {delta.index for delta in heard.deltas} == {0, 1, 2}
    for index, response in enumerate(heard.done.responses):
        assert heard.streamed(index) == response.text != ""


async def test_an_answer_ends_at_the_number_of_tokens_asked_for(bridge: EngineBridge) -> None:
    heard = await ask(bridge, "Count to one hundred.", max_tokens=7)

    assert heard.done.responses[0].finish_reason is FinishReason.LENGTH
    assert heard.done.responses[0].completion_tokens == 7


async def test_two_people_can_ask_at_once(bridge: EngineBridge) -> None:
    one, other = await asyncio.gather(
        ask(bridge, "What is salt?", reproducible=False), ask(bridge, "What is rain?", reproducible=False)
    )

    assert one.streamed() == one.text != ""
    assert other.streamed() == other.text != ""


# Stop


async def test_stop_before_the_first_word_leaves_an_empty_answer(bridge: EngineBridge) -> None:
    generation = bridge.generate(request(max_tokens=LONG))
    generation.cancel()

    heard = await hear(generation)

    assert heard.done.responses[0].finish_reason is FinishReason.CANCELLED
    assert heard.done.responses[0].text == heard.streamed()


async def test_stop_in_the_middle_keeps_what_was_written(bridge: EngineBridge) -> None:
    generation = bridge.generate(request("Tell me a long story.", max_tokens=LONG))
    heard = await hear(generation, until=lambda event: isinstance(event, Delta) and event.tokens >= 5)

    generation.cancel()
    heard.events += (await hear(generation)).events

    response = heard.done.responses[0]
    assert response.finish_reason is FinishReason.CANCELLED
    assert response.text == heard.streamed() != ""
    assert 5 <= response.completion_tokens < LONG


async def test_stop_twice_is_the_same_as_stop_once(bridge: EngineBridge) -> None:
    generation = bridge.generate(request("Tell me a long story.", max_tokens=LONG))
    await hear(generation, until=is_delta)

    generation.cancel()
    generation.cancel()
    heard = await hear(generation)
    generation.cancel()

    assert heard.done.responses[0].finish_reason is FinishReason.CANCELLED
    assert [event async for event in generation] == []


async def test_stop_while_the_prompt_is_read_takes_effect_at_once(bridge: EngineBridge) -> None:
    generation = bridge.generate(request(LONG_PROMPT, max_tokens=LONG))
    heard = await hear(generation, until=lambda event: isinstance(event, PromptProgress))

    generation.cancel()
    heard.events += (await hear(generation)).events

    assert heard.done.responses[0].finish_reason is FinishReason.CANCELLED
    assert heard.text == heard.streamed() == ""
    assert heard.progress[-1].done < heard.progress[-1].total


async def test_several_answers_stop_together(bridge: EngineBridge) -> None:
    generation = bridge.generate(request("Tell me a long story.", n=2, temperature=1.0, max_tokens=LONG))
    await hear(generation, until=is_delta)

    generation.cancel()
    heard = await hear(generation)

    assert [r.finish_reason for r in heard.done.responses] == [FinishReason.CANCELLED] * 2


@asynccontextmanager
async def begun_before(bridge: EngineBridge) -> AsyncIterator[None]:
    """An answer that would be whole before a second one like it, and is not yet whole in the end."""
    generation = bridge.generate(beside())
    await hear(generation, until=is_delta)
    yield
    generation.cancel()
    heard = await hear(generation)
    assert heard.done.responses[0].finish_reason is FinishReason.CANCELLED


def beside() -> GenerationRequest:
    """What may run beside others."""
    return request("Tell me a long story.", reproducible=False, max_tokens=LONG)


def running(bridge: EngineBridge) -> int:
    return bridge.state.running if isinstance(bridge.state, Busy) else 0


async def test_leaving_the_loop_stops_the_answer(bridge: EngineBridge) -> None:
    async with begun_before(bridge):
        async with aclosing(bridge.generate(beside())) as generation:
            async for event in generation:
                if is_delta(event):
                    break

        await until(lambda: running(bridge) == 1)


async def test_cancelling_the_task_that_listens_stops_the_answer(bridge: EngineBridge) -> None:
    async with begun_before(bridge):
        listening = asyncio.create_task(
            ask(bridge, "Tell me a long story.", reproducible=False, max_tokens=LONG)
        )
        await until(lambda: running(bridge) == 2)

        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening

        await until(lambda: running(bridge) == 1)


async def test_stopping_one_answer_lets_the_other_go_on(bridge: EngineBridge) -> None:
    other = asyncio.create_task(ask(bridge, "Tell me a story.", reproducible=False, max_tokens=30))
    generation = bridge.generate(request("Tell me a long story.", reproducible=False, max_tokens=LONG))
    await hear(generation, until=is_delta)

    generation.cancel()
    stopped = await hear(generation)
    heard = await other

    assert stopped.done.responses[0].finish_reason is FinishReason.CANCELLED
    assert heard.done.responses[0].finish_reason is not FinishReason.CANCELLED
    assert heard.streamed() == heard.text != ""


# What cannot be done is said


async def test_a_prompt_longer_than_the_context_is_refused_in_words(bridge: EngineBridge) -> None:
    with pytest.raises(ContextOverflowError, match="tokens, and the context holds 2,048") as refusal:
        await ask(bridge, "all work and no play " * 600)

    assert refusal.value.setting == "context_length"
    assert "Shorten the text" in refusal.value.action


async def test_more_answers_than_the_engine_has_room_for_are_refused_in_words(bridge: EngineBridge) -> None:
    with pytest.raises(ParameterError, match="between 1 and 8"):
        await ask(bridge, n=9)


async def test_an_answer_in_line_can_be_stopped(bridge: EngineBridge) -> None:
    first = bridge.generate(request("Tell me a long story.", max_tokens=2000, reproducible=False))
    await hear(first, until=is_delta)
    second = bridge.generate(request("And me another.", max_tokens=2000, reproducible=False))

    second.cancel()
    heard = await hear(second)
    first.cancel()
    await hear(first)

    assert heard.done.responses[0].finish_reason is FinishReason.CANCELLED


# Text and tokens


async def test_tokens_make_the_text_they_came_from(bridge: EngineBridge) -> None:
    text = "The sea, the sea!\n\tNaïve café — 3.14"

    tokens = await bridge.tokenize(text)

    assert len(tokens) > 5
    assert "".join(token.piece for token in tokens) == text
    assert not any(token.special for token in tokens)
    assert await bridge.count_tokens(text) == len(tokens)


async def test_the_prompt_can_be_seen_with_who_wrote_what(bridge: EngineBridge) -> None:
    turns = (Turn(Role.SYSTEM, "Be brief."), Turn(Role.USER, "What is salt?"))

    prompt = await bridge.render(turns)

    def of(origin: TokenOrigin) -> str:
        return "".join(token.piece for token in prompt.tokens if token.origin is origin)

    assert of(TokenOrigin.USER) == "What is salt?"
    assert of(TokenOrigin.SYSTEM) == "Be brief."
    assert "".join(token.piece for token in prompt.tokens) == prompt.text


@pytest.mark.parametrize(
    "text", ["half a pair: \ud83d", "the other: \udc00", "\x00", "‮ right to left", "👨‍👩‍👧‍👦"]
)
async def test_any_text_can_be_asked_counted_and_shown(bridge: EngineBridge, text: str) -> None:
    heard = await ask(bridge, text, max_tokens=2)
    tokens = await bridge.tokenize(text)
    prompt = await bridge.render((Turn(Role.USER, text),))

    shown = text.replace("\ud83d", "�").replace("\udc00", "�")
    assert heard.done.responses[0].completion_tokens > 0
    assert shown in prompt.text
    assert len(tokens) > 0


async def test_questions_about_text_are_answered_while_an_answer_is_written(bridge: EngineBridge) -> None:
    generation = bridge.generate(request("Tell me a long story.", max_tokens=LONG))
    await hear(generation, until=is_delta)

    tokens = await bridge.tokenize("one two three")

    assert isinstance(bridge.state, Busy)
    assert len(tokens) >= 3
    await generation.aclose()


# What a request would come to


async def test_what_is_foreseen_is_what_happens(bridge: EngineBridge) -> None:
    await ask(bridge, "The tide comes in and goes out. " * 12, max_tokens=4, reproducible=False)
    asked = request("The tide comes in and goes out. " * 12 + "Why?", max_tokens=4, reproducible=False)

    foreseen = await bridge.foresee(asked)
    heard = await hear(bridge.generate(asked))

    assert foreseen.prompt_tokens == foreseen.sent_tokens == heard.progress[0].total
    assert foreseen.reused_tokens > foreseen.sent_tokens // 2
    assert foreseen.turn_tokens == {0: await bridge.count_tokens(asked.turns[0].content)}
    assert (foreseen.cut, foreseen.overflows, foreseen.is_estimate) == (None, False, False)
    assert (foreseen.reserve, foreseen.context_length) == (4, 2048)
    assert foreseen.first_token_s is not None
    assert 0 < foreseen.first_token_s < 60


async def test_what_would_be_refused_is_foreseen(bridge: EngineBridge) -> None:
    asked = request(LONG_PROMPT * 4)

    foreseen = await bridge.foresee(asked)

    assert foreseen.overflows
    assert foreseen.prompt_tokens > 2048
    assert (foreseen.reused_tokens, foreseen.reserve, foreseen.first_token_s) == (0, 0, None)
    with pytest.raises(ContextOverflowError):
        await hear(bridge.generate(asked))


async def test_a_look_ahead_neither_waits_for_an_answer_nor_disturbs_it(bridge: EngineBridge) -> None:
    alone = await ask(bridge, "Tell me a long story.", max_tokens=100)
    generation = bridge.generate(request("Tell me a long story.", max_tokens=100))
    heard = await hear(generation, until=is_delta)

    looks = [await bridge.foresee(request("What then?")) for _ in range(3)]

    assert isinstance(bridge.state, Busy)
    assert looks[0].turn_tokens == looks[2].turn_tokens
    heard.events += (await hear(generation)).events
    assert heard.text == alone.text


async def test_turns_that_were_asked_about_before_need_not_be_sent_again(bridge: EngineBridge) -> None:
    ask, reply, other = (
        Turn(Role.USER, "What is salt?"),
        Turn(Role.ASSISTANT, "A spice."),
        Turn(Role.USER, "Why?"),
    )
    chats = [(ask,), (ask, reply, other), (ask, reply, Turn(Role.USER, "Why though?")), (other,), (), (ask,)]

    for chat in chats:
        again = tuple(Turn(turn.role, turn.content) for turn in chat)
        looks = [await bridge.foresee(GenerationRequest(turns)) for turns in (chat, again, chat)]

        assert [look.turn_tokens for look in looks] == [looks[0].turn_tokens] * 3
        assert [look.prompt_tokens for look in looks] == [looks[0].prompt_tokens] * 3
        counts = [await bridge.count_tokens(turn.content) for turn in chat]
        assert looks[0].turn_tokens == dict(enumerate(counts))


async def test_a_long_chat_is_handed_over_in_portions(
    bridge: EngineBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats = [
        tuple(Turn((Role.USER, Role.ASSISTANT)[at % 2], f"{name} {at}") for at in range(9)) for name in "ab"
    ]
    whole = [await bridge.foresee(GenerationRequest(chat)) for chat in chats]

    monkeypatch.setattr(asking, "PORTION", 10)
    # Both at once, and one that gives up on the way.
    given_up = asyncio.ensure_future(bridge.foresee(GenerationRequest(chats[1])))
    looking = [asyncio.ensure_future(bridge.foresee(GenerationRequest(chat))) for chat in (*chats, *chats)]
    await asyncio.sleep(0)
    given_up.cancel()
    looks = await asyncio.gather(*looking)

    assert [look.turn_tokens for look in looks] == [look.turn_tokens for look in (*whole, *whole)]
    assert [look.prompt_tokens for look in looks] == [look.prompt_tokens for look in (*whole, *whole)]


async def test_a_look_ahead_can_be_taken_back(bridge: EngineBridge) -> None:
    looking = [asyncio.ensure_future(bridge.foresee(request(LONG_PROMPT * 4))) for _ in range(5)]
    await asyncio.sleep(0)
    for look in looking:
        look.cancel()

    assert (await bridge.foresee(request("Why?"))).prompt_tokens > 0
    assert all([look.cancelled() for look in looking])


async def test_the_engine_counts_what_is_running(bridge: EngineBridge) -> None:
    generations = [bridge.generate(request(max_tokens=LONG, reproducible=False)) for _ in range(3)]
    counts = []
    for generation in generations:
        assert isinstance(bridge.state, Busy)
        counts.append(bridge.state.running)
        generation.cancel()
        await hear(generation)

    assert counts == [3, 2, 1]
    assert isinstance(bridge.state, Ready)


async def test_progress_never_goes_backwards(bridge: EngineBridge) -> None:
    heard = await ask(bridge, "The tide comes in. " * 25, max_tokens=1)

    assert all(before.done <= after.done for before, after in pairwise(heard.progress))
