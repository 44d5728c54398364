"""What the reader makes of sound headers, and the words for unsound ones."""

from __future__ import annotations

import os
import struct
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.errors import ModelFileError
from desktop.library.ggml_types import FILE_TYPES, TENSOR_TYPES
from desktop.library.gguf import MAX_STRINGS, MAX_TEXT, read_header
from desktop.library.gguf_values import ArrayValue, LongText, ValueType
from desktop.library.header_bytes import MAX_HEADER, WINDOW
from tests.helpers.gguf_files import (
    ARRAY,
    BOOL,
    F64_VALUE,
    I8,
    I16,
    I64,
    Q4_0,
    Q4_K,
    STRING,
    U8,
    U16,
    U32,
    U64,
    GgufFile,
    Items,
    Tensor,
    Typed,
    small_model,
    text,
)

MODEL = small_model()


def failure(path: Path) -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        read_header(path)
    return caught.value


def test_a_sound_header_is_read_whole(tmp_path):
    header = read_header(MODEL.write(tmp_path / "a.gguf"))
    assert (header.version, header.alignment) == (3, 32)
    assert header.metadata["general.name"] == "Tiny Test"
    assert header.metadata["llama.context_length"] == 2048
    assert header.metadata["llama.rope.freq_base"] == 10000.0
    assert header.metadata["tokenizer.ggml.add_bos_token"] is False
    assert [(t.name, t.shape, t.type.name, t.offset, t.elements, t.size) for t in header.tensors] == [
        ("token_embd.weight", (64, 5), "Q4_0", 0, 320, 180),
        ("output_norm.weight", (9,), "F32", 192, 9, 36),
        ("output.weight", (32, 4), "F32", 256, 128, 512),
    ]
    assert header.data_offset % 32 == 0
    assert header.data_offset + 256 + 512 == header.file_size == len(MODEL.content())


def test_arrays_are_kept_as_where_they_lie(tmp_path):
    path = MODEL.write(tmp_path / "a.gguf")
    tokens = read_header(path).metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, ArrayValue)
    assert (tokens.type, tokens.count) == (ValueType.STRING, 5)
    assert path.read_bytes()[tokens.offset :].startswith(text("<s>") + text("a"))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (U8, 200),
        (I8, -5),
        (U16, 65535),
        (I16, -3),
        (U64, 2**63),
        (I64, -(2**62)),
        (F64_VALUE, 0.1),
        (BOOL, True),
    ],
)
def test_every_type_of_value_is_read(tmp_path, kind, value):
    model = MODEL.having(x=Typed(kind, value), after="there")
    metadata = read_header(model.write(tmp_path / "a.gguf")).metadata
    assert (metadata["x"], metadata["after"]) == (value, "there")


@pytest.mark.parametrize("version", [2, 3])
def test_versions_two_and_three_are_read(tmp_path, version):
    assert read_header(replace(MODEL, version=version).write(tmp_path / "a.gguf")).version == version


@pytest.mark.parametrize("alignment", [8, 64, 4096])
def test_another_alignment_is_honoured(tmp_path, alignment):
    model = replace(MODEL.having(general__alignment=alignment), alignment=alignment)
    header = read_header(model.write(tmp_path / "a.gguf"))
    assert header.alignment == alignment
    assert all(
        offset % alignment == 0 for offset in [header.data_offset, *(t.offset for t in header.tensors)]
    )


def test_a_tensor_without_dimensions_is_one_number(tmp_path):
    header = read_header(replace(MODEL, tensors=[Tensor("scale", ())]).write(tmp_path / "a.gguf"))
    assert (header.tensors[0].elements, header.tensors[0].size) == (1, 4)


def test_text_that_is_not_utf8_is_read_with_marks(tmp_path):
    model = MODEL.having(general__name=b"caf\xe9")
    assert read_header(model.write(tmp_path / "a.gguf")).metadata["general.name"] == "caf\ufffd"


def test_a_very_long_text_is_passed_over(tmp_path):
    model = MODEL.having(tokenizer__huggingface__json="x" * (MAX_TEXT + 1), after="there")
    metadata = read_header(model.write(tmp_path / "a.gguf")).metadata
    value = metadata["tokenizer.huggingface.json"]
    assert isinstance(value, LongText)
    assert value.length == MAX_TEXT + 1
    assert metadata["after"] == "there"


