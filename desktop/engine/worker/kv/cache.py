"""Which sequence of the KV cache holds what: a prompt that begins like an earlier one is not read again.

A finished request leaves its tokens in the cache (:class:`Held`). A new one takes over the held sequence
that begins most like its prompt; where that would throw most of it away, as with two chats that have only
their instructions in common, it shares the beginning instead, which costs nothing in a unified cache.

How much reading that spares, and what *canonical* means, is in :mod:`~desktop.engine.worker.kv.reuse`.

What a request with a key leaves is kept on disk, too (:mod:`~desktop.engine.worker.kv.state_files`): when
there is time for it, or when it has to make way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from desktop.engine.worker.kv.reuse import CANONICAL_CHUNK, Reuse, common_length
from desktop.engine.worker.kv.state import Checkpoint, Outline, Snapshot, Tokens
from desktop.engine.worker.kv.state_files import StateFiles
from desktop.engine.worker.llama.context import Context

WORTH_KEEPING = 64
"""Tokens: fewer are read again as quickly as they come from disk."""
MAX_CHECKPOINTS = 512 * 1024 * 1024
"""Bytes of all checkpoints together."""
MAX_COPY = 128 * 1024 * 1024
"""Bytes of a state that may be copied while answers wait for it: a tenth of a second."""


@dataclass(slots=True, eq=False)
class Held:
    """A sequence that no request uses. Its first ``canonical`` tokens are as a cold run leaves them.

    ``key`` names what it belongs to, empty if it is not to be kept on disk; ``saved`` once that is done.
    """

    sequence: int
    tokens: Tokens
    canonical: int = 0
    key: str = ""
    checkpoint: Checkpoint | None = None
    prompt: int = 0
    """Where its prompt ends, without the last token; the next turn is sure to begin like that."""
    saved: bool = False
    oldest: int = 0
    """As last looked at; see :class:`~desktop.engine.worker.kv.state.Outline`."""

    @property
    def outline(self) -> Outline:
        point = self.checkpoint.size if self.checkpoint else 0
        return Outline(self.tokens, self.canonical, self.oldest, point)


@dataclass(frozen=True, slots=True)
class Lease:
    """Sequences for a request; the first one has ``reused`` tokens of its prompt in the cache."""

    sequences: list[int]
    reused: int = 0
    canonical: int = 0
    checkpoint: Checkpoint | None = None


class SequenceCache:
    """Owns the context's sequences. On the engine's thread."""

    def __init__(self, context: Context, sequences: int, files: StateFiles | None = None) -> None:
        self._context = context
        self._files = files
        self._sequences = sequences
        self._free = list(range(sequences))
        self._held: list[Held] = []
        """Least recently used first."""
        self.chunk = min(CANONICAL_CHUNK, context.capacity)
        self._reuse = Reuse(context.forgets_tokens, context.window, self.chunk)

    @property
    def idle(self) -> int:
        """Sequences that no request uses."""
        return len(self._free) + len(self._held)

    def lease(self, prompt: Tokens, count: int, key: str = "", state: Snapshot | None = None) -> Lease:
        """``count`` sequences, of :attr:`idle` ones, the first with as much of ``prompt`` as can be had.

        ``key`` names what the request belongs to, and ``state`` is what was kept of that on disk.
        """
        best, reused = self._most_alike(prompt, self._reuse.reusable)
        if (
            state is not None
            and self._reuse.reusable(prompt, state.outline) > reused
            and self._bring_back(key, state)
        ):
            best, reused = self._most_alike(prompt, self._reuse.reusable)
        if best is None:
            return Lease([self._take() for _ in range(count)])
        is_there = self._reuse.sees_enough(reused, self._context.oldest(best.sequence))
        if is_there and self._is_worth_keeping(best, reused, key) and self.idle > count:
            # As the one used last it is evicted last, so it is still there to be shared.
            self._held.remove(best)
            self._held.append(best)
            sequences = [self._take() for _ in range(count)]
            self._context.copy_sequence(best.sequence, sequences[0], reused)
            return Lease(sequences, reused, min(best.canonical, reused))
        if best.key != key:
            self._save(best)
        self._held.remove(best)
        reused = self._cut(best, reused)
        return self._lease_of(best, reused, count)

    def lease_alone(self, prompt: Tokens, count: int, key: str = "", state: Snapshot | None = None) -> Lease:
        """As :meth:`lease`, with nothing left in the cache but what a cold run would have put there."""
        best, reused = self._most_alike(prompt, self._reuse.canonical)
        from_disk = state is not None and self._reuse.canonical(prompt, state.outline) > reused
        for held in list(self._held):
            if held is not best or from_disk:
                self._evict(held)
        if state is not None and from_disk:
            # Into an empty cache, so that its cells lie where they lay when they were read.
            self._context.clear()
            best = self._held[-1] if self._bring_back(key, state) else None
            reused = self._reuse.canonical(prompt, self._outline(best)) if best else 0
        if best is not None:
            if best.key != key:
                self._save(best)
            self._held.remove(best)
            if reused and self._cut(best, reused):
                return self._lease_of(best, reused, count)
            self.release(best.sequence)
        self._context.clear()
        return Lease([self._take() for _ in range(count)])

    def make_room(self, needed: int) -> None:
        """Held tokens give way to what running requests may need, in cells."""
        while self._held and needed + sum(len(held.tokens) for held in self._held) > self._context.length:
            self._evict(self._held[0])

    def hold(
        self,
        sequence: int,
        tokens: Tokens,
        canonical: int,
        key: str = "",
        checkpoint: Checkpoint | None = None,
        prompt: int = 0,
    ) -> None:
        """Takes a sequence back with what it has in the cache."""
        if not len(tokens):
            self.release(sequence)
            return
        oldest = self._context.oldest(sequence)
        self._held.append(Held(sequence, tokens, canonical, key, checkpoint, prompt, oldest=oldest))
        room = MAX_CHECKPOINTS
        for held in reversed(self._held):
            if held.checkpoint is not None:
                room -= held.checkpoint.data.nbytes
                if room < 0:
                    held.checkpoint = None

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

    # What cannot be cut

    def pause_at(self, size: int, *, alone: bool) -> int:
        """Where to take a checkpoint in a prompt of ``size`` tokens; 0 for a model that needs none."""
        if self._context.forgets_tokens:
            return 0
        # Before its last token, which is always read; alone it must be where a chunk begins.
        return (size - 1) // self.chunk * self.chunk if alone else size - 1

    def checkpoint(self, sequence: int, size: int) -> Checkpoint | None:
        """Of a sequence that has ``size`` tokens; none if it would be too large."""
        if self._context.state_size(sequence, fixed=True) > MAX_CHECKPOINTS:
            return None
        data = self._context.state(sequence, fixed=True)
        return Checkpoint(size, data) if len(data) else None

    # What is kept on disk

    @property
    def has_unsaved(self) -> bool:
        return any(self._is_unsaved(held) for held in self._held)

    def save_one(self) -> bool:
        """Has the state of one held sequence written, the one used last first; False if all are."""
        for held in reversed(self._held):
            if self._is_unsaved(held):
                self._save(held)
                return True
        return False

    def forget(self, key: str) -> None:
        """Gives up what belongs to ``key``."""
        for held in [held for held in self._held if held.key == key]:
            held.key = ""
            self._evict(held)

    def gains(self, prompt: Tokens, outline: Outline, *, alone: bool) -> bool:
        """Whether a state on disk has clearly more of a prompt than what is held.

        From any thread, so no more than a guess.
        """
        if alone:
            return self._reuse.canonical(prompt, outline) > max(
                (min(held.canonical, common_length(held.tokens, prompt)) for held in tuple(self._held)),
                default=0,
            )
        held_already = max((common_length(held.tokens, prompt) for held in tuple(self._held)), default=0)
        return self._reuse.reusable(prompt, outline) >= held_already + WORTH_KEEPING

    def guess(self, prompt: Tokens, others: Iterable[Outline], *, alone: bool) -> int:
        """How much of a prompt could be had from what is held and from ``others``.

        From any thread, so no more than a guess.
        """
        outlines = [*(held.outline for held in tuple(self._held)), *others]
        reusable = self._reuse.canonical if alone else self._reuse.reusable
        return max((reusable(prompt, outline) for outline in outlines), default=0) if len(prompt) else 0

    def _is_unsaved(self, held: Held) -> bool:
        return bool(held.key) and not held.saved and self._files is not None

    def _save(self, held: Held) -> None:
        if self._files is None or not self._is_unsaved(held):
            return
        held.saved = True
        if len(held.tokens) < WORTH_KEEPING:
            return
        size = self._context.state_size(held.sequence)
        if not self._files.takes(size) or (size > MAX_COPY and self.idle < self._sequences):
            return
        data = self._context.state(held.sequence)
        if not len(data):
            return
        point = self._window_at_prompt(held) or held.checkpoint
        left_behind = len(held.tokens) - self._context.window if self._context.window else 0
        outline = self._outline(held)
        outline = replace(
            outline, oldest=max(outline.oldest, left_behind), point=point.size if point is not None else 0
        )
        self._files.save(held.key, Snapshot(outline, data, point))

    def _window_at_prompt(self, held: Held) -> Checkpoint | None:
        """What sliding layers saw where the prompt ended; a state has no more of them than their last window.

        An answer often does not come back token for token, as when its thinking is left out.
        """
        size, slides = held.prompt, self._context.window and self._context.forgets_tokens
        is_there = self._reuse.sees_enough(size, self._context.oldest(held.sequence))
        if not slides or not size or not is_there or not self._free:
            return None
        spare = self._free[0]
        self._context.copy_sequence(held.sequence, spare, size)
        point = self.checkpoint(spare, size)
        self._context.cut_sequence(spare, 0)
        return point

    def _bring_back(self, key: str, state: Snapshot) -> bool:
        """Puts a state into a sequence of its own, held and used last. False if there is no room for it."""
        sequence = self._take()
        while not self._context.put_state(sequence, state.data):
            if not self.forget_one():
                self._free.append(sequence)
                return False
        outline = state.outline
        self._held.append(
            Held(sequence, outline.tokens, outline.canonical, key, state.checkpoint, saved=True)
        )
        return True

    # Which sequence

    def _most_alike(
        self, prompt: Tokens, measure: Callable[[Tokens, Outline], int]
    ) -> tuple[Held | None, int]:
        """The held sequence to reuse and how much of it."""
        best, reused = None, 0
        for held in self._held:
            kept = measure(prompt, self._outline(held))
            if kept > reused:
                best, reused = held, kept
        return best, reused

    def _outline(self, held: Held) -> Outline:
        held.oldest = self._context.oldest(held.sequence)
        return held.outline

    def _is_worth_keeping(self, held: Held, reused: int, key: str) -> bool:
        return self._context.forgets_tokens and (reused * 2 < len(held.tokens) or held.key != key)

    def _take(self) -> int:
        if not self._free:
            self._evict(self._held[0])
        return self._free.pop(0)

    def _lease_of(self, held: Held, reused: int, count: int) -> Lease:
        sequences = [held.sequence, *(self._take() for _ in range(count - 1))]
        point = held.checkpoint if held.checkpoint and held.checkpoint.size <= reused else None
        return Lease(sequences, reused, min(held.canonical, reused), point)

    def _evict(self, held: Held) -> None:
        self._save(held)
        self._held.remove(held)
        self.release(held.sequence)

    def _cut(self, held: Held, size: int) -> int:
        """Keeps the first ``size`` tokens of a sequence; returns what is kept, 0 if it cannot be cut."""
        is_there = self._reuse.sees_enough(size, self._context.oldest(held.sequence))
        if size < len(held.tokens) and not (self._context.forgets_tokens and is_there):
            point = held.checkpoint
            if point is None or not self._context.put_state(held.sequence, point.data, fixed=True):
                size = 0
        if self._context.cut_sequence(held.sequence, size):
            return size
        self._context.cut_sequence(held.sequence, 0)
        return 0
