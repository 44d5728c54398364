"""Kept states in their folder: a chat goes on without being read again, also in the next worker.

Files are written and checked beside the engine's thread. One with anything wrong about it is removed, and the
prompt is read. What was used longest ago makes room for new ones.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from desktop.domain.model import StateStore
from desktop.engine.worker.kv.state import (
    DamagedError,
    Outline,
    Snapshot,
    Ties,
    from_file,
    read_outline,
    to_file,
)

SHARE = 4
"""A state may take one part in so many of the limit; the larger it is, the less it gains over reading."""
MAX_PENDING = 1024 * 1024 * 1024
"""Bytes that may wait to be written; what comes on top is not kept."""
SPARE_DISK = 512 * 1024 * 1024
"""Bytes of the disk that are left to others."""
SUFFIX = ".state"
_TICK_NS = 1_000_000
"""Nanoseconds between two uses, at least: file systems keep no finer time than that, or hardly any."""


class StateFiles:
    """The states of one model under one set of settings. Any thread; nothing here raises."""

    def __init__(self, store: StateStore, ties: Ties) -> None:
        self._store = store
        self.ties = ties
        """Of what is saved and fetched from now on."""
        self._folder = Path(store.folder)
        self._pending = 0
        self._lock = threading.Lock()
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._run, name="states", daemon=True)
        self._writer.start()
        self._work.put(self._tidy)

    def takes(self, size: int) -> bool:
        """Whether a state of ``size`` bytes is worth its place."""
        return size <= self._store.limit // SHARE and self._pending + size <= MAX_PENDING

    def save(self, key: str, snapshot: Snapshot) -> None:
        """Writes a state in the background, in place of the one that ``key`` had."""
        with self._lock:
            self._pending += snapshot.size
        self._work.put(partial(self._write, self._path(key), snapshot, self.ties))

    def fetch(self, key: str, wanted: Callable[[Outline], bool]) -> Snapshot | None:
        """The state that ``key`` has, if it is wanted and authentic. Blocks on the disk."""
        ties = self.ties
        path = self._path(key)
        try:
            with path.open("rb") as file:
                if not wanted(read_outline(file, ties, self._store.limit)):
                    return None
                file.seek(0)
                content = np.fromfile(file, np.uint8)
            snapshot = from_file(content, ties, self._store.secret)
        except (FileNotFoundError, MemoryError):
            return None
        except (OSError, DamagedError) as error:
            self._complain("could not be used", error)
            _remove(path)
            return None
        with contextlib.suppress(OSError):
            self._touch(path)
        return snapshot

    def outline(self, key: str) -> Outline | None:
        """What the state that ``key`` has would hold, if it is authentic. Blocks on the disk."""
        ties = self.ties
        try:
            with self._path(key).open("rb") as file:
                return read_outline(file, ties, self._store.limit)
        except (OSError, MemoryError, DamagedError):
            # Whoever fetches it says so.
            return None

    def forget(self, key: str) -> None:
        """Removes what is kept for ``key``, whatever the model."""
        self._work.put(partial(self._forget, self._store.name_of(key)))

    def close(self, patience: float) -> None:
        """Ends the writing thread; waits up to ``patience`` seconds for what is still to be written."""
        self._work.put(None)
        self._writer.join(patience)

    def _path(self, key: str) -> Path:
        return self._folder / f"{self._store.name_of(key)}-{self.ties.meaning.hex()}{SUFFIX}"

    # The writing thread

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except OSError as error:
                self._complain("could not be kept", error)

    def _write(self, path: Path, snapshot: Snapshot, ties: Ties) -> None:
        try:
            if shutil.disk_usage(self._folder).free - snapshot.size < SPARE_DISK:
                return
            part = path.with_suffix(f".{os.getpid()}.part")
            try:
                with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                    for piece in to_file(snapshot, ties, self._store.secret):
                        file.write(piece)
                part.replace(path)
            except BaseException:
                _remove(part)
                raise
            self._touch(path)
            self._trim()
        finally:
            with self._lock:
                self._pending -= snapshot.size

    def _tidy(self) -> None:
        """Removes what a worker left that was ended while it wrote, and what is over the limit."""
        for path in self._folder.glob("*.part"):
            _remove(path)
        self._trim()

    def _trim(self) -> None:
        states = self._states()
        total = sum(size for _, size, _ in states)
        for _, size, path in sorted(states):
            if total <= self._store.limit:
                break
            _remove(path)
            total -= size

    def _touch(self, path: Path) -> None:
        """Makes it the one used last, also where the clock was put back meanwhile."""
        latest = max((used for used, _, other in self._states() if other != path), default=0)
        now = max(time.time_ns(), latest + _TICK_NS)
        os.utime(path, ns=(now, now))

    def _states(self) -> list[tuple[int, int, Path]]:
        """(last used, bytes, path) of all states in the folder, of whatever model."""
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX):
                    with contextlib.suppress(FileNotFoundError):
                        facts = entry.stat()
                        found.append((facts.st_mtime_ns, facts.st_size, Path(entry.path)))
        return found

    def _forget(self, name: str) -> None:
        for path in self._folder.glob(f"{name}-*"):
            _remove(path)

    @staticmethod
    def _complain(what: str, error: Exception) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"A kept state {what}: {error}\n")


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
