"""Qt objects that nobody holds any more must not be destroyed by a thread they do not live on."""

from __future__ import annotations

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from desktop.ui.garbage import GarbageCollector
from tests.helpers.qt_loop import until


class Knot(QObject):
    """Garbage that only the cyclic collector finds; says which thread it dies on."""

    def __init__(self, deaths):
        super().__init__()
        self.me = self
        self.deaths = deaths

    def __del__(self):
        self.deaths.append(threading.current_thread())


@pytest.fixture
def collector(qapp):
    was_enabled = gc.isenabled()
    made = GarbageCollector(qapp)
    yield made
    made.stop()
    if not was_enabled:
        gc.disable()


async def test_qt_garbage_dies_on_the_main_thread(collector):
    deaths: list[threading.Thread] = []
    Knot(deaths)
    worker = threading.Thread(target=lambda: [[] for _ in range(200_000)])
    worker.start()
    worker.join()
    assert deaths == [], "the worker's allocations collected it"
    keep = [[n] for n in range(2_000)]
    await until(lambda: deaths, "the collection")
    assert deaths == [threading.main_thread()]
    assert len(keep) == 2_000
