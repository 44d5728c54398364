"""Which sequence of the KV cache holds what: a prompt that begins like an earlier one is not read again.

A finished request leaves its tokens in the cache (:class:`Held`). A new one takes over the held sequence
that begins most like its prompt; where that would throw most of it away, as with two chats that have only
their instructions in common, it shares the beginning instead, which costs nothing in a unified cache.

**What a cold run leaves.** Rounding depends on how tokens were put together in batches and on which cells of
the cache they lie, and a rounding may tip the choice of a token. A request that must be reproducible
therefore reads its prompt alone, from the first cell on, in chunks that begin at multiples of
:data:`CANONICAL_CHUNK`. Chunks read that way are *canonical*: as long as they stay where they are, a later
reproducible request that begins with the same tokens may keep them, and ends up with exactly the state of a
run from nothing. Everything else makes way for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop.engine.worker.context import Context

CANONICAL_CHUNK = 128
"""Tokens. Smaller ones leave less to be read again, and are slower to read."""

Tokens = NDArray[np.int32]


@dataclass(slots=True, eq=False)
class Held:
    """A sequence that no request uses. Its first ``canonical`` tokens are as a cold run leaves them."""

    sequence: int
    tokens: Tokens
    canonical: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """Sequences for a request; the first one has ``reused`` tokens of its prompt in the cache."""

    sequences: list[int]
    reused: int = 0
    canonical: int = 0


class SequenceCache:
    """Owns the context's sequences. On the engine's thread."""

    def __init__(self, context: Context, sequences: int) -> None:
        self._context = context
        self._free = list(range(sequences))
        self._held: list[Held] = []
        """Least recently used first."""
        self.chunk = min(CANONICAL_CHUNK, context.capacity)

    @property
    def idle(self) -> int:
        """Sequences that no request uses."""
        return len(self._free) + len(self._held)

    def lease(self, prompt: Tokens, count: int) -> Lease:
        """``count`` sequences, of :attr:`idle` ones, the first with as much of ``prompt`` as can be had."""
        best, reused = self._most_alike(prompt)
        if best is None:
            return Lease([self._take() for _ in range(count)])
        if self._is_worth_keeping(best, reused) and self.idle > count:
            # As the one used last it is evicted last, so it is still there to be shared.
            self._held.remove(best)
            self._held.append(best)
            sequences = [self._take() for _ in range(count)]
            self._context.copy_sequence(best.sequence, sequences[0], reused)
        else:
            self._held.remove(best)
            if not self._cut(best, reused):
                reused = 0
            sequences = [best.sequence, *(self._take() for _ in range(count - 1))]
        return Lease(sequences, reused, min(best.canonical, reused))

    def lease_alone(self, prompt: Tokens, count: int) -> Lease:
        """As :meth:`lease`, with nothing left in the cache but what a cold run would have put there."""
        best, reused = None, 0
        for held in self._held:
            kept = (
                min(_common(held.tokens, prompt), held.canonical, len(prompt) - 1) // self.chunk * self.chunk
            )
            if kept > reused:
                best, reused = held, kept
        for held in list(self._held):
            if held is not best:
                self._evict(held)
        if best is not None and self._cut(best, reused):
            self._held.remove(best)
            return Lease([best.sequence, *(self._take() for _ in range(count - 1))], reused, reused)
        while self._held:
            self._evict(self._held[0])
        self._context.clear()
        return Lease([self._take() for _ in range(count)])

    def make_room(self, needed: int) -> None:
        """Held tokens give way to what running requests may need, in cells."""
        while self._held and needed + sum(len(held.tokens) for held in self._held) > self._context.length:
            self._evict(self._held[0])

    def hold(self, sequence: int, tokens: Tokens, canonical: int) -> None:
        """Takes a sequence back with what it has in the cache."""
        if len(tokens):
            self._held.append(Held(sequence, tokens, canonical))
        else:
            self.release(sequence)

    def release(self, sequence: int) -> None:
        """Takes a sequence back and forgets what it has in the cache."""
        self._context.cut_sequence(sequence, 0)
        self._free.append(sequence)

    def forget_one(self) -> bool:
        """Gives up the held sequence that was not used for longest; False if there is none."""
        if self._held:
            self._evict(self._held[0])
            return True
        return False

    def forget_all(self) -> None:
        """Gives up everything that is held, as when the weights change that it was read with."""
        while self.forget_one():
            pass

    def _most_alike(self, prompt: Tokens) -> tuple[Held | None, int]:
        """The held sequence to reuse and how much of it. At least the prompt's last token is always read."""
        best, reused = None, 0
        for held in self._held:
            common = min(_common(held.tokens, prompt), len(prompt) - 1)
            if not self._context.forgets_tokens and common < len(held.tokens):
                continue
            if common > reused:
                best, reused = held, common
        return best, reused

    def _is_worth_keeping(self, held: Held, reused: int) -> bool:
        return self._context.forgets_tokens and reused * 2 < len(held.tokens)

    def _take(self) -> int:
        if not self._free:
            self._evict(self._held[0])
        return self._free.pop(0)

    def _evict(self, held: Held) -> None:
        self._held.remove(held)
        self.release(held.sequence)

    def _cut(self, held: Held, size: int) -> bool:
        """Keeps the first ``size`` tokens of a sequence. False, and nothing is kept, if it cannot be cut."""
        if self._context.cut_sequence(held.sequence, size):
            return True
        self._context.cut_sequence(held.sequence, 0)
        return False


def _common(left: Tokens, right: Tokens) -> int:
    """Length of the longest common beginning."""
    size = min(len(left), len(right))
    differs = left[:size] != right[:size]
    return int(differs.argmax()) if differs.any() else size
