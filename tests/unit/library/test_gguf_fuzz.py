"""Whatever the bytes, the answer is a sound header or one error in words: soon, and within little memory.

Another tenfold: `LOCUTION_FUZZ=10 pytest tests/unit/library/test_gguf_fuzz.py`.
"""

from __future__ import annotations

import os
import random
import struct
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.errors import ModelFileError
from desktop.library.gguf import read_header
from desktop.library.gguf_values import ArrayValue, Header, LongText
from desktop.library.model_file import inspect
from tests.helpers.gguf_files import (
    F32_VALUE,
    I32,
    STRING,
    U8,
    GgufFile,
    Items,
    Typed,
    Value,
    small_model,
    split_model,
)

SEED = 20_260
TIMES = int(os.environ.get("LOCUTION_FUZZ", "1"))
SLOWEST = 5.0
"""Seconds of processor time for one file; a thousand times what one takes."""

# Numbers that break arithmetic, in the widths a header has.
EDGES = [
    *(
        struct.pack("<Q", n)
        for n in (0, 1, 2**31, 2**32 - 1, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 2**64 - 8)
    ),
    *(struct.pack("<I", n) for n in (0, 1, 4, 5, 8, 9, 13, 31, 2**16, 2**31 - 1, 2**31, 2**32 - 1)),
]


def verdict(path: Path) -> Header | None:
    """The header where it is sound, after checking what that promises; None for an error in words."""
    started = time.process_time()
    header: Header | None = None
    try:
        header = read_header(path)
        inspect(path)
    except ModelFileError as error:
        assert error.message.startswith(('"', "One of ", "There is no file"))
        assert error.message.isprintable()
        assert error.action
    assert time.process_time() - started < SLOWEST
    if header is not None:
        check_promises(header, path.stat().st_size)
    return header


