"""Writes small GGUF files, sound ones and every kind of damaged one, byte by byte with `struct`.

Independent of the reader under test on purpose: the format is written down here a second time.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

U8, I8, U16, I16, U32, I32, F32_VALUE, BOOL, STRING, ARRAY, U64, I64, F64_VALUE = range(13)
F32, F16, Q4_0, Q4_1, Q8_0, Q4_K = 0, 1, 2, 3, 8, 12
SIZES = {F32: (1, 4), F16: (1, 2), Q4_0: (32, 18), Q4_1: (32, 20), Q8_0: (32, 34), Q4_K: (256, 144)}

_PACK = {
    U8: "<B",
    I8: "<b",
    U16: "<H",
    I16: "<h",
    U32: "<I",
    I32: "<i",
    F32_VALUE: "<f",
    BOOL: "<?",
    U64: "<Q",
    I64: "<q",
    F64_VALUE: "<d",
}


@dataclass(frozen=True)
class Typed:
    """A value with the number of its type; `bytes` are written as they are, also for unknown types."""

    kind: int
    value: object


@dataclass(frozen=True)
class Items:
    """An array; `claimed` overrides the count that the file states."""

    kind: int
    values: Sequence[object]
    claimed: int | None = None


Value = str | bytes | bool | int | float | Typed | Items


@dataclass(frozen=True)
class Tensor:
    """One tensor; `offset` None means where it belongs, `dimensions` overrides the stated number of them."""

    name: str | bytes
    shape: Sequence[int] = (32, 4)
    kind: int = F32
    offset: int | None = None
    dimensions: int | None = None

    @property
    def size(self) -> int:
        block, block_bytes = SIZES.get(self.kind, (1, 1))
        elements = 1
        for extent in self.shape:
            elements *= extent
        return elements // block * block_bytes


@dataclass(frozen=True)
class GgufFile:
    """A file to write. The counts can be made to lie; `entries` as pairs may repeat a key."""

    entries: Sequence[tuple[str | bytes, Value]] = ()
    tensors: Sequence[Tensor] = ()
    magic: bytes = b"GGUF"
    version: int = 3
    tensor_count: int | None = None
    entry_count: int | None = None
    alignment: int = 32
    with_data: bool = True
    trailing: bytes = field(default=b"", repr=False)

    def header(self) -> bytes:
        """Everything before the tensors' data, without padding."""
        tensor_count = len(self.tensors) if self.tensor_count is None else self.tensor_count
        entry_count = len(self.entries) if self.entry_count is None else self.entry_count
        parts = [self.magic, struct.pack("<IQQ", self.version, tensor_count, entry_count)]
        for key, value in self.entries:
            parts += [text(key), encoded(value)]
        offset = 0
        for tensor in self.tensors:
            dimensions = len(tensor.shape) if tensor.dimensions is None else tensor.dimensions
            parts.append(text(tensor.name) + struct.pack("<I", dimensions))
            parts.append(
                b"".join(struct.pack("<q" if extent < 0 else "<Q", extent) for extent in tensor.shape)
            )
            at = offset if tensor.offset is None else tensor.offset
            parts.append(struct.pack("<IQ", tensor.kind, at))
            offset = padded(offset + tensor.size, self.alignment)
        return b"".join(parts)

    def content(self) -> bytes:
        header = self.header()
        if not self.with_data:
            return header + self.trailing
        data = b""
        for index, tensor in enumerate(self.tensors):
            data = (
                data.ljust(padded(len(data), self.alignment), b"\0") + bytes([index % 251 + 1]) * tensor.size
            )
        return header.ljust(padded(len(header), self.alignment), b"\0") + data + self.trailing

    def write(self, path: Path) -> Path:
        path.write_bytes(self.content())
        return path

    def having(self, **entries: Value) -> GgufFile:
        """With further metadata; `general__type="adapter"` stands for `general.type`. Replaces in place."""
        new = {key.replace("__", "."): value for key, value in entries.items()}
        kept = [(key, new.pop(str(key), value)) for key, value in self.entries]
        return replace(self, entries=[*kept, *new.items()])

    def lacking(self, *keys: str) -> GgufFile:
        return replace(self, entries=[(key, value) for key, value in self.entries if key not in keys])


def small_model(architecture: str = "llama", **entries: Value) -> GgufFile:
    """A sound file that says it is a chat model: a few entries of every type, three tensors."""
    base: Mapping[str, Value] = {
        "general.architecture": architecture,
        "general.type": "model",
        "general.name": "Tiny Test",
        "general.license": "mit",
        "general.file_type": 2,
        "general.languages": Items(STRING, ["en", "de"]),
        f"{architecture}.context_length": 2048,
        f"{architecture}.rope.freq_base": 10000.0,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.ggml.tokens": Items(STRING, ["<s>", "a", "", "ü", "long " * 20]),
        "tokenizer.ggml.scores": Items(F32_VALUE, [0.0, -1.0, -2.0, -3.0, -4.0]),
        "tokenizer.ggml.token_type": Items(I32, [3, 1, 1, 1, 1]),
        "tokenizer.chat_template": "{% for m in messages %}{{ m.content }}{% endfor %}",
    }
    tensors = [
        Tensor("token_embd.weight", (64, 5), Q4_0),
        Tensor("output_norm.weight", (9,)),
        Tensor("output.weight"),
    ]
    return GgufFile(list(base.items()), tensors).having(**entries)


def split_model(parts: int = 3) -> list[GgufFile]:
    """The parts of one model, one tensor each, to be written under their names."""
    first = small_model().having(split__no=Typed(U16, 0), split__count=Typed(U16, parts))
    first = first.having(split__tensors__count=Typed(I32, parts))
    models = [replace(first, tensors=[Tensor("part0.weight")])]
    for number in range(1, parts):
        entries = [("split.no", Typed(U16, number)), ("split.count", Typed(U16, parts))]
        models.append(GgufFile(entries, [Tensor(f"part{number}.weight")]))
    return models


def write_split(folder: Path, models: Sequence[GgufFile], stem: str = "tiny") -> list[Path]:
    count = len(models)
    return [
        model.write(folder / f"{stem}-{number:05d}-of-{count:05d}.gguf")
        for number, model in enumerate(models, start=1)
    ]


def text(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return struct.pack("<Q", len(raw)) + raw


def encoded(value: Value) -> bytes:
    """The type's number and the value."""
    match value:
        case Typed(kind, bytes(raw)):
            return struct.pack("<I", kind) + raw
        case Typed(kind, inner):
            return struct.pack("<I", kind) + _payload(kind, inner)
        case Items(kind, values, claimed):
            count = len(values) if claimed is None else claimed
            return struct.pack("<IIQ", ARRAY, kind, count) + b"".join(_payload(kind, each) for each in values)
        case bool():
            return encoded(Typed(BOOL, value))
        case int():
            return encoded(Typed(U32, value))
        case float():
            return encoded(Typed(F32_VALUE, value))
        case _:
            return struct.pack("<I", STRING) + text(value)


def _payload(kind: int, value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if kind == STRING:
        assert isinstance(value, str)
        return text(value)
    return struct.pack(_PACK[kind], value)


def padded(offset: int, alignment: int) -> int:
    return -(-offset // alignment) * alignment if alignment > 0 else offset
