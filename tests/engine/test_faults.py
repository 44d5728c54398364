"""Engines that die, hang, or get no memory: a state in words, nothing left behind, and then life goes on."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from desktop.domain.engine_state import Failed, Loading, Ready, Unloaded
from desktop.domain.errors import (
    EngineGoneError,
    ModelLoadError,
    OutOfMemoryError,
)
from desktop.domain.generation import FinishReason
from desktop.domain.model import LoadSettings
from desktop.engine import bridge as bridge_module
from desktop.engine import process, watchdog
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import (
    Heard,
    Journal,
    Subject,
    ask,
    hear,
    is_delta,
    is_running,
    native,
    opened,
    request,
    scripted,
    works,
)
from tests.helpers.scripted import Gate
from tests.helpers.waiting import PATIENCE_S, until

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")


# The process ends


async def _answering(bridge: EngineBridge) -> asyncio.Task[Heard]:
    """An answer of which something has arrived, and more is on its way."""
    generation = bridge.generate(request("Tell me a long story.", max_tokens=600))
    await hear(generation, until=is_delta)
    return asyncio.create_task(hear(generation))


@needs_signals
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SIGKILL", "ended from outside; the system may have run out of memory"),
        ("SIGABRT", "gave up because of an internal error"),
    ],
)
async def test_an_engine_that_dies_is_told_in_words_and_the_next_one_works(
    subject: Subject, name: str, words: str
) -> None:
    async with opened(subject) as (bridge, journal):
        listening = await _answering(bridge)
        pid = bridge.pid
        assert pid is not None

        os.kill(pid, getattr(signal, name))

        with pytest.raises(EngineGoneError, match=words) as gone:
            await listening
        assert "Send it again" in gone.value.action
        assert journal.states[-1] == Failed(gone.value, str(subject.path))
        assert bridge.pid is None
        assert not is_running(pid)
        with pytest.raises(EngineGoneError, match=words):
            bridge.generate(request())
        await works(bridge, subject)


async def test_a_core_that_aborts_in_an_answer_leaves_what_it_wrote(tmp_path: Path, gate: Gate) -> None:
    gate.open_to(12)
    subject = scripted(tmp_path, crash_after=12, gate=gate)
    async with opened(subject) as (bridge, _):
        heard = Heard()
        with pytest.raises(EngineGoneError, match="internal error"):
            async for event in bridge.generate(request(max_tokens=100)):
                heard.events.append(event)
                if heard.tokens == 12:
                    gate.open()

        assert heard.streamed().startswith("You said: Tell me about the sea.")


@needs_signals
async def test_an_engine_that_dies_while_it_loads_is_told_as_a_failed_load(tmp_path: Path) -> None:
    subject = scripted(tmp_path, load_s=3600)
    async with opened(subject, load=False) as (bridge, journal):
        loading = asyncio.create_task(bridge.load(str(subject.path)))
        await until(lambda: isinstance(s := bridge.state, Loading) and s.fraction > 0)
        assert bridge.pid is not None

        os.kill(bridge.pid, signal.SIGKILL)

        with pytest.raises(ModelLoadError, match="It happened while the model was loaded"):
            await loading
        assert journal.kinds == [Unloaded, Loading, Failed]


@needs_signals
async def test_an_idle_engine_that_dies_is_noticed(subject: Subject) -> None:
    async with opened(subject) as (bridge, _):
        assert bridge.pid is not None
        os.kill(bridge.pid, signal.SIGKILL)

        await until(lambda: isinstance(bridge.state, Failed))


# The process hangs


@needs_signals
async def test_closing_ends_an_engine_that_hangs(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked, terminated, killed."""
    monkeypatch.setattr(process, "EXIT_GRACE_S", 0.1)
    monkeypatch.setattr(process, "TERMINATE_GRACE_S", 0.1)
    async with opened(subject) as (bridge, _):
        pid = bridge.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)

        await bridge.close()

        assert not is_running(pid)


@needs_signals
async def test_stop_ends_an_engine_that_hangs(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_module, "STOP_GRACE_S", 0.3)
    async with opened(subject) as (bridge, _):
        generation = bridge.generate(request("Tell me a long story.", max_tokens=600))
        await hear(generation, until=is_delta)
        pid = bridge.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)

        generation.cancel()

        with pytest.raises(EngineGoneError, match="stopped answering"):
            await hear(generation)
        assert not is_running(pid)
        await works(bridge, subject)


@needs_signals
async def test_an_engine_that_hangs_after_its_reader_left_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge_module, "STOP_GRACE_S", 0.3)
    async with opened(scripted(tmp_path)) as (bridge, _):
        generation = bridge.generate(request(max_tokens=600))
        await hear(generation, until=is_delta)
        assert bridge.pid is not None
        os.kill(bridge.pid, signal.SIGSTOP)

        await generation.aclose()

        await until(lambda: isinstance(bridge.state, Failed))


