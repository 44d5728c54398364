"""How many of a model's layers go to the GPUs. Figures in, a number out; it asks no device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

RESERVE = 256 * 1024 * 1024
"""Bytes left free on every GPU, for its driver, for the desktop and for small buffers."""
LOGIT_BYTES = 4
"""Of one: a 32-bit float."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a model takes, in bytes; ``cache`` is the KV cache of all layers at the context's full length."""

    layers: int
    weights: int
    cache: int
    vocabulary: int
    batch: int

    @property
    def compute(self) -> int:
        """The scratch buffer of one step: its largest part are the scores of a whole batch."""
        return self.batch * self.vocabulary * LOGIT_BYTES


def layers_that_fit(demand: Demand, free: Sequence[int], split: Sequence[float] = ()) -> int:
    """How many layers to keep on GPUs with ``free`` bytes each, the output layer counted as one more.

    ``split`` is each GPU's share; empty follows the free memory. A layer's weights and its part of the cache
    lie on the same GPU and are not divided. Embedding and output weights are counted as if spread over the
    layers: that errs towards leaving room.
    """
    room = [max(0, bytes_ - RESERVE - demand.compute) for bytes_ in free]
    each = (demand.weights + demand.cache) / max(1, demand.layers)
    if not any(room) or each <= 0:
        return 0
    if not any(split):
        fitting = sum(int(bytes_ / each) for bytes_ in room)
    else:
        shares = [share / sum(split) for share in (*split, *[0.0] * len(room))[: len(room)]]
        # The GPU that is full first decides, as the shares are kept.
        fitting = int(min(bytes_ / each / share for bytes_, share in zip(room, shares, strict=True) if share))
    return demand.layers + 1 if fitting >= demand.layers else fitting
