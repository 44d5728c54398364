"""How a command ended, for whoever started it. Stable."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    DONE = 0
    FAILED = 1
    """Said in one plain line on standard error."""
    WRONG_USE = 2
    """What was typed cannot be: an unknown option, a value out of range, no prompt."""
    INTERRUPTED = 130
    """By Ctrl+C; the shells' 128 + SIGINT."""
