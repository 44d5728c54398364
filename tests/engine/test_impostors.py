"""Workers that say what makes no sense, or too much, or cannot be started: not believed, and told so."""

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from desktop.domain.engine_state import Failed, Ready, Unloaded
from desktop.domain.errors import (
    EngineGoneError,
    LocutionError,
    ModelLoadError,
)
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import Subject, ask, opened
from tests.helpers.waiting import PATIENCE_S, until


def _impostor(folder: Path, code: str) -> list[str]:
    """A worker that says hello and then does what `code` wants. `reports` is its pipe to the app."""
    script = folder / "impostor.py"
    script.write_text(
        "import os, sys, time\n"
        # The folder it is started in is the one of the package under test.
        "sys.path.insert(0, os.getcwd())\n"
        "from desktop.engine import framing, protocol\n"
        "reports = os.fdopen(1, 'wb', buffering=0)\n"
        "def send(report): reports.write(framing.frame(report))\n"
        "def hear(kind):\n"
        "    while not isinstance(framing.decode_command(body()), kind): pass\n"
        "def body(): return read(int.from_bytes(read(4), 'little'))\n"
        "def read(size):\n"
        "    found = b''\n"
        "    while len(found) < size: found += os.read(0, size - len(found))\n"
        "    return found\n"
        "send(protocol.Hello(0, protocol.PROTOCOL_VERSION, 'impostor'))\n"
        f"{code}\n"
        "time.sleep(3600)\n"
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
            async with asyncio.timeout(PATIENCE_S):
                await bridge.load("model.gguf")
        assert "protocol:" in failure.value.detail
        assert bridge.pid is None
    finally:
        await bridge.close()


async def test_a_worker_of_another_version_is_ended(tmp_path: Path) -> None:
    bridge = EngineBridge(_impostor(tmp_path, "send(protocol.Hello(0, 99, 'from the future'))"))
    with pytest.raises(ModelLoadError, match="another version") as refusal:
        await bridge.load("model.gguf")
    assert refusal.value.action.startswith("Start Locution again")
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
    code = f"{LOADED}\nmodel()\nhear(protocol.Generate)\nsend({report})"
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
    async with asyncio.timeout(PATIENCE_S):
        await bridge.load("model.gguf")
        await until(lambda: isinstance(bridge.state, Failed))

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
