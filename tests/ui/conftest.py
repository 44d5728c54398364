"""What all window tests stand on: Qt's loop, the theme, and the real services with a scripted engine process.

Tests are coroutines on one event loop with Qt, as in the app: nothing may wait in a nested loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication, QWidget

from desktop.engine.process import worker_command
from desktop.services.assembly import Services, open_services
from desktop.services.tasks import Tasks
from desktop.system.paths import Locations
from desktop.ui.actions import Actions
from desktop.ui.app import dress
from desktop.ui.chat.pane import ChatPane
from desktop.ui.icons import Icons
from desktop.ui.theme import Theme
from desktop.ui.toolkit import Toolkit
from tests.helpers.chat_pane import Pane
from tests.helpers.qt_loop import events_only_in_the_loop, make_loop, qapp
from tests.helpers.scripted import scripted_file, write_script

__all__ = ["events_only_in_the_loop", "qapp"]


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"qt": make_loop}


@pytest.fixture(autouse=True)
def locale_of_the_app(qapp: QApplication) -> None:
    """Numbers in words are those of the application's locale, also in a test that opens no window."""


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
def locations(data_dir: Path) -> Locations:
    return Locations.below(data_dir)


@pytest.fixture
async def services(locations: Locations) -> AsyncIterator[Services]:
    async with open_services(
        locations, engine_command=worker_command("scripted"), inspect_file=scripted_file
    ) as opened:
        yield opened


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    owned = Tasks()
    yield owned
    await owned.aclose()


@pytest.fixture
def model(tmp_path: Path, services: Services) -> Callable[..., asyncio.Task[object]]:
    """Loads a scripted model with the given fields."""

    def load(**fields: object) -> asyncio.Task[object]:
        path = write_script(tmp_path / "Lantern.gguf", **{"name": "Lantern 7B", **fields})
        return asyncio.ensure_future(services.models.use(path))

    return load


@pytest.fixture
async def chat(services: Services, tasks: Tasks, theme: Theme, icons: Icons) -> AsyncIterator[Pane]:
    window = QWidget()
    kit = Toolkit(services, tasks, theme, icons, Actions(window))
    pane = ChatPane(kit, QWidget(), QWidget(), window)
    window.resize(1200, 800)
    pane.resize(1200, 800)
    window.show()
    yield Pane(pane, kit)
    pane.leave()
    await tasks.settle()
    window.hide()
    shiboken6.delete(window)
