"""What a command says: text and JSON lines on standard output, one plain line on standard error."""

from __future__ import annotations

import json
import re
import sys

from desktop.domain.errors import LocutionError
from desktop.system.printable import escaped, one_line

LONGEST = 1000
"""Characters of a complaint: it may quote what was typed."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")


def speak_utf8() -> None:
    """A model's text must come out whole in any locale, and half a surrogate must not end the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def say(text: str, *, end: str = "\n") -> None:
    """Out when this returns. Raises :class:`BrokenPipeError` if whoever read it has gone.

    In a terminal control characters are written out: a model, or a stranger's chat, must not command it.
    """
    if sys.stdout is not None and sys.stdout.isatty():
        text = _CONTROLS.sub(lambda found: escaped(found[0]), text)
    try:
        print(text, end=end, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise LocutionError(
            f"The output could not be written: {error.strerror}.", action="Check where it goes to."
        ) from error


def say_json(value: object) -> None:
    """One line."""
    say(json.dumps(value, ensure_ascii=False, default=str))


def complain(message: str) -> None:
    """One line, whatever ``message`` holds."""
    print(f"locution: {one_line(message, LONGEST)}", file=sys.stderr)
