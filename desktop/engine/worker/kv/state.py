"""The state of a sequence: what the KV cache has of it, with its tokens, and the file it is kept in.

Native code believes the bytes it is given, so it only ever sees those that carry our own code of
authenticity: over everything in the file, made with a secret that never leaves this machine. They are bound
to the model, to the build of the engine and to all settings that the cells depend on.

    magic · length of the header · header · tokens · state [· checkpoint] · code
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

_FORMAT = 1
"""Rises when older files would be misread."""
_MAGIC = b"LOCSTATE"
_MAX_HEADER = 4096
"""Bytes, with what stands before it."""
_MAC_SIZE = 32
_TOKEN_SIZE = 4
"""Bytes, as :data:`_MAC_SIZE`."""

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

    ``canonical`` as in :mod:`~desktop.engine.worker.kv.reuse`; from ``oldest`` on it is whole; ``point`` is
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


class DamagedError(Exception):
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


def read_outline(file: BinaryIO, ties: Ties, limit: int) -> Outline:
    """What a file of at most ``limit`` bytes says of itself. Raises :class:`DamagedError`, ``OSError``."""
    size = os.fstat(file.fileno()).st_size
    if size > limit:
        raise DamagedError("it is longer than all of them may be")
    header, start = _read_header(file.read(_MAX_HEADER), size, ties)
    file.seek(start)
    return _outline(header, file.read(header.tokens * _TOKEN_SIZE), ties)


def from_file(content: Data, ties: Ties, secret: bytes) -> Snapshot:
    """The state in a file's bytes. Raises :class:`DamagedError` also if it is not authentic."""
    header, start = _read_header(content[:_MAX_HEADER].tobytes(), len(content), ties)
    if not hmac.compare_digest(_mac([content[:-_MAC_SIZE].data], secret), content[-_MAC_SIZE:].tobytes()):
        raise DamagedError("it does not carry our code")
    data_at = start + header.tokens * _TOKEN_SIZE
    point_at = data_at + header.data
    outline = _outline(header, content[start:data_at].tobytes(), ties)
    point = Checkpoint(header.point, content[point_at:-_MAC_SIZE]) if header.point else None
    return Snapshot(outline, content[data_at:point_at], point)


def to_file(snapshot: Snapshot, ties: Ties, secret: bytes) -> list[Bytes]:
    """What to write, in pieces: states are large."""
    parts = _parts(snapshot, ties)
    return [*parts, _mac(parts, secret)]


def _mac(parts: Iterable[Bytes], secret: bytes) -> bytes:
    mac = blake2b(key=secret, digest_size=_MAC_SIZE, person=_MAGIC)
    for part in parts:
        mac.update(part)
    return mac.digest()


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
    """The header in a file's first bytes, and where it ends. Raises :class:`DamagedError`."""
    at = len(_MAGIC) + 4
    end = at + int.from_bytes(start[len(_MAGIC) : at], "little")
    if not start.startswith(_MAGIC) or not at < end <= len(start):
        raise DamagedError("it is no state")
    try:
        header = msgspec.msgpack.decode(start[at:end], type=_Header)
    except msgspec.MsgspecError as error:
        raise DamagedError(str(error)) from error
    if header.format != _FORMAT or header.meaning != ties.meaning:
        raise DamagedError("it belongs to something else")
    sizes = (header.tokens, header.canonical, header.oldest, header.data, header.point, header.point_data)
    if min(sizes) < 0 or max(header.canonical, header.oldest, header.point) > header.tokens:
        raise DamagedError("its sizes make no sense")
    if end + header.tokens * _TOKEN_SIZE + header.data + header.point_data + _MAC_SIZE != size:
        raise DamagedError("it is not as long as it should be")
    return header, end


def _outline(header: _Header, tokens: bytes, ties: Ties) -> Outline:
    if len(tokens) != header.tokens * _TOKEN_SIZE:
        raise DamagedError("it ends too early")
    canonical = header.canonical if header.rounding == ties.rounding else 0
    return Outline(np.frombuffer(tokens, "<i4").astype(np.int32), canonical, header.oldest, header.point)


def _size_of(point: Checkpoint | None) -> int:
    return point.data.nbytes if point else 0
