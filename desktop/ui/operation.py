"""How a slot starts work: one helper for the task, the busy state and the error's way to the user's eyes.

Main thread, inside the running loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar, runtime_checkable

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.domain.errors import LocutionError
from desktop.services.tasks import Tasks

T = TypeVar("T")


@runtime_checkable
class ErrorPlace(Protocol):
    """A widget that can show an error where the user is looking."""

    def show_error(
        self, error: LocutionError, action_label: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """``action_label`` with ``on_action`` is a button for the one thing that helps."""


def run(
    parent: QWidget,
    coro: Coroutine[Any, Any, T],
    *,
    tasks: Tasks,
    name: str,
    on_success: Callable[[T], None] | None = None,
    on_error: Callable[[LocutionError], None] | None = None,
    busy: QWidget | None = None,
) -> asyncio.Task[None]:
    """Runs ``coro`` as an owned task; ``busy`` is disabled meanwhile.

    Without ``on_error`` the error goes to the nearest ancestor of ``parent`` that is an :class:`ErrorPlace`.
    Nothing is called back once ``parent`` is gone. Other exceptions are the task owner's to report.
    """
    if busy is not None:
        busy.setEnabled(False)
    task = tasks.start(_watch(parent, coro, on_success, on_error, busy), name)
    # A task that is cancelled before its first step, as while the window closes, never comes to it.
    task.add_done_callback(lambda _task: coro.close())
    return task


async def _watch(
    parent: QWidget,
    coro: Coroutine[Any, Any, T],
    on_success: Callable[[T], None] | None,
    on_error: Callable[[LocutionError], None] | None,
    busy: QWidget | None,
) -> None:
    try:
        result = await coro
    except LocutionError as error:
        if isValid(parent):
            (on_error or (lambda e: show_error_near(parent, e)))(error)
    else:
        if on_success is not None and isValid(parent):
            on_success(result)
    finally:
        if busy is not None and isValid(busy):
            busy.setEnabled(True)


def show_error_near(
    widget: QWidget,
    error: LocutionError,
    action_label: str = "",
    on_action: Callable[[], None] | None = None,
) -> None:
    """Shows ``error`` in the nearest ancestor that can; raises it if there is none, so that it is seen."""
    place: QWidget | None = widget
    while place is not None:
        if isinstance(place, ErrorPlace):
            place.show_error(error, action_label, on_action)
            return
        place = place.parentWidget()
    raise error
