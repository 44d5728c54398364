"""Opens a file that may be anything, and reads its beginning forwards with bounds.

Used by the GGUF reader and the fingerprint. Whatever the file claims, at most one window is held in
memory and at most ``MAX_HEADER`` bytes are passed over, so a hostile file costs a bounded time. Plain
reads instead of a memory map: a map of a file that shrinks meanwhile ends the process. One reader per
file, used by one thread.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from desktop.domain.errors import ModelFileError
from desktop.system.printable import one_line

WINDOW = 256 * 1024
"""Bytes that are read at a time."""
MAX_HEADER = 256 * 1024 * 1024
"""Largest headers met in practice, with vocabularies of 260,000 tokens, are about 30 MB."""

CHOOSE_ANOTHER = "Choose another file."
DOWNLOAD_AGAIN = "Download it again, or choose another file."

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")


@contextmanager
def open_model_file(path: Path) -> Iterator[tuple[FileIO, int]]:
    """Open ``path`` and give it with its size in bytes; ``ModelFileError`` for all that is no regular file.

    Never waits for a pipe's other end. Failures to read inside the ``with`` block are put into words too.
    """
    name = one_line(path.name or str(path))
    try:
        _refuse_special(_mode(path, name), name, path)
        flags = (
            os.O_RDONLY
            | getattr(os, "O_BINARY", 0)
            | getattr(os, "O_NONBLOCK", 0)
            | getattr(os, "O_CLOEXEC", 0)
        )
        with FileIO(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            _refuse_special(status.st_mode, name, path)
            yield file, status.st_size
    except OSError as error:
        raise ModelFileError(
            _why_unreadable(error, name, path), action=CHOOSE_ANOTHER, detail=repr(error)
        ) from error


def _mode(path: Path, name: str) -> int:
    try:
        return path.stat().st_mode
    except ValueError as error:  # a NUL or a character that no file name can have
        raise ModelFileError(
            f'"{name}" is not a possible file name.', action=CHOOSE_ANOTHER, detail=repr(error)
        ) from error


def _refuse_special(mode: int, name: str, path: Path) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        what = f'"{name}" is a folder, not a model file.'
        raise ModelFileError(what, action="Choose a .gguf file inside it.", detail=str(path))
    what = f'"{name}" is a device or a pipe, not a model file.'
    raise ModelFileError(what, action=CHOOSE_ANOTHER, detail=f"{path}: mode {mode:o}")


def _why_unreadable(error: OSError, name: str, path: Path) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR if path.is_symlink():
            return f'"{name}" is a link to a file that no longer exists.'
        case errno.ENOENT | errno.ENOTDIR:
            return f"There is no file at {one_line(str(path), 300)}."
        case errno.EACCES | errno.EPERM:
            return f'You are not allowed to read "{name}".'
        case errno.ELOOP:
            return f'"{name}" is a link that leads back to itself.'
        case errno.ENAMETOOLONG:
            return f'"{name}" is not a possible file name.'
        case _:
            return f'"{name}" could not be read: {error.strerror}.'


class HeaderBytes:
    """A cursor over the beginning of an open file; every read is checked against the file's size first."""

    def __init__(self, file: FileIO, size: int, name: str) -> None:
        self._file = file
        self._size = size
        self._name = name
        self._window = b""
        self._base = 0  # where the window lies in the file
        self._at = 0  # the cursor, within the window or beyond it

    @property
    def offset(self) -> int:
        """The cursor's distance from the start of the file, in bytes."""
        return self._base + self._at

    @property
    def remaining(self) -> int:
        """Bytes from the cursor to the end of the file."""
        return self._size - self.offset

    def u32(self) -> int:
        """Read an unsigned little-endian 32-bit integer."""
        return int(_U32.unpack(self.take(4))[0])

    def u64(self) -> int:
        """Read an unsigned little-endian 64-bit integer."""
        return int(_U64.unpack(self.take(8))[0])

    def take(self, count: int) -> bytes:
        """Read ``count`` bytes; the caller bounds ``count`` before."""
        self._hold(count)
        start = self._at
        self._at += count
        return self._window[start : self._at]

    def skip(self, count: int) -> None:
        """Pass over ``count`` bytes without reading them."""
        if count > self.remaining:
            raise self.cut_short()
        self._at += count

    def skip_strings(self, count: int) -> None:
        """Pass over ``count`` strings, each a 64-bit length and as many bytes. Vocabularies make this hot."""
        length_at = _U64.unpack_from
        left = count
        while left:
            self._hold(8)
            window, at = self._window, self._at
            try:
                while left:
                    at += length_at(window, at)[0] + 8
                    left -= 1
            except (struct.error, OverflowError):
                pass  # the next length lies beyond the window; _hold checks it against the file
            self._at = at
            if self.remaining < 0:
                raise self.cut_short()

    def cut_short(self) -> ModelFileError:
        """The error for a header that goes on where the file has ended."""
        return ModelFileError(
            f'"{self._name}" is cut short or damaged: its header goes on past the end of the file.',
            action=DOWNLOAD_AGAIN,
            detail=f"file size {self._size}, read up to {min(self.offset, self._size)}",
        )

    def _hold(self, count: int) -> None:
        """Make ``count`` bytes from the cursor on available in the window."""
        if self._at + count <= len(self._window):
            return
        if count > self.remaining:
            raise self.cut_short()
        if self.offset + count > MAX_HEADER:
            raise ModelFileError(
                f'"{self._name}" is damaged: its header is larger than any model\'s.',
                action=DOWNLOAD_AGAIN,
                detail=f"header reaches {self.offset + count}, limit {MAX_HEADER}",
            )
        self._base, self._at = self.offset, 0
        self._window = read_at(self._file, self._base, max(count, WINDOW))
        if len(self._window) < count:  # the file shrank since it was opened
            raise self.cut_short()


def read_at(file: FileIO, offset: int, count: int) -> bytes:
    """Read ``count`` bytes at ``offset``, fewer only where the file ends."""
    file.seek(offset)
    parts: list[bytes] = []
    while count > 0:
        part = file.read(count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
