"""The worker's main loop: commands in order, steps of the core; and the prompts' thread beside it."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from desktop.domain.errors import EngineBusyError, LocutionError
from desktop.domain.generation import Done, FinishReason, GenerationRequest, Response, Timing, Turn
from desktop.engine import protocol
from desktop.engine.worker.core import COALESCE_S, Core, Event, Request, Start
from desktop.engine.worker.reports import Outbox, Stream


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request back from the prompts' thread: how to put it in line, or why it cannot be."""

    id: int
    start: Start | LocutionError


Inbox = queue.SimpleQueue[protocol.Command | Prepared]


@dataclass(slots=True, eq=False)
class _Running:
    stream: Stream
    request: Request
    started: bool = False


class Loop:
    """Takes commands in order, lets the core step, sends what it lets out."""

    def __init__(self, core: Core, inbox: Inbox, outbox: Outbox) -> None:
        self.core = core
        self.ending = False
        """Set by the control thread; also gives up a load."""
        self.prompts = Prompts()
        self._foreseen: tuple[Turn, ...] = ()
        """The turns of the last question of what they would come to. Of the control thread."""
        self._asked: set[int] = set()
        """Questions that wait; one that is taken back is no longer there."""
        self._vocabulary = threading.Lock()
        """Held while a question is answered, or a model changes."""
        self._inbox = inbox
        self._outbox = outbox
        self._running: dict[int, _Running] = {}

    def run(self) -> None:
        """Until told to end. Raises ``BrokenPipeError`` if the app is gone."""
        while self._take_commands():
            if self.core.active:
                self.core.step()
            now = time.monotonic()
            for request_id, running in list(self._running.items()):
                running.stream.flush(now)
                if running.stream.ended:
                    del self._running[request_id]

    def _take_commands(self) -> bool:
        """All that wait; if there is nothing else to do, waits for one. False: it is time to end."""
        patience: float | None = 0.0
        if self._inbox.empty():
            if self.core.active:
                return not self.ending
            patience = self.core.rest()
        while True:
            try:
                item = self._inbox.get(block=patience != 0.0, timeout=patience)
            except queue.Empty:
                return not self.ending
            patience = 0.0
            if (error := _attempt(partial(self._handle, item))) is not None:
                self._fail(item.id, error)
            if self.ending:
                return False

    def _handle(self, item: protocol.Command | Prepared) -> None:
        match item:
            case protocol.Load():
                self._load(item)
            case protocol.SetAdapters():
                self._set_adapters(item)
            case (
                protocol.Generate()
                | protocol.MeasureScore()
                | protocol.MeasureDistribution()
                | protocol.Embed()
                | protocol.SearchBeams()
            ):
                self._begin(item)
            case Prepared():
                self._start(item)
            case protocol.Forget():
                self.core.forget(item.key)
            case protocol.Cancel():
                self._cancel(item.id)
            case protocol.Exit():
                self.ending = True

    def _fail(self, request_id: int, error: LocutionError) -> None:
        if (running := self._running.pop(request_id, None)) is not None:
            running.stream.take(error)
        else:
            self._outbox.send(protocol.Failure.of(request_id, error))

    # Requests

    def _begin(self, command: protocol.Generate | protocol.Measure) -> None:
        self._running[command.id] = _Running(Stream(command.id, self._outbox), command.request)
        self.prompts.do(lambda: self._prepare(command))

    def _prepare(self, command: protocol.Generate | protocol.Measure) -> None:
        starts: list[Start] = []
        error = _attempt(lambda: starts.append(self.core.prepare(command.id, command.request)))
        self._inbox.put(Prepared(command.id, error or starts[0]))

    def _start(self, prepared: Prepared) -> None:
        # Nobody waits for a request that was cancelled meanwhile.
        if (running := self._running.get(prepared.id)) is None:
            return
        if isinstance(prepared.start, LocutionError):
            raise prepared.start
        running.started = True
        prepared.start(running.stream.take)

    def _cancel(self, request_id: int) -> None:
        running = self._running.get(request_id)
        if running is not None and not running.started:
            del self._running[request_id]
            running.stream.take(_stopped(running.request))
        else:
            self.core.cancel(request_id)

    # Questions

    def ask(self, command: protocol.Question) -> None:
        """From the control thread: answered on the prompts' thread, whatever runs."""
        if isinstance(command, protocol.Foresee):
            turns = self._foreseen = self._foreseen[: command.same] + command.request.turns
            if command.goes_on:
                return
            command = protocol.Foresee(command.id, replace(command.request, turns=turns))
        if not self.ending:
            self._asked.add(command.id)
            self.prompts.do(lambda: self._reply(command), question=True)

    def take_back(self, request_id: int) -> None:
        """From the control thread: nobody waits for the answer any more."""
        self._asked.discard(request_id)

    def _reply(self, command: protocol.Question) -> None:
        if command.id not in self._asked:
            return
        with self._vocabulary:
            error = _attempt(lambda: self._outbox.send(self._answer(command)))
        self._asked.discard(command.id)
        if error is not None:
            self._outbox.send(protocol.Failure.of(command.id, error))

    def _answer(self, command: protocol.Question) -> protocol.Report:
        match command:
            case protocol.Tokenize(id_, text):
                return protocol.Tokenized(id_, self.core.tokenize(text))
            case protocol.CountTokens(id_, text):
                return protocol.Counted(id_, self.core.count_tokens(text))
            case protocol.Render(id_, turns):
                prompt = self.core.render(turns)
                return protocol.Rendered(id_, prompt.text, prompt.tokens)
            case protocol.Foresee(id_, request):
                return protocol.Foreseen(id_, self.core.foresee(request, partial(self._give_way, id_)))

    def _give_way(self, question: int) -> None:
        """Between two pieces of a question: answers go first. Raises LocutionError if nobody waits for it."""
        self.prompts.do_urgent()
        if question not in self._asked:
            raise LocutionError("It was taken back.")

    # The model

    def _set_adapters(self, command: protocol.SetAdapters) -> None:
        self._refuse_if_busy()
        with self._vocabulary:
            self.core.set_adapters(command.adapters)
        self._outbox.send(protocol.Adapted(command.id))

    def _refuse_if_busy(self) -> None:
        if self._running or self.prompts.preparing:
            raise EngineBusyError("An answer is being written.", action="Stop it first.")

    def _load(self, command: protocol.Load) -> None:
        self._refuse_if_busy()
        shown = 0.0

        def progress(fraction: float) -> bool:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= COALESCE_S or fraction >= 1.0:
                shown = now
                self._outbox.send(protocol.LoadProgress(command.id, min(1.0, max(0.0, fraction))))
            return not self.ending

        with self._vocabulary:
            model = self.core.load(os.fsdecode(command.path), command.settings, command.state, progress)
        self._outbox.send(protocol.Loaded(command.id, model))


