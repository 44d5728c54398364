"""Python's cyclic garbage is collected on the main thread only, what takes long while nothing else happens.

A collection runs in whatever thread happens to allocate, and may there destroy a Qt object that lives on the
main thread: a crash, seen with the database's thread. So the automatic collector is off, and a timer does
its work here. Thresholds are the interpreter's own.

The youngest objects are looked through in a millisecond. All of them, with a long chat open, take several
frames: that waits until the window is at rest, told by how few objects were made.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000
REST = 3
"""Intervals in a row with little new, after which nobody is in the middle of something."""
PATIENCE = 120
"""Intervals after which older garbage waits no longer for a rest."""
_LITTLE = 500
"""New objects in one interval; a page of a chat makes thousands."""


class GarbageCollector(QObject):
    """In force from its making to :meth:`stop`. One in a process."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._young = gc.get_count()[0]
        self._rested = 0
        self._waited = 0
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def stop(self) -> None:
        """Gives the work back to the interpreter."""
        self._timer.stop()
        gc.enable()

    def collect(self) -> int:
        """What is due now, once an interval; returns how many objects went."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        self._rested = self._rested + 1 if counts[0] - self._young < _LITTLE else 0
        due = [age for age in range(3) if thresholds[age] and counts[age] > thresholds[age]]
        oldest = max(due, default=-1)
        self._waited = self._waited + 1 if oldest > 0 else 0
        if oldest > 0 and self._rested < REST and self._waited < PATIENCE:
            oldest = 0 if 0 in due else -1
        found = gc.collect(oldest) if oldest >= 0 else 0
        self._young = gc.get_count()[0]
        return found
