"""The real app on a real screen. A failed test leaves pictures and logs in ``build/e2e/``."""

import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.helpers.app_process import ROOT, App
from tests.helpers.screen import Screen

FAILURES = ROOT / "build" / "e2e"
Open = Callable[[], App]


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    with Screen() as screen:
        yield screen


@pytest.fixture
def open_app(screen: Screen, data_dir: Path) -> Iterator[Open]:
    """Starts the app on the test's data folder; whatever is still running at the end is ended."""
    started: list[App] = []

    def start() -> App:
        started.append(App(screen, data_dir))
        return started[-1]

    yield start
    for app in started:
        app.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Takes the picture while the window is still there."""
    report = yield
    screen = item.funcargs.get("screen")
    if report.when == "call" and report.failed and isinstance(screen, Screen):
        name = re.sub(r"[^\w-]+", "-", item.name)
        screen.save_picture(FAILURES / f"{name}.png")
        folder = item.funcargs.get("tmp_path")
        logs = sorted(folder.rglob("*.log")) if isinstance(folder, Path) else []
        text = "\n".join(f"── {log.name}\n{log.read_text('utf-8', 'replace')}" for log in logs)
        (FAILURES / f"{name}.log").write_text(text, encoding="utf-8")
        report.sections.append(("picture", str(FAILURES / f"{name}.png")))
    return report
