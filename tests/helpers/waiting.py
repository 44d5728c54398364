"""Waiting for what is going to happen, however slow the machine is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE_S = 300
"""Far more than anything takes: a loaded machine is no failure."""


async def until(condition: Callable[[], object], what: str = "it") -> None:
    """Waits for `condition`, which may be a coroutine function, while the loop runs on."""
    end = time.monotonic() + PATIENCE_S
    while not (await met if isinstance(met := condition(), Awaitable) else met):
        assert time.monotonic() < end, f"{what} did not happen"
        await asyncio.sleep(0.01)
