"""Runs a headless command. A process edge: whatever happens becomes an exit code and one plain line."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from collections.abc import Callable

from desktop.cli.output import complain
from desktop.domain.errors import LocutionError, ParameterError

FAILED, WRONG_USE, INTERRUPTED = 1, 2, 130


def main(options: argparse.Namespace) -> int:
    """Returns the exit code."""
    # Without a handler Python prints warnings to standard error, tracebacks too.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        return _command(options.command)(options)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except ParameterError as error:
        complain(str(error))
        return WRONG_USE
    except LocutionError as error:
        complain(str(error))
        return FAILED
    except BrokenPipeError:
        # Whoever read the output has gone; there is nobody left to tell.
        return FAILED
    except Exception as error:  # noqa: BLE001 - a process edge: one plain line, never a traceback
        complain(f"Something unexpected went wrong: {error!r}")
        return FAILED
    finally:
        # What is left is Python's own end; a second Ctrl+C would print a traceback there.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """Only what the command needs is imported."""
    match name:
        case "chat":
            from desktop.cli.chat import chat

            return chat
        case "tokenize":
            from desktop.cli.tokens import tokenize

            return tokenize
        case "render":
            from desktop.cli.tokens import render

            return render
        case _:
            from desktop.cli.doctor import doctor

            return doctor
