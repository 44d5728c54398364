"""Engines that die, hang, or are given what they cannot load: a state in words, and then life goes on."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from desktop.domain.engine_state import Busy, Failed, Loading, Ready, Unloaded
from desktop.domain.errors import (
    EngineBusyError,
    EngineGoneError,
    LocutionError,
    ModelLoadError,
    NoModelError,
    OutOfMemoryError,
)
from desktop.domain.generation import Delta, FinishReason, GenerationEvent
from desktop.domain.model import LoadSettings
from desktop.engine import bridge as bridge_module
from desktop.engine import watchdog
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import (
    Heard,
    Journal,
    Subject,
    ask,
    hear,
    is_running,
    native,
    opened,
    reaches,
    request,
    scripted,
)

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")


def is_delta(event: GenerationEvent) -> bool:
    return isinstance(event, Delta)


async def works(bridge: EngineBridge, subject: Subject) -> None:
    """Loads the model and has it answer."""
    await bridge.load(str(subject.path), subject.settings)
    heard = await ask(bridge, max_tokens=4)
    assert heard.streamed() == heard.text != ""


# Loading


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
        assert await reaches(lambda: isinstance(bridge.state, Loading))

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
        assert await reaches(lambda: bridge.pid is not None)
        pid = bridge.pid

        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading

        assert await reaches(lambda: not is_running(pid), seconds=5)
        assert journal.kinds == [Unloaded, Loading, Unloaded]
        await works(bridge, subject)


async def test_closing_does_not_wait_for_a_load(tmp_path: Path) -> None:
    subject = scripted(tmp_path, load_s=60)
    async with opened(subject, load=False) as (bridge, journal):
        loading = asyncio.create_task(bridge.load(str(subject.path)))
        assert await reaches(lambda: bridge.pid is not None)
        start = time.monotonic()

        await bridge.close()

        assert time.monotonic() - start < 5
        with pytest.raises(ModelLoadError, match="given up"):
            await loading
        assert journal.kinds == [Unloaded, Loading, Unloaded]


async def test_closing_gives_up_a_load_that_waits_for_another(tmp_path: Path) -> None:
    subject = scripted(tmp_path, load_s=60)
    async with opened(subject, load=False) as (bridge, _):
        loads = [asyncio.create_task(bridge.load(str(subject.path))) for _ in range(2)]
        assert await reaches(lambda: bridge.pid is not None)

        async with asyncio.timeout(5):
            await bridge.close()
            results = await asyncio.gather(*loads, return_exceptions=True)

        assert [str(result) for result in results] == ["Loading was given up."] * 2
        assert bridge.state == Unloaded()


async def test_closing_does_not_wait_for_an_engine_that_never_says_hello(tmp_path: Path) -> None:
    bridge = EngineBridge([sys.executable, "-c", "import sys; sys.stdin.read()"])
    asking = asyncio.create_task(bridge.describe())
    assert await reaches(lambda: bridge.pid is not None)

    async with asyncio.timeout(5):
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


async def test_a_core_that_aborts_in_an_answer_leaves_what_it_wrote(tmp_path: Path) -> None:
    subject = scripted(tmp_path, crash_after=12)
    async with opened(subject) as (bridge, _):
        heard = Heard()
        with pytest.raises(EngineGoneError, match="internal error"):
            async for event in bridge.generate(request(max_tokens=100)):
                heard.events.append(event)

        assert heard.streamed().startswith("You said: Tell me")


@needs_signals
async def test_an_engine_that_dies_while_it_loads_is_told_as_a_failed_load(tmp_path: Path) -> None:
    subject = scripted(tmp_path, load_s=60)
    async with opened(subject, load=False) as (bridge, journal):
        loading = asyncio.create_task(bridge.load(str(subject.path)))
        assert await reaches(lambda: isinstance(s := bridge.state, Loading) and s.fraction > 0)
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

        assert await reaches(lambda: isinstance(bridge.state, Failed))


# The process hangs


@needs_signals
async def test_closing_ends_an_engine_that_hangs(subject: Subject) -> None:
    async with opened(subject) as (bridge, _):
        pid = bridge.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        start = time.monotonic()

        await bridge.close()

        # Asked, terminated, killed.
        assert time.monotonic() - start < 8
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

        assert await reaches(lambda: isinstance(bridge.state, Failed))


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "TICK_S", 0.1)
    monkeypatch.setattr(watchdog, "QUIET_S", 0.5)
    subject = scripted(tmp_path, hang_after=60)
    async with opened(subject) as (bridge, _):
        heard = Heard()
        with pytest.raises(EngineGoneError, match="stopped working, and was ended") as gone:
            async for event in bridge.generate(request(max_tokens=100)):
                heard.events.append(event)

        assert heard.streamed().startswith("You said")
        assert "Send it again" in gone.value.action


@needs_signals
async def test_an_engine_that_was_stopped_from_outside_is_noticed(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "TICK_S", 0.1)
    monkeypatch.setattr(watchdog, "QUIET_S", 1.0)
    async with opened(subject) as (bridge, _):
        listening = await _answering(bridge)
        assert bridge.pid is not None

        os.kill(bridge.pid, signal.SIGSTOP)

        with pytest.raises(EngineGoneError, match="stopped working"):
            await listening
        await works(bridge, subject)


async def test_an_engine_that_takes_its_time_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "TICK_S", 0.1)
    monkeypatch.setattr(watchdog, "QUIET_S", 1.0)
    subject = scripted(tmp_path, tokens_per_s=0.5, reply="one two")
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

        assert await reaches(
            lambda: all(now <= then for now, then in zip(_belongings(), before, strict=True))
        )
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
    async with asyncio.timeout(30):
        lines = [await app.stdout.readline() for _ in range(5)]
    worker = int(lines[-1])
    assert is_running(worker)

    app.kill()
    await app.wait()

    assert await reaches(lambda: not is_running(worker), seconds=5)


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


# What the worker says


def _impostor(folder: Path, code: str) -> list[str]:
    """A worker that says hello and then does what `code` wants. `reports` is its pipe to the app."""
    script = folder / "impostor.py"
    script.write_text(
        "import os, sys, time\n"
        "from desktop.engine import protocol\n"
        "reports = os.fdopen(1, 'wb', buffering=0)\n"
        "def send(report): reports.write(protocol.frame(report))\n"
        "send(protocol.Hello(0, protocol.PROTOCOL_VERSION, 'impostor'))\n"
        f"{code}\n"
        "time.sleep(60)\n"
    )
    return [sys.executable, str(script)]


@pytest.mark.parametrize(
    "code",
    [
        "reports.write(b'\\xff' * 64)",
        "reports.write(b'Segmentation fault, said the library')",
        "reports.write((5).to_bytes(4, 'little') + b'words')",
        "send(protocol.LoadProgress(1, -0.5))",
        "send(protocol.LoadProgress(1, float('nan')))",
        "send(protocol.PromptRead(1, -1, 5, 0))",
        "send(protocol.Text(1, 64, 'x', 1))",
        "send(protocol.Finished(1, (), float('inf'), 0.0, 0.0, 0, 0))",
        "send(protocol.Load(1, b'', protocol.LoadSettings()))",
    ],
)
async def test_a_worker_that_makes_no_sense_is_ended(tmp_path: Path, code: str) -> None:
    bridge = EngineBridge(_impostor(tmp_path, code))
    try:
        with pytest.raises(LocutionError, match="makes no sense") as failure:
            async with asyncio.timeout(20):
                await bridge.load("model.gguf")
        assert "protocol:" in failure.value.detail
        assert bridge.pid is None
    finally:
        await bridge.close()


async def test_a_worker_of_another_version_is_ended(tmp_path: Path) -> None:
    bridge = EngineBridge(_impostor(tmp_path, "send(protocol.Hello(0, 99, 'from the future'))"))
    with pytest.raises(ModelLoadError, match="another version"):
        await bridge.load("model.gguf")
    await bridge.close()


LOADED = """
from desktop.domain.model import LoadedModel
def model(**changes):
    fields = dict(name='x', path='', architecture='', quantization='', size=1, context_length=1,
                  trained_context_length=1, threads=1, device='CPU', has_template=True, engine_build='')
    send(protocol.Loaded(1, LoadedModel(**{**fields, **changes})))
