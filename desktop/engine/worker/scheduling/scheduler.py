"""Many answers in one batch: one context, one thread, requests that join and leave between steps.

Each step builds one batch: first a token for every answer that is being written, then, in what room is
left, the next chunk of a prompt. So a long prompt never holds a running answer up for more than one chunk,
and while there is one to be held up, chunks are only as long as can be read in a moment
(:mod:`~desktop.engine.worker.scheduling.pace`).
The prompt of a request for several answers is read once, its cells shared by all of them. What earlier
requests left in the KV cache is not read again (:mod:`~desktop.engine.worker.kv.cache`).

A request is admitted when the cells it may come to need are free; until then it waits in line. Measurements
wait in the same line; those that run take turns with the batches of answers, a portion at a time.

**The same text twice.** On a CPU too, a token's logits depend in their last bits on what else is in the
batch, on how the prompt was cut into chunks, and on where its cells lie; enough to change an answer. So a
reproducible request (temperature 0 or a given seed, unless the request says otherwise) waits until nothing
else runs, runs alone, and starts from the state a fresh context would have: it is read in chunks of its own
from the first cell on, and keeps from earlier requests only chunks that were read in that same way. All
other requests join freely and reuse whatever prefix there is.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Sequence

import numpy as np

from desktop.domain.errors import ContextOverflowError, LocutionError, ParameterError
from desktop.domain.generation import GenerationRequest, PromptProgress
from desktop.engine.worker.core import COALESCE_S, Emit
from desktop.engine.worker.kv.cache import Lease, SequenceCache
from desktop.engine.worker.kv.state import Outline, Snapshot, Tokens
from desktop.engine.worker.kv.state_files import StateFiles
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.measuring.measuring import Measuring
from desktop.engine.worker.measuring.task import Task
from desktop.engine.worker.sampling.answer import Answer
from desktop.engine.worker.sampling.writer import Writer
from desktop.engine.worker.scheduling.batch import Batch
from desktop.engine.worker.scheduling.job import Job
from desktop.engine.worker.scheduling.line import Claim, Line, reserved
from desktop.engine.worker.scheduling.pace import Pace

NOBODY = 0
"""No request's id: the worker itself, which cancels by it whatever is computed when it is to end."""


