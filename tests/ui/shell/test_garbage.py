"""Qt objects that nobody holds any more must not be destroyed by a thread they do not live on."""

from __future__ import annotations

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from desktop.ui import garbage
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


@pytest.fixture
def asked(collector, monkeypatch):
    """Which generations are collected; with counts and thresholds of the test's own."""
    collector._timer.stop()
    asked: list[int] = []

    def collect(age: int) -> int:
        asked.append(age)
        return 0

    counts = [0, 99, 0]
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(gc, "get_count", lambda: tuple(counts))
    monkeypatch.setattr(gc, "collect", collect)
    collector._young = 0
    collector.counts = counts
    return asked


def test_what_takes_long_waits_for_a_rest(collector, asked):
    for _ in range(garbage.REST + 5):
        collector.counts[0] += 5_000
        collector.collect()
    assert set(asked) == {0}, "somebody scrolls"
    asked.clear()
    for _ in range(garbage.REST - 1):
        collector.collect()
    assert set(asked) == {0}
    collector.collect()
    assert asked[-1] == 1


def test_it_does_not_wait_for_ever(collector, asked):
    for _ in range(garbage.PATIENCE):
        assert 1 not in asked
        collector.counts[0] += 5_000
        collector.collect()
    assert asked[-1] == 1


def test_where_nothing_is_due_nothing_is_done(collector, asked):
    collector.counts[:] = [10, 2, 3]
    assert collector.collect() == 0
    assert asked == []
