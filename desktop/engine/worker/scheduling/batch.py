"""What one batch holds: a token for each answer that is being written, and a chunk of one prompt."""

from __future__ import annotations

import numpy as np

from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.sampling.answer import Answer
from desktop.engine.worker.scheduling.job import Job


class Batch:
    """``decoding``: each answer's entry. ``chunk``: the job whose prompt is read, and the chunk's end."""

    __slots__ = ("_context", "chunk", "count", "decoding")

    def __init__(self, context: Context) -> None:
        self._context = context
        self.count = 0
        self.decoding: list[tuple[int, Job, Answer]] = []
        self.chunk: tuple[Job, int] | None = None

    @property
    def room(self) -> int:
        return self._context.capacity - self.count

    @property
    def chunk_size(self) -> int:
        """Tokens of the chunk."""
        return self.chunk[1] - self.chunk[0].read if self.chunk else 0

    def add_token(self, job: Job, answer: Answer) -> None:
        """The token an answer chose last, to be computed at its place."""
        context, entry = self._context, self.count
        context.tokens[entry] = answer.next_token
        context.positions[entry] = answer.position
        context.sequences[entry] = answer.sequence
        context.outputs[entry] = True
        self.decoding.append((entry, job, answer))
        self.count = entry + 1

    def add_chunk(self, job: Job, end: int) -> None:
        """A job's prompt up to ``end``; of its very last token the logits are wanted."""
        context, size = self._context, end - job.read
        entries = slice(self.count, self.count + size)
        context.tokens[entries] = job.prompt[job.read : end]
        context.positions[entries] = np.arange(job.read, end)
        context.sequences[entries] = job.sequences[0]
        context.outputs[entries] = False
        self.count += size
        context.outputs[self.count - 1] = end == len(job.prompt)
        self.chunk = (job, end)
