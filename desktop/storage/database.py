"""The one file with everything the user wrote, and the one thread that touches it.

Repositories pass functions to :meth:`Database.run` and :meth:`Database.read`; these run one after the other
on the database's own thread, each in a transaction, while the event loop goes on. SQLite's errors become
:class:`StorageError` here. Several processes may have the same file open.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from desktop.domain.errors import LocutionError, StorageError
from desktop.storage import failures, migrations, owners
from desktop.storage.opening import Opened, open_file, open_memory

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Database:
    """Made by :meth:`open`; every other method may be called from any task of that event loop."""

    __slots__ = ("_damaged", "_opened", "_patience", "_thread", "path")

    def __init__(self, path: Path, patience: float) -> None:
        self.path = path
        self._patience = patience
        self._opened: Opened | None = None
        self._damaged = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")

    @classmethod
    async def open(
        cls, path: Path, *, patience: float = 5.0, on_progress: Callable[[float], None] = lambda _: None
    ) -> Database:
        """Creates the file, and the folder, if there is none; migrates an older one after a backup.

        ``patience`` is how long to wait, in seconds, for another process that is writing. ``on_progress`` is
        told, on the loop, how far a long update has come, from 0 to 1. Raises :class:`NewerDataError` for a
        newer version's file, which stays as it is, and :class:`StorageError`.
        """
        database = cls(path, patience)
        loop = asyncio.get_running_loop()

        def report(done: float) -> None:
            loop.call_soon_threadsafe(on_progress, done)

        try:
            await database._do(lambda: database._open(report))
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    async def in_memory(cls) -> Database:
        """One of the same shape that is never written anywhere and ends with :meth:`close`."""
        database = cls(Path(":memory:"), 0.0)
        await database._do(database._open_memory)
        return database

    @property
    def is_temporary(self) -> bool:
        """Whether it is in memory only."""
        return self._opened is not None and self._opened.claim is None

    @property
    def notice(self) -> str:
        """What the user should be told about opening: that a damaged file was rescued. Usually empty."""
        return self._opened.notice if self._opened else ""

    @property
    def owner(self) -> str:
        """Who this is among the processes that use the file; see :mod:`desktop.storage.owners`."""
        return self._opened.owner if self._opened else ""

    def is_alive(self, owner: str) -> bool:
        """Whether an owner still has the file open. Touches the disk: for functions given to :meth:`run`."""
        return owner == self.owner or owners.is_alive(self.path, owner)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs ``work`` in a transaction that is durable when this returns, and undone if ``work`` raises.

        Cancelling the caller does not stop it: what was asked to be written is written.
        """
        return await self._do(lambda: self._transact("BEGIN IMMEDIATE", work))

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs ``work`` on one consistent state of the data; it cannot write."""
        return await self._do(lambda: self._transact("BEGIN", work))

    async def close(self) -> None:
        """Waits for what was asked before; what comes later raises :class:`StorageError`. May be repeated."""
        try:
            closing = self._thread.submit(self._close)
        except RuntimeError:
            return
        self._thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(closing))

    async def _do(self, job: Callable[[], T]) -> T:
        try:
            submitted = self._thread.submit(job)
        except RuntimeError as error:
            raise StorageError("Locution is closing, so this was not saved.", detail=str(error)) from error
        try:
            return await asyncio.shield(asyncio.wrap_future(submitted))
        except asyncio.CancelledError:
            submitted.add_done_callback(_log_failure)
            raise

    def _open_memory(self) -> None:
        self._opened = open_memory()

    def _open(self, on_progress: Callable[[float], None]) -> None:
        try:
            self._opened = open_file(self.path, self._patience, on_progress)
        except (sqlite3.Error, OSError) as error:
            raise failures.in_words(error, self.path) from error

    def _transact(self, begin: str, work: Callable[[sqlite3.Connection], T]) -> T:
        assert self._opened is not None, "used before it was opened"
        connection = self._opened.connection
        try:
            try:
                return _in_transaction(connection, begin, work)
            except sqlite3.DatabaseError as error:
                if not failures.is_index_damage(error):
                    raise
                _log.warning("The search index is damaged and is made anew: %s", error)
                _in_transaction(connection, "BEGIN IMMEDIATE", migrations.rebuild_search)
                return _in_transaction(connection, begin, work)
        except (sqlite3.Error, UnicodeEncodeError) as error:
            self._damaged |= failures.is_damage(error)
            raise failures.in_words(error, self.path) from error

    def _close(self) -> None:
        if self._opened is None:
            return
        claim = self._opened.claim
        with suppress(sqlite3.Error):
            self._opened.connection.close()
        if claim is None:
            return
        claim.release()
        if not self._damaged:  # A claim that is left behind has the next start look at every page.
            with suppress(OSError):
                claim.path.unlink(missing_ok=True)


def _in_transaction(connection: sqlite3.Connection, begin: str, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute(f"PRAGMA query_only = {'ON' if begin == 'BEGIN' else 'OFF'}")
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite may have rolled back already.
            connection.execute("ROLLBACK")
        raise
    return result


def _log_failure(done: Future[T]) -> None:
    """Nobody waits for this one any more, so the log is where its failure is told."""
    if error := done.exception():
        level = logging.WARNING if isinstance(error, LocutionError) else logging.ERROR
        _log.log(level, "A write failed after its caller was cancelled: %s", error, exc_info=error)
