"""How long the window's loop is kept from its work, and how long a frame takes. In the measured process.

A frame begins when the messages are told to scroll and ends when all that moved is painted and handed to the
screen. The loop's delay is by how much a short timer comes late, whatever the reason. Beside both stands the
processor time that the window's thread took meanwhile: that is what is left on a machine without other work.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractScrollArea

    from desktop.ui.main_window import MainWindow

BEAT_MS = 4


class Pulse(QObject):
    """Of one window, and of its messages unless another ``area`` scrolls. Milliseconds."""

    def __init__(self, window: MainWindow, area: QAbstractScrollArea | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._last = 0.0
        self._last_work = 0.0
        self._began: float | None = None
        self._began_work = 0.0
        self.delays: list[float] = []
        self.frames: list[float] = []
        self.delays_work: list[float] = []
        self.frames_work: list[float] = []
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
        self._timer.timeout.connect(self._on_beat)
        scrolled = area or window.chat_pane.open_chat.transcript
        # Looked at where the bar tells the messages that it moved: that is where each frame's work begins.
        scroll = scrolled.scrollContentsBy

        def scroll_contents(dx: int, dy: int) -> None:
            if self._began is None:
                self._began, self._began_work = time.perf_counter(), time.thread_time()
            scroll(dx, dy)

        scrolled.scrollContentsBy = scroll_contents  # type: ignore[method-assign]
        window.installEventFilter(self)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Only while it is needed: a beat costs processor time, too."""
        for values in (self.delays, self.frames, self.delays_work, self.frames_work):
            values.clear()
        self._last, self._last_work = time.perf_counter(), time.thread_time()
        self._timer.start()
        try:
            yield
        finally:
            self._timer.stop()

    def _on_beat(self) -> None:
        now, work = time.perf_counter(), time.thread_time()
        self.delays.append(max(0.0, 1000 * (now - self._last) - BEAT_MS))
        self.delays_work.append(1000 * (work - self._last_work))
        self._last, self._last_work = now, work

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Paints the window here, to know when that is done."""
        if event.type() is not QEvent.Type.UpdateRequest or self._began is None:
            return False
        self._window.event(event)
        self.frames.append(1000 * (time.perf_counter() - self._began))
        self.frames_work.append(1000 * (time.thread_time() - self._began_work))
        self._began = None
        return True

    def found(self) -> dict[str, Any]:
        """Since :meth:`beating` began."""
        return {
            "frames": told(self.frames, self.frames_work),
            "loop": told(self.delays, self.delays_work),
        }


class Whole:
    """Several stretches of one pulse as one."""

    def __init__(self) -> None:
        self._values: tuple[list[float], ...] = ([], [], [], [])

    def add(self, pulse: Pulse) -> dict[str, Any]:
        """Returns what this stretch alone found."""
        new = (pulse.frames, pulse.frames_work, pulse.delays, pulse.delays_work)
        for kept, values in zip(self._values, new, strict=True):
            kept.extend(values)
        return pulse.found()

    def found(self) -> dict[str, Any]:
        frames, frames_work, delays, delays_work = self._values
        return {"frames": told(frames, frames_work), "loop": told(delays, delays_work)}


def told(values: list[float], work: list[float]) -> dict[str, Any]:
    """Median, 99th percentile and worst, and how many there were."""
    told: dict[str, Any] = {"count": len(values), "over_33_ms": sum(value > 33 for value in values)}
    for name, ordered in (("", sorted(values) or [0.0]), ("processor_", sorted(work) or [0.0])):
        told[f"{name}p50_ms"] = round(ordered[len(ordered) // 2], 2)
        told[f"{name}p99_ms"] = round(ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], 2)
        told[f"{name}worst_ms"] = round(ordered[-1], 2)
    return told
