"""Work on the loop that takes long, cut into slices with the window's turns between them. Main thread."""

from __future__ import annotations

import asyncio
import time

_SLICE_S = 0.004
"""A quarter of a frame."""


class Slices:
    """From its making on; ``await rest()`` after every small step."""

    def __init__(self) -> None:
        self._end = time.perf_counter() + _SLICE_S

    async def rest(self) -> None:
        """Lets the window in, if the slice is over."""
        if time.perf_counter() > self._end:
            await asyncio.sleep(0)
            self._end = time.perf_counter() + _SLICE_S
