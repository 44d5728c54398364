"""SQLite's and the system's errors in plain words, and what is missing. For this package; any thread."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from desktop.domain.errors import LocutionError, NotFoundError, StorageError

_DISK_FULL = ("The disk is full, so your chats cannot be saved.", "Free some disk space, then try again.")
_NOT_WRITABLE = (
    "The file with your chats cannot be written: {path}.",
    "Check that the folder exists and that you may write to it, or choose another with --data-dir.",
)
_LOCKED = (
    "Another program is holding the file with your chats.",
    "Close other copies of Locution and programs that look into its data folder, then try again.",
)
_DAMAGED = (
    "The file with your chats is damaged.",
    "Restart Locution: it keeps the damaged file and rescues everything that can still be read.",
)
_DRIVE = (
    "The drive with your chats could not be read or written.",
    "Check that the drive is connected and has free space, then try again.",
)
_MEMORY = ("There is not enough memory to read your chats.", "Close other programs, then try again.")
_TOO_LONG = ("This text is too long to be saved.", "Shorten it.")
_OTHER = ("Your chats could not be read or saved.", "Try again; if it happens again, restart Locution.")

_BY_CODE = {
    sqlite3.SQLITE_FULL: _DISK_FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: _DISK_FULL,
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _NOT_WRITABLE,
    sqlite3.SQLITE_PERM: _NOT_WRITABLE,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _DRIVE,
    sqlite3.SQLITE_NOMEM: _MEMORY,
    sqlite3.SQLITE_TOOBIG: _TOO_LONG,
}
_BY_ERRNO = {
    errno.ENOSPC: _DISK_FULL,
    errno.EDQUOT: _DISK_FULL,
    errno.EIO: _DRIVE,
}


def is_damage(error: BaseException) -> bool:
    """Whether SQLite found the file's content wrong (not that it could not get at it)."""
    return _code(error) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def is_index_damage(error: BaseException | None) -> bool:
    """Whether it is the search index that is wrong, which can be made anew."""
    return _code(error) == sqlite3.SQLITE_CORRUPT_VTAB


def is_unreachable(error: sqlite3.Error) -> bool:
    """Whether a look without writing was not possible, though opening for writing may be."""
    return _code(error) & 0xFF in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


def in_words(error: sqlite3.Error | OSError | UnicodeEncodeError, path: Path) -> LocutionError:
    """What the user is told; the caller raises it ``from error``."""
    code = _code(error)
    if isinstance(error, UnicodeEncodeError):  # Text goes through `encoding`; what is bound as it is are ids.
        return NotFoundError("Nothing has that name.", action="Check the name.", detail=str(error))
    if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return NotFoundError(
            "The chat or message this belongs to is gone.", action="Open the chat again.", detail=str(error)
        )
    if isinstance(error, OSError):
        message, action = _BY_ERRNO.get(error.errno or 0, _NOT_WRITABLE)
    else:
        message, action = _BY_CODE.get(code) or _BY_CODE.get(code & 0xFF) or _OTHER
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return StorageError(message.format(path=path), action=action, detail=f"{name}: {error} ({path})")


def locked(path: Path) -> StorageError:
    """Another copy of the app did not get done with the file in time."""
    message, action = _LOCKED
    return StorageError(message, action=action, detail=str(path))


def no_chat(conversation_id: str) -> NotFoundError:
    return NotFoundError(f"There is no chat “{conversation_id}”.", action="Choose one from the list.")


def no_message(message_id: str) -> NotFoundError:
    return NotFoundError(f"There is no message “{message_id}”.", action="Open the chat again.")


def _code(error: BaseException | None) -> int:
    # Errors of the sqlite3 module itself (a wrong number of values, a closed connection) have no code.
    return int(getattr(error, "sqlite_errorcode", 0))
