"""How many threads to decode with: a few steps timed with each sensible number.

What is best cannot be told from the processor alone: memory bandwidth, slow cores beside fast ones, a
hypervisor's share and a laptop's heat all have a say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

BUDGET_S = 0.3
"""Seconds for all steps together; with a model whose steps are longer, each number is tried once."""
ROUNDS = 8
"""At most."""
MARGIN = 0.05
"""What more threads must gain. Less is noise, and the cores are of more use to everybody else."""


def choose_threads(
    candidates: Sequence[int],
    step: Callable[[int], None],
    clock: Callable[[], float] = time.perf_counter,
) -> int:
    """The number of ``candidates``, ascending, whose steps are shortest; the lower of two that are alike.

    ``step`` runs one step with that many threads. Rounds over all candidates take turns, and each counts by
    its shortest step, so that something else that runs meanwhile slows no candidate down for good.
    """
    if len(candidates) == 1:
        return candidates[0]
    end = clock() + BUDGET_S
    shortest = dict.fromkeys(candidates, float("inf"))
    for _ in range(ROUNDS):
        for threads in candidates:
            start = clock()
            step(threads)
            shortest[threads] = min(shortest[threads], clock() - start)
        if clock() >= end:
            break
    best = candidates[0]
    for threads in candidates[1:]:
        if shortest[threads] < shortest[best] * (1 - MARGIN):
            best = threads
    return best
