"""What a command says reaches a file as it is, and cannot command a terminal."""

import io
import json
from pathlib import Path

import pytest

from desktop.cli.input import typed_file, typed_text
from desktop.cli.output import say, say_json
from desktop.domain.errors import LocutionError

HOSTILE = "a\x1b[2J\x9b1mb\x00\x07\rc\r\nd\te 👨‍👩‍👧\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_shown_control_characters_and_does_not_obey_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal(newline="")
    monkeypatch.setattr("sys.stdout", terminal)

    say(HOSTILE, end="")

    assert terminal.getvalue() == "a\\x1b[2J\\x9b1mb\\x00\\x07\\rc\r\nd\te 👨‍👩‍👧\n"


def test_a_file_or_a_pipe_gets_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO(newline="")
    monkeypatch.setattr("sys.stdout", pipe)

    say(HOSTILE, end="")
    say_json(HOSTILE)

    assert pipe.getvalue().startswith(HOSTILE)
    assert json.loads(pipe.getvalue().removeprefix(HOSTILE)) == HOSTILE


def test_standard_input_that_is_too_large_is_refused_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.cli.input.MAX_TEXT", 8)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"12345678")))
    assert typed_text("-") == "12345678"

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"123456789")))
    with pytest.raises(LocutionError, match="Standard input is too large"):
        typed_text("-")


def test_a_file_that_is_too_large_is_refused_and_not_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.cli.input.MAX_TEXT", 8)
    file = tmp_path / "text"
    file.write_bytes(b"12345678")
    assert typed_file(file) == "12345678"

    file.write_bytes(b"123456789")
    with pytest.raises(LocutionError, match="is too large"):
        typed_file(file)
