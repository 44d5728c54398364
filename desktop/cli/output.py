"""What a command says: text and JSON lines on standard output, one plain line on standard error."""

from __future__ import annotations

import json
import sys

from desktop.domain.errors import LocutionError
from desktop.system.printable import one_line

LONGEST = 1000
"""Characters of a complaint: it may quote what was typed."""


def speak_utf8() -> None:
    """A model's text must come out whole in any locale, and half a surrogate must not end the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def say(text: str, *, end: str = "\n") -> None:
    """Out when this returns. Raises :class:`BrokenPipeError` if whoever read it has gone."""
    try:
        print(text, end=end, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise LocutionError(f"The output could not be written: {error.strerror}.") from error


def say_json(value: object) -> None:
    """One line."""
    say(json.dumps(value, ensure_ascii=False, default=str))


def complain(message: str) -> None:
    """One line, whatever ``message`` holds."""
    print(f"locution: {one_line(message, LONGEST)}", file=sys.stderr)
