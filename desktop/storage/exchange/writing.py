"""Files, folders and archives of chats. Each file is whole or not there. Blocking: for a thread of its own.

open_target(out) ── add, add, … ──> finish
                         └── discard: what is not whole is gone
"""

from __future__ import annotations

import errno
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from desktop.domain.errors import StorageError
from desktop.domain.exchange import PortableChat
from desktop.storage.exchange.formats import Format
from desktop.system.file_names import free_name, safe_name, same_file
from desktop.system.printable import one_line

ARCHIVE = ".zip"


class Target(Protocol):
    """Where chats go. Every method raises :class:`StorageError`."""

    def add(self, chat: PortableChat) -> bool:
        """Whether there was anything to write: not every chat is training data."""

    def finish(self) -> None:
        """Now it is there."""

    def discard(self) -> None:
        """After a failure, or when the user thinks better of it. May follow ``finish``."""


def open_target(out: Path, format: Format, *, several: bool, replace: bool = False) -> Target:
    """An archive if ``out`` is called ``….zip``, a folder for several chats with a file each, else a file.

    A file that is there already is an error unless ``replace``; a folder may be there, and its files stay.
    """
    if out.suffix.lower() != ARCHIVE and several and not format.joins:
        return _Folder(out, format)
    if not replace and out.exists():
        raise StorageError(
            f"{one_line(str(out), 300)} is there already.", action="Choose another name, or replace it."
        )
    return _Archive(out, format) if out.suffix.lower() == ARCHIVE else _File(out, format)


class _Names:
    """A place for each chat, in folders like those it stands in, none of them taken twice."""

    def __init__(self, format: Format) -> None:
        self._format = format
        self._taken: dict[tuple[str, ...], set[str]] = {}

    def place(self, chat: PortableChat, there: Path | None = None) -> tuple[str, ...]:
        """``there`` is the folder it goes into, whose files stay."""
        folders = tuple(safe_name(name) for name in chat.folder)
        key = tuple(same_file(name) for name in folders)
        taken = self._taken.get(key)
        if taken is None:
            inside = there.joinpath(*folders) if there else None
            found = inside.iterdir() if inside is not None and inside.is_dir() else ()
            taken = self._taken[key] = {same_file(path.name) for path in found}
        name = free_name(safe_name(chat.conversation.title, "Untitled chat"), self._format.suffix, taken)
        taken.add(same_file(name))
        return (*folders, name)


class _File:
    """One file, with one chat or with all of them joined."""

    def __init__(self, out: Path, format: Format) -> None:
        self._format = format
        self._partial = _Partial(out)

    def add(self, chat: PortableChat) -> bool:
        with _in_words(self._partial.out):
            return _write(self._partial.file, self._format, chat)

    def finish(self) -> None:
        self._partial.finish()

    def discard(self) -> None:
        self._partial.discard()


class _Archive:
    def __init__(self, out: Path, format: Format) -> None:
        self._format = format
        self._names = _Names(format)
        self._partial = _Partial(out)
        self._archive = zipfile.ZipFile(self._partial.file, "w", zipfile.ZIP_DEFLATED)
        self._joined: IO[bytes] | None = None

    def add(self, chat: PortableChat) -> bool:
        with _in_words(self._partial.out):
            if not self._format.joins:
                with self._open("/".join(self._names.place(chat))) as member:
                    return _write(member, self._format, chat)
            if self._joined is None:
                self._joined = self._open(f"chats{self._format.suffix}")
            return _write(self._joined, self._format, chat)

    def finish(self) -> None:
        with _in_words(self._partial.out):
            if self._joined is not None:
                self._joined.close()
            self._archive.close()
        self._partial.finish()

    def discard(self) -> None:
        # Its end would be written when it is collected, long after the file is closed.
        with suppress(OSError, ValueError):
            if self._joined is not None:
                self._joined.close()
            self._archive.close()
        self._partial.discard()

    def _open(self, name: str) -> IO[bytes]:
        return self._archive.open(name, "w", force_zip64=True)


class _Folder:
    """A file for each chat. What was written before a failure is whole, and stays."""

    def __init__(self, out: Path, format: Format) -> None:
        self._out = out
        self._format = format
        self._names = _Names(format)
        with _in_words(out):
            out.mkdir(parents=True, exist_ok=True)

    def add(self, chat: PortableChat) -> bool:
        with _in_words(self._out):
            place = self._out.joinpath(*self._names.place(chat, self._out))
            place.parent.mkdir(parents=True, exist_ok=True)
        file = _File(place, self._format)
        try:
            written = file.add(chat)
            file.finish()
        finally:
            file.discard()
        return written

    def finish(self) -> None:
        pass

    def discard(self) -> None:
        pass


class _Partial:
    """A file under another name until it is whole; then it takes its place in one step."""

    def __init__(self, out: Path) -> None:
        self.out = out
        with _in_words(out):
            handle, name = tempfile.mkstemp(prefix=".locution-", suffix=".part", dir=out.parent)
            self._path = Path(name)
            self.file: IO[bytes] = os.fdopen(handle, "wb")

    def finish(self) -> None:
        with _in_words(self.out):
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
            self._path.replace(self.out)

    def discard(self) -> None:
        with _in_words(self.out):
            try:
                self.file.close()
            finally:
                self._path.unlink(missing_ok=True)


def _write(file: IO[bytes], format: Format, chat: PortableChat) -> bool:
    size = 0
    for piece in format.write(chat):
        size += file.write(piece.encode())
    return size > 0


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise StorageError(
            f"{one_line(str(path), 300)} could not be written: {error.strerror}.",
            action="Free some disk space, or choose another drive." if full else "Choose another place.",
            detail=repr(error),
        ) from error
