"""What was read, kept on disk: a chat goes on without being read again, also in the next worker.

A file holds what the KV cache has of one sequence, with its tokens. Native code believes the bytes it is
given, so it only ever sees those that carry our own code of authenticity: over everything in the file, made
with a secret that never leaves this machine. They are bound to the model, to the build of the engine and to
all settings that the cells depend on. A file with anything wrong about it is removed, and the prompt is read.

Files are written and checked beside the engine's thread. What was used longest ago makes room for new ones.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import queue
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop.domain.model import StateStore

SHARE = 4
"""A state may take one part in so many of the limit; the larger it is, the less it gains over reading."""
MAX_PENDING = 1024 * 1024 * 1024
"""Bytes that may wait to be written; what comes on top is not kept."""
SPARE_DISK = 512 * 1024 * 1024
"""Bytes of the disk that are left to others."""
SUFFIX = ".state"

_FORMAT = 1
_MAGIC = b"LOCSTATE"
_MAX_HEADER = 4096
"""Bytes, with what stands before it."""
_MAC_SIZE = 32
_TICK_NS = 1_000_000
"""Nanoseconds between two uses, at least: file systems keep no finer time than that, or hardly any."""

Tokens = NDArray[np.int32]
Data = NDArray[np.uint8]
Bytes = bytes | memoryview


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """What a sequence was when it had ``size`` tokens: all of it that cannot be cut back to them."""

    size: int
    data: Data


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """What a state holds, before it is read and found authentic.

    ``canonical`` as in :mod:`~desktop.engine.worker.kv.cache`; from ``oldest`` on it is whole; ``point`` is
    the size of its checkpoint, 0 without one.
    """

    tokens: Tokens
    canonical: int = 0
    oldest: int = 0
    point: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A sequence's state: ``outline`` says what of, ``data`` is what native code gave."""

    outline: Outline
    data: Data
    checkpoint: Checkpoint | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return self.outline.tokens.nbytes + self.data.nbytes + _size_of(self.checkpoint)


class _Header(msgspec.Struct, frozen=True, array_like=True):
    """Sizes in bytes but for ``tokens``, a number of them."""

    format: int
    meaning: bytes
    rounding: bytes
    tokens: int
    canonical: int
    oldest: int
    data: int
    point: int
    point_data: int


class _DamagedError(Exception):
    """The file is none of ours, or not as it was written."""