async def test_stopping_and_unloading_at_once_end_in_peace(subject: Subject) -> None:
    async with opened(subject) as (bridge, journal):
        generation = bridge.generate(request("Tell me a long story.", max_tokens=600))
        heard = await hear(generation, until=is_delta)

        closing = asyncio.create_task(bridge.close())
        await asyncio.sleep(0)
        generation.cancel()
        with contextlib.suppress(EngineGoneError):
            heard.events += (await hear(generation)).events
            assert heard.done.responses[0].finish_reason is FinishReason.CANCELLED
        await closing

        assert journal.kinds[-1] is Unloaded
        await works(bridge, subject)


async def test_an_engine_that_hangs_in_an_answer_is_noticed(
    tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "TICK_S", 0.1)
    gate.open_to(12)
    subject = scripted(tmp_path, hang_after=12, gate=gate)
    async with opened(subject) as (bridge, _):
        heard = Heard()
        with pytest.raises(EngineGoneError, match="stopped working, and was ended") as gone:
            async for event in bridge.generate(request(max_tokens=100)):
                heard.events.append(event)
                if heard.tokens == 12:
                    gate.open()
                    monkeypatch.setattr(watchdog, "QUIET_S", 0.5)

        assert heard.streamed().startswith("You said")
        assert "Send it again" in gone.value.action


@needs_signals
async def test_an_engine_that_was_stopped_from_outside_is_noticed(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "TICK_S", 0.1)
    async with opened(subject) as (bridge, _):
        listening = await _answering(bridge)
        assert bridge.pid is not None

        os.kill(bridge.pid, signal.SIGSTOP)

        with monkeypatch.context() as patch, pytest.raises(EngineGoneError, match="stopped working"):
            patch.setattr(watchdog, "QUIET_S", 0.5)
            await listening
        await works(bridge, subject)


async def test_an_engine_that_takes_its_time_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says nothing, but uses some processor time now and then."""
    monkeypatch.setattr(watchdog, "TICK_S", 0.1)
    monkeypatch.setattr(watchdog, "QUIET_S", 4.0)
    subject = scripted(tmp_path, tokens_per_s=0.2, reply="one two")
    async with opened(subject) as (bridge, _):
        assert (await ask(bridge)).text == "one two"


# Nothing is left behind


def _belongings() -> tuple[int, int, int]:
    """Threads, open files and children of this process."""
    me = psutil.Process()
    files = getattr(me, "num_handles" if sys.platform == "win32" else "num_fds")
    return threading.active_count(), files(), len(me.children(recursive=True))


async def test_twenty_loads_and_unloads_leave_nothing_behind(subject: Subject) -> None:
    async with opened(subject, load=False) as (bridge, _):
        await works(bridge, subject)
        await bridge.close()
        before = _belongings()
        memory = psutil.Process().memory_info().rss
        workers = []

        for _ in range(20):
            await bridge.load(str(subject.path), subject.settings)
            assert isinstance(bridge.state, Ready)
            workers.append(bridge.state.model.memory)
            await bridge.close()

        await until(lambda: all(now <= then for now, then in zip(_belongings(), before, strict=True)))
        assert psutil.Process().memory_info().rss - memory < 20_000_000
        if workers[0]:
            assert max(workers) < 1.2 * min(workers)
        await works(bridge, subject)


ORPHAN = """
import asyncio, sys
from desktop.engine.bridge import EngineBridge
from desktop.domain.model import LoadSettings
from tests.helpers.engine import request

async def main():
    bridge = EngineBridge(sys.argv[2:])
    await bridge.load(sys.argv[1], LoadSettings(threads=1, context_length=2048))
    async for event in bridge.generate(request("Tell me a long story.", max_tokens=2000, stop=("never",))):
        print(bridge.pid, flush=True)

asyncio.run(main())
"""


async def test_no_engine_outlives_an_app_that_is_killed(subject: Subject) -> None:
    command = [sys.executable, "-c", ORPHAN, str(subject.path), *subject.command()]
    app = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert app.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        lines = [await app.stdout.readline() for _ in range(5)]
    worker = int(lines[-1])
    assert is_running(worker)

    app.kill()
    await app.wait()

    await until(lambda: not is_running(worker))


# Memory


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory through the shell")
async def test_a_context_that_does_not_fit_into_memory_names_the_setting(starter_model: Path) -> None:
    subject = native(starter_model)
    limited = ["sh", "-c", 'ulimit -v 2500000; exec "$@"', "limited", *subject.command()]
    journal = Journal()
    bridge = EngineBridge(limited, on_state=journal.states.append)
    try:
        with pytest.raises(OutOfMemoryError, match="memory") as failure:
            await bridge.load(str(subject.path), LoadSettings(threads=1, context_length=131_072))

        assert failure.value.setting == "context_length"
        assert "smaller" in failure.value.action or "at most" in failure.value.action
        assert isinstance(bridge.state, Failed)
        await bridge.load(str(subject.path), subject.settings)
        assert (await ask(bridge, max_tokens=2)).text
    finally:
        await bridge.close()
    assert journal.undrawn() == set()
