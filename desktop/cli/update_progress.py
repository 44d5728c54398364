"""How far an update of an earlier version's chats is, if it takes longer than a moment: on standard error."""

from __future__ import annotations

import time

from desktop.cli.output import complain

AFTER_S = 1.0
"""A shorter wait needs no words."""
_STEP = 10
"""Per cent: a line each time it has come so much further."""


class UpdateProgress:
    """The wait begins when it is made."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._next = 0

    def tell(self, share: float) -> None:
        """``share`` goes from 0 to 1."""
        percent = int(100 * share)
        if percent >= self._next and time.monotonic() - self._begun >= AFTER_S:
            self._next = percent + _STEP
            complain(f"Bringing your chats up to date, which is done once: {percent} %")
