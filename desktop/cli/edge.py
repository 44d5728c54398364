"""Runs a headless command. A process edge: whatever happens becomes an exit code and one plain line."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from collections.abc import Callable

from desktop.cli.exit_code import ExitCode
from desktop.cli.output import complain
from desktop.domain.errors import LocutionError, ParameterError


def main(options: argparse.Namespace) -> ExitCode:
    # Without a handler Python prints warnings to standard error, tracebacks too.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        return _command(options.command)(options)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return ExitCode.INTERRUPTED
    except ParameterError as error:
        complain(str(error))
        return ExitCode.WRONG_USE
    except LocutionError as error:
        complain(str(error))
        return ExitCode.FAILED
    except BrokenPipeError:
        # Whoever read the output has gone; there is nobody left to tell.
        return ExitCode.FAILED
    except Exception as error:  # noqa: BLE001 - a process edge: one plain line, never a traceback
        complain(f"Something unexpected went wrong: {error!r}")
        return ExitCode.FAILED
    finally:
        # What is left is Python's own end; a second Ctrl+C would print a traceback there.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _command(name: str) -> Callable[[argparse.Namespace], ExitCode]:
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
        case "score" | "next" | "embed" | "beam":
            from desktop.cli import instruments

            return instruments.COMMANDS[name]
        case "conversations":
            from desktop.cli.conversations import conversations

            return conversations
        case _:
            from desktop.cli.doctor import doctor

            return doctor
