"""Which files can be attached, and what they say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop.domain.errors import LocutionError, NotFoundError
from desktop.system import text_files
from desktop.system.text_files import read_text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain\n", "plain\n"),
        ("größer".encode(), "größer"),
        ("größer".encode("utf-8-sig"), "größer"),
        ("größer".encode("utf-16"), "größer"),
        (b"\xfe\xff" + "größer".encode("utf-16-be"), "größer"),
        ("größer".encode("utf-32"), "größer"),
        ("größer".encode("latin-1"), "größer"),
        ("“quoted”".encode("cp1252"), "“quoted”"),
        (b"caf\xe9 \x81", "café \x81"),
        (b"one\r\ntwo\rthree", "one\ntwo\nthree"),
        (b"\x1b[31mred\x1b[0m log line that goes on\n", "\x1b[31mred\x1b[0m log line that goes on\n"),
    ],
)
def test_text_is_read_whatever_it_is_encoded_in(tmp_path: Path, data: bytes, text: str) -> None:
    file = tmp_path / "file.txt"
    file.write_bytes(data)
    assert read_text(file) == text


@pytest.mark.parametrize(
    "data",
    [
        b"text\0with a zero",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7\nstream",
        bytes(range(1, 256)) * 4,
        b"\xff\xfe\x00\xd8",
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(data)
    with pytest.raises(LocutionError, match="is not text"):
        read_text(file)


def test_folders_empty_missing_and_odd_files_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(LocutionError, match="is a folder"):
        read_text(tmp_path)
    with pytest.raises(NotFoundError, match="not there"):
        read_text(tmp_path / "gone.txt")
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(LocutionError, match="is empty"):
        read_text(tmp_path / "empty.txt")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LocutionError, match="is not a file"):
        read_text(tmp_path / "pipe")
    with pytest.raises(LocutionError, match="could not be read"):
        read_text(tmp_path / ("x" * 300))
    with pytest.raises(LocutionError, match="could not be read"):
        read_text(Path("zero\0name"))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = tmp_path / "huge.log"
    with huge.open("wb") as file:
        file.truncate(text_files.MAX_BYTES + 1)
    with pytest.raises(LocutionError, match=r"too large to attach: 4\.0 MB"):
        read_text(huge)


def test_a_file_that_hides_its_size_is_read_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "MAX_BYTES", 100)
    with pytest.raises(LocutionError, match="too large"):
        read_text(Path("/proc/self/status"))


def test_a_hostile_name_is_shown_on_one_line(tmp_path: Path) -> None:
    file = tmp_path / "a\n\u202eb.txt"
    file.mkdir()
    with pytest.raises(LocutionError) as told:
        read_text(file)
    assert "\n" not in told.value.message
    assert "\u202e" not in told.value.message
