"""Measurements on their way through the scheduler: work in portions, between which answers go on.

A :class:`Task` waits in the same line as requests for answers, gets sequences of the KV cache like them, and
then runs as a generator. Each :class:`Portion` it yields is one native batch; when the generator goes on, the
batch has been computed and its logits are there to be read, until the next portion is yielded.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from typing import Protocol

import llama_cpp.llama_cpp as ll
import numpy as np
from numpy.typing import NDArray

from desktop.domain.generation import PromptProgress
from desktop.domain.instruments import Measurement
from desktop.engine.worker.core import Emit
from desktop.engine.worker.kv.cache import Lease
from desktop.engine.worker.kv.state import Tokens
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.sampling.logprobs import Logits, no_numbers

NOTHING: Tokens = np.empty(0, np.int32)


class Portion(Protocol):
    """One native batch, which may have to be computed again after it was interrupted."""

    def compute(self) -> int:
        """Runs it; the status is :meth:`Context.decode`'s."""
        ...

    def undo(self) -> bool:
        """Takes back what an interrupted run may have left. False: with it went what was read before."""
        ...


Run = Generator[Portion, None, Measurement]


class Task(ABC):
    """One measurement. Its last event is the measurement or an error."""

    alone: bool = False
    """Other requests need not wait for it."""
    prompt: Tokens = NOTHING
    """What it reads first: it gets a sequence that holds the beginning of it, if there is one."""
    kept: int = 0
    """How much of :attr:`prompt` its first sequence holds."""
    ahead: int = 0
    """How many requests it was last told to wait for."""

    emit: Emit
    """Takes its events; given when it is put in line."""

    def __init__(self, request_id: int) -> None:
        self.id = request_id

    @property
    def width(self) -> int:
        """Sequences of the KV cache that it needs."""
        return 0

    def cells(self, length: int) -> int:
        """Cells that it may come to need of a KV cache of ``length``."""
        return 0

    @abstractmethod
    def run(self, lease: Lease, room: Callable[[], int]) -> Run:
        """Starts from nothing, also if called again; ``room()`` is how many tokens the next portion may have.

        Raises :class:`LocutionError`.
        """


class PromptTask(Task):
    """A measurement at the end of a prompt."""

    def __init__(self, request_id: int, prompt: Tokens, context: Context) -> None:
        super().__init__(request_id)
        self.prompt = prompt
        self.context = context

    def read_prompt(
        self, lease: Lease, room: Callable[[], int], total: int
    ) -> Generator[Portion, None, Rows]:
        """Reads what is left of the prompt; returns the portion that has the logits of its last token.

        ``total`` is what progress counts up to: the prompt's length and what comes after it.
        """
        size, at = len(self.prompt), lease.reused
        self.context.cut_sequence(lease.sequences[0], at)
        while True:
            end = min(size, at + room())
            rows = Rows.chunk(
                self.context, self.prompt[at:end], at, lease.sequences[0], range(size - 1, size)
            )
            yield rows
            at = self.kept = end
            self.emit(PromptProgress(end, total, lease.reused))
            if at == size:
                return rows


class Rows:
    """A portion in the shared context: tokens, their positions and sequences, and which have an output."""

    def __init__(
        self,
        context: Context,
        tokens: Tokens,
        positions: Tokens,
        sequences: Tokens,
        outputs: NDArray[np.bool_],
    ) -> None:
        self._context = context
        self._columns = tokens, positions, sequences, outputs

    @classmethod
    def chunk(cls, context: Context, tokens: Tokens, start: int, sequence: int, outputs: range) -> Rows:
        """``tokens`` of a sequence from position ``start`` on; those at positions ``outputs`` have logits."""
        positions = np.arange(start, start + len(tokens), dtype=np.int32)
        wanted = (positions >= outputs.start) & (positions < outputs.stop)
        return cls(context, tokens, positions, np.full(len(tokens), sequence, np.int32), wanted)

    def compute(self) -> int:
        tokens, positions, sequences, outputs = self._columns
        context, size = self._context, len(tokens)
        context.tokens[:size] = tokens
        context.positions[:size] = positions
        context.sequences[:size] = sequences
        context.outputs[:size] = outputs
        return context.decode(size)

    def undo(self) -> bool:
        _, positions, sequences, _ = self._columns
        starts = {int(one): int(positions[sequences == one].min()) for one in np.unique(sequences)}
        if all([self._context.cut_sequence(one, start) for one, start in starts.items()]):
            return True
        for one in starts:
            self._context.cut_sequence(one, 0)
        return False

    def logits(self, vocabulary_size: int) -> Logits:
        """Of the tokens that have an output, in order. A view: gone with the next batch."""
        count = int(self._columns[3].sum())
        if not count:
            return np.empty((0, vocabulary_size), np.float32)
        shape = (count, vocabulary_size)
        logits: Logits = np.ctypeslib.as_array(ll.llama_get_logits(self._context.handle), shape)
        if not logits.max() < np.inf:
            raise no_numbers()
        return logits
