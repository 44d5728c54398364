"""The async way to the engine: one worker process, one model, requests as async iterators.

Lives on the app's event loop; services call it. Its state is the machine drawn in
:mod:`desktop.domain.engine_state`; a worker that dies is a state, never an exception out of nowhere: every
request that was running ends with :class:`EngineGoneError`, and the next load starts a new process.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from desktop.domain.engine_state import Busy, EngineState, Failed, Loading, Ready, Unloaded
from desktop.domain.errors import (
    ContextOverflowError,
    EngineBusyError,
    EngineGoneError,
    LocutionError,
    ModelLoadError,
    ModelUnloadedError,
    NoModelError,
)
from desktop.domain.generation import GenerationRequest
from desktop.domain.model import Adapter, LoadedModel, LoadSettings, StateStore
from desktop.engine import protocol, watchdog
from desktop.engine.asking import Asking
from desktop.engine.framing import ProtocolError
from desktop.engine.process import SEND_AGAIN, Outcome, WorkerProcess, worker_command
from desktop.engine.request import Generation, Pending, Replies, Reply, as_error
from desktop.engine.watchdog import Watchdog

__all__ = ["EngineBridge", "Generation"]

STOP_GRACE_S = 10.0
"""Seconds in which a stopped request has to end before its worker counts as hanging."""


class EngineBridge(Asking):
    """One engine. ``on_state`` is called on the loop after every change of :attr:`state`."""

    def __init__(
        self,
        command: Sequence[str] | None = None,
        on_state: Callable[[EngineState], None] = lambda _state: None,
    ) -> None:
        super().__init__()
        self._command = command or worker_command()
        self.on_state = on_state
        self._state: EngineState = Unloaded()
        self._process: WorkerProcess | None = None
        self._pending = Pending()
        self._starting = asyncio.Lock()
        self._watchdog: Watchdog | None = None
        """Of the worker, while it owes an answer to something."""
        self._closed = 0
        """How often :meth:`close` was called: a load that was asked for before is given up."""
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

    async def load(
        self, path: str, settings: LoadSettings | None = None, state: StateStore | None = None
    ) -> LoadedModel:
        """Loads a model into a fresh worker; one that was loaded is unloaded first.

        With ``state`` the engine keeps on disk what it has read, for requests with a ``state_key``.

        Raises :class:`ModelLoadError` and its children, :class:`EngineGoneError`.
        """
        closed = self._closed
        async with self._starting:
            await self._stop_process("The model was unloaded to load another one.")
            self._move(Loading(path))
            try:
                if closed != self._closed:
                    raise _given_up()
                self._start_process()
                model = await self._load(path, settings or LoadSettings(), state)
            except LocutionError as error:
                await self._stop_process()
                self._move(Failed(error, path) if closed == self._closed else Unloaded())
                raise
            except asyncio.CancelledError:
                self._move(Unloaded())
                await self._stop_process()
                raise
            self._move(Ready(model))
            return model

    def generate(self, request: GenerationRequest) -> Generation:
        """Starts a request at once; iterate over what it returns.

        Raises :class:`NoModelError`, :class:`EngineBusyError` while loading, :class:`EngineGoneError`,
        :class:`ContextOverflowError`.
        """
        self._require_model()
        request_id = next(self._ids)
        replies = self._send(protocol.Generate(request_id, request))
        self._begin(request_id, request.n)
        return Generation(replies, lambda: self._stop(request_id))

    async def set_adapters(self, adapters: Sequence[Adapter]) -> None:
        """Puts these LoRA adapters in place of those in use, without loading the model again.

        Raises :class:`ModelLoadError` if one does not fit the model, :class:`EngineBusyError` while an answer
        is written; those in use stay then.
        """
        self._require_model()
        reply = await self._ask(protocol.SetAdapters(next(self._ids), tuple(adapters)))
        if not isinstance(reply, protocol.Adapted):
            raise as_error(reply)
        match self._state:
            case Ready(model) | Busy(model, _):
                self._state = replace(self._state, model=replace(model, adapters=tuple(adapters)))
                self.on_state(self._state)
            case _:
                pass

    def forget(self, key: str) -> None:
        """Gives up what the engine keeps for requests with this ``state_key``, in memory and on disk."""
        self._tell(protocol.Forget(0, key))

    async def describe(self) -> protocol.Hello:
        """What an engine on this machine says of itself, also without a model.

        Raises :class:`EngineGoneError`.
        """
        async with self._starting:
            if self._process is None:
                self._start_process()
            if self.hello is not None:
                return self.hello
            reply = await self._reply_to(0, self._expect(0))
            if isinstance(reply, protocol.Hello):
                return reply
            raise as_error(reply)

    async def close(self) -> None:
        """Unloads and ends the worker; what is running or loading ends with an error that says so."""
        self._closed += 1
        if self._starting.locked():
            self._pending.end(_given_up())
        async with self._starting:
            await self._stop_process()
            self._move(Unloaded())

    # The process

    def _start_process(self) -> None:
        def on_report(report: protocol.Report) -> None:
            # What an earlier process still says is not heard any more.
            if process is self._process:
                self._on_report(report, process)

        def on_end(outcome: Outcome) -> None:
            if process is self._process:
                self._on_end(outcome)

        try:
            process = self._process = WorkerProcess(self._command, on_report, on_end)
            self._foreseen = ()
        except OSError as error:
            raise EngineGoneError(
                Outcome(None).message,
                action="Try again; if it happens again, install Locution again.",
                detail=str(error),
            ) from error

    async def _stop_process(self, reason: str = "The model was unloaded.") -> None:
        process, self._process = self._process, None
        self.hello = self._watchdog = None
        if process is not None:
            self._pending.end(ModelUnloadedError(reason, action="Send it again."))
            if isinstance(self._state, Ready | Busy):
                self._move(Unloaded())
            await process.stop()

    def _on_report(self, report: protocol.Report, process: WorkerProcess) -> None:
        if self._watchdog is not None:
            self._watchdog.heard()
        if isinstance(report, protocol.Hello):
            self.hello = report
            if report.version != protocol.PROTOCOL_VERSION:
                process.kill(
                    "The engine belongs to another version of the app.",
                    "Start Locution again; if that does not help, install it again.",
                )
        elif isinstance(report, protocol.LoadProgress):
            if isinstance(self._state, Loading):
                self._move(Loading(self._state.path, report.fraction))
            return
        elif not self._pending.is_plausible(report):
            process.kill("The engine wrote answers that nobody asked for, and was ended.")
            return
        if self._pending.take(report):
            self._drop(report.id)

    def _on_end(self, outcome: Outcome) -> None:
        self._process = None
        self.hello = self._watchdog = None
        error = EngineGoneError(outcome.message, action=outcome.action, detail=outcome.detail)
        self._pending.end(error)
        match self._state:
            case Ready(model) | Busy(model, _):
                self._move(Failed(error, model.path))
            case _:
                pass

    # Helpers

    async def _load(self, path: str, settings: LoadSettings, state: StateStore | None) -> LoadedModel:
        reply = await self._ask(protocol.Load(next(self._ids), _file_name(path), settings, state))
        if isinstance(reply, protocol.Loaded):
            return replace(reply.model, path=path)
        error = as_error(reply)
        if isinstance(error, EngineGoneError):
            # Another try with the same settings would end in the same way.
            action = "Choose a smaller context length or another model."
            raise ModelLoadError(
                f"{error.message} It happened while the model was loaded.",
                action=action if error.action == SEND_AGAIN else error.action,
                detail=error.detail,
            ) from error
        raise error

    async def _reply_to(self, request_id: int, replies: Replies) -> Reply:
        try:
            return await replies.get()
        finally:
            self._drop(request_id)

    def _send(self, command: protocol.Command) -> Replies:
        if self._process is None:
            raise EngineGoneError(Outcome(0).message, action=SEND_AGAIN)
        self._tell(command)
        return self._expect(command.id)

    def _tell(self, command: protocol.Command) -> None:
        if self._process is None:
            return
        try:
            self._process.send(command)
        except ProtocolError as error:
            raise ContextOverflowError(
                "The text is far too long for any model.", action="Shorten the text.", detail=str(error)
            ) from error

    def _begin(self, request_id: int, answers: int) -> None:
        self._pending.run(request_id, answers)
        self._show_load()

    def _watch(self, process: WorkerProcess, dog: Watchdog) -> None:
        """Again and again, until the worker ends or has answered all."""
        if dog is not self._watchdog:
            return
        if not self._pending:
            self._watchdog = None
        elif dog.hangs():
            process.kill("The engine stopped working, and was ended.")
        else:
            asyncio.get_running_loop().call_later(watchdog.TICK_S, self._watch, process, dog)

    def _expect(self, request_id: int) -> Replies:
        replies = self._pending.add(request_id)
        if self._watchdog is None and self._process is not None:
            self._watchdog = Watchdog(self._process.pid)
            asyncio.get_running_loop().call_later(watchdog.TICK_S, self._watch, self._process, self._watchdog)
        return replies

    def _drop(self, request_id: int) -> None:
        if self._pending.remove(request_id):
            self._show_load()

    def _stop(self, request_id: int) -> None:
        """Asks for a request's end; a worker that does not give it is killed."""
        process = self._process
        if process is None or not self._pending.is_running(request_id):
            return
        process.send(protocol.Cancel(request_id))

        def insist() -> None:
            if self._pending.is_running(request_id) and process is self._process:
                process.kill("The engine stopped answering, and was ended.")

        asyncio.get_running_loop().call_later(STOP_GRACE_S, insist)

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
                running = self._pending.running
                self._move(Busy(model, running) if running else Ready(model))
            case _:
                pass

    def _move(self, state: EngineState) -> None:
        if state != self._state:
            self._state = state
            self.on_state(state)


def _given_up() -> LocutionError:
    return ModelLoadError("Loading was given up.", action="Choose a model.")


def _file_name(path: str) -> bytes:
    """Absolute, because the worker is started in another folder."""
    return os.fsencode(Path(path).absolute())
