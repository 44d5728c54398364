"""Files, folders and archives that a stranger may have made, as documents of bounded size. Any thread.

Nothing is unpacked to disk, links are not followed, and sizes are looked at before anything is read.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from desktop.domain.exchange import LeftOut
from desktop.system.printable import one_line, size_in_words

MAX_DOCUMENT = 512 * 1024**2
"""Bytes of one document, unpacked. It is held in memory while its chats are read."""
MAX_ARCHIVE = 4 * 1024**3
"""Bytes of all that is unpacked from one archive."""
MAX_DIRECTORY = 16 * 1024**2
"""Bytes of an archive's list of files; some 200,000 names."""
MAX_FILES = 100_000
"""Of one folder."""

_HEAD = 64
"""Bytes that say what a file is."""
_JSON_STARTS = (b"[", b"{", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What ``zipfile`` raises for archives that are damaged, encrypted, or packed in an unknown way."""


class UnreadableSource(Exception):
    """A document that cannot be read; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Document:
    """``place`` is fit to show. ``read`` gives the whole content or raises :class:`UnreadableSource`.

    ``folders`` are those it lies in, within the folder or archive that was named.

    ``begin`` and ``end`` say which share of all that is read it is, from 0 to 1.
    """

    place: str
    read: Callable[[], bytes]
    begin: float = 0.0
    end: float = 1.0
    folders: tuple[str, ...] = ()


def documents(path: Path) -> Iterator[Document | LeftOut]:
    """What may hold chats at ``path``: the file, or the files in the folder or archive."""
    try:
        if path.is_dir():
            yield from _folder(path)
        elif path.is_file():
            yield from _file(path, path.name)
        else:
            what = "This is no file." if path.exists() else "There is no such file."
            yield LeftOut(what, one_line(str(path), 300))
    except OSError as error:
        yield LeftOut(f"It cannot be read: {error.strerror}.", one_line(str(path), 300))


def _folder(folder: Path) -> Iterator[Document | LeftOut]:
    others = 0
    paths = list(islice(_walk(folder), MAX_FILES + 1))
    sizes = [_size(path) for path in paths]
    before, total = 0, sum(sizes) or 1
    for path, size in zip(paths[:MAX_FILES], sizes, strict=False):
        begin, end = before / total, (before + size) / total
        before += size
        if path.is_symlink() or not path.is_file():
            others += 1
            continue
        is_other = True
        try:
            within = path.relative_to(folder)
            for found in _file(path, within.as_posix(), among_others=True):
                is_other = False
                yield found if isinstance(found, LeftOut) else _within(found, begin, end, within.parts[:-1])
        except OSError as error:
            yield LeftOut(f"It cannot be read: {error.strerror}.", one_line(str(path)))
            continue
        others += is_other
    if len(paths) > MAX_FILES:
        yield LeftOut(f"Only its first {MAX_FILES:,} files were looked at.", folder.name)
    elif others:
        yield LeftOut(_others(others), one_line(folder.name))


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(root, name) for name in sorted(names))


def _size(path: Path) -> int:
    """Bytes; 0 for what is no file or cannot be looked at."""
    try:
        found = path.lstat()
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _within(document: Document, begin: float, end: float, folders: tuple[str, ...]) -> Document:
    span = end - begin
    return replace(
        document,
        begin=begin + span * document.begin,
        end=begin + span * document.end,
        folders=(*folders, *document.folders),
    )


def _file(path: Path, place: str, *, among_others: bool = False) -> Iterator[Document | LeftOut]:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_ARCHIVES):
        yield from _archive(path, one_line(place))
    elif _is_json(head) or not among_others:
        yield Document(one_line(place), partial(_read_file, path))


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            _check_size(os.fstat(file.fileno()).st_size)
            content = file.read(MAX_DOCUMENT + 1)
    except OSError as error:
        raise UnreadableSource(f"It cannot be read: {error.strerror}.") from error
    _check_size(len(content))
    return content


def _check_size(size: int) -> None:
    if size > MAX_DOCUMENT:
        raise UnreadableSource(
            f"It is too large: {size_in_words(size)}, and at most {size_in_words(MAX_DOCUMENT)} can be read."
        )


def _archive(path: Path, place: str) -> Iterator[Document | LeftOut]:
    if _directory_size(path) > MAX_DIRECTORY:
        yield LeftOut("The archive has too many files in it.", place)
        return
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE:
        yield LeftOut("The archive is damaged.", place)
        return
    with archive:
        members: list[zipfile.ZipInfo] = []
        others = total = before = 0
        for member in sorted(archive.infolist(), key=lambda member: member.filename):
            if member.is_dir():
                continue
            try:
                head = _read_member(archive, member, _HEAD)
            except UnreadableSource as error:
                yield LeftOut(str(error), _place_in(place, member))
                continue
            if not _is_json(head):
                others += 1
                continue
            total += member.file_size
            if total > MAX_ARCHIVE:
                total -= member.file_size
                yield LeftOut(f"Only {size_in_words(MAX_ARCHIVE)} of the archive were read.", place)
                break
            members.append(member)
        for member in members:
            after = before + member.file_size
            yield Document(
                _place_in(place, member),
                partial(_read_member, archive, member),
                before / (total or 1),
                after / (total or 1),
                PurePosixPath(member.filename).parts[:-1],
            )
            before = after
        if others:
            yield LeftOut(_others(others), place)


def _place_in(archive: str, member: zipfile.ZipInfo) -> str:
    return one_line(f"{archive}/{member.filename}", 300)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int = MAX_DOCUMENT) -> bytes:
    _check_size(member.file_size)
    try:
        with archive.open(member) as file:
            # Never more than the size that was looked at, whatever is packed in it.
            return file.read(limit)
    except _DAMAGE as error:
        encrypted = bool(member.flag_bits & 1)
        raise UnreadableSource("It is encrypted." if encrypted else "It is damaged.") from error


def _directory_size(path: Path) -> int:
    """Bytes of an archive's list of files, as its end says; ``zipfile`` would read all of it at once."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 2**16 - 42))
        end = file.read()
        at = end.rfind(b"PK\x05\x06")
        if at < 0 or len(end) < at + 16:
            return 0
        (found,) = struct.unpack_from("<L", end, at + 12)
        locator = at - 20
        if locator >= 0 and end[locator : locator + 4] == b"PK\x06\x07":
            (start,) = struct.unpack_from("<Q", end, locator + 8)
            if start + 48 > size:
                return 0
            file.seek(start + 40)
            (found,) = struct.unpack("<Q", file.read(8))
    return int(found)


def _is_json(head: bytes) -> bool:
    return head.lstrip(b" \t\r\n").startswith(_JSON_STARTS)


def _others(count: int) -> str:
    return f"{count:,} other {'file' if count == 1 else 'files'}, without chats (images and the like)."
