"""What a command is given, read and checked before the engine starts: a prompt, a file, parameters.

Standard input too, and not on the loop: there Ctrl+C would have to wait for its end.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop.domain.conversation import Role
from desktop.domain.errors import LocutionError, ParameterError
from desktop.domain.generation import Turn
from desktop.domain.parameters import Parameters, make, parse

MAX_TEXT = 64_000_000
"""Characters, and of standard input bytes; far more than any context holds."""


def typed_parameters(assignments: Sequence[str], base: Parameters) -> Parameters:
    """``base`` with every ``name=value`` put in; a stop sequence is added to those before it."""
    values: dict[str, object] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name = name.strip()
        if not equals:
            raise ParameterError(f"--set needs name=value, not “{assignment}”.", setting=name)
        value = parse(name, text)
        before = values.get(name)
        values[name] = before + value if isinstance(before, tuple) and isinstance(value, tuple) else value
    return make(values, base)


def typed_text(argument: str) -> str:
    """A prompt; ``-`` stands for standard input."""
    text = argument
    if argument == "-":
        text = _standard_input().decode("utf-8-sig", "replace").rstrip("\r\n")
    if not text.strip():
        raise ParameterError("The prompt is empty.", action="Give a prompt, or write one to standard input.")
    return text


def typed_file(path: Path) -> str:
    """A text; ``-`` stands for standard input. One line break at its end is left out."""
    text = _standard_input().decode("utf-8-sig", "replace") if path == Path("-") else text_file(path)
    text = text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")
    if not text:
        raise ParameterError("The text is empty.", action="Give a file with text in it.")
    return text


def text_file(path: Path) -> str:
    """A whole file. Raises :class:`LocutionError`."""
    try:
        return _read(path)
    except ValueError as error:
        raise LocutionError(f"The file {path} is no text.", action="Save it as UTF-8.") from error


def read_messages(path: Path) -> tuple[Turn, ...]:
    """``[{"role": …, "content": …}]``."""
    try:
        entries = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        raise _no_messages(path) from error
    if not isinstance(entries, list) or not entries:
        raise _no_messages(path)
    return tuple(_turn(path, entry) for entry in entries)


def _read(path: Path) -> str:
    """Raises :class:`LocutionError` in words, ``ValueError`` if it is no text."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            # Also of what has no size, as a pipe, no more than that.
            text = file.read(MAX_TEXT + 1)
    except OSError as error:
        raise LocutionError(
            f"The file {path} cannot be read: {error.strerror}.", action="Check the path."
        ) from error
    if len(text) > MAX_TEXT:
        raise _too_large(f"The file {path}")
    return text


def _standard_input() -> bytes:
    content = b"" if sys.stdin is None else sys.stdin.buffer.read(MAX_TEXT + 1)
    if len(content) > MAX_TEXT:
        raise _too_large("Standard input")
    return content


def _too_large(what: str) -> LocutionError:
    return LocutionError(f"{what} is too large.", action=f"Give it at most {MAX_TEXT:,} characters.")


def _turn(path: Path, entry: object) -> Turn:
    match entry:
        case {"role": str(role), "content": str(content)}:
            if role not in set(Role):
                raise LocutionError(
                    f"The file {path} has the unknown role “{role}”.", action=f"Known: {', '.join(Role)}."
                )
            return Turn(Role(role), content)
        case _:
            raise _no_messages(path)


def _no_messages(path: Path) -> LocutionError:
    return LocutionError(
        f"The file {path} is not a list of messages.",
        action='It must look like [{"role": "user", "content": "…"}].',
    )
