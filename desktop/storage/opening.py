"""Opening the file: is it ours, sound and not newer; then bring it up to date. On the database's thread.

    look, without writing ── newer ─────────> refused, untouched
            │            └── damaged ───────> kept aside, what is readable rescued into a new file
            └─ sound ─> back up and migrate if older ─> ready

The look costs the same whatever the file's size, and finds a foreign, newer, truncated or overwritten
file. All pages are read (0.6 s for a GB) only if a process died with the file open, or came upon damage
in it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from desktop.domain.errors import NewerDataError, StorageError
from desktop.storage import failures, migrations, owners
from desktop.storage.encoding import configure_text
from desktop.storage.rescue import rescue

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # a sent message survives a power cut
    "checkpoint_fullfsync = ON",  # macOS: past the drive's cache
    "journal_size_limit = 16777216",  # bytes; one large import does not leave a large -wal file behind
    "temp_store = MEMORY",
    "cell_size_check = ON",  # damage is noticed before it spreads
    "trusted_schema = ON",  # triggers write the search tables, which not every SQLite vouches for
)

_BACKUP = 0.2
"""The copy's share of a long update."""
_PAGES = 4096
"""Copied between two reports of progress."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Opened:
    """``notice`` is what the user should be told about how it went; usually empty."""

    connection: sqlite3.Connection
    owner: str
    claim: owners.Lock | None
    notice: str


def open_file(path: Path, patience: float, on_progress: Progress) -> Opened:
    """Waits ``patience`` seconds at most. Raises :class:`StorageError`, SQLite's and the system's errors.

    ``on_progress`` is told, on this thread, how far a long update has come, from 0 to 1.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    gate = owners.Lock.take(owners.opening_lock(path), patience=patience)
    if gate is None:
        raise failures.locked(path)
    try:
        return _open_alone(path, patience, on_progress)
    finally:
        gate.release()


def open_memory() -> Opened:
    """An empty database that is never written anywhere."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    configure_text(connection)
    migrations.migrate(connection, len(migrations.MIGRATIONS))
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    return Opened(connection, "memory", None, "")


def _open_alone(path: Path, patience: float, on_progress: Progress) -> Opened:
    in_use, dead = owners.others(path)
    notice = ""
    if damage := _look(path, thorough=bool(dead)):
        if in_use:
            raise StorageError(
                "The file with your chats is damaged.",
                action="Close every copy of Locution and start it again: it rescues what can still be read.",
                detail=f"{damage} ({path})",
            )
        notice = rescue(path, free_name(path, "damaged"))
    token, claim = owners.claim(path)
    try:
        connection = _connect(path, patience, on_progress)
    except BaseException:
        claim.release()
        claim.path.unlink(missing_ok=True)
        raise
    for file in dead:
        file.unlink(missing_ok=True)
    return Opened(connection, token, claim, notice)


def _look(path: Path, *, thorough: bool) -> str:
    """What is wrong with the file, or an empty string. Changes nothing in it."""
    if not path.is_file():
        return ""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            _refuse_what_is_not_ours(connection, path)
            if not thorough:
                return ""
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            return "" if found == "ok" else found
    except sqlite3.Error as error:
        if failures.is_damage(error):
            return str(error)
        if failures.is_unreachable(error):
            return ""  # A journal may have to be rolled back first, which opening for writing does.
        raise


def _refuse_what_is_not_ours(connection: sqlite3.Connection, path: Path) -> None:
    version = migrations.version(connection)
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != migrations.APPLICATION_ID and (version or tables):
        raise StorageError(
            f"{path.name} belongs to another program.",
            action="Choose another data folder with --data-dir.",
            detail=f"application_id {application:#x}, user_version {version} ({path})",
        )
    if version > len(migrations.MIGRATIONS):
        raise NewerDataError(
            "Your chats were saved by a newer version of Locution.",
            action="Update Locution, or choose another data folder with --data-dir.",
            detail=f"version {version}, known up to {len(migrations.MIGRATIONS)} ({path})",
        )


def _connect(path: Path, patience: float, on_progress: Progress) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        # SQLite would open a write-protected file for reading only, and say so at the first message sent.
        if (
            not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
            and path.exists()
        ):
            raise PermissionError("the file is write-protected")
        configure_text(connection)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        _refuse_what_is_not_ours(connection, path)
        _bring_up_to_date(connection, path, on_progress)
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path, on_progress: Progress) -> None:
    version, target = migrations.version(connection), len(migrations.MIGRATIONS)
    if version == target:
        return
    backup = free_name(path, f"version-{version}-backup")
    if version:
        _back_up(connection, backup, lambda share: on_progress(_BACKUP * share))
    try:
        migrations.migrate(connection, target, lambda share: on_progress(_BACKUP + (1 - _BACKUP) * share))
    except BaseException:
        backup.unlink(missing_ok=True)  # The file is as it was; or each start would leave one more.
        raise


def _back_up(connection: sqlite3.Connection, backup: Path, on_progress: Progress) -> None:
    # Under another name until it is whole, so that no half of a file passes for a backup.
    partial = backup.with_name(f"{backup.name}-partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(partial)) as copy:
            on_progress(0.0)
            connection.backup(
                copy, pages=_PAGES, progress=lambda _, left, total: on_progress(1 - left / (total or 1))
            )
        partial.replace(backup)
    finally:
        partial.unlink(missing_ok=True)


def free_name(path: Path, words: str) -> Path:
    """A name beside ``path`` that nothing has yet: ``chats-damaged.db``, ``chats-damaged-2.db``."""
    names = (f"{path.stem}-{words}{'' if number == 1 else f'-{number}'}{path.suffix}" for number in count(1))
    return next(free for name in names if not (free := path.with_name(name)).exists())