def test_tokens_longer_than_the_window_are_walked(tmp_path):
    tokens = ["a", "b" * (3 * WINDOW + 5), "c", "d" * (WINDOW - 1), *["e" * 9] * (WINDOW // 9)]
    model = MODEL.having(tokenizer__ggml__tokens=Items(STRING, tokens), after="there")
    metadata = read_header(model.write(tmp_path / "a.gguf")).metadata
    assert metadata["after"] == "there"


def bad(**changes) -> GgufFile:
    return replace(MODEL, **changes)


def with_tensor(tensor: Tensor) -> GgufFile:
    """`tensor` first, so that a wrong one does not shift another."""
    return replace(MODEL, tensors=[tensor], with_data=False)


DAMAGED = {
    "version 0": (bad(version=0), "is damaged: it names 0 as the version"),
    "version 1": (bad(version=1), "is in version 1 of the GGUF format, which is no longer read"),
    "future version": (bad(version=4), "is in version 4 of the GGUF format; this app reads versions 2 and 3"),
    "big-endian": (bad(version=3 << 24), "is written for big-endian machines"),
    "2^64-1 tensors": (bad(tensor_count=2**64 - 1), "claims to hold 18,446,744,073,709,551,615 tensors"),
    "2^63 tensors": (bad(tensor_count=2**63), "claims to hold 9,223,372,036,854,775,808 tensors"),
    "2^64-1 entries": (
        bad(entry_count=2**64 - 1),
        "claims to hold 18,446,744,073,709,551,615 metadata entries",
    ),
    "more entries than there are": (
        bad(entry_count=16_000, tensors=[], with_data=False),
        "is cut short or damaged",
    ),
    "more tensors than there are": (bad(tensor_count=32_000), "tensor"),
    "empty key": (bad(entries=[*MODEL.entries, ("", 1)]), "one of its metadata entries has no name"),
    "key twice": (
        bad(entries=[*MODEL.entries, ("general.name", "b")]),
        "the metadata entry general.name appears twice",
    ),
    "oversized key": (
        bad(entries=[("k" * 70_000, 1)]),
        "name of a metadata entry claims a length of 70,000 bytes",
    ),
    "key past the end": (
        bad(entries=[], entry_count=1, tensors=[], with_data=False, trailing=struct.pack("<Q", 60_000)),
        "is cut short or damaged: its header goes on past the end of the file",
    ),
    "key of 2^64-1": (
        bad(entries=[], entry_count=1, tensors=[], with_data=False, trailing=b"\xff" * 8),
        "claims a length of 18,446,744,073,709,551,615 bytes",
    ),
    "value type 13": (MODEL.having(x=Typed(13, b"1234")), "the metadata entry x is of an unknown type"),
    "value type 2^32-1": (
        MODEL.having(x=Typed(2**32 - 1, b"")),
        "the metadata entry x is of an unknown type",
    ),
    "array in an array": (MODEL.having(x=Items(ARRAY, [])), "the metadata list x is of an unknown type"),
    "array of type 77": (MODEL.having(x=Items(77, [])), "the metadata list x is of an unknown type"),
    "text of 2^64-1": (MODEL.having(x=Typed(STRING, b"\xff" * 8)), "is cut short or damaged"),
    "text past the end": (MODEL.having(x=Typed(STRING, struct.pack("<Q", 10**9))), "is cut short or damaged"),
    "array of 2^64-1 numbers": (
        MODEL.having(x=Items(U32, [], claimed=2**64 - 1)),
        "the metadata list x claims 18,446,744,073,709,551,615 elements",
    ),
    "array of 2^61 numbers": (MODEL.having(x=Items(U64, [], claimed=2**61)), "the metadata list x claims"),
    "array past the end": (MODEL.having(x=Items(U64, [], claimed=10**8)), "is cut short or damaged"),
    "last array past the end": (
        bad(entries=[("x", Items(U64, [], claimed=10))], tensors=[], with_data=False),
        "is cut short or damaged",
    ),
    "too many texts": (
        MODEL.having(x=Items(STRING, [], claimed=MAX_STRINGS + 1)),
        "the metadata list x claims 2,097,153 texts",
    ),
    "array of 2^64-1 texts": (
        MODEL.having(x=Items(STRING, [], claimed=2**64 - 1)),
        "the metadata list x claims",
    ),
    "texts past the end": (MODEL.having(x=Items(STRING, [], claimed=10**6)), "is cut short or damaged"),
    "token of 2^64-1": (
        MODEL.having(x=Items(STRING, ["a", b"\xff" * 8, "b"])),
        "is cut short or damaged: its header goes on past the end",
    ),
    "token past the end": (
        MODEL.having(x=Items(STRING, ["a", struct.pack("<Q", 10**6), "b"])),
        "is cut short or damaged",
    ),
    "last token past the end": (
        bad(entries=[("x", Items(STRING, [struct.pack("<Q", 500)]))], tensors=[]),
        "is cut short or damaged",
    ),
    "alignment 0": (MODEL.having(general__alignment=0), "0 is not a possible alignment"),
    "alignment 13": (MODEL.having(general__alignment=13), "13 is not a possible alignment"),
    "alignment 2^31": (MODEL.having(general__alignment=2**31), "2147483648 is not a possible alignment"),
    "alignment as text": (MODEL.having(general__alignment="32"), "its alignment is not a number"),
    "alignment as 64 bits": (
        MODEL.having(general__alignment=Typed(U64, 32)),
        "its alignment is not a number",
    ),
    "5 dimensions": (with_tensor(Tensor("w", (1, 1, 1, 1, 1))), "the tensor w claims 5 dimensions"),
    "2^32-1 dimensions": (
        with_tensor(Tensor("w", (1,), dimensions=2**32 - 1)),
        "the tensor w claims 4,294,967,295 dimensions",
    ),
    "zero dimension": (with_tensor(Tensor("w", (32, 0))), "the tensor w has a dimension of 0"),
    "negative dimension": (with_tensor(Tensor("w", (32, -4))), "the tensor w has a dimension of -4"),
    "two negative dimensions": (with_tensor(Tensor("w", (-32, -4))), "the tensor w has a dimension of -32"),
    "product overflow": (
        with_tensor(Tensor("w", (2**32, 2**32, 2**32), offset=0)),
        "the tensor w claims more elements than can be counted",
    ),
    # 2^64 + 64 elements: in 64-bit arithmetic this tensor would have 64.
    "product that wraps to little": (
        with_tensor(Tensor("w", (64, 2**58 + 1), offset=0)),
        "the tensor w claims more elements than can be counted",
    ),
    "bytes overflow": (
        with_tensor(Tensor("w", (2**62,), offset=0)),
        "the tensor w claims more bytes than can be counted",
    ),
    "removed tensor type": (
        with_tensor(Tensor("w", kind=4)),
        "stores the tensor w in an unknown format (number 4)",
    ),
    "tensor type 1000": (with_tensor(Tensor("w", kind=1000)), "stores the tensor w in an unknown format"),
    "rows that are no blocks": (
        with_tensor(Tensor("w", (100, 2), Q4_K, offset=0)),
        "the rows of tensor w do not fit its format Q4_K",
    ),
    "rows that are no blocks, whole tensor is": (
        with_tensor(Tensor("w", (16, 2), Q4_0, offset=0)),
        "the rows of tensor w do not fit its format Q4_0",
    ),
    "tensor name too long": (
        with_tensor(Tensor("n" * 64)),
        "the name of a tensor claims a length of 64 bytes",
    ),
    "tensor twice": (bad(tensors=[Tensor("w"), Tensor("w")]), "the tensor w appears twice"),
    "tensor twice up to a NUL": (bad(tensors=[Tensor("w"), Tensor(b"w\0x")]), "the tensor w appears twice"),
    "offset not aligned": (
        bad(tensors=[Tensor("v"), Tensor("w", offset=513)]),
        "the data of tensor w is not where it has to be",
    ),
    "offsets overlap": (
        bad(tensors=[Tensor("v"), Tensor("w", offset=256)]),
        "the data of tensor w is not where it has to be",
    ),
    "offset out of order": (
        bad(tensors=[Tensor("v", offset=512), Tensor("w", offset=0)]),
        "the data of tensor v is not where it has to be",
    ),
    "offset of 2^64-1": (bad(tensors=[Tensor("v", offset=2**64 - 1)]), "the data of tensor v is not where"),
    "data past the end": (bad(with_data=False), "is incomplete: it has "),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_is_refused_in_words(tmp_path, case):
    model, words = DAMAGED[case]
    error = failure(model.write(tmp_path / "model.gguf"))
    assert words in error.message
    assert error.message.startswith('"model.gguf" ')
    assert error.message.endswith(".")
    assert error.action


def test_incomplete_data_says_how_much_is_there(tmp_path):
    path = replace(MODEL, tensors=[Tensor("w", (1000, 1000))]).write(tmp_path / "a.gguf")
    os.truncate(path, 1_000_000)
    assert failure(path).message == '"a.gguf" is incomplete: it has 1.0 MB of 4.0 MB.'


def test_the_padding_after_the_last_tensor_may_be_missing(tmp_path):
    path = replace(MODEL, tensors=[Tensor("w", (3,))]).write(tmp_path / "a.gguf")
    assert path.stat().st_size % 32
    assert read_header(path).tensors[0].size == 12


def test_a_name_from_a_stranger_cannot_forge_a_message(tmp_path):
    error = failure(bad(tensors=[Tensor("\x1b[2Jw\n\u202eok", offset=7)]).write(tmp_path / "a.gguf"))
    assert "the data of tensor [2Jw ok is not where" in error.message
    assert error.message.isprintable()


def test_the_header_of_a_40_gb_file_costs_no_more_than_a_small_one(tmp_path):
    big = replace(MODEL, tensors=[Tensor("w", (32 * 1024, 312_500))], with_data=False)
    path = big.write(tmp_path / "big.gguf")
    os.truncate(path, 41_000_000_000)
    read_header(path)
    tracemalloc.start()
    started = time.process_time()
    header = read_header(path)
    took = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert header.tensors[0].size == 40_960_000_000
    assert peak < 4 * WINDOW
    assert took < 1.0  # milliseconds when idle; this only tells it from reading the data


def test_a_large_vocabulary_builds_no_lists(tmp_path):
    count = 150_000
    model = MODEL.having(
        tokenizer__ggml__tokens=Items(STRING, [f"token{number}" for number in range(count)]),
        tokenizer__ggml__merges=Items(STRING, [f"to ken{number}" for number in range(count)]),
        tokenizer__ggml__scores=Typed(ARRAY, struct.pack("<IQ", 6, count) + bytes(4 * count)),
        after="there",
    )
    path = model.write(tmp_path / "a.gguf")
    tracemalloc.start()
    metadata = read_header(path).metadata
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert metadata["after"] == "there"
    assert peak < 4 * WINDOW


def sparse(path: Path, start: bytes, size: int = 4 << 30) -> Path:
    path.write_bytes(start)
    os.truncate(path, size)
    return path


HOSTILE = {
    "entries without end": bad(entries=[], entry_count=16_384).header()[:24],
    "texts without end": bad(entries=[("x", Items(STRING, [], claimed=1 << 17))]).header()[:49],
    "a text of 3 GB": bad(entries=[("x", Typed(STRING, struct.pack("<Q", 3 << 30)))], entry_count=2).header(),
    "a list of 4 GB": bad(entries=[("x", Items(U32, [], claimed=1 << 29))], entry_count=2).header()[:49],
    "a token of 3 GB": bad(entries=[("x", Items(STRING, [struct.pack("<Q", 3 << 30)], claimed=2))]).header(),
}


def test_the_most_texts_that_are_walked_end_soon(tmp_path):
    start = bad(entries=[("x", Items(STRING, [], claimed=MAX_STRINGS))]).header()[:49]
    started = time.process_time()
    failure(sparse(tmp_path / "a.gguf", start))
    assert time.process_time() - started < 10.0  # a fifth of a second: only to tell it from hours


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_costs_little_time_and_memory(tmp_path, case):
    path = sparse(tmp_path / "a.gguf", HOSTILE[case])
    tracemalloc.start()
    started = time.process_time()
    error = failure(path)
    took = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "is damaged: " in error.message
    assert peak < 32 << 20
    assert took < 10.0  # under a second: only to tell it from hours


def test_many_large_keys_are_not_kept(tmp_path):
    entries = [(f"{number:06d}" + "k" * 65_000, True) for number in range(140)]
    assert (
        "its metadata is larger than any model's"
        in failure(bad(entries=entries).write(tmp_path / "a.gguf")).message
    )


def test_many_large_texts_are_passed_over(tmp_path):
    entries = [(f"text{number}", "x" * MAX_TEXT) for number in range(10)]
    metadata = read_header(bad(entries=entries).write(tmp_path / "a.gguf")).metadata
    assert metadata["text0"] == "x" * MAX_TEXT
    assert isinstance(metadata["text9"], LongText)


def test_a_header_larger_than_any_models_is_refused(tmp_path):
    start = bad(entries=[("x", Typed(STRING, struct.pack("<Q", MAX_HEADER)))], entry_count=2).header()
    assert "its header is larger than any model's" in failure(sparse(tmp_path / "a.gguf", start)).message


def test_the_tables_agree_with_the_reference_package():
    constants = pytest.importorskip("gguf.constants")
    for kind, (block, block_bytes) in constants.GGML_QUANT_SIZES.items():
        if kind.name != "Q8_1":  # 40 bytes in the package and 36 in ggml.h; no file holds it
            assert TENSOR_TYPES[kind] == (kind.name, block, block_bytes)
    for kind in constants.LlamaFileType:
        if kind.name != "GUESSED":
            assert FILE_TYPES[kind] == kind.name.removeprefix("MOSTLY_").removeprefix("ALL_")


def test_the_starter_is_read_as_the_reference_package_reads_it(starter_model):
    reader = pytest.importorskip("gguf").GGUFReader(starter_model)
    header = read_header(starter_model)
    names = [name for name in reader.fields if not name.startswith("GGUF.")]
    assert list(header.metadata) == names
    for name, value in header.metadata.items():
        if isinstance(value, ArrayValue):
            assert value.count == len(reader.fields[name].data)
        else:
            assert value == reader.fields[name].contents()
    assert [(t.name, list(t.shape), t.size) for t in header.tensors] == [
        (t.name, t.shape.tolist(), t.n_bytes) for t in reader.tensors
    ]
    assert header.data_offset == reader.data_offset
