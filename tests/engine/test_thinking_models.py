"""A model that thinks: its template opens the block, which its random weights never close."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from desktop.domain.conversation import Role
from desktop.domain.engine_state import Ready
from desktop.domain.generation import FinishReason, Turn
from desktop.engine.bridge import EngineBridge
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.model import Model
from desktop.engine.worker.prompts.prompt import PromptBuilder
from desktop.engine.worker.prompts.template import ChatTemplate
from desktop.engine.worker.prompts.thinking import Splitter, Tags
from desktop.engine.worker.prompts.traced import ASSISTANT
from tests.helpers.engine import SETTINGS, Heard, Subject, hear, opened, request
from tests.helpers.tiny_models import TinyModels

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bridge(tiny_models: TinyModels) -> AsyncIterator[EngineBridge]:
    async with opened(Subject("llama", tiny_models["thinking"], SETTINGS)) as (bridge, _):
        yield bridge


async def answer(bridge: EngineBridge, *, prefill: str = "", k: int | None = None, **values: Any) -> Heard:
    asked = replace(request("What now?", **values), prefill=prefill, alternatives=k)
    return await hear(bridge.generate(asked))


def streamed(heard: Heard, *, thinking: bool) -> str:
    return "".join(delta.text for delta in heard.deltas if delta.thinking is thinking)


async def test_what_is_thought_is_told_from_the_answer(bridge: EngineBridge) -> None:
    heard = await answer(bridge, thinking_budget=10, max_tokens=40)

    (response,) = heard.done.responses
    assert response.thinking == streamed(heard, thinking=True) != ""
    assert response.text == streamed(heard, thinking=False) != ""
    assert "think>" not in response.thinking + response.text
    assert response.completion_tokens == 40


async def test_a_model_that_never_stops_thinking_gives_no_answer(bridge: EngineBridge) -> None:
    (response,) = (await answer(bridge, max_tokens=12)).done.responses

    assert response.thinking
    assert response.text == ""
    assert response.finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize("budget", [0, 1, 7])
async def test_the_budget_is_counted_in_tokens(bridge: EngineBridge, budget: int) -> None:
    heard = await answer(bridge, thinking_budget=budget, max_tokens=30, k=0)

    pieces = [one.piece for delta in heard.deltas for one in delta.logprobs]
    closing = "".join(pieces[budget:])
    assert closing.startswith("</think>")
    assert len(pieces) == heard.done.responses[0].completion_tokens
    assert heard.done.responses[0].thinking == "".join(pieces[:budget]).strip()


async def test_thinking_is_switched_off_where_the_template_can(bridge: EngineBridge) -> None:
    assert isinstance(bridge.state, Ready)
    assert bridge.state.model.can_switch_thinking
    assert bridge.state.model.speaks_of_thinking

    (off,) = (await answer(bridge, thinking="off", max_tokens=12)).done.responses
    (on,) = (await answer(bridge, thinking="on", max_tokens=12)).done.responses

    assert (off.thinking, bool(off.text)) == ("", True)
    assert (bool(on.thinking), on.text) == (True, "")


async def test_a_beginning_is_the_beginning_of_the_answer_proper(bridge: EngineBridge) -> None:
    (response,) = (await answer(bridge, prefill="Well, ", max_tokens=8)).done.responses

    assert response.thinking == ""
    assert response.text.startswith("Well, ")


async def test_a_grammar_begins_where_the_thinking_ends(bridge: EngineBridge) -> None:
    heard = await answer(
        bridge, grammar='root ::= "\\n"? ("yes" | "no")', thinking_budget=6, max_tokens=40, ignore_eos=True
    )

    (response,) = heard.done.responses
    assert response.thinking
    assert response.text.strip() in ("yes", "no")
    assert response.finish_reason is FinishReason.STOP


async def test_bans_and_stop_sequences_are_about_the_answer_proper(bridge: EngineBridge) -> None:
    (free,) = (await answer(bridge, thinking_budget=12, max_tokens=40)).done.responses
    letter = free.thinking[0]

    (response,) = (await answer(bridge, thinking_budget=12, max_tokens=40, banned=(letter,))).done.responses

    assert response.thinking == free.thinking
    assert letter.casefold() not in response.text.casefold()
    (stopped,) = (await answer(bridge, thinking_budget=12, max_tokens=40, stop=(letter,))).done.responses
    assert stopped.thinking == free.thinking


async def test_a_tag_may_be_a_control_token(tiny_models: TinyModels) -> None:
    native.start()
    model = Model(str(tiny_models["thinking"]), gpu_layers=0, progress=lambda _fraction: True)
    vocabulary = model.vocabulary
    tags = Tags("<|im_start|>", "<|endoftext|>")
    tokens = vocabulary.tokenize("<|im_start|>Hm.<|im_start|><|endoftext|>Sea<|endoftext|>!", special=True)
    splitter = Splitter((tags,))
    thinking = answer = b""
    for token in tokens:
        more = splitter.feed(splitter.bytes_of(token, vocabulary))
        thinking, answer = thinking + more[0], answer + more[1]
    model.close()

    assert sum(not vocabulary.piece(token) for token in tokens) == 4
    assert (thinking, answer) == (b"Hm.", b"Sea!")


TEMPLATES = {
    "it opens a block": ("{{ messages[0].content }}:<think>\n", "Hi:<think>\n\n</think>\n\n"),
    "it only speaks of blocks": (
        "{{ messages[0].content.split('</think>')[-1] }}:",
        "Hi:<think>\n\n</think>\n\n",
    ),
    "it knows of none": ("{{ messages[0].content }}:", "Hi:"),
}


@pytest.mark.parametrize(("source", "text"), TEMPLATES.values(), ids=TEMPLATES)
async def test_where_a_template_cannot_be_told_an_empty_block_tells_the_model(
    tiny_models: TinyModels, source: str, text: str
) -> None:
    native.start()
    model = Model(str(tiny_models["thinking"]), gpu_layers=0, progress=lambda _fraction: True)
    prompts = PromptBuilder(model.vocabulary, ChatTemplate(source))
    turns = (Turn(Role.USER, "Hi"),)

    off, left, begun = (
        prompts.build(turns, thinking="off"),
        prompts.build(turns),
        prompts.build(turns, prefill="Well"),
    )
    model.close()

    assert (off.text, off.opened) == (text, None)
    assert (left.opened is not None) == left.text.endswith("<think>")
    assert begun.text.endswith("Well")
    assert begun.opened is None
    assert begun.origins[-1] == ASSISTANT


async def test_what_a_base_model_is_given_to_begin_with_is_in_its_prompt(tiny_models: TinyModels) -> None:
    async with opened(Subject("llama", tiny_models["completion"], SETTINGS)) as (bridge, _):
        heard = await answer(bridge, prefill="<think> It", max_tokens=4)

    assert heard.text.startswith("<think> It")
    assert heard.done.responses[0].thinking == ""
