"""The whole window."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import shiboken6

from desktop.domain.parameters import Parameters
from desktop.services.assembly import Services
from desktop.services.tasks import Tasks
from desktop.ui.icons import Icons
from desktop.ui.main_window import MainWindow
from desktop.ui.parameters.sidebar import ParameterSidebar
from desktop.ui.theme import Theme
from desktop.ui.widgets.section import Section
from tests.helpers.qt_loop import until
from tests.helpers.scripted import write_script


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    return write_script(tmp_path / "Lantern-7B.gguf", name="Lantern 7B", reply="Once upon a shore.")


@pytest.fixture
async def window(services: Services, tasks: Tasks, theme: Theme, icons: Icons) -> AsyncIterator[MainWindow]:
    made = MainWindow(services, tasks, theme, icons)
    made.resize(1280, 800)
    made.chat_pane.open_conversation("")
    made.show()
    await until(lambda: made.chat_pane.current() is not None, "a new chat")
    yield made
    made.chat_pane.leave()
    await tasks.settle()
    made.close_for_good()
    shiboken6.delete(made)


@pytest.fixture
async def sidebar(window: MainWindow) -> ParameterSidebar:
    """With all sections open: the rows of one that was never open are not there."""
    for section in window.sidebar.findChildren(Section):
        section.set_open(True)
    return window.sidebar


@pytest.fixture
def in_use(sidebar: ParameterSidebar) -> Callable[[], Parameters]:
    """The parameters that an answer would be made with."""

    def parameters() -> Parameters:
        assert sidebar.configuration is not None
        return sidebar.configuration.parameters

    return parameters
