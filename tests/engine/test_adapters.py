"""LoRA adapters: what they change, that nothing read with others is used again, and what does not fit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.engine_state import Ready
from desktop.domain.errors import EngineBusyError, ModelLoadError
from desktop.domain.generation import Delta
from desktop.domain.model import Adapter, LoadSettings
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import ask, hear, request
from tests.helpers.tiny_models import TinyModels

SMALL = LoadSettings(context_length=1024, batch=64, threads=1, sequences=2)
QUESTION = "one two three four five six seven eight nine ten"


@asynccontextmanager
async def opened(model: Path, *adapters: Adapter) -> AsyncIterator[EngineBridge]:
    bridge = EngineBridge()
    try:
        await bridge.load(str(model), replace(SMALL, adapters=adapters))
        yield bridge
    finally:
        await bridge.close()


async def answer(bridge: EngineBridge) -> str:
    """Greedy, and ready to take over whatever is held."""
    return (await ask(bridge, QUESTION, max_tokens=12, reproducible=False)).text


def in_use(bridge: EngineBridge) -> tuple[Adapter, ...]:
    assert isinstance(bridge.state, Ready)
    return bridge.state.model.adapters


async def test_an_adapter_changes_the_answer_and_leaves_no_trace(tiny_models: TinyModels) -> None:
    path = str(tiny_models["adapter"])
    async with opened(tiny_models["llama"]) as bridge:
        plain = await answer(bridge)
        assert in_use(bridge) == ()

        await bridge.set_adapters([Adapter(path)])
        assert in_use(bridge) == (Adapter(path),)
        changed = await answer(bridge)
        await bridge.set_adapters([Adapter(path, 0.0)])
        silent = await answer(bridge)
        await bridge.set_adapters([Adapter(path, 3.0)])
        stronger = await answer(bridge)
        await bridge.set_adapters([])
        without = await answer(bridge)

    assert silent == without == plain
    assert len({plain, changed, stronger}) == 3
    async with opened(tiny_models["llama"], Adapter(path)) as bridge:
        assert in_use(bridge) == (Adapter(path),)
        assert await answer(bridge) == changed


async def test_several_add_up_and_one_can_take_another_back(tiny_models: TinyModels, tmp_path: Path) -> None:
    first = tiny_models["adapter"]
    second = tmp_path / "the same again.gguf"
    second.write_bytes(first.read_bytes())
    async with opened(tiny_models["llama"]) as bridge:
        plain = await answer(bridge)

        await bridge.set_adapters([Adapter(str(first), 1.5), Adapter(str(second), -1.5)])
        undone = await answer(bridge)
        await bridge.set_adapters([Adapter(str(first), 1.0), Adapter(str(second), 2.0)])
        both = await answer(bridge)
        await bridge.set_adapters([Adapter(str(second), 3.0)])

        assert undone == plain
        assert await answer(bridge) == both != plain


async def test_nothing_that_was_read_with_other_adapters_is_used_again(tiny_models: TinyModels) -> None:
    async with opened(tiny_models["llama"]) as bridge:
        await answer(bridge)
        again = await ask(bridge, QUESTION, max_tokens=2, reproducible=False)
        assert again.progress[-1].reused > 0

        await bridge.set_adapters([Adapter(str(tiny_models["adapter"]))])

        heard = await ask(bridge, QUESTION, max_tokens=2, reproducible=False)
        assert {step.reused for step in heard.progress} == {0}
        await bridge.set_adapters([Adapter(str(tiny_models["adapter"]))])
        heard = await ask(bridge, QUESTION, max_tokens=2, reproducible=False)
        assert heard.progress[-1].reused > 0, "nothing changed, so nothing had to be read again"


async def test_an_adapter_of_another_model_is_refused_and_those_in_use_stay(
    tiny_models: TinyModels, tmp_path: Path, starter_model: Path
) -> None:
    good = Adapter(str(tiny_models["adapter"]))
    garbage = tmp_path / "garbage.gguf"
    garbage.write_bytes(b"GGUF" + bytes(100))
    async with opened(tiny_models["llama"], good) as bridge:
        before = await answer(bridge)

        for wrong in (tiny_models["sliding"], garbage, tmp_path / "missing.gguf"):
            with pytest.raises(ModelLoadError, match=f'"{wrong.name}" does not fit this model') as no:
                await bridge.set_adapters([good, Adapter(str(wrong))])
            assert no.value.setting == "adapters"

        assert in_use(bridge) == (good,)
        assert await answer(bridge) == before
    # The same architecture, and other sizes: told by the tensors.
    async with opened(starter_model) as bridge:
        with pytest.raises(ModelLoadError, match="does not fit this model"):
            await bridge.set_adapters([good])
        with pytest.raises(ModelLoadError, match="does not fit this model"):
            await bridge.load(str(starter_model), replace(SMALL, adapters=(good,)))


async def test_adapters_do_not_change_under_an_answer(tiny_models: TinyModels) -> None:
    async with opened(tiny_models["llama"]) as bridge:
        generation = bridge.generate(request(QUESTION, max_tokens=800, stop=("never",), ignore_eos=True))
        await hear(generation, until=lambda event: isinstance(event, Delta))

        with pytest.raises(EngineBusyError):
            await bridge.set_adapters([Adapter(str(tiny_models["adapter"]))])

        generation.cancel()
        await hear(generation)
        await bridge.set_adapters([Adapter(str(tiny_models["adapter"]))])
