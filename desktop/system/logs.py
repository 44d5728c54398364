"""The app's log file: what happened, for a report, without what the user wrote.

``run_log`` is entered once by a process edge (window or command line) and left at shutdown. Any thread
may log.

House rule: text from a user, a document or a model is logged at DEBUG only, and the file takes INFO and
above unless the user asks for more. Whatever is logged, control characters are written out, so that a log
shown in a terminal cannot move the cursor, hide lines or forge them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from desktop.system.paths import ready
from desktop.system.printable import escaped

LOG_NAME = "locution.log"
MAX_BYTES = 1_000_000
"""Of one log file; then the next begins,"""
OLD_FILES = 3
"""and so many older ones are kept."""
_MARK = "running-"
_LONGEST = 2000
"""Characters of one line that are kept: an error's text may hold a whole document."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunLog:
    """What is known at the start of a run. ``unclean_end`` is when a run that never ended was last heard of.

    Seconds since the epoch; ``None`` where every earlier run ended in order or is still going on.
    """

    path: Path
    unclean_end: float | None


@contextlib.contextmanager
def run_log(folder: Path, level: int = logging.INFO) -> Iterator[RunLog]:
    """Log to ``folder``, also what nobody caught, until the block is left; may raise ``StorageError``.

    A marker file lies in ``folder`` meanwhile. One found without its process is a run that was killed.
    """
    ready(folder)
    unclean_end = _unclean_end(folder)
    mark = folder / f"{_MARK}{os.getpid()}"
    mark.write_text(f"{time.time()}\n", encoding="ascii")
    path = folder / LOG_NAME
    handler = RotatingFileHandler(
        path,
        maxBytes=MAX_BYTES,
        backupCount=OLD_FILES,
        encoding="utf-8",
        errors="backslashreplace",
        delay=True,
    )
    handler.setFormatter(PlainFormatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        with _hooks():
            yield RunLog(path, unclean_end)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()
        mark.unlink(missing_ok=True)


class PlainFormatter(logging.Formatter):
    """One line a record; the lines of a traceback follow indented, so that none can pass for a record."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s [%(threadName)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = super().format(record).split("\n")
        # A record's own message may hold line breaks too; what follows the first is marked like a traceback.
        return "\n".join([_kept(first), *(f"    | {_kept(line)}" for line in rest if line)])


def _kept(line: str) -> str:
    return escaped(line if len(line) <= _LONGEST else line[:_LONGEST] + "…")


def _unclean_end(folder: Path) -> float | None:
    """When the last run that left its marker behind began or was last touched; removes such markers."""
    latest: float | None = None
    for mark in folder.glob(f"{_MARK}*"):
        try:
            touched = mark.stat().st_mtime
            if _is_running(int(mark.name.removeprefix(_MARK)), touched):
                continue
            mark.unlink(missing_ok=True)
        except (OSError, ValueError):
            continue
        latest = max(latest or 0.0, touched)
    return latest


def _is_running(pid: int, since: float) -> bool:
    """Whether process ``pid`` lives and is not a later one that was given the same number."""
    import psutil  # here because it costs start-up, and markers are rarely found

    try:
        return pid != os.getpid() and psutil.Process(pid).create_time() <= since + 1.0
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


@contextlib.contextmanager
def _hooks() -> Iterator[None]:
    """Send what nobody caught, on any thread, to the log; then to where it went before."""
    except_hook, thread_hook, unraisable_hook = sys.excepthook, threading.excepthook, sys.unraisablehook

    def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            _log.critical("Nobody caught this", exc_info=(kind, error, trace))
        except_hook(kind, error, trace)

    def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            name = args.thread.name if args.thread else "a thread that has ended"
            _log.critical("Nobody caught this in %s", name, exc_info=args.exc_value)
        thread_hook(args)

    def _unraisable(args: sys.UnraisableHookArgs) -> None:
        _log.error("%s %r", args.err_msg or "Ignored an error in", args.object, exc_info=args.exc_value)
        unraisable_hook(args)

    sys.excepthook, threading.excepthook, sys.unraisablehook = _uncaught, _uncaught_in_thread, _unraisable
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = except_hook, thread_hook, unraisable_hook