class Prompts:
    """The prompts' thread: one piece of work after the other, questions when there is nothing else."""

    def __init__(self) -> None:
        self._urgent: deque[Callable[[], None]] = deque()
        self._questions: deque[Callable[[], None]] = deque()
        self._left = {False: 0, True: 0}
        """How many are waiting or being done, by whether they are questions."""
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="prompts", daemon=True).start()

    @property
    def busy(self) -> bool:
        return any(self._left.values())

    @property
    def preparing(self) -> bool:
        """Whether there is anything but questions."""
        return self._left[False] > 0

    def do(self, work: Callable[[], None], *, question: bool = False) -> None:
        with self._changed:
            (self._questions if question else self._urgent).append(work)
            self._left[question] += 1
            self._changed.notify()

    def do_urgent(self) -> None:
        """On this thread, in the midst of a question: all that is none and waits."""
        while self._urgent:
            self._do(self._urgent.popleft(), question=False)

    def _run(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._urgent or self._questions)
                self.do_urgent()
                if self._questions:
                    self._do(self._questions.popleft(), question=True)

    def _do(self, work: Callable[[], None], *, question: bool) -> None:
        try:
            work()
        finally:
            with self._changed:
                self._left[question] -= 1


def _stopped(request: Request) -> Event | LocutionError:
    """The last word on a request that was stopped before it began."""
    if isinstance(request, GenerationRequest):
        nothing = Response("", FinishReason.CANCELLED, prompt_tokens=0, completion_tokens=0)
        return Done((nothing,) * request.n, Timing())
    return LocutionError("It was stopped.")


def _attempt(work: Callable[[], None]) -> LocutionError | None:
    """What went wrong, in words; the app being gone is passed on."""
    try:
        work()
    except LocutionError as error:
        return error
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - a process edge: said to the app, and the worker goes on
        detail = "".join(traceback.format_exception(error))
        print(detail, file=sys.stderr)  # noqa: T201 - the worker's log
        return LocutionError("The engine failed at this request.", action="Try again.", detail=detail[-4000:])
    return None
