"""The quick identity of a model's content."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

import pytest

from desktop.domain.errors import ModelFileError
from desktop.library.fingerprint import fingerprint
from desktop.library.header_bytes import read_at
from tests.helpers.gguf_files import small_model, split_model, write_split

SIZE = 40_000_000


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file too large to be read whole."""
    path = tmp_path / "large.gguf"
    path.write_bytes(b"GGUF")
    os.truncate(path, SIZE)
    return path


def poke(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"x")


def test_it_depends_on_the_content_and_not_on_the_name(tmp_path):
    first = small_model().write(tmp_path / "a.gguf")
    second = Path(shutil.copy(first, tmp_path / "b.gguf"))
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(first).startswith("sampled-sha256:")
    assert len(fingerprint(first)) == len("sampled-sha256:") + 64


@pytest.mark.parametrize("offset", [0, 100, -1])
def test_any_byte_of_a_small_file_counts(tmp_path, offset):
    path = small_model().write(tmp_path / "a.gguf")
    before = fingerprint(path)
    poke(path, offset % path.stat().st_size)
    assert fingerprint(path) != before


@pytest.mark.parametrize("offset", [5, 16 * 1024 * 1024 - 1, 16 * 1024 * 1024 + 3, SIZE - 1])
def test_header_blocks_and_end_of_a_large_file_count(large, offset):
    before = fingerprint(large)
    poke(large, offset)
    assert fingerprint(large) != before


def test_the_size_of_a_large_file_counts(large):
    before = fingerprint(large)
    os.truncate(large, SIZE + 1)
    assert fingerprint(large) != before


def test_a_40_gb_file_is_read_only_in_part(tmp_path, monkeypatch):
    path = tmp_path / "huge.gguf"
    path.touch()
    os.truncate(path, 40_000_000_000)
    read: list[tuple[int, int]] = []

    def counting(file, offset, count):
        read.append((offset, count))
        return read_at(file, offset, count)

    monkeypatch.setattr("desktop.library.fingerprint.read_at", counting)
    fingerprint(path)
    assert sum(count for _, count in read) < 21 << 20
    gaps = [after[0] - before[0] for before, after in itertools.pairwise(read)]
    assert max(gaps) < 700_000_000  # evenly spread
    assert read[-1][0] + read[-1][1] == 40_000_000_000


def test_every_part_of_a_split_model_counts(tmp_path):
    paths = write_split(tmp_path, split_model(3))
    before = fingerprint(paths[0])
    poke(paths[2], paths[2].stat().st_size - 1)
    assert fingerprint(paths[0]) != before


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelFileError, match="There is no file at "):
        fingerprint(tmp_path / "gone.gguf")
