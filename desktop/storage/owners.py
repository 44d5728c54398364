"""Which processes are using the database now, told by locks that end with the process, however it ends.

Each open database holds a lock on a file of its own beside the data. A file that nobody holds is what a
killed process left: its unfinished answers can be taken over, and the data deserves a check. Process ids
would not do: they are used again, and differ between containers. Called on the database's thread.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int, *, shared: bool) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(fd: int, *, shared: bool) -> None:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


@dataclass(frozen=True, slots=True)
class Lock:
    """A held lock. The system frees it when the file is closed or the process ends."""

    path: Path
    _fd: int

    @classmethod
    def take(cls, path: Path, *, patience: float = 0.0) -> Lock | None:
        """``None`` if someone else still holds it after ``patience`` seconds. Raises :class:`OSError`."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + patience
        while not _try_lock(fd):
            if time.monotonic() >= deadline:
                os.close(fd)
                return None
            time.sleep(0.01)
        return cls(path, fd)

    def release(self) -> None:
        os.close(self._fd)


def opening_lock(database: Path) -> Path:
    """Held while a file is checked, migrated or rescued, so that one process does it. It is never removed."""
    return _beside(database, "-lock")


def claim(database: Path) -> tuple[str, Lock]:
    """A new owner's token and its lock. The caller holds the opening lock."""
    token = os.urandom(16).hex()
    lock = Lock.take(_beside(database, f"-owner-{token}"))
    assert lock is not None, "a file with a new name was locked by someone else"
    return token, lock


def others(database: Path) -> tuple[bool, list[Path]]:
    """Whether anyone has the database open, and the files of those who died with it open."""
    files = sorted(database.parent.glob(f"{_glob_escape(database.name)}-owner-*"))
    dead = [file for file in files if not _is_held(file)]
    return len(dead) < len(files), dead


def is_alive(database: Path, token: str) -> bool:
    """Whether the owner that wrote ``token`` into a row still runs."""
    return bool(token) and _is_held(_beside(database, f"-owner-{token}"))


def _is_held(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        # Shared, so that two processes asking at once do not take each other for the owner.
        return not _try_lock(fd, shared=True)
    finally:
        os.close(fd)


def _try_lock(fd: int, *, shared: bool = False) -> bool:
    try:
        _lock(fd, shared=shared)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _beside(database: Path, suffix: str) -> Path:
    return database.with_name(database.name + suffix)


def _glob_escape(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)
