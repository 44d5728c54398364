"""What a GGUF header holds, as values. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.

Arrays and long texts are kept as where they lie, not as what they hold: a vocabulary of 260,000 tokens
costs nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from desktop.library.ggml_types import TensorType


class ValueType(IntEnum):
    """``enum gguf_type``."""

    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


SCALARS: dict[int, struct.Struct] = {
    ValueType.UINT8: struct.Struct("<B"),
    ValueType.INT8: struct.Struct("<b"),
    ValueType.UINT16: struct.Struct("<H"),
    ValueType.INT16: struct.Struct("<h"),
    ValueType.UINT32: struct.Struct("<I"),
    ValueType.INT32: struct.Struct("<i"),
    ValueType.FLOAT32: struct.Struct("<f"),
    ValueType.BOOL: struct.Struct("<?"),
    ValueType.UINT64: struct.Struct("<Q"),
    ValueType.INT64: struct.Struct("<q"),
    ValueType.FLOAT64: struct.Struct("<d"),
}


@dataclass(frozen=True, slots=True)
class ArrayValue:
    """An array passed over: ``count`` elements of ``type``, the first at ``offset`` bytes in the file."""

    type: ValueType
    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class LongText:
    """A text value that was passed over: ``length`` bytes at ``offset``."""

    length: int
    offset: int


MetadataValue = int | float | bool | str | ArrayValue | LongText


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor's entry. ``offset`` counts from the start of the data section; ``size`` is in bytes."""

    name: str
    shape: tuple[int, ...]
    type: TensorType
    offset: int
    elements: int
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """A sound header. ``data_offset`` and ``file_size`` in bytes; tensors in the order of their data."""

    version: int
    alignment: int
    metadata: dict[str, MetadataValue]
    tensors: tuple[TensorInfo, ...]
    data_offset: int
    file_size: int
