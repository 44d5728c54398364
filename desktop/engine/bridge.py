"""The async way to the engine: one worker process, one model, requests as async iterators.

Lives on the app's event loop; services call it. Its state is the machine drawn in
:mod:`desktop.domain.engine_state`; a worker that dies is a state, never an exception out of nowhere: every
request that was running ends with :class:`EngineGoneError`, and the next load starts a new process.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence

from desktop.domain.engine_state import Busy, EngineState, Failed, Loading, Ready, Unloaded
from desktop.domain.errors import (
    EngineBusyError,
    EngineGoneError,
    LocutionError,
    ModelLoadError,
    NoModelError,
)
from desktop.domain.generation import (
    Delta,
    Done,
    GenerationEvent,
    GenerationRequest,
    PromptProgress,
    RenderedPrompt,
    Response,
    Timing,
    Token,
    Turn,
)
from desktop.domain.model import LoadedModel, LoadSettings
from desktop.engine import protocol
from desktop.engine.process import Outcome, WorkerProcess, worker_command

STOP_GRACE_S = 10.0
"""Seconds in which a stopped request has to end before its worker counts as hanging."""
_Reply = protocol.Report | LocutionError
_Replies = asyncio.Queue[_Reply]


class Generation(AsyncIterator[GenerationEvent]):
    """One running request: iterate over its events, ``Done`` last.

    Raises :class:`LocutionError` from the iteration: prompt too long, template, engine gone.
    Closing it (``contextlib.aclosing``) stops the request.
    """

    def __init__(self, replies: _Replies, *, stop: Callable[[], None], leave: Callable[[], None]) -> None:
        self._replies = replies
        self._stop = stop
        self._leave = leave
        self._ended = False

    def cancel(self) -> None:
        """Stops the request; the events so far and ``Done`` with the partial answers still come."""
        if not self._ended:
            self._stop()

    async def aclose(self) -> None:
        if not self._ended:
            self._stop()
            self._end()

    async def __anext__(self) -> GenerationEvent:
        if self._ended:
            raise StopAsyncIteration
        match await self._replies.get():
            case protocol.Text(_, index, text, tokens):
                return Delta(index, text, tokens)
            case protocol.PromptRead(_, done, total, reused):
                return PromptProgress(done, total, reused)
            case protocol.Finished() as report:
                self._end()
                return _done(report)
            case other:
                self._end()
                raise _as_error(other)

    def _end(self) -> None:
        self._ended = True
        self._leave()


class EngineBridge:
    """One engine. ``on_state`` is called on the loop after every change of :attr:`state`."""

    def __init__(
        self,
        command: Sequence[str] | None = None,
        on_state: Callable[[EngineState], None] = lambda _state: None,
    ) -> None:
        self._command = command or worker_command()
        self.on_state = on_state
        self._state: EngineState = Unloaded()
        self._process: WorkerProcess | None = None
        self._ids = itertools.count(1)
        self._waiting: dict[int, _Replies] = {}
        self._generating: set[int] = set()
        self._starting = asyncio.Lock()
        self.hello: protocol.Hello | None = None
        """What the running worker said of itself."""

    @property
    def state(self) -> EngineState:
        return self._state

    @property
    def pid(self) -> int | None:
        """The worker's process id while there is one."""
        return self._process.pid if self._process else None

    # Requests

    async def load(self, path: str, settings: LoadSettings | None = None) -> LoadedModel:
        """Loads a model into a fresh worker; one that was loaded is unloaded first.

        Raises :class:`ModelLoadError` and its children, :class:`EngineGoneError`.
        """
        async with self._starting:
            await self._stop_process()
            self._move(Loading(path))
            try:
                self._start_process()
                model = await self._load(path, settings or LoadSettings())
            except LocutionError as error:
                await self._stop_process()
                self._move(Failed(error, path))
                raise
            except asyncio.CancelledError:
                await self._stop_process()
                self._move(Unloaded())
                raise
            self._move(Ready(model))
            return model

    def generate(self, request: GenerationRequest) -> Generation:
        """Starts a request at once; iterate over what it returns.

        Raises :class:`NoModelError`, :class:`EngineBusyError` while loading, :class:`EngineGoneError`.
        """
        self._require_model()
        request_id = next(self._ids)
        replies = self._send(protocol.Generate(request_id, request))
        self._generating.add(request_id)
        self._show_load()
        return Generation(replies, stop=lambda: self._stop(request_id), leave=lambda: self._leave(request_id))

    async def tokenize(self, text: str) -> tuple[Token, ...]:
        """Raises :class:`NoModelError`, :class:`EngineGoneError`."""
        self._require_model()
        reply = await self._ask(protocol.Tokenize(next(self._ids), text))
        if isinstance(reply, protocol.Tokenized):
            return reply.tokens
        raise _as_error(reply)

    async def render(self, turns: Sequence[Turn]) -> RenderedPrompt:
        """Raises :class:`TemplateError`, :class:`NoModelError`, :class:`EngineGoneError`."""
        self._require_model()
        reply = await self._ask(protocol.Render(next(self._ids), tuple(turns)))
        if isinstance(reply, protocol.Rendered):
            return RenderedPrompt(reply.text, reply.tokens)
        raise _as_error(reply)

    async def describe(self) -> protocol.Hello:
        """What an engine on this machine says of itself, also without a model.

        Raises :class:`EngineGoneError`.
        """
        async with self._starting:
            if self._process is None:
                self._start_process()
            if self.hello is None:
                queue = self._waiting[0] = asyncio.Queue()
                reply = await queue.get()
                del self._waiting[0]
                if not isinstance(reply, protocol.Hello):
                    raise _as_error(reply)
            assert self.hello is not None
            return self.hello

    async def close(self) -> None:
        """Unloads and ends the worker; running requests end with :class:`EngineGoneError`."""
        async with self._starting:
            await self._stop_process()
            self._move(Unloaded())

    # The process

    def _start_process(self) -> None:
        try:
            self._process = WorkerProcess(self._command, self._on_report, self._on_end)
        except OSError as error:
            raise EngineGoneError(Outcome(None).message, detail=str(error)) from error

    async def _stop_process(self) -> None:
        process, self._process = self._process, None
        self.hello = None
        if process is not None:
            self._end_requests(EngineGoneError("The model was unloaded.", action="Send it again."))
            await process.stop()

    def _on_report(self, report: protocol.Report) -> None:
        if isinstance(report, protocol.Hello):
            self.hello = report
            if report.version != protocol.PROTOCOL_VERSION and self._process:
                self._process.kill()
        if isinstance(report, protocol.LoadProgress):
            if isinstance(self._state, Loading):
                self._move(Loading(self._state.path, report.fraction))
        elif (queue := self._waiting.get(report.id)) is not None:
            queue.put_nowait(report)

    def _on_end(self, outcome: Outcome) -> None:
        if self._process is None:
            return
        self._process = None
        self.hello = None
        error = EngineGoneError(
            outcome.message, action="Send it again: the model is loaded anew.", detail=outcome.detail
        )
        match self._state:
            case Ready(model) | Busy(model, _):
                self._move(Failed(error, model.path))
            case _:
                pass
        self._end_requests(error)

    def _end_requests(self, error: LocutionError) -> None:
        for queue in self._waiting.values():
            queue.put_nowait(error)

    # Small change

    async def _load(self, path: str, settings: LoadSettings) -> LoadedModel:
        reply = await self._ask(protocol.Load(next(self._ids), path, settings))
        if isinstance(reply, protocol.Loaded):
            return reply.model
        error = _as_error(reply)
        if isinstance(error, EngineGoneError):
            raise ModelLoadError(
                f"{error.message} It happened while the model was loaded.",
                action="Choose a smaller context length or another model.",
                detail=error.detail,
            )
        raise error

    async def _ask(self, command: protocol.Command) -> _Reply:
        try:
            return await self._send(command).get()
        finally:
            del self._waiting[command.id]

    def _send(self, command: protocol.Command) -> _Replies:
        replies = self._waiting[command.id] = asyncio.Queue()
        self._command_worker(command)
        return replies

    def _stop(self, request_id: int) -> None:
        """Asks for a request's end; a worker that does not give it is killed."""
        self._command_worker(protocol.Cancel(request_id))
        process = self._process
        if process is not None:

            def insist() -> None:
                if request_id in self._generating and process is self._process:
                    process.kill()

            asyncio.get_running_loop().call_later(STOP_GRACE_S, insist)

    def _leave(self, request_id: int) -> None:
        self._waiting.pop(request_id, None)
        self._generating.discard(request_id)
        self._show_load()

    def _command_worker(self, command: protocol.Command) -> None:
        if self._process is not None:
            self._process.send(command)

    def _require_model(self) -> None:
        match self._state:
            case Ready() | Busy():
                return
            case Loading():
                raise EngineBusyError("The model is still being loaded.", action="Wait a moment.")
            case Failed(error, _):
                raise error
            case _:
                raise NoModelError("No model is loaded.", action="Choose a model.")

    def _show_load(self) -> None:
        match self._state:
            case Ready(model) | Busy(model, _):
                self._move(Busy(model, len(self._generating)) if self._generating else Ready(model))
            case _:
                pass

    def _move(self, state: EngineState) -> None:
        if state != self._state:
            self._state = state
            self.on_state(state)


def _as_error(reply: _Reply) -> LocutionError:
    match reply:
        case LocutionError():
            return reply
        case protocol.Failure():
            return reply.error()
        case _:
            return EngineGoneError(
                "The engine answered with something else than was asked for.", detail=repr(reply)[:500]
            )


def _done(report: protocol.Finished) -> Done:
    responses = (
        Response(r.text, r.finish_reason, r.prompt_tokens, r.completion_tokens, r.seed)
        for r in report.responses
    )
    timing = Timing(
        prompt_s=report.prompt_s, first_token_s=report.first_token_s, tokens_per_s=report.tokens_per_s
    )
    return Done(tuple(responses), timing, report.context_used, report.memory)