"""


@pytest.mark.parametrize("field", ["size", "context_length", "trained_context_length", "threads", "memory"])
async def test_a_model_with_impossible_numbers_is_not_believed(tmp_path: Path, field: str) -> None:
    bridge = EngineBridge(_impostor(tmp_path, f"{LOADED}\nmodel({field}=-1)"))
    with pytest.raises(ModelLoadError, match="makes no sense"):
        await bridge.load("model.gguf")
    await bridge.close()


@pytest.mark.parametrize(
    "report",
    [
        "protocol.Text(2, 1, 'from nobody', 1)",
        "protocol.Finished(2, (), 0.0, 0.0, 0.0, 0, 0)",
    ],
)
async def test_answers_that_nobody_asked_for_end_the_worker(tmp_path: Path, report: str) -> None:
    code = f"{LOADED}\nmodel()\ntime.sleep(0.3)\nsend({report})"
    bridge = EngineBridge(_impostor(tmp_path, code))
    await bridge.load("model.gguf")

    with pytest.raises(EngineGoneError, match="nobody asked for"):
        await ask(bridge)
    await bridge.close()


async def test_reports_for_requests_that_are_gone_are_dropped(tmp_path: Path) -> None:
    code = f"{LOADED}\nmodel()\nfor i in range(99): send(protocol.Text(i, 0, 'stale', 1))\n"
    code += "send(protocol.Failure(1, 'error', 'stale'))"
    bridge = EngineBridge(_impostor(tmp_path, code))
    model = await bridge.load("model.gguf")
    await asyncio.sleep(0.2)

    assert bridge.state == Ready(model)
    await bridge.close()


async def test_a_flood_on_standard_error_neither_blocks_nor_fills_the_memory(tmp_path: Path) -> None:
    code = "line = b'x' * 1_000_000\nfor _ in range(60): os.write(2, line)\n"
    code += f"os.write(2, b'\\nlast words\\n')\n{LOADED}\nmodel()\ntime.sleep(0.2)\nos._exit(3)"
    before = psutil.Process().memory_info().rss
    bridge = EngineBridge(_impostor(tmp_path, code))
    async with asyncio.timeout(30):
        await bridge.load("model.gguf")
        assert await reaches(lambda: isinstance(bridge.state, Failed))

    assert isinstance(bridge.state, Failed)
    assert "last words" in bridge.state.error.detail
    assert len(bridge.state.error.detail) < 10_000
    assert psutil.Process().memory_info().rss - before < 30_000_000
    await bridge.close()


async def test_an_engine_with_a_missing_part_says_so(tmp_path: Path) -> None:
    # Found before the installed one, as a broken installation is.
    broken = tmp_path / "llama_cpp"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise OSError('libllama.so: cannot open shared object file')\n")
    run = (
        "import sys; sys.path.insert(0, sys.argv.pop()); import desktop.__main__ as app; sys.exit(app.main())"
    )
    bridge = EngineBridge([sys.executable, "-c", run, "--engine-worker", "llama", str(tmp_path)])

    with pytest.raises(ModelLoadError, match="A part of the engine is missing") as failure:
        await bridge.load("model.gguf")

    assert "libllama.so" in failure.value.detail
    with pytest.raises(EngineGoneError, match="missing"):
        await bridge.describe()
    await bridge.close()


async def test_an_engine_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    bridge = EngineBridge([str(tmp_path / "no such program")])

    with pytest.raises(EngineGoneError, match="could not be started"):
        await bridge.load("model.gguf")

    assert isinstance(bridge.state, Failed)
    await bridge.close()


async def test_the_engine_says_what_it_is_without_a_model(subject: Subject) -> None:
    async with opened(subject, load=False) as (bridge, journal):
        hello = await bridge.describe()
        again = await bridge.describe()

        assert hello == again
        assert hello.build
        assert journal.kinds == [Unloaded]
