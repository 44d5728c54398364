"""A request on its way through the scheduler: it waits, reads its prompt, writes its answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from desktop.domain.generation import Done, FinishReason, GenerationRequest, Response, Timing
from desktop.engine.worker.core import Emit
from desktop.engine.worker.kv.state import Checkpoint, Snapshot
from desktop.engine.worker.sampling.answer import Answer
from desktop.engine.worker.sampling.sampler import seed_for
from desktop.engine.worker.sampling.writer import Writer


@dataclass(slots=True, eq=False)
class Job:
    """Times are of ``time.perf_counter``. The prompt is read in the first of ``sequences``."""

    id: int
    request: GenerationRequest
    prompt: NDArray[np.int32]
    emit: Emit
    arrived: float
    writer: Writer
    key: str = ""
    """Names what its state on disk belongs to; empty if none is kept."""
    state: Snapshot | None = None
    """What of its prompt was found on disk, until it has its sequences."""
    sequences: list[int] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    told: float = 0.0
    """When its text was last let out."""
    ahead: int = 0
    """How many requests it was last told to wait for."""
    read: int = 0
    """Prompt tokens in the cache."""
    reused: int = 0
    canonical: int = 0
    """Of those in the cache, how many from the start are just as a cold run leaves them; see ``kv.reuse``."""
    checkpoint: Checkpoint | None = None
    started: float = 0.0
    first_token: float = 0.0
    last_token: float = 0.0

    @property
    def alone(self) -> bool:
        return self.request.is_reproducible

    @property
    def width(self) -> int:
        """Sequences that it needs."""
        return self.request.n

    @property
    def is_answered(self) -> bool:
        return all([answer.reason for answer in self.answers])

    def cells(self, length: int) -> int:
        """Cells it may come to need in a context of ``length``."""
        size = len(self.prompt)
        return min(length, size + self.request.n * min(self.request.parameters.max_tokens, length - size))

    def tokens_of(self, index: int) -> NDArray[np.int32]:
        """What the sequence of answer ``index`` has in the cache."""
        if not self.answers:
            return self.prompt[: self.read]
        answer = self.answers[index]
        written = answer.generated[: answer.position - len(self.prompt)]
        return np.concatenate((self.prompt, np.array(written, np.int32)))

    def let_out(self) -> None:
        """Tells what its answers have written since they were last told of."""
        for answer in self.answers:
            for delta in answer.take():
                self.emit(delta)
                self.told = self.last_token

    def end_answers(self) -> None:
        """Ends those that are still being written, with what they have held back."""
        for answer in self.answers:
            if answer.reason is None:
                answer.end(FinishReason.CANCELLED)

    def done(self) -> Done:
        """The last event, from what there is."""
        size = len(self.prompt)
        if self.answers:
            responses = tuple(answer.response(size) for answer in self.answers)
            used = size + max(len(answer.generated) for answer in self.answers)
        else:
            seeds = (seed_for(self.request.parameters.seed, index) for index in range(self.request.n))
            responses = tuple(Response("", FinishReason.CANCELLED, size, 0, seed) for seed in seeds)
            used = self.read
        return Done(responses, self._timing(), context_used=used)

    def close(self) -> None:
        for answer in self.answers:
            answer.sampler.close()

    def _timing(self) -> Timing:
        if not self.first_token:
            return Timing()
        generated = sum(len(answer.generated) for answer in self.answers)
        # The first token of each answer comes out of reading the prompt, so it is not in the rate.
        spent = self.last_token - self.first_token
        rate = (generated - len(self.answers)) / spent if spent > 0 else 0.0
        return Timing(
            prompt_s=max(0.0, self.first_token - self.started),
            first_token_s=self.first_token - self.arrived,
            tokens_per_s=max(0.0, rate),
        )
