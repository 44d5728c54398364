"""What the app finds out about a machine and about itself."""

from pathlib import Path

import pytest

from desktop.domain.settings import Setting
from desktop.engine.process import worker_command
from desktop.services import doctor
from desktop.services.doctor import examine, in_words
from desktop.system.paths import Locations
from tests.unit.services.scripted_app import opened, python


@pytest.fixture(autouse=True)
def scripted_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real one takes a second to say what it is; the commands' tests ask it."""
    monkeypatch.setattr("desktop.engine.bridge.worker_command", lambda: worker_command("scripted"))


def a_dead_engine(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr("desktop.engine.bridge.worker_command", lambda: python(code))


async def test_a_sound_machine_has_no_problems_and_says_what_it_is(
    data_dir: Path, starter_model: Path
) -> None:
    report = await examine(data_dir)

    assert [problem for problem in _problems(report) if "memory" not in problem] == []
    assert report["model"] == {
        "ref": "starter",
        "path": str(starter_model),
        "name": "SmolLM2 135M Instruct",
        "quantization": "Q4_1",
        "size": 98_362_432,
        "context_length": 8192,
    }
    versions = report["versions"]
    assert isinstance(versions, dict) and versions["engine"] == "scripted"
    assert report["folders"] == {
        name: str(getattr(Locations.below(data_dir), name))
        for name in ("data", "config", "cache", "logs", "models", "presets", "database")
    }


async def test_every_problem_is_a_line(data_dir: Path, tmp_path: Path) -> None:
    async with opened(data_dir) as services:
        services.settings.put(Setting.LAST_MODEL, str(tmp_path / "deleted.gguf"))
    presets = Locations.below(data_dir).presets
    presets.mkdir()
    (presets / "bad.toml").write_text("name = ")

    problems = _problems(await examine(data_dir))

    assert any("deleted.gguf" in problem for problem in problems)
    assert any("“bad”" in problem for problem in problems)


async def test_data_that_cannot_be_opened_do_not_hide_the_engine(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    report = await examine(tmp_path / "file" / "data")

    assert any("is a file" in problem for problem in _problems(report))
    versions = report["versions"]
    assert isinstance(versions, dict) and versions["engine"] == "scripted"


async def test_an_engine_that_does_not_start_is_a_problem_in_words(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_dead_engine(monkeypatch, "raise ImportError('No module named llama_cpp')")

    report = await examine(data_dir)

    assert "A part of the engine is missing on this machine." in " ".join(_problems(report))
    assert report["devices"] == []


async def test_an_engine_that_hangs_is_a_problem_in_words(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ENGINE_S", 0.5)
    monkeypatch.setattr("desktop.engine.process.EXIT_GRACE_S", 0.1)
    a_dead_engine(monkeypatch, "import time; time.sleep(60)")

    assert "The engine did not start within 0.5 seconds." in _problems(await examine(data_dir))


def test_a_report_is_readable_in_a_terminal() -> None:
    report = {
        "versions": {"locution": "1.0"},
        "machine": {"cpu_features": ["AVX", "AVX2"]},
        "devices": [],
        "engine_features": "",
        "problems": ["The disk is full."],
    }

    assert in_words(report).splitlines() == [
        "Versions",
        "  locution: 1.0",
        "Machine",
        "  cpu_features: AVX, AVX2",
        "Devices: none",
        "Engine features: none",
        "Problems",
        "  The disk is full.",
    ]


def _problems(report: doctor.Report) -> list[str]:
    problems = report["problems"]
    assert isinstance(problems, list)
    return problems
