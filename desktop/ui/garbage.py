"""Python's cyclic garbage is collected on the main thread only.

A collection runs in whatever thread happens to allocate, and may there destroy a Qt object that lives on the
main thread: a crash, seen with the database's thread. So the automatic collector is off, and a timer does
its work here. Thresholds are the interpreter's own.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000


class GarbageCollector(QObject):
    """In force from its making to :meth:`stop`. One in a process."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def stop(self) -> None:
        """Gives the work back to the interpreter."""
        self._timer.stop()
        gc.enable()

    def collect(self) -> int:
        """The oldest generation that is due; returns how many objects went."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [age for age in range(3) if thresholds[age] and counts[age] > thresholds[age]]
        return gc.collect(max(due)) if due else 0
