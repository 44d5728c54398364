"""Telling a process that hangs from one that takes its time."""

import os

from desktop.engine.watchdog import QUIET_S, Watchdog
from desktop.system.hardware import process_time


class Process:
    """Its processor time and everybody's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.used = 5.0
        self.dog = Watchdog(1, lambda _pid: self.used, lambda: self.now)

    def waits(self, seconds: float, *, computing: float = 0.0) -> bool:
        self.now += seconds
        self.used += computing
        return self.dog.hangs()


def test_one_that_neither_speaks_nor_computes_hangs() -> None:
    process = Process()

    assert not process.waits(QUIET_S - 1)
    assert process.waits(1)


def test_one_that_computes_silently_takes_its_time() -> None:
    process = Process()

    for _ in range(100):
        assert not process.waits(QUIET_S - 1, computing=0.01)


def test_one_that_speaks_is_alive() -> None:
    process = Process()

    for _ in range(10):
        assert not process.waits(QUIET_S - 1)
        process.dog.heard()


def test_processor_time_is_read() -> None:
    before = process_time(os.getpid())
    while process_time(os.getpid()) == before:
        sum(range(10_000))
    assert process_time(2**22 + 1) == 0.0
