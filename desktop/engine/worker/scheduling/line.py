"""Who waits for what: requests are admitted in the order in which they came, when there is room for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from desktop.domain.generation import Queued
from desktop.engine.worker.measuring.task import Task
from desktop.engine.worker.scheduling.job import Job

Claim = Job | Task
"""A request: for answers, or for a measurement."""


class Line(deque[Claim]):
    """First come, first served: a large request at the head is not overtaken for ever."""

    def next(self, running: Collection[Claim], length: int, idle: int) -> Claim | None:
        """The request at the head, taken out, if it can join those that run.

        ``length`` is the context's, ``idle`` how many sequences nobody uses.
        """
        return self.popleft() if self and _fits(self[0], running, length, idle) else None

    def tell(self, running: int) -> None:
        """Lets those who still wait know how many are ahead of them, if that changed."""
        for place, claim in enumerate(self):
            if claim.ahead != running + place:
                claim.ahead = running + place
                claim.emit(Queued(claim.ahead))


def reserved(running: Collection[Claim], length: int) -> int:
    """Cells of a context of ``length`` that running requests may come to need."""
    return sum(claim.cells(length) for claim in running)


def _fits(claim: Claim, running: Collection[Claim], length: int, idle: int) -> bool:
    if not running:
        return True
    if claim.alone or any(other.alone for other in running):
        return False
    return reserved(running, length) + claim.cells(length) <= length and idle >= claim.width
