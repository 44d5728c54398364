"""Loading and unloading: what is told on the way, what is refused in words, and what is given up."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from desktop.domain.engine_state import Busy, Failed, Loading, Ready, Unloaded
from desktop.domain.errors import (
    EngineBusyError,
    EngineGoneError,
    ModelLoadError,
    NoModelError,
)
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import Subject, ask, hear, is_delta, is_running, opened, request, scripted, works
from tests.helpers.waiting import PATIENCE_S, until


async def test_loading_shows_how_far_it_is_and_then_what_was_loaded(subject: Subject) -> None:
    async with opened(subject) as (bridge, journal):
        loading = [state for state in journal.states if isinstance(state, Loading)]
        assert isinstance(bridge.state, Ready)
        model = bridge.state.model

    fractions = [state.fraction for state in loading]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert 0.0 < fractions[-1] <= 1.0
    assert {state.path for state in loading} == {str(subject.path)} == {model.path}
    assert model.context_length == 2048
    assert model.name
    assert model.engine_build


async def test_the_states_are_those_of_a_life(subject: Subject) -> None:
    async with opened(subject) as (bridge, journal):
        await ask(bridge, max_tokens=2)

    assert journal.kinds == [Unloaded, Loading, Ready, Busy, Ready, Unloaded]


async def test_a_request_while_the_model_loads_is_told_to_wait(subject: Subject) -> None:
    async with opened(subject, load=False) as (bridge, _):
        loading = asyncio.create_task(bridge.load(str(subject.path), subject.settings))
        await until(lambda: isinstance(bridge.state, Loading))

        with pytest.raises(EngineBusyError, match="still being loaded"):
            bridge.generate(request())
        with pytest.raises(EngineBusyError):
            await bridge.tokenize("sea")

        await loading
        assert (await ask(bridge, max_tokens=2)).text


async def test_without_a_model_every_request_says_so(subject: Subject) -> None:
    async with opened(subject, load=False) as (bridge, _):
        with pytest.raises(NoModelError, match="No model is loaded"):
            bridge.generate(request())
        with pytest.raises(NoModelError):
            await bridge.render(request().turns)


async def test_unloading_ends_the_process(subject: Subject) -> None:
    async with opened(subject) as (bridge, _):
        pid = bridge.pid
        assert is_running(pid)

        await bridge.close()

        assert not is_running(pid)
        assert bridge.pid is None
        assert isinstance(bridge.state, Unloaded)
        with pytest.raises(NoModelError):
            bridge.generate(request())
        await works(bridge, subject)


async def test_another_model_takes_the_place_of_the_one_that_is_answering(subject: Subject) -> None:
    async with opened(subject) as (bridge, _):
        generation = bridge.generate(request("Tell me a long story.", max_tokens=600))
        await hear(generation, until=is_delta)
        first = bridge.pid

        await works(bridge, subject)

        with pytest.raises(EngineGoneError, match="was unloaded"):
            await hear(generation)
        assert not is_running(first)
        assert bridge.pid != first


async def test_giving_up_a_load_leaves_no_process(subject: Subject) -> None:
    async with opened(subject, load=False) as (bridge, journal):
        loading = asyncio.create_task(bridge.load(str(subject.path), subject.settings))
        await until(lambda: bridge.pid is not None)
        pid = bridge.pid

        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading

        await until(lambda: not is_running(pid))
        assert journal.kinds == [Unloaded, Loading, Unloaded]
        await works(bridge, subject)


async def test_closing_does_not_wait_for_a_load(tmp_path: Path) -> None:
    subject = scripted(tmp_path, load_s=3600)
    async with opened(subject, load=False) as (bridge, journal):
        loading = asyncio.create_task(bridge.load(str(subject.path)))
        await until(lambda: bridge.pid is not None)

        await bridge.close()

        with pytest.raises(ModelLoadError, match="given up"):
            await loading
        assert journal.kinds == [Unloaded, Loading, Unloaded]


async def test_closing_gives_up_a_load_that_waits_for_another(tmp_path: Path) -> None:
    subject = scripted(tmp_path, load_s=3600)
    async with opened(subject, load=False) as (bridge, _):
        loads = [asyncio.create_task(bridge.load(str(subject.path))) for _ in range(2)]
        await until(lambda: bridge.pid is not None)

        async with asyncio.timeout(PATIENCE_S):
            await bridge.close()
            results = await asyncio.gather(*loads, return_exceptions=True)

        assert [str(result) for result in results] == ["Loading was given up. Choose a model."] * 2
        assert bridge.state == Unloaded()


async def test_closing_does_not_wait_for_an_engine_that_never_says_hello(tmp_path: Path) -> None:
    bridge = EngineBridge([sys.executable, "-c", "import sys; sys.stdin.read()"])
    asking = asyncio.create_task(bridge.describe())
    await until(lambda: bridge.pid is not None)

    async with asyncio.timeout(PATIENCE_S):
        await bridge.close()
        with pytest.raises(ModelLoadError, match="given up"):
            await asking


def _damaged(subject: Subject, damage: str, folder: Path) -> Path:
    path = folder / "damaged.gguf"
    match damage:
        case "missing":
            pass
        case "empty":
            path.touch()
        case "a folder":
            path.mkdir()
        case "garbage":
            path.write_bytes(os.urandom(10_000))
        case "truncated":
            shutil.copyfile(subject.path, path)
            os.truncate(path, max(1, path.stat().st_size * 2 // 3))
        case "only the beginning":
            path.write_bytes(subject.path.read_bytes()[:20])
    return path


async def test_files_that_cannot_be_loaded_are_said_and_the_next_one_works(
    subject: Subject, tmp_path: Path
) -> None:
    async with opened(subject, load=False) as (bridge, journal):
        for damage in ("missing", "empty", "a folder", "garbage", "truncated", "only the beginning"):
            folder = tmp_path / damage
            folder.mkdir()
            path = _damaged(subject, damage, folder)
            with pytest.raises(ModelLoadError, match="could not load this file") as failure:
                await bridge.load(str(path), subject.settings)

            assert failure.value.action == "Choose another file."
            assert journal.states[-1] == Failed(failure.value, str(path))
            with pytest.raises(ModelLoadError):
                bridge.generate(request())
        await works(bridge, subject)


async def test_a_model_in_a_folder_whose_name_is_no_text_can_be_loaded(
    subject: Subject, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9 \xe6\xbc\xa2")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes text only")
    path = folder / "model.gguf"
    path.symlink_to(subject.path)
    async with opened(subject, load=False) as (bridge, _):
        model = await bridge.load(str(path), subject.settings)

        assert model.path == str(path)
        assert (await ask(bridge, max_tokens=2)).text