@dataclass(frozen=True, slots=True)
class Ties:
    """Everything that a state's cells depend on but its tokens, as digests.

    ``rounding`` is about their last bits alone: where it differs, a state may be used, but not for a request
    that must be reproducible.
    """

    meaning: bytes
    rounding: bytes

    @classmethod
    def of(cls, meaning: Sequence[object], rounding: Sequence[object]) -> Ties:
        """Of values that MessagePack can hold."""
        return cls(
            *(blake2b(msgspec.msgpack.encode(each), digest_size=16).digest() for each in (meaning, rounding))
        )


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
                if not wanted(self._read_outline(file, ties)):
                    return None
                file.seek(0)
                content = np.fromfile(file, np.uint8)
            snapshot = self._authentic(content, ties)
        except (FileNotFoundError, MemoryError):
            return None
        except (OSError, _DamagedError) as error:
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
                return self._read_outline(file, ties)
        except (OSError, MemoryError, _DamagedError):
            # Whoever fetches it says so.
            return None

    def forget(self, key: str) -> None:
        """Removes what is kept for ``key``, whatever the model."""
        self._work.put(partial(self._forget, self._store.name_of(key)))

    def close(self, patience: float) -> None:
        """Ends the writing thread; waits up to ``patience`` seconds for what is still to be written."""
        self._work.put(None)
        self._writer.join(patience)

    # The file

    def _path(self, key: str) -> Path:
        return self._folder / f"{self._store.name_of(key)}-{self.ties.meaning.hex()}{SUFFIX}"

    def _read_outline(self, file: BinaryIO, ties: Ties) -> Outline:
        """What a file says of itself. Raises :class:`_DamagedError`, ``OSError``."""
        size = os.fstat(file.fileno()).st_size
        if size > self._store.limit:
            raise _DamagedError("it is longer than all of them may be")
        header, start = _read_header(file.read(_MAX_HEADER), size, ties)
        file.seek(start)
        return _outline(header, file.read(header.tokens * 4), ties)

    def _authentic(self, content: Data, ties: Ties) -> Snapshot:
        """The state in a file's bytes. Raises :class:`_DamagedError`."""
        header, start = _read_header(content[:_MAX_HEADER].tobytes(), len(content), ties)
        if not hmac.compare_digest(self._mac([content[:-_MAC_SIZE].data]), content[-_MAC_SIZE:].tobytes()):
            raise _DamagedError("it does not carry our code")
        data_at = start + header.tokens * 4
        point_at = data_at + header.data
        outline = _outline(header, content[start:data_at].tobytes(), ties)
        point = Checkpoint(header.point, content[point_at:-_MAC_SIZE]) if header.point else None
        return Snapshot(outline, content[data_at:point_at], point)

    def _mac(self, parts: Iterable[Bytes]) -> bytes:
        mac = blake2b(key=self._store.secret, digest_size=_MAC_SIZE, person=_MAGIC)
        for part in parts:
            mac.update(part)
        return mac.digest()

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
            parts = _parts(snapshot, ties)
            part = path.with_suffix(f".{os.getpid()}.part")
            try:
                with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                    for each in (*parts, self._mac(parts)):
                        file.write(each)
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


def _parts(snapshot: Snapshot, ties: Ties) -> list[Bytes]:
    outline, point = snapshot.outline, snapshot.checkpoint
    header = _Header(
        format=_FORMAT,
        meaning=ties.meaning,
        rounding=ties.rounding,
        tokens=len(outline.tokens),
        canonical=outline.canonical,
        oldest=outline.oldest,
        data=len(snapshot.data),
        point=point.size if point else 0,
        point_data=_size_of(point),
    )
    head = msgspec.msgpack.encode(header)
    parts: list[Bytes] = [_MAGIC, len(head).to_bytes(4, "little"), head]
    parts += [outline.tokens.astype("<i4").tobytes(), snapshot.data.data]
    return [*parts, point.data.data] if point else parts


def _read_header(start: bytes, size: int, ties: Ties) -> tuple[_Header, int]:
    """The header in a file's first bytes, and where it ends. Raises :class:`_DamagedError`."""
    at = len(_MAGIC) + 4
    end = at + int.from_bytes(start[len(_MAGIC) : at], "little")
    if not start.startswith(_MAGIC) or not at < end <= len(start):
        raise _DamagedError("it is no state")
    try:
        header = msgspec.msgpack.decode(start[at:end], type=_Header)
    except msgspec.MsgspecError as error:
        raise _DamagedError(str(error)) from error
    if header.format != _FORMAT or header.meaning != ties.meaning:
        raise _DamagedError("it belongs to something else")
    sizes = (header.tokens, header.canonical, header.oldest, header.data, header.point, header.point_data)
    if min(sizes) < 0 or max(header.canonical, header.oldest, header.point) > header.tokens:
        raise _DamagedError("its sizes make no sense")
    if end + header.tokens * 4 + header.data + header.point_data + _MAC_SIZE != size:
        raise _DamagedError("it is not as long as it should be")
    return header, end


def _outline(header: _Header, tokens: bytes, ties: Ties) -> Outline:
    if len(tokens) != header.tokens * 4:
        raise _DamagedError("it ends too early")
    canonical = header.canonical if header.rounding == ties.rounding else 0
    return Outline(np.frombuffer(tokens, "<i4").astype(np.int32), canonical, header.oldest, header.point)


def _size_of(point: Checkpoint | None) -> int:
    return point.data.nbytes if point else 0


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
