"""What the parameters do to an answer of the real model."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import llama_cpp.llama_cpp as ll
import numpy as np
import pytest
import pytest_asyncio

from desktop.domain.conversation import Role
from desktop.domain.generation import FinishReason, GenerationRequest, Turn
from desktop.engine.bridge import EngineBridge
from desktop.engine.worker.kv.reuse import CANONICAL_CHUNK
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.model import Model
from tests.helpers.engine import ask, hear, opened
from tests.helpers.engine import native as native_core

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Write a poem about a lighthouse."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bridge(starter_model: Path) -> AsyncIterator[EngineBridge]:
    async with opened(native_core(starter_model)) as (bridge, _):
        yield bridge


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def greedy(bridge: EngineBridge) -> str:
    return (await ask(bridge, QUESTION)).text


def plain_loop(path: Path, prompt: Sequence[int], count: int) -> tuple[int, str]:
    """How many tokens, and their text: always the likeliest one, straight from llama_decode."""
    native.start()
    model = Model(str(path), gpu_layers=0, progress=lambda _fraction: True)
    context = Context(model, length=2048, batch=CANONICAL_CHUNK, sequences=1, threads=1)
    context.warm_up(0)
    written: list[int] = []
    position, chunk = 0, list(prompt)
    for _ in range(count):
        context.tokens[: len(chunk)] = chunk
        context.positions[: len(chunk)] = np.arange(position, position + len(chunk))
        context.outputs[: len(chunk)] = 0
        context.outputs[len(chunk) - 1] = 1
        assert context.decode(len(chunk)) == 0
        logits = ll.llama_get_logits_ith(context.handle, len(chunk) - 1)
        token = int(np.ctypeslib.as_array(logits, (model.vocabulary.size,)).argmax())
        if model.vocabulary.ends(token):
            break
        position, chunk = position + len(chunk), [token]
        written.append(token)
    text = b"".join(map(model.vocabulary.piece, written))
    context.close()
    model.close()
    return len(written), text.decode("utf-8", "ignore")


async def test_the_answer_is_what_llama_cpp_computes(bridge: EngineBridge, starter_model: Path) -> None:
    """No sampler, no scheduler, no cache: the same tokens."""
    prompt = await bridge.render((Turn(Role.USER, QUESTION),))
    count, text = plain_loop(starter_model, [token.id for token in prompt.tokens], 24)

    heard = await ask(bridge, QUESTION, max_tokens=24)

    assert heard.text == text
    assert heard.done.responses[0].completion_tokens == count


@pytest.mark.parametrize("values", [{"top_k": 1}, {"min_p": 1.0}, {"top_p": 0.0}], ids=str)
async def test_where_only_the_likeliest_is_left_heat_changes_nothing(
    bridge: EngineBridge, greedy: str, values: dict[str, float]
) -> None:
    heard = await ask(bridge, QUESTION, temperature=5.0, seed=3, **values)

    assert heard.text == greedy


async def test_heat_changes_the_answer(bridge: EngineBridge, greedy: str) -> None:
    assert (
        await ask(bridge, QUESTION, temperature=2.0, seed=3, top_k=0, top_p=1.0, min_p=0.0)
    ).text != greedy


async def test_at_temperature_0_the_seed_and_the_other_samplers_do_not_matter(
    bridge: EngineBridge, greedy: str
) -> None:
    assert (await ask(bridge, QUESTION, seed=99, top_k=0, top_p=0.1, min_p=0.9)).text == greedy


async def test_a_repetition_penalty_keeps_it_from_repeating_what_was_said(bridge: EngineBridge) -> None:
    said = "1, 2, 3, 4, 5, 6, 7, 8,"
    without = await ask(bridge, said)
    with_penalty = await ask(bridge, said, repeat_penalty=2.0)

    assert said in without.text
    assert said not in with_penalty.text


async def test_a_stop_sequence_ends_the_answer_and_is_not_part_of_it(
    bridge: EngineBridge, greedy: str
) -> None:
    stop = greedy[10:14]

    heard = await ask(bridge, QUESTION, stop=(stop,), max_tokens=200)

    response = heard.done.responses[0]
    assert response.text == greedy[: greedy.index(stop)] == heard.streamed()
    assert response.finish_reason is FinishReason.STOP


async def test_the_end_of_an_answer_is_its_own(bridge: EngineBridge) -> None:
    """The token that ends it is neither shown nor counted."""
    heard = await ask(bridge, "Repeat the word sea for ever.", max_tokens=200)

    response = heard.done.responses[0]
    assert response.finish_reason is FinishReason.STOP
    assert "<|" not in response.text
    assert len(await bridge.tokenize(response.text)) == response.completion_tokens


async def test_the_system_prompt_is_read(bridge: EngineBridge) -> None:
    plain = await ask(bridge, QUESTION)
    pirate = await ask(bridge, QUESTION, system="You are a pirate. Begin every answer with Arrr!")

    assert pirate.text != plain.text
    assert pirate.done.responses[0].prompt_tokens != plain.done.responses[0].prompt_tokens


async def test_the_default_parameters_answer_too(bridge: EngineBridge) -> None:
    heard = await hear(bridge.generate(GenerationRequest((Turn(Role.USER, "What is salt?"),))))

    assert heard.streamed() == heard.text != ""