class Scheduler:
    """Runs requests. All on the engine's thread; only :meth:`cancel` may come from another."""

    def __init__(
        self, context: Context, vocabulary: Vocabulary, sequences: int, files: StateFiles | None = None
    ) -> None:
        self._context = context
        self._vocabulary = vocabulary
        self._sequences = sequences
        self._cache = SequenceCache(context, sequences, files)
        self._waiting = Line()
        self._reading: deque[Job] = deque()
        self._writing: list[Job] = []
        self._measuring = Measuring(self._cache.forget_one, self._take_back)
        self._measured_last = False
        """Whether the last step was a measurement's."""
        self._cancelled: deque[int] = deque()
        """Ids from the control thread; a deque's append and popleft need no lock."""
        self._guarded = NOBODY
        """The request that would have to read its prompt anew if somebody else interrupted its chunk."""
        self.pace = Pace()

    @property
    def cache(self) -> SequenceCache:
        return self._cache

    @property
    def active(self) -> bool:
        return bool(self._writing or self._reading or self._waiting or self._measuring.tasks)

    @property
    def _running(self) -> Collection[Claim]:
        return (*self._reading, *self._writing, *self._measuring.tasks)

    def submit(
        self,
        request_id: int,
        request: GenerationRequest,
        prompt: Sequence[int],
        emit: Emit,
        writer: Writer,
        state: Snapshot | None = None,
    ) -> None:
        """Puts a request in line; ``state`` is what was kept of its prompt on disk.

        Raises :class:`ContextOverflowError` if its prompt alone is too long, :class:`ParameterError` if there
        is no prompt or if it asks for more answers than there are sequences.
        """
        if not prompt:
            raise ParameterError("There is nothing to answer.", action="Write something first.")
        self._refuse_what_never_fits(len(prompt), request.n, "n")
        tokens = np.array(prompt, np.int32)
        key = request.state_key
        job = Job(request_id, request, tokens, emit, time.perf_counter(), writer, key, state)
        self._waiting.append(job)

    def measure(self, task: Task, emit: Emit) -> None:
        """Puts a measurement in line.

        Raises :class:`ContextOverflowError` if its prompt is too long, :class:`ParameterError` if it needs
        more sequences than there are.
        """
        self._refuse_what_never_fits(len(task.prompt), task.width, "width")
        task.emit = emit
        self._waiting.append(task)

    def cancel(self, request_id: int) -> None:
        """From any thread: ends a request at the next step, also in the middle of a chunk."""
        self._cancelled.append(request_id)
        if self._guarded in (NOBODY, request_id) or request_id == NOBODY:
            self._context.interrupt()

    def forget_all(self) -> None:
        """Keeps nothing of what was read. Only while no request is running."""
        self._cache.forget_all()

    def forget(self, key: str) -> None:
        """Gives up what is held for a key; what is running leaves nothing that is kept."""
        for claim in (*self._waiting, *self._running):
            if isinstance(claim, Job) and claim.key == key:
                claim.key = ""
        self._cache.forget(key)

    def guess_reused(self, prompt: Tokens, kept: Outline | None, *, alone: bool) -> int:
        """How much of a prompt would not have to be read, ``kept`` being on disk. From any thread.

        What is in use is counted in: by the time somebody asks for more of a chat, it is free.
        """
        running = (Outline(job.tokens_of(0), job.canonical) for job in (*self._reading, *self._writing))
        others = [*running, kept] if kept is not None else [*running]
        return self._cache.guess(prompt, others, alone=alone)

    def put_down(self) -> None:
        """Ends all answers without a word; what they have read is held, to be kept on disk."""
        for job in (*self._reading, *self._writing):
            self._remove(job)
            self._hold(job)
            job.close()

    def close(self) -> None:
        """Frees what running measurements hold; nobody is told."""
        self._measuring.close()

    def step(self) -> None:
        """One batch: admit, build, decode, sample, emit; or the next measurement's, if it is its turn."""
        self._context.resume()
        self._drop_cancelled()
        if self._waiting:
            self._admit()
        answering = self._reading or self._writing
        self._measured_last = bool(self._measuring.tasks) and not (answering and self._measured_last)
        if self._measured_last:
            self._measuring.step()
            return
        batch = self._build()
        if not batch.count:
            return
        start, read = time.perf_counter(), batch.chunk_size
        # A recurrent state that was interrupted is lost, and no answer is lost for another one's sake.
        is_fragile = bool(batch.decoding) and not self._context.forgets_tokens
        decode = self._context.decode_undisturbed if is_fragile else self._context.decode
        if batch.chunk and not self._context.forgets_tokens:
            self._guarded = batch.chunk[0].id
            if not {self._guarded, NOBODY} & set(self._cancelled):
                # Whoever was stopped since the step began has no part in it.
                self._context.resume()
        status = decode(batch.count)
        self._guarded = NOBODY
        match status:
            case 0:
                self._after(batch)
                self.pace.saw_batch(read, time.perf_counter() - start)
            case 2:
                self._undo(batch)
            case 1 if self._cache.forget_one():
                # No room after all: built again with more of it.
                self._undo(batch)
            case _:
                self._fail_all(batch, status)

    # Joining and leaving

    def _refuse_what_never_fits(self, size: int, width: int, setting: str) -> None:
        """A prompt of ``size`` tokens, and ``width`` sequences, which ``setting`` asks for."""
        if width > self._sequences:
            raise ParameterError(
                f"The engine was started for at most {self._sequences} answers at once.",
                action="Ask for fewer.",
                setting=setting,
            )
        if size >= self._context.length:
            raise ContextOverflowError.of(size, self._context.length)

    def _drop_cancelled(self) -> None:
        while self._cancelled:
            request_id = self._cancelled.popleft()
            self._measuring.cancel(request_id)
            for job in (*self._waiting, *self._reading, *self._writing):
                if job.id == request_id:
                    self._cancel(job)

    def _cancel(self, job: Claim) -> None:
        if isinstance(job, Task):
            self._waiting.remove(job)
            job.emit(LocutionError("It was stopped."))
            return
        job.end_answers()
        self._finish(job)

    def _admit(self) -> None:
        length = self._context.length
        while (claim := self._waiting.next(self._running, length, self._cache.idle)) is not None:
            lease = self._cache.lease_alone if claim.alone else self._cache.lease
            if isinstance(claim, Task):
                self._measuring.admit(claim, lease(claim.prompt, claim.width), self._room)
            else:
                self._begin(claim, lease(claim.prompt, claim.width, claim.key, claim.state))
            self._cache.make_room(reserved(self._running, length))
        self._waiting.tell(len(self._running))

    def _begin(self, job: Job, lease: Lease) -> None:
        job.started = time.perf_counter()
        job.sequences = lease.sequences
        job.read = job.reused = lease.reused
        job.canonical = lease.canonical
        job.checkpoint = lease.checkpoint
        job.state = None
        self._reading.append(job)
        job.emit(PromptProgress(job.read, len(job.prompt), job.reused))

    def _room(self) -> int:
        """Prompt tokens that may be read in one go: fewer while there is an answer to be held up."""
        if not self._writing:
            return self._context.capacity
        return self.pace.chunk(self._context.capacity)

    # One batch

    def _build(self) -> Batch:
        batch = Batch(self._context)
        for job in self._writing:
            for answer in job.answers:
                if answer.reason is None and batch.room:
                    batch.add_token(job, answer)
        if self._reading and batch.room:
            job = self._reading[0]
            end = min(len(job.prompt), job.read + min(batch.room, self._room()))
            if job.alone:
                end = min(end, (job.read // self._cache.chunk + 1) * self._cache.chunk)
            if job.read < (pause := self._pause(job)):
                end = min(end, pause)
            batch.add_chunk(job, end)
        return batch

    def _pause(self, job: Job) -> int:
        """Where reading its prompt pauses for a checkpoint."""
        return self._cache.pause_at(len(job.prompt), alone=job.alone)

    def _after(self, batch: Batch) -> None:
        for entry, job, answer in batch.decoding:
            answer.position += 1
            self._sample(job, answer, entry)
        if batch.chunk:
            job, job.read = batch.chunk
            if job.alone:
                job.canonical = job.read // self._cache.chunk * self._cache.chunk
            if job.read == self._pause(job):
                job.checkpoint = self._cache.checkpoint(job.sequences[0], job.read)
            job.emit(PromptProgress(job.read, len(job.prompt), job.reused))
            if job.read == len(job.prompt):
                self._reading.popleft()
                self._begin_answers(job, batch.count - 1)
            else:
                # The next prompt in line gets the next chunk, so a short one is not stuck behind a long one.
                self._reading.rotate(-1)
        for job in tuple(self._writing):
            if job.is_answered:
                self._finish(job)
            elif job.last_token - job.told >= COALESCE_S:
                job.let_out()

    def _begin_answers(self, job: Job, entry: int) -> None:
        """The prompt is read. All answers share its cells, and take a first token from the same logits."""
        size = len(job.prompt)
        room = max(1, (self._context.length - size) // job.request.n)
        for index, sequence in enumerate(job.sequences):
            if index:
                self._context.copy_sequence(job.sequences[0], sequence, size)
            answer = job.writer.begin(index, sequence, job.prompt, room)
            job.answers.append(answer)
        self._writing.append(job)
        job.first_token = job.last_token = time.perf_counter()
        self.pace.saw_prompt(size - job.reused, job.first_token - job.started)
        for answer in job.answers:
            answer.begin(job.request.prefill)
            self._sample(job, answer, entry)

    def _sample(self, job: Job, answer: Answer, entry: int) -> None:
        if answer.reason is not None:
            # It ended where it begins, or another of its request's answers could not go on.
            return
        try:
            answer.sample(self._context, entry)
        except LocutionError as error:
            job.end_answers()
            self._drop(job, error)
            return
        job.last_token = time.perf_counter()

    # When a batch is not computed

    def _undo(self, batch: Batch) -> None:
        """What the batch may have left in the cache is taken out, to be built again."""
        for _, _, answer in batch.decoding:
            # Where this could fail nothing was computed, so there is nothing to take out.
            self._context.cut_sequence(answer.sequence, answer.position)
        if batch.chunk:
            job, _ = batch.chunk
            if not self._context.cut_sequence(job.sequences[0], job.read):
                self._context.cut_sequence(job.sequences[0], 0)
                job.read = job.reused = job.canonical = 0
                job.checkpoint = None

    def _fail_all(self, batch: Batch, status: int) -> None:
        self._undo(batch)
        for job in (*self._reading, *self._writing):
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

    def _finish(self, job: Job) -> None:
        """Takes the job out with what it has; what its first sequence holds stays for the next prompt."""
        self._remove(job)
        for index, sequence in enumerate(job.sequences):
            if index:
                self._cache.release(sequence)
            else:
                self._hold(job)
        job.emit(job.done())
        job.close()

    def _hold(self, job: Job) -> None:
        prompt = len(job.prompt) - 1 if job.answers else 0
        tokens = job.tokens_of(0)
        self._cache.hold(job.sequences[0], tokens, job.canonical, job.key, job.checkpoint, prompt)

    def _take_back(self, task: Task, lease: Lease) -> None:
        """A measurement's sequences; what the first one has of its prompt stays for the next request."""
        for index, sequence in enumerate(lease.sequences):
            if index or not self._context.cut_sequence(sequence, task.kept):
                self._cache.release(sequence)
            else:
                self._cache.hold(sequence, task.prompt[: task.kept], min(lease.canonical, task.kept))

    def _drop(self, job: Job, error: LocutionError) -> None:
        """Takes the job out with an error, and its sequences out of the cache."""
        self._remove(job)
        for sequence in job.sequences:
            self._cache.release(sequence)
        job.close()
        job.emit(error)

    def _remove(self, job: Job) -> None:
        job.let_out()
        for line in (self._waiting, self._reading, self._writing):
            if job in line:
                line.remove(job)
