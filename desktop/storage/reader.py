"""A second connection, for reading alone: what takes long there keeps no write waiting.

A search that nobody waits for any more is given up at once. For repositories; any task of one event loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from desktop.domain.errors import StorageError
from desktop.storage import failures
from desktop.storage.encoding import configure_text

T = TypeVar("T")
_STEPS = 2000
"""SQLite's steps between two looks at whether anybody still waits; well under a millisecond."""
_CACHE_KIB = 8192
"""Pages of the index that are kept in memory."""


class Reader:
    """Of a database that is open meanwhile. The file is opened with the first reading."""

    __slots__ = ("_connection", "_path", "_thread")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs ``work``, which ends early if the caller is cancelled. Raises :class:`StorageError`."""
        given_up = threading.Event()
        try:
            submitted = self._thread.submit(self._do, work, given_up)
        except RuntimeError as error:
            raise StorageError("Locution is closing.", detail=str(error)) from error
        try:
            return await asyncio.shield(asyncio.wrap_future(submitted))
        except asyncio.CancelledError:
            given_up.set()
            submitted.cancel()
            submitted.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise

    async def close(self) -> None:
        """What is being read is waited for; what comes later raises :class:`StorageError`."""
        with suppress(RuntimeError):
            closing = self._thread.submit(self._close)
            self._thread.shutdown(wait=False)
            await asyncio.shield(asyncio.wrap_future(closing))

    def _do(self, work: Callable[[sqlite3.Connection], T], given_up: threading.Event) -> T:
        try:
            if self._connection is None:
                self._connection = self._connect()
            # Asked from here and not interrupted from there, which could hit the next one.
            self._connection.set_progress_handler(given_up.is_set, _STEPS)
            return work(self._connection)
        except sqlite3.Error as error:
            raise failures.in_words(error, self._path) from error

    def _connect(self) -> sqlite3.Connection:
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(address, uri=True, isolation_level=None)
        configure_text(connection)
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
