"""The shell's tests use the real services over a real database and the real engine process, scripted.

Tests are coroutines on one event loop with Qt, as in the app: nothing may wait in a nested loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication

from desktop.engine.process import worker_command
from desktop.services.assembly import Services, open_services
from desktop.services.tasks import Tasks
from desktop.system.paths import Locations
from desktop.ui.app import dress
from desktop.ui.icons import Icons
from desktop.ui.main_window import MainWindow
from desktop.ui.theme import Theme
from tests.helpers.qt_loop import events_only_in_the_loop, make_loop, qapp, until
from tests.helpers.scripted import scripted_file, write_script

__all__ = ["events_only_in_the_loop", "qapp"]


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"qt": make_loop}


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    made = Theme()
    made.set_mode("light")
    dress(qapp, made)
    yield made
    shiboken6.delete(made)


@pytest.fixture
def icons(theme: Theme) -> Iterator[Icons]:
    made = Icons(theme)
    yield made
    shiboken6.delete(made)


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    return write_script(tmp_path / "Lantern-7B.gguf", name="Lantern 7B", reply="Once upon a shore.")


@pytest.fixture
async def services(data_dir: Path) -> AsyncIterator[Services]:
    async with open_services(
        Locations.below(data_dir), engine_command=worker_command("scripted"), inspect_file=scripted_file
    ) as opened:
        yield opened


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    owned = Tasks()
    yield owned
    await owned.aclose()


@pytest.fixture
async def window(services: Services, tasks: Tasks, theme: Theme, icons: Icons) -> AsyncIterator[MainWindow]:
    made = MainWindow(
        services.chat,
        services.models,
        services.presets,
        services.settings,
        services.bus,
        tasks,
        theme,
        icons,
    )
    made.resize(1280, 800)
    made.chat_pane.open_conversation("")
    made.show()
    await until(lambda: made.chat_pane.current() is not None, "a new chat")
    yield made
    made.chat_pane.flush()
    await tasks.settle()
    made.close_for_good()
    shiboken6.delete(made)
