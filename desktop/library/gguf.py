"""Reads a GGUF header in pure Python, with bounds, before native code opens the file.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; the rules beyond it (tensors packed in
order, names under 64 bytes, sizes that fit 64 bits) are those of llama.cpp's gguf.cpp, so that what
passes here opens there. The limits of our own (counts, lengths) lie far above every real model and keep
time and memory small for a hostile file.

Called by ``model_file``; any thread, blocks on the disk for milliseconds. What the header means is not
decided here.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Never

from desktop.domain.errors import ModelFileError
from desktop.library.ggml_types import TENSOR_TYPES
from desktop.library.gguf_values import (
    SCALARS,
    ArrayValue,
    Header,
    LongText,
    MetadataValue,
    TensorInfo,
    ValueType,
)
from desktop.library.header_bytes import CHOOSE_ANOTHER, DOWNLOAD_AGAIN, HeaderBytes, open_model_file, read_at
from desktop.library.lookalikes import ENOUGH, recognise
from desktop.system.printable import one_line, size_in_words

MAGIC = b"GGUF"
VERSIONS = (2, 3)
ALIGNMENT_KEY = "general.alignment"
DEFAULT_ALIGNMENT = 32

MAX_ENTRIES = 16_384
MAX_TENSORS = 32_768
MAX_KEY = 65_535  # the specification's
MAX_NAME = 63  # GGML_MAX_NAME - 1
MAX_DIMENSIONS = 4
MAX_ALIGNMENT = 1 << 20
MAX_COUNTABLE = 2**63 - 1
MAX_ARRAY = 1 << 30
MAX_STRINGS = 1 << 21
"""Strings in all arrays together; the largest vocabularies with their merges have under a million."""
MAX_TEXT = 1 << 20
"""Longer text values are passed over and stand as ``LongText``."""
MAX_KEPT = 8 << 20
"""Keys and text values kept together."""


def read_header(path: Path) -> Header:
    """Read and check the header of ``path``; raise ``ModelFileError`` in plain words for anything unsound."""
    with open_model_file(path) as (file, size):
        name = one_line(path.name)
        _check_magic(read_at(file, 0, ENOUGH), name)
        source = HeaderBytes(file, size, name)
        source.skip(len(MAGIC))
        return _Parser(source, name).header(size)


def _check_magic(start: bytes, name: str) -> None:
    if not start:
        raise ModelFileError(f'"{name}" is empty.', action=DOWNLOAD_AGAIN, detail="0 bytes")
    if start.startswith(MAGIC):
        return
    if MAGIC.startswith(start):
        raise ModelFileError(f'"{name}" is cut short after {len(start)} bytes.', action=DOWNLOAD_AGAIN)
    found = recognise(start)
    raise ModelFileError(f'"{name}" {found.what}.', action=found.action, detail=f"starts with {start[:16]!r}")


class _Parser:
    """One pass over one file; state is what the next field depends on."""

    def __init__(self, source: HeaderBytes, name: str) -> None:
        self._source = source
        self._name = name
        self._kept = 0
        self._strings = 0

    def header(self, size: int) -> Header:
        version = self._version()
        tensor_count = self._count("tensors", MAX_TENSORS)
        entry_count = self._count("metadata entries", MAX_ENTRIES)
        metadata = self._metadata(entry_count)
        alignment = self._alignment(metadata)
        tensors = self._tensors(tensor_count, alignment)
        start = _padded(self._source.offset, alignment) if tensors else self._source.offset
        self._check_data(tensors, start, size)
        return Header(version, alignment, metadata, tensors, start, size)

    def _damaged(self, what: str, detail: str = "") -> Never:
        raise ModelFileError(f'"{self._name}" is damaged: {what}.', action=DOWNLOAD_AGAIN, detail=detail)

    def _version(self) -> int:
        version = self._source.u32()
        if version in VERSIONS:
            return version
        if version == 0:
            self._damaged("it names 0 as the version of its format")
        action = CHOOSE_ANOTHER
        if version == 1:
            what = "is in version 1 of the GGUF format, which is no longer read"
            action = "Find a newer conversion of this model."
        elif version & 0xFFFF == 0:
            what = "is written for big-endian machines, and this one is little-endian"
            action = "Find the little-endian file of this model."
        else:
            what = f"is in version {version} of the GGUF format; this app reads versions 2 and 3"
            action = "Update the app, or choose another file."
        raise ModelFileError(f'"{self._name}" {what}.', action=action, detail=f"GGUF version {version:#x}")

    def _count(self, what: str, limit: int) -> int:
        count = self._source.u64()
        if count > limit:
            self._damaged(f"it claims to hold {count:,} {what}", f"limit {limit}")
        return count

    def _metadata(self, count: int) -> dict[str, MetadataValue]:
        metadata: dict[str, MetadataValue] = {}
        for index in range(count):
            length = self._source.u64()
            if length == 0:
                self._damaged("one of its metadata entries has no name", f"entry {index}")
            if length > MAX_KEY:
                self._damaged(
                    f"the name of a metadata entry claims a length of {length:,} bytes", f"entry {index}"
                )
            # Escapes keep two different byte strings different, which a replacement character would not.
            key = self._source.take(length).decode("utf-8", "backslashreplace")
            if key in metadata:
                self._damaged(f"the metadata entry {one_line(key)} appears twice", f"entry {index}")
            self._keep(length)
            metadata[key] = self._value(key)
        return metadata

    def _keep(self, length: int) -> None:
        self._kept += length
        if self._kept > MAX_KEPT:
            self._damaged("its metadata is larger than any model's", f"limit {MAX_KEPT}")

    def _value(self, key: str) -> MetadataValue:
        kind = self._source.u32()
        if key == ALIGNMENT_KEY and kind != ValueType.UINT32:
            self._damaged(
                "its alignment is not a number of the right type", f"value type {kind}, must be UINT32"
            )
        if kind == ValueType.ARRAY:
            return self._array(key)
        if kind == ValueType.STRING:
            return self._text()
        scalar = SCALARS.get(kind)
        if scalar is None:
            self._damaged(f"the metadata entry {one_line(key)} is of an unknown type", f"value type {kind}")
        value: int | float | bool = scalar.unpack(self._source.take(scalar.size))[0]
        return value

    def _text(self) -> str | LongText:
        length = self._source.u64()
        if length > MAX_TEXT or self._kept + length > MAX_KEPT:
            offset = self._source.offset
            self._source.skip(length)
            return LongText(length, offset)
        self._keep(length)
        return self._source.take(length).decode("utf-8", "replace")

    def _array(self, key: str) -> ArrayValue:
        kind = self._source.u32()
        count = self._source.u64()
        offset = self._source.offset
        scalar = SCALARS.get(kind)
        if scalar is None and kind != ValueType.STRING:
            self._damaged(f"the metadata list {one_line(key)} is of an unknown type", f"element type {kind}")
        if count > MAX_ARRAY:
            self._damaged(f"the metadata list {one_line(key)} claims {count:,} elements")
        if scalar is not None:
            self._source.skip(count * scalar.size)
            return ArrayValue(ValueType(kind), count, offset)
        self._strings += count
        if self._strings > MAX_STRINGS:
            self._damaged(f"the metadata list {one_line(key)} claims {count:,} texts", f"limit {MAX_STRINGS}")
        self._source.skip_strings(count)
        return ArrayValue(ValueType.STRING, count, offset)

    def _alignment(self, metadata: dict[str, MetadataValue]) -> int:
        alignment = metadata.get(ALIGNMENT_KEY, DEFAULT_ALIGNMENT)
        assert isinstance(alignment, int)  # _value lets nothing else through
        if not 0 < alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
            self._damaged(
                f"{alignment} is not a possible alignment", f"{ALIGNMENT_KEY} must be a power of two"
            )
        return alignment

    def _tensors(self, count: int, alignment: int) -> tuple[TensorInfo, ...]:
        tensors: list[TensorInfo] = []
        names: set[str] = set()
        expected = 0
        for _ in range(count):
            tensor = self._tensor()
            if tensor.name in names:
                self._damaged(f"the tensor {one_line(tensor.name)} appears twice")
            if tensor.offset != expected:
                self._damaged(
                    f"the data of tensor {one_line(tensor.name)} is not where it has to be",
                    f"offset {tensor.offset}, expected {expected}, alignment {alignment}",
                )
            names.add(tensor.name)
            tensors.append(tensor)
            expected = _padded(expected + tensor.size, alignment)
        return tuple(tensors)

    def _tensor(self) -> TensorInfo:
        length = self._source.u64()
        if length > MAX_NAME:
            self._damaged(f"the name of a tensor claims a length of {length:,} bytes", f"limit {MAX_NAME}")
        # Native code compares names up to the first NUL.
        name = self._source.take(length).partition(b"\0")[0].decode("utf-8", "backslashreplace")
        shape, elements = self._shape(name)
        number = self._source.u32()
        kind = TENSOR_TYPES.get(number)
        if kind is None:
            raise ModelFileError(
                f'"{self._name}" stores the tensor {one_line(name)} in an unknown format (number {number}).',
                action="Update the app, or choose another file.",
                detail=f"ggml type {number}",
            )
        if (shape[0] if shape else 1) % kind.block:
            self._damaged(
                f"the rows of tensor {one_line(name)} do not fit its format {kind.name}",
                f"{shape} is not a multiple of {kind.block}",
            )
        size = elements // kind.block * kind.block_bytes
        if size >= MAX_COUNTABLE:
            self._damaged(
                f"the tensor {one_line(name)} claims more bytes than can be counted", f"shape {shape}"
            )
        return TensorInfo(name, shape, kind, self._source.u64(), elements, size)

    def _shape(self, name: str) -> tuple[tuple[int, ...], int]:
        """The extents and their product."""
        dimensions = self._source.u32()
        if dimensions > MAX_DIMENSIONS:
            self._damaged(
                f"the tensor {one_line(name)} claims {dimensions:,} dimensions", f"limit {MAX_DIMENSIONS}"
            )
        shape: tuple[int, ...] = struct.unpack(f"<{dimensions}q", self._source.take(8 * dimensions))
        elements = 1
        for extent in shape:
            if extent <= 0:
                self._damaged(f"the tensor {one_line(name)} has a dimension of {extent}", f"shape {shape}")
            elements *= extent
        if elements >= MAX_COUNTABLE:
            self._damaged(
                f"the tensor {one_line(name)} claims more elements than can be counted", f"shape {shape}"
            )
        return shape, elements

    def _check_data(self, tensors: tuple[TensorInfo, ...], start: int, size: int) -> None:
        if not tensors:
            return
        # The padding after the last tensor need not be there.
        end = start + tensors[-1].offset + tensors[-1].size
        if end > size:
            raise ModelFileError(
                f'"{self._name}" is incomplete: it has {size_in_words(size)} of {size_in_words(end)}.',
                action=DOWNLOAD_AGAIN,
                detail=f"tensor data ends at byte {end}, the file at {size}",
            )


def _padded(offset: int, alignment: int) -> int:
    return (offset + alignment - 1) // alignment * alignment
