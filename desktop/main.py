"""The composition root of the window: builds everything, wires it, and ends it in order.

Start: application, single instance, services, window, then the model in the background.
End: the window is hidden at once, drafts and settings are saved, answers kept, the engine stopped, the
database closed. The order is the nesting of the blocks below: a failure in one does not skip the others.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# PySide6 before qasync: qasync takes the binding that is already imported.
from PySide6.QtWidgets import QApplication  # isort: skip
import qasync

from desktop.domain.errors import LocutionError
from desktop.domain.model import ModelFile
from desktop.domain.settings import Setting
from desktop.library.model_file import inspect
from desktop.services.assembly import Services, open_services
from desktop.services.settings import SettingsService
from desktop.services.tasks import Tasks
from desktop.system.logs import run_log
from desktop.system.paths import Locations, ready
from desktop.ui.app import create_application, dress
from desktop.ui.icons import Icons
from desktop.ui.main_window import MainWindow
from desktop.ui.single_instance import SingleInstance
from desktop.ui.start_progress import StartProgress
from desktop.ui.theme import Theme

WORKERS = 4
"""Threads for short blocking work: file headers, folders."""
LAST_WORDS_S = 3.0
"""Seconds that drafts and other small writes have at the end."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Start:
    """What a window is started with; see :func:`run_window`."""

    locations: Locations
    engine_command: Sequence[str] | None
    inspect_file: Callable[[Path], ModelFile]
    on_window: Callable[[MainWindow, Services], None]


def run_window(
    data_dir: Path | None,
    *,
    engine_command: Sequence[str] | None = None,
    inspect_file: Callable[[Path], ModelFile] = inspect,
    on_window: Callable[[MainWindow, Services], None] = lambda _window, _services: None,
) -> int:
    """Runs the app until its window is closed; returns the exit code.

    Tests and benchmarks run the scripted engine through ``engine_command`` and ``inspect_file``, and are
    given the window once it is shown.
    """
    app = create_application(sys.argv[:1])
    start = _Start(Locations.choose(data_dir), engine_command, inspect_file, on_window)
    with qasync.QEventLoop(app) as loop:
        loop.set_default_executor(ThreadPoolExecutor(WORKERS, thread_name_prefix="files"))
        loop.set_exception_handler(_on_stray_error)
        return int(loop.run_until_complete(_run(app, start)))


async def _run(app: QApplication, start: _Start) -> int:
    try:
        with SingleInstance(ready(start.locations.data)) as instance:
            if not instance.is_first:
                # The window that is open comes to the front; only if it is silent is there something to say.
                return 0 if await instance.call_first() else await _say_why_not(app, _silent(start.locations))
            with run_log(start.locations.logs):
                await _session(app, start, instance)
    except LocutionError as error:
        return await _say_why_not(app, error)
    return 0


async def _session(app: QApplication, start: _Start, instance: SingleInstance) -> None:
    async with AsyncExitStack() as stack:
        theme = Theme(app)
        progress = StartProgress(lambda: dress(app, theme))
        try:
            opening = open_services(
                start.locations,
                engine_command=start.engine_command,
                inspect_file=start.inspect_file,
                on_progress=progress.set,
            )
            services = await stack.enter_async_context(opening)
        finally:
            progress.end()
        _follow(services.settings, theme)
        services.bus.subscribe(lambda _change: _follow(services.settings, theme))
        if not progress.was_shown:
            dress(app, theme)
        tasks, loading = Tasks(), Tasks()
        stack.push_async_callback(loading.aclose)
        stack.push_async_callback(tasks.aclose)
        window = MainWindow(services, tasks, theme, Icons(theme))
        closed = asyncio.Event()
        window.close_requested.connect(closed.set)
        instance.called.connect(window.bring_to_front)
        _close_on_signals(closed)
        window.chat_pane.open_conversation(services.settings.text(Setting.LAST_CONVERSATION))
        window.show()
        # What is there now stays: later collections need not look at it, which keeps them within a frame.
        gc.freeze()
        if services.notice:
            window.show_error(LocutionError(services.notice))
        asyncio.get_running_loop().call_soon(_log.info, "Window shown %.2f s after the start", _age())
        loading.start(_prepare(services), "load the usual model")
        start.on_window(window, services)
        await closed.wait()
        window.hide()
        window.chat_pane.leave()
        with suppress(TimeoutError):
            await asyncio.wait_for(tasks.settle(), LAST_WORDS_S)
        window.close_for_good()


def _follow(settings: SettingsService, theme: Theme) -> None:
    theme.set(settings.text(Setting.THEME), settings.number(Setting.TEXT_SCALE))


def _silent(locations: Locations) -> LocutionError:
    return LocutionError(
        "Locution is already open on this data folder, and it does not answer.",
        action="Wait a moment, or end it and start again.",
        detail=str(locations.data),
    )


async def _prepare(services: Services) -> None:
    """The model in use is loaded in the background; a failure is a state that the window shows."""
    with suppress(LocutionError):
        await services.models.ready()


async def _say_why_not(app: QApplication, error: LocutionError) -> int:
    """A start that cannot go on says so in a dialog of its own, and where it was started from."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QMessageBox

    dress(app, Theme(app))
    sys.stderr.write(f"locution: {error}\n")
    box = QMessageBox(QMessageBox.Icon.Warning, app.applicationDisplayName(), error.message)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(error.action)
    box.setDetailedText(error.detail)
    closed = asyncio.Event()
    box.finished.connect(closed.set)
    box.open()
    await closed.wait()
    return 1


def _close_on_signals(closed: asyncio.Event) -> None:
    """Ctrl+C in a terminal and the system's request to end close the window in order."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, closed.set)


def _on_stray_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    _log.error("%s", context.get("message", "Unhandled"), exc_info=context.get("exception"))


def _age() -> float:
    """Seconds since this process was started."""
    import psutil

    return time.time() - psutil.Process().create_time()
