"""The app as the benchmarks see it: on a screen without a screen reader, driven by keys."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.helpers.screen import Screen, XWindow, wait_for


class WatchedApp:
    """One start of the app, from ``__enter__`` to ``__exit__``."""

    def __init__(self, screen: Screen, data_dir: Path, engine: str = "llama") -> None:
        self._screen = screen
        self._log = data_dir.parent / f"{data_dir.name}.out"
        self.started = time.time()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.watched_app", engine, str(data_dir)],
                env=screen.quiet_environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.process = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def window(self) -> XWindow:
        """Waits for it and gives it the keyboard."""
        window = wait_for(lambda: self._screen.windows(self._process.pid), self._log.read_text, 30, 0.01)[0]
        wait_for(lambda: self._screen.active() == window.id, "the window has the focus", every=0.01)
        return window

    def event(self, name: str) -> float | None:
        """When it happened, in Unix seconds, if it has."""
        for line in self._log.read_text("utf-8", "replace").splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        return None

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def has_worker(self) -> bool:
        return bool(self.process.children())

    def cpu_seconds(self) -> float:
        """Of the app alone: not of the engine, not of the screen."""
        times = self.process.cpu_times()
        return times.user + times.system
