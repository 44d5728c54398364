"""Coroutine tests on Qt's own event loop, as in the app. A `conftest.py` of window tests takes these over:

from tests.helpers.qt_loop import events_only_in_the_loop, make_loop, qapp  # noqa: F401 - fixtures

def pytest_asyncio_loop_factories():
    return {"qt": make_loop}
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytestqt.plugin
import qasync
from PySide6.QtCore import QCoreApplication, QRect, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.app import create_application
from tests.helpers.waiting import until as until


async def laid_out(root: QWidget) -> None:
    """Waits until everything that is seen of `root` stays where it is."""
    before: list[QRect] | None = None
    while before != (now := [part.geometry() for part in root.findChildren(QWidget) if part.isVisible()]):
        before = now
        await asyncio.sleep(0.02)
        QCoreApplication.sendPostedEvents()


class _Loop(qasync.QEventLoop):  # type: ignore[misc]
    def run_until_complete(self, future: Any) -> Any:
        """Without qasync's last look at events after a run: there no loop runs that could own a task."""
        task = asyncio.ensure_future(future, loop=self)

        def stop(_task: object) -> None:
            self.stop()

        task.add_done_callback(stop)
        try:
            self.run_forever()
        finally:
            task.remove_done_callback(stop)
        return task.result()


def make_loop() -> asyncio.AbstractEventLoop:
    app = _application()
    if app.findChild(QTimer, "heartbeat") is None:
        # Python sees a signal, also the one that ends a test that hangs, only when Python runs.
        heartbeat = QTimer(app, interval=200)
        heartbeat.setObjectName("heartbeat")
        heartbeat.timeout.connect(lambda: None)
        heartbeat.start()
    loop: asyncio.AbstractEventLoop = _Loop(app)
    return loop


@pytest.fixture(autouse=True)
def events_only_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest-qt handles events between a fixture and its test, too."""
    monkeypatch.setattr(pytestqt.plugin, "_process_events", lambda: None)


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """In place of pytest-qt's: made as the app makes it."""
    return _application()


def _application() -> QApplication:
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else create_application(["locution-tests"])
