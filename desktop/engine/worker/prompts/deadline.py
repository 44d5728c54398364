"""Work with an end: Python code of a stranger that is thrown out when its time is up."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

PATIENCE_S = 1.0
"""Seconds that the thread gets to notice that it was thrown out."""


class Overrun(BaseException):
    """Thrown into the working thread at the deadline. No ``Exception``: a template cannot catch it."""


def within(seconds: float, work: Callable[[], _T]) -> _T:
    """``work``'s result, or what it raises; computed in a thread of its own.

    Raises ``TimeoutError`` at the deadline. A thread cannot be stopped inside native code: ``work`` must not
    stay there for long.
    """
    results: list[_T] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - handed to the caller
            errors.append(error)

    thread = threading.Thread(target=body, name="deadline", daemon=True)
    thread.start()
    thread.join(seconds)
    overrun = thread.is_alive()
    give_up = time.monotonic() + PATIENCE_S
    while thread.is_alive() and time.monotonic() < give_up:
        _throw_into(thread)
        thread.join(0.05)
    if overrun:
        raise TimeoutError(f"not finished within {seconds:.1f} seconds")
    if errors:
        raise errors[0]
    return results[0]


def _throw_into(thread: threading.Thread) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Overrun))
