"""A quick identity of a model's content, for binding kept engine state and run records to it.

``sampled-sha256:<hex>`` is the SHA-256 over, for each part of the model in order: its size, its first 16
MiB (where the header with vocabulary and template lies) and 64 blocks of 64 KiB spread evenly over the
rest. A file of up to 20 MiB is read whole. It tells files apart that were made differently; it is not
proof against someone who alters a byte between the blocks. A 40 GB file costs the reading of 20 MiB. Any
thread, blocks on the disk.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from desktop.library.header_bytes import open_model_file, read_at
from desktop.library.shards import ShardName

PREFIX = "sampled-sha256:"
_START = 16 * 1024 * 1024
_BLOCK = 64 * 1024
_BLOCKS = 64
_CHUNK = 1024 * 1024
"""Bytes that are read at a time."""


def fingerprint(path: Path) -> str:
    """The identity of the model at ``path`` (if split, its first part); ``ModelFileError`` if unreadable."""
    digest = hashlib.sha256()
    shard = ShardName.parse(path.name)
    for part in shard.paths(path.parent) if shard and shard.number == 1 else (path,):
        with open_model_file(part) as (file, size):
            digest.update(size.to_bytes(8, "little"))
            for offset, length in _spans(size):
                for at in range(offset, offset + length, _CHUNK):
                    digest.update(read_at(file, at, min(_CHUNK, offset + length - at)))
    return PREFIX + digest.hexdigest()


def _spans(size: int) -> list[tuple[int, int]]:
    """Which bytes count, as (offset, length) in bytes; the last block ends with the file."""
    rest = size - _START
    if rest <= _BLOCKS * _BLOCK:
        return [(0, size)]
    last = size - _BLOCK
    return [
        (0, _START),
        *((_START + (last - _START) * index // (_BLOCKS - 1), _BLOCK) for index in range(_BLOCKS)),
    ]
