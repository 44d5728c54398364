"""Many answers in one batch: one context, one thread, requests that join and leave between steps.

Each step builds one batch: first a token for every answer that is being written, then, in what room is
left, the next chunk of a prompt. So a long prompt never holds a running answer up for more than one chunk.
The prompt of a request for several answers is read once, its cells shared by all of them.

A request is admitted when the cells it may come to need are free; until then it waits in line. Finished
requests leave their tokens in the cache (:class:`Held`), and the next prompt that begins the same way does
not read them again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from desktop.domain.errors import ContextOverflowError, LocutionError, ModelLoadError
from desktop.domain.generation import (
    Delta,
    Done,
    FinishReason,
    GenerationRequest,
    PromptProgress,
    Response,
    Timing,
)
from desktop.engine.worker.answer import Answer
from desktop.engine.worker.core import Emit
from desktop.engine.worker.native import Context, Vocabulary
from desktop.engine.worker.sampler import PENALTY_WINDOW, Sampler, seed_for


@dataclass(slots=True, eq=False)
class _Job:
    """A request on its way: it waits, reads its prompt in its first sequence, and writes its answers."""

    id: int
    request: GenerationRequest
    prompt: tuple[int, ...]
    emit: Emit
    arrived: float
    sequences: list[int] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    read: int = 0
    """Prompt tokens in the cache."""
    reused: int = 0
    started: float = 0.0
    first_token: float = 0.0
    last_token: float = 0.0
    cancelled: bool = False

    def cells(self, length: int) -> int:
        """Cells it may come to need in a context of ``length``."""
        room = length - len(self.prompt)
        return min(length, len(self.prompt) + self.request.n * min(self.request.parameters.max_tokens, room))

    @property
    def prompt_s(self) -> float:
        return max(0.0, self.first_token - self.started) if self.first_token else 0.0


@dataclass(slots=True, eq=False)
class Held:
    """A sequence that no request uses; its tokens are still in the cache."""

    sequence: int
    tokens: list[int]


class Scheduler:
    """Owns a context's sequences. All on the engine's thread; only :meth:`cancel` may come from another."""

    def __init__(self, context: Context, vocabulary: Vocabulary, sequences: int) -> None:
        self._context = context
        self._vocabulary = vocabulary
        self._free = list(range(sequences))
        self._held: list[Held] = []
        """Least recently used first."""
        self._waiting: deque[_Job] = deque()
        self._reading: deque[_Job] = deque()
        self._writing: list[_Job] = []
        self._cancelled: deque[int] = deque()
        """Ids from the control thread; a deque's append and popleft need no lock."""

    @property
    def active(self) -> bool:
        return bool(self._waiting or self._reading or self._writing)

    @property
    def idle_sequences(self) -> int:
        return len(self._free) + len(self._held)

    def submit(
        self, request_id: int, request: GenerationRequest, prompt: tuple[int, ...], emit: Emit
    ) -> None:
        """Puts a request in line. Raises :class:`ContextOverflowError` if its prompt alone is too long."""
        length = self._context.length
        if len(prompt) >= length:
            raise ContextOverflowError(
                f"The prompt has {len(prompt):,} tokens, and the context holds {length:,}.",
                action="Shorten the text, start a new chat, or raise the context length.",
                setting="context_length",
            )
        self._waiting.append(_Job(request_id, request, prompt, emit, time.perf_counter()))

    def cancel(self, request_id: int) -> None:
        """From any thread: ends a request at the next step, also in the middle of a chunk."""
        self._cancelled.append(request_id)
        self._context.interrupt()

    def step(self) -> None:
        """One batch: admit, build, decode, sample, emit."""
        self._context.resume()
        self._drop_cancelled()
        self._admit()
        plan = self._build()
        if not plan:
            return
        match self._context.decode(plan.count):
            case 0:
                self._after(plan)
            case 2:
                self._undo(plan)
            case status:
                self._fail_all(plan, status)

    # Joining and leaving

    def _drop_cancelled(self) -> None:
        while self._cancelled:
            request_id = self._cancelled.popleft()
            for job in (*self._waiting, *self._reading, *self._writing):
                if job.id == request_id:
                    self._cancel(job)

    def _cancel(self, job: _Job) -> None:
        for answer in job.answers:
            if answer.reason is None:
                self._let_out(job, answer, answer.end(FinishReason.CANCELLED))
        self._leave(job)
        self._finish(job)

    def _admit(self) -> None:
        """First come, first served: a large request at the head is not overtaken for ever."""
        while self._waiting and self._fits(self._waiting[0]):
            job = self._waiting.popleft()
            job.started = time.perf_counter()
            self._place(job)
            self._reading.append(job)
            job.emit(PromptProgress(job.read, len(job.prompt), job.reused))

    def _fits(self, job: _Job) -> bool:
        running = (*self._reading, *self._writing)
        if not running:
            return True
        used = sum(other.cells(self._context.length) for other in running)
        enough = used + job.cells(self._context.length) <= self._context.length
        return enough and self.idle_sequences >= job.request.n

    def _place(self, job: _Job) -> None:
        """Gives the job its sequences, the one that begins most like its prompt first, and makes room."""
        best = max(self._held, key=lambda held: _common(held.tokens, job.prompt), default=None)
        common = min(_common(best.tokens, job.prompt), len(job.prompt) - 1) if best else 0
        if best is not None and common > 0:
            self._held.remove(best)
            if self._context.cut_sequence(best.sequence, common):
                job.read = job.reused = common
            else:
                self._context.cut_sequence(best.sequence, -1)
            job.sequences.append(best.sequence)
        while len(job.sequences) < job.request.n:
            job.sequences.append(self._take_sequence())
        self._make_room(job)

    def _take_sequence(self) -> int:
        return self._free.pop(0) if self._free else self._evict()

    def _evict(self) -> int:
        """Forgets the held sequence that was not used for longest; returns its id."""
        held = self._held.pop(0)
        self._context.cut_sequence(held.sequence, -1)
        return held.sequence

    def _make_room(self, job: _Job) -> None:
        """Held tokens give way to what running requests may need."""
        length = self._context.length
        needed = job.cells(length) + sum(other.cells(length) for other in (*self._reading, *self._writing))
        while self._held and needed + sum(len(held.tokens) for held in self._held) > length:
            self._free.append(self._evict())

    # One batch

    def _build(self) -> _Plan:
        context, plan = self._context, _Plan()
        for job in self._writing:
            for answer in job.answers:
                if answer.reason is None and plan.count < context.capacity:
                    plan.put(context, answer.next_token, answer.position, answer.sequence, wanted=True)
                    plan.decoding.append((plan.count - 1, job, answer))
        if self._reading:
            job = self._reading[0]
            sequence, start = job.sequences[0], job.read
            end = min(len(job.prompt), start + context.capacity - plan.count)
            for at in range(start, end):
                plan.put(context, job.prompt[at], at, sequence, wanted=at == len(job.prompt) - 1)
            plan.chunk = (job, end)
        return plan

    def _after(self, plan: _Plan) -> None:
        for entry, job, answer in plan.decoding:
            answer.position += 1
            self._sample(job, answer, entry)
        if plan.chunk:
            job, job.read = plan.chunk
            job.emit(PromptProgress(job.read, len(job.prompt), job.reused))
            if job.read == len(job.prompt):
                self._reading.popleft()
                self._begin_answers(job, plan.count - 1)
            else:
                # The next prompt in line gets the next chunk, so a short one is not stuck behind a long one.
                self._reading.rotate(-1)
        for job in [job for job in self._writing if all(answer.reason for answer in job.answers)]:
            self._leave(job)
            self._finish(job)

    def _begin_answers(self, job: _Job, entry: int) -> None:
        """The prompt is read. All answers share its cells, and take a first token from the same logits."""
        parameters, size = job.request.parameters, len(job.prompt)
        room = max(1, (self._context.length - size) // job.request.n)
        limit = min(parameters.max_tokens, room)
        for index, sequence in enumerate(job.sequences):
            if index:
                self._context.copy_sequence(job.sequences[0], sequence, size)
            sampler = Sampler(parameters, self._vocabulary, index)
            for token in job.prompt[-PENALTY_WINDOW:]:
                sampler.accept(token)
            job.answers.append(Answer(sequence, sampler, parameters.stop, size, limit))
        self._writing.append(job)
        job.first_token = job.last_token = time.perf_counter()
        for answer in job.answers:
            self._sample(job, answer, entry)

    def _sample(self, job: _Job, answer: Answer, entry: int) -> None:
        shown = answer.sample(self._context, entry, self._vocabulary)
        job.last_token = time.perf_counter()
        self._let_out(job, answer, shown)

    def _let_out(self, job: _Job, answer: Answer, shown: str) -> None:
        if shown:
            job.emit(Delta(job.answers.index(answer), shown, len(answer.generated)))

    def _undo(self, plan: _Plan) -> None:
        """The batch was interrupted. What it may have left in the cache is taken out, to be built again."""
        lost = [
            job
            for _, job, answer in plan.decoding
            if not self._context.cut_sequence(answer.sequence, answer.position)
        ]
        for job in {id(job): job for job in lost}.values():
            # Recurrent state cannot be cut: this answer's went with somebody else's stop. Said, not hidden.
            self._drop(
                job,
                ModelLoadError("The answer was lost when another one was stopped.", action="Send it again."),
            )
        if plan.chunk:
            job, _ = plan.chunk
            if not self._context.cut_sequence(job.sequences[0], job.read):
                self._context.cut_sequence(job.sequences[0], -1)
                job.read = job.reused = 0

    def _fail_all(self, plan: _Plan, status: int) -> None:
        self._undo(plan)
        for job in {id(job): job for job in (*self._reading, *self._writing)}.values():
            self._drop(
                job,
                LocutionError(
                    "The engine could not compute the next token.",
                    action="Send it again; if it happens again, choose a smaller context length.",
                    setting="context_length",
                    detail=f"llama_decode returned {status}",
                ),
            )

    # Leaving

    def _leave(self, job: _Job) -> None:
        """Takes the job out; what its first sequence holds stays for the next prompt."""
        self._remove(job)
        for index, sequence in enumerate(job.sequences):
            tokens = list(job.prompt[: job.read])
            if job.answers:
                answer = job.answers[index]
                tokens += answer.generated[: answer.position - len(job.prompt)]
            if index or not tokens:
                self._context.cut_sequence(sequence, -1)
                self._free.append(sequence)
            else:
                self._held.append(Held(sequence, tokens))

    def _drop(self, job: _Job, error: LocutionError) -> None:
        """Takes the job out with an error, and its sequences out of the cache."""
        self._remove(job)
        for sequence in job.sequences:
            self._context.cut_sequence(sequence, -1)
            self._free.append(sequence)
        self._close(job)
        job.emit(error)

    def _remove(self, job: _Job) -> None:
        for line in (self._waiting, self._reading, self._writing):
            if job in line:
                line.remove(job)

    def _finish(self, job: _Job) -> None:
        size = len(job.prompt)
        if job.answers:
            responses = tuple(answer.response(size) for answer in job.answers)
            used = size + max(len(answer.generated) for answer in job.answers)
        else:
            seeds = (seed_for(job.request.parameters.seed, index) for index in range(job.request.n))
            responses = tuple(Response("", FinishReason.CANCELLED, size, 0, seed) for seed in seeds)
            used = job.read
        generated = sum(len(answer.generated) for answer in job.answers)
        # The first token of each answer comes out of reading the prompt, so it is not in the rate.
        spent = job.last_token - job.first_token
        rate = (generated - len(job.answers)) / spent if spent > 0 else 0.0
        first = job.first_token - job.arrived if job.first_token else 0.0
        self._close(job)
        job.emit(
            Done(
                responses=responses,
                timing=Timing(prompt_s=job.prompt_s, first_token_s=first, tokens_per_s=max(0.0, rate)),
                context_used=used,
            )
        )

    @staticmethod
    def _close(job: _Job) -> None:
        for answer in job.answers:
            answer.sampler.close()


class _Plan:
    """What one batch holds: answers' tokens with their entries, and a chunk of one prompt up to its end."""

    __slots__ = ("chunk", "count", "decoding")

    def __init__(self) -> None:
        self.count = 0
        self.decoding: list[tuple[int, _Job, Answer]] = []
        self.chunk: tuple[_Job, int] | None = None

    def __bool__(self) -> bool:
        return self.count > 0

    def put(self, context: Context, token: int, position: int, sequence: int, *, wanted: bool) -> None:
        entry = self.count
        context.tokens[entry] = token
        context.positions[entry] = position
        context.outputs[entry] = wanted
        context.set_sequence(entry, sequence)
        self.count = entry + 1


def _common(left: Sequence[int], right: Sequence[int]) -> int:
    """Length of the longest common beginning."""
    size = min(len(left), len(right))
    for at in range(size):
        if left[at] != right[at]:
            return at
    return size
