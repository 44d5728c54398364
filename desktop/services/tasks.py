"""Background work that is owned: a task has a name, somebody who ends it, and its failure is logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from desktop.domain.errors import LocutionError

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Tasks:
    """Keeps its tasks alive until they are done; ``aclose`` cancels what is left and waits for it.

    What is started after that is cancelled at once: a timer may go off while the rest is shut down.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        if self._closed:
            task.cancel()
        return task

    async def settle(self) -> None:
        """Waits until nothing is running."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def aclose(self) -> None:
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await self.settle()

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, LocutionError):
            _log.warning("%s: %s %s", task.get_name(), error, error.detail)
        else:
            _log.error("Task %s failed", task.get_name(), exc_info=error)
