"""Tells a worker that hangs from one that takes its time.

A long prompt on a slow machine may keep a worker silent for minutes, so silence alone proves nothing. One
that says nothing and for a long while uses no processor time either waits for something that will not come.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from desktop.system.hardware import process_time

TICK_S = 5.0
"""Seconds between two looks."""
QUIET_S = 60.0
"""Seconds in which a worker that hangs says nothing and uses no processor time."""


class Watchdog:
    """Of one process, while it has something to do. On the loop."""

    def __init__(
        self,
        pid: int,
        used: Callable[[int], float] = process_time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pid = pid
        self._used = used
        self._clock = clock
        self._seen = used(pid)
        self._since = clock()

    def heard(self) -> None:
        """The process said something."""
        self._since = self._clock()

    def hangs(self) -> bool:
        """To be asked every few seconds."""
        used = self._used(self._pid)
        if used != self._seen:
            self._seen = used
            self.heard()
        return self._clock() - self._since >= QUIET_S
