"""The scripted model's gate: how far a model has got is for the test to say, and no matter of time."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from desktop.domain.engine_state import Loading, Ready
from desktop.domain.generation import Delta, FinishReason, GenerationEvent, PromptProgress
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import Subject, hear, opened, request, scripted
from tests.helpers.scripted import Gate
from tests.helpers.waiting import until

AT_ONCE = {"load_s": 0, "tokens_per_s": 0, "prompt_tokens_per_s": 0}


def _subject(folder: Path, gate: Gate, **fields: object) -> Subject:
    return scripted(
        folder, thinking="hm hm hm ", reply="one two three four", **{**AT_ONCE, **fields}, gate=gate
    )


def _writes(tokens: int) -> Callable[[GenerationEvent], bool]:
    return lambda event: isinstance(event, Delta) and event.tokens == tokens


async def _go_on(bridge: EngineBridge) -> None:
    """Has the engine do more than enough to get further, if it could."""
    for _ in range(50):
        await bridge.count_tokens("Are you there?")


async def test_an_answer_is_written_as_far_as_the_gate_is_open(tmp_path: Path, gate: Gate) -> None:
    async with opened(_subject(tmp_path, gate)) as (bridge, _):
        generation = bridge.generate(request())
        heard = await hear(generation, lambda event: isinstance(event, PromptProgress) and event.done > 0)
        assert heard.progress[-1].done == heard.progress[-1].total
        gate.open_to(4)
        heard = await hear(generation, _writes(4))
        assert heard.streamed() == "hm hm hm one "
        gate.open()
        heard = await hear(generation)
        assert heard.streamed() == "two three four"
        assert heard.text == "one two three four"


async def test_nothing_passes_the_gate_however_long_one_waits(tmp_path: Path, gate: Gate) -> None:
    async with opened(_subject(tmp_path, gate)) as (bridge, _):
        gate.open_to(5)
        generation = bridge.generate(request())
        await hear(generation, _writes(5))
        await _go_on(bridge)
        generation.cancel()

        response = (await hear(generation)).done.responses[0]

        assert response.finish_reason is FinishReason.CANCELLED
        assert (response.thinking, response.text) == ("hm hm hm ", "one two ")


async def test_a_pace_is_kept_within_the_gate(tmp_path: Path, gate: Gate) -> None:
    async with opened(_subject(tmp_path, gate, tokens_per_s=10_000)) as (bridge, _):
        generation = bridge.generate(request())
        gate.open_to(2)
        assert (await hear(generation, _writes(2))).streamed() == "hm hm "
        gate.open()
        assert (await hear(generation)).done.responses[0].completion_tokens == 7


async def test_a_prompt_is_read_as_far_as_the_gate_is_open(tmp_path: Path, gate: Gate) -> None:
    async with opened(_subject(tmp_path, gate)) as (bridge, _):
        gate.read_to(3)
        generation = bridge.generate(request())
        heard = await hear(generation, lambda event: isinstance(event, PromptProgress) and event.done == 3)
        await _go_on(bridge)
        gate.open()
        rest = await hear(generation)
        total = heard.progress[-1].total
        assert total > 3
        assert [event.done for event in rest.progress] == [total]
        assert rest.text == "one two three four"


async def test_a_model_is_loaded_as_far_as_the_gate_is_open(tmp_path: Path, gate: Gate) -> None:
    subject = _subject(tmp_path, gate)
    gate.load_to(0.5)
    async with opened(subject, load=False) as (bridge, _):
        loading = asyncio.create_task(bridge.load(str(subject.path)))
        await until(lambda: bridge.state == Loading(str(subject.path), 0.5))
        gate.open()
        await loading
        assert isinstance(bridge.state, Ready)


async def test_without_a_file_the_gate_holds_nothing_back(tmp_path: Path) -> None:
    subject = scripted(tmp_path, **AT_ONCE, reply="All of it.", gate=tmp_path / "none")
    async with opened(subject) as (bridge, _):
        assert (await hear(bridge.generate(request()))).text == "All of it."