def check_promises(header: Header, size: int) -> None:
    """What native code relies on."""
    end = 0
    for tensor in header.tensors:
        assert tensor.offset == -(-end // header.alignment) * header.alignment
        assert 0 < tensor.elements < 2**63
        assert 0 < tensor.size < 2**63
        end = tensor.offset + tensor.size
        assert header.data_offset + end <= size
    assert header.data_offset <= size
    for value in header.metadata.values():
        if isinstance(value, ArrayValue):
            assert value.offset <= size


def mutate(content: bytearray, header_size: int, rng: random.Random) -> None:
    """One to four changes in the header: a bit, a byte, an edge number, bytes cut, put in, or repeated."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(min(header_size, len(content)))
        match rng.randrange(7):
            case 0:
                content[at] ^= 1 << rng.randrange(8)
            case 1:
                content[at] = rng.randrange(256)
            case 2 | 3:
                edge = rng.choice(EDGES)
                content[at : at + len(edge)] = edge
            case 4:
                del content[at : at + rng.randrange(1, 40)]
            case 5:
                content[at:at] = rng.randbytes(rng.randrange(1, 40))
            case _:
                content[at:at] = content[at : at + rng.randrange(1, 200)]


@pytest.fixture(scope="module")
def shortened_starter(starter_model: Path) -> tuple[bytes, int]:
    """The starter's own header, with vocabulary and merges cut to a few, and its size; the data cut off."""
    header = read_header(starter_model)
    raw = starter_model.read_bytes()[: header.data_offset]
    entries: list[tuple[str, Value]] = []
    for key, value in header.metadata.items():
        if isinstance(value, ArrayValue):
            kind = int(value.type)
            filling = {STRING: "token", I32: 3, F32_VALUE: 0.5}.get(kind, 1)
            entries.append((key, Items(kind, [filling] * min(value.count, 20))))
        elif not isinstance(value, LongText):
            entries.append((key, value))
    start = GgufFile(entries, tensor_count=len(header.tensors), with_data=False).header()
    # The tensors' entries end where the padding before the data begins.
    first = raw.index(struct.pack("<Q", len(header.tensors[0].name)) + header.tensors[0].name.encode())
    content = start + raw[first:]
    return content.ljust(-(-len(content) // 32) * 32, b"\0"), len(content)


def seeds() -> Iterator[tuple[bytes, int]]:
    for model in (
        small_model(),
        small_model("qwen3", qwen3__pooling_type=3, general__alignment=32),
        small_model(x=Typed(U8, 3), y=Items(U8, [1, 2, 3])),
        split_model(2)[0],
    ):
        yield model.content(), len(model.header())


def test_the_seeds_are_sound(tmp_path, shortened_starter):
    for number, (content, _) in enumerate(seeds()):
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(content)
        read_header(path)
    content, _ = shortened_starter
    path.write_bytes(content)
    os.truncate(path, 200_000_000)
    assert len(read_header(path).tensors) == 272


@pytest.mark.parametrize("which", range(4))
def test_two_thousand_changes_to_a_small_file(tmp_path, which):
    content, header_size = list(seeds())[which]
    rng = random.Random(SEED + which)
    path = tmp_path / "a.gguf"
    passed = 0
    for _ in range(2_000 * TIMES):
        changed = bytearray(content)
        mutate(changed, header_size, rng)
        path.write_bytes(changed)
        passed += verdict(path) is not None
    # Some changes only touch text; were none or nearly all to pass, nothing would be tested.
    assert 20 * TIMES < passed < 1_500 * TIMES


def test_seventeen_hundred_changes_to_the_starters_header(tmp_path, shortened_starter):
    content, header_size = shortened_starter
    rng = random.Random(SEED)
    path = tmp_path / "a.gguf"
    passed = 0
    for _ in range(1_700 * TIMES):
        changed = bytearray(content)
        mutate(changed, header_size, rng)
        path.write_bytes(changed)
        os.truncate(path, 200_000_000)  # sparse: the data is not there to be read
        passed += verdict(path) is not None
    assert 20 * TIMES < passed < 1_500 * TIMES


def test_three_hundred_changes_to_the_whole_starter_header(tmp_path, starter_model):
    size = read_header(starter_model).data_offset
    with starter_model.open("rb") as file:
        content = file.read(size)
    rng = random.Random(SEED)
    path = tmp_path / "a.gguf"
    path.write_bytes(content)
    os.truncate(path, starter_model.stat().st_size)
    with path.open("r+b", buffering=0) as file:
        for _ in range(300 * TIMES):
            at = rng.randrange(size - 8)
            edge = rng.choice(EDGES)
            file.seek(at)
            file.write(edge)
            verdict(path)
            file.seek(at)
            file.write(content[at : at + len(edge)])
    assert verdict(path) is not None


@pytest.mark.parametrize("which", range(4))
def test_a_header_cut_at_any_byte_is_called_short(tmp_path, which):
    content, header_size = list(seeds())[which]
    path = tmp_path / "a.gguf"
    for length in range(header_size):
        path.write_bytes(content[:length])
        with pytest.raises(ModelFileError, match=r" is (empty|cut short)"):
            read_header(path)


def test_data_cut_at_any_byte_is_called_incomplete(tmp_path):
    content, header_size = small_model().content(), len(small_model().header())
    path = tmp_path / "a.gguf"
    for length in range(header_size, len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(ModelFileError, match=" is incomplete: it has "):
            read_header(path)


def test_changed_headers_take_little_memory(tmp_path):
    content, header_size = next(seeds())
    rng = random.Random(SEED)
    path = tmp_path / "a.gguf"
    tracemalloc.start()
    for _ in range(500):
        changed = bytearray(content)
        mutate(changed, header_size, rng)
        path.write_bytes(changed)
        os.truncate(path, 8 << 30)  # so large that no count or length is out of reach
        verdict(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from([b"", b"GGUF", b"GGUF\x03\0\0\0"]), rest=st.binary(max_size=400))
def test_any_bytes_get_an_answer(tmp_path, start, rest):
    path = tmp_path / "a.gguf"
    path.write_bytes(start + rest)
    verdict(path)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=st.dictionaries(
        st.sampled_from(
            ["general.name", "general.type", "general.file_type", "split.count", "llama.pooling_type"]
        )
        | st.text(max_size=20),
        st.booleans()
        | st.text(max_size=50)
        | st.integers(0, 2**32 - 1)
        | st.floats(width=32)
        | st.builds(lambda texts: Items(STRING, texts), st.lists(st.text(max_size=9), max_size=5)),
        max_size=6,
    )
)
def test_any_metadata_gets_an_answer(tmp_path, entries):
    model = small_model()
    own = [(key, value) for key, value in model.entries if key not in entries]
    path = GgufFile([*entries.items(), *own], model.tensors).write(tmp_path / "a.gguf")
    verdict(path)
