"""What is said of a path that leads to no GGUF file at all."""

from __future__ import annotations

import errno
import os
import struct
import sys
from io import FileIO
from pathlib import Path

import pytest

from desktop.domain.errors import ModelFileError
from desktop.library.gguf import read_header
from desktop.library.header_bytes import HeaderBytes
from tests.helpers.gguf_files import small_model


def failure(path: Path) -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        read_header(path)
    return caught.value


FOREIGN = {
    "a web page": (
        b"<!DOCTYPE html>\n<html><head><title>404</title>",
        "is a web page saved under a model's name",
    ),
    "a web page after spaces": (
        b"\xef\xbb\xbf\r\n  <HTML lang=en>",
        "is a web page saved under a model's name",
    ),
    "a comment, then a web page": (b"<!-- saved -->\n<html>", "is a web page saved under a model's name"),
    "an XML error": (b'<?xml version="1.0"?><Error><Code>AccessDenied', "is an error answer from a server"),
    "a JSON error": (b'{"error": "Entry not found"}', "is a JSON text (perhaps a server's error answer)"),
    "a Git LFS pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 98362432\n",
        "is a Git LFS pointer: a few lines of text that stand for the model, not the model itself",
    ),
    "an old GGML file": (b"tjgg\x03\0\0\0", "is in a GGML format older than GGUF"),
    "zeros": (bytes(1000), "holds nothing but zeros: the download was never finished"),
    "a PyTorch model": (b"PK\x03\x04\0\0archive/data.pkl", "is a ZIP archive (or a PyTorch model)"),
    "a gzip archive": (b"\x1f\x8b\x08\0", "is a gzip archive"),
    "a safetensors file": (struct.pack("<Q", 400) + b'{"__metadata__":{}}', "is a safetensors file"),
    "anything else": (b"hello, world", "is not a GGUF model file"),
    "magic in the other order": (b"FUGG\0\0\0\x03", "is not a GGUF model file"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_file_is_called_what_it_is(tmp_path, case):
    content, words = FOREIGN[case]
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    error = failure(path)
    assert error.message.startswith(f'"model.gguf" {words}')
    assert error.action


def test_an_empty_file_is_called_empty(tmp_path):
    path = tmp_path / "model.gguf"
    path.touch()
    assert failure(path).message == '"model.gguf" is empty.'


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_piece_of_the_magic_is_called_cut_short(tmp_path, length):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF"[:length])
    assert failure(path).message == f'"model.gguf" is cut short after {length} bytes.'


def test_a_missing_file_is_named_with_its_folder(tmp_path):
    path = tmp_path / "gone.gguf"
    assert failure(path).message == f"There is no file at {path}."


def test_a_file_is_no_folder_to_look_into(tmp_path):
    (tmp_path / "a.gguf").touch()
    assert failure(tmp_path / "a.gguf" / "b.gguf").message.startswith("There is no file at ")


def test_a_folder_is_called_a_folder(tmp_path):
    folder = tmp_path / "model.gguf"
    folder.mkdir()
    error = failure(folder)
    assert error.message == '"model.gguf" is a folder, not a model file.'
    assert error.action == "Choose a .gguf file inside it."


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_a_pipe_is_refused_without_waiting_for_its_other_end(tmp_path):
    path = tmp_path / "model.gguf"
    os.mkfifo(path)
    assert failure(path).message == '"model.gguf" is a device or a pipe, not a model file.'


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_a_device_is_refused(tmp_path):
    assert "is a device or a pipe" in failure(Path("/dev/zero")).message


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_to_nowhere_is_called_so(tmp_path):
    path = tmp_path / "model.gguf"
    path.symlink_to(tmp_path / "gone")
    assert failure(path).message == '"model.gguf" is a link to a file that no longer exists.'


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_to_itself_is_called_so(tmp_path):
    path = tmp_path / "model.gguf"
    path.symlink_to(path)
    assert failure(path).message == '"model.gguf" is a link that leads back to itself.'


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_to_a_sound_file_is_followed(tmp_path):
    small_model().write(tmp_path / "blob")
    path = tmp_path / "model.gguf"
    path.symlink_to("blob")
    assert read_header(path).version == 3


@pytest.mark.parametrize("name", ["a\0b.gguf", "a\ud800b.gguf", "a" * 300 + ".gguf"])
def test_an_impossible_name_is_called_so(tmp_path, name):
    error = failure(tmp_path / name)
    assert error.message.endswith(" is not a possible file name.")
    assert error.message.isprintable()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, 'You are not allowed to read "model.gguf".'),
        (errno.EIO, '"model.gguf" could not be read: Input/output error.'),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, monkeypatch, code, words):
    path = small_model().write(tmp_path / "model.gguf")

    def fails(file: FileIO, *_: object) -> bytes:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("desktop.library.gguf.read_at", fails)
    assert failure(path).message == words


def test_a_file_that_shrinks_while_it_is_read_is_called_cut_short(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(bytes(10))
    with FileIO(path) as file, pytest.raises(ModelFileError, match="is cut short or damaged"):
        HeaderBytes(file, 20, "model.gguf").take(20)


@pytest.mark.parametrize("name", ["модель 模型.gguf", "a\u3000b.gguf", "it's “it”.gguf", "a b  c.gguf"])
def test_a_name_in_any_script_is_opened(tmp_path, name):
    assert read_header(small_model().write(tmp_path / name)).version == 3


def test_a_path_of_over_260_characters_is_opened(tmp_path):
    folder = tmp_path.joinpath(*["deep" * 20] * 4)
    folder.mkdir(parents=True)
    assert len(str(folder)) > 300
    assert read_header(small_model().write(folder / "a.gguf")).version == 3
