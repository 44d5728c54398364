"""The worker process: private pipes, a control thread, and the loop that drives the core.

Standard input and output are the pipes to the app. Before native code is loaded they are moved to private
descriptors, and standard output points at standard error: the native library writes to it, and closes it
for a while when it loads.

Two threads. The control thread reads commands; it serves a cancel at once, so that it works inside a batch,
and ends the process when the app is gone. The main thread runs everything else in order.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import traceback
from typing import BinaryIO

from desktop.domain.errors import EngineBusyError, LocutionError
from desktop.domain.generation import Delta, Done, GenerationEvent, PromptProgress
from desktop.engine import protocol
from desktop.engine.worker.core import Core

COALESCE_S = 0.03
"""Seconds between two reports of one request: as often as a screen can show it."""
READ_SIZE = 1 << 16


def main(core_name: str) -> int:
    """Runs until told to exit or until the app is gone. ``core_name`` is ``llama`` or ``scripted``."""
    commands, reports = _private_pipes()
    inbox: queue.SimpleQueue[protocol.Command] = queue.SimpleQueue()
    outbox = Outbox(reports)
    core = _make_core(core_name)
    loop = Loop(core, inbox, outbox)
    threading.Thread(target=_control, args=(commands, inbox, loop), name="control", daemon=True).start()
    info = core.info()
    outbox.send(protocol.Hello(0, protocol.PROTOCOL_VERSION, info.build, info.devices, info.features))
    try:
        loop.run()
    except BrokenPipeError:
        return 0
    core.close()
    return 0


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    commands, reports = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return os.fdopen(commands, "rb", buffering=0), os.fdopen(reports, "wb", buffering=0)


def _make_core(name: str) -> Core:
    if name == "scripted":
        from desktop.engine.fake import ScriptedCore

        return ScriptedCore()
    from desktop.engine.worker.engine import NativeCore

    return NativeCore()


def _control(commands: BinaryIO, inbox: queue.SimpleQueue[protocol.Command], loop: Loop) -> None:
    reader = protocol.FrameReader()
    while block := commands.read(READ_SIZE):
        for body in reader.feed(block):
            command = protocol.decode_command(body)
            if isinstance(command, protocol.Exit):
                loop.ending = True
            if isinstance(command, protocol.Cancel | protocol.Exit):
                loop.core.cancel(command.id)
            # A cancel goes through the line as well: its request may still be waiting there.
            inbox.put(command)
    # The app is gone. Native code may be running; nothing here is worth keeping.
    os._exit(0)


class Outbox:
    """Writes reports to the app, whole frames only."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, report: protocol.Report) -> None:
        left = memoryview(protocol.frame(report))
        while left:
            left = left[self._stream.write(left) or 0 :]


class Loop:
    """The main thread: takes commands in order, lets the core step, sends what it lets out."""

    def __init__(self, core: Core, inbox: queue.SimpleQueue[protocol.Command], outbox: Outbox) -> None:
        self.core = core
        self.ending = False
        """Set by the control thread; also gives up a load."""
        self._inbox = inbox
        self._outbox = outbox
        self._streams: dict[int, Stream] = {}

    def run(self) -> None:
        while self._take_commands():
            if self.core.active:
                self.core.step()
            now = time.monotonic()
            for stream in list(self._streams.values()):
                stream.flush(now)

    def _take_commands(self) -> bool:
        """All that wait; if there is nothing else to do, waits for one. False: it is time to end."""
        block = not self.core.active
        while True:
            try:
                command = self._inbox.get(block=block)
            except queue.Empty:
                return not self.ending
            block = False
            self._handle(command)
            if self.ending:
                return False

    def _handle(self, command: protocol.Command) -> None:
        try:
            self._answer(command)
        except LocutionError as error:
            self._outbox.send(protocol.Failure.of(command.id, error))
        except Exception as error:  # noqa: BLE001 - a process edge: said to the app, and the worker goes on
            detail = "".join(traceback.format_exception(error))
            print(detail, file=sys.stderr)  # noqa: T201 - the worker's log
            failure = LocutionError(
                "The engine failed at this request.", action="Try again.", detail=detail[-4000:]
            )
            self._outbox.send(protocol.Failure.of(command.id, failure))

    def _answer(self, command: protocol.Command) -> None:
        match command:
            case protocol.Load():
                self._load(command)
            case protocol.Generate():
                stream = self._streams[command.id] = Stream(command.id, self._outbox, self._streams)
                self.core.submit(command.id, command.request, stream.take)
            case protocol.Cancel():
                self.core.cancel(command.id)
            case protocol.Tokenize():
                self._outbox.send(protocol.Tokenized(command.id, self.core.tokenize(command.text)))
            case protocol.Render():
                prompt = self.core.render(command.turns)
                self._outbox.send(protocol.Rendered(command.id, prompt.text, prompt.tokens))
            case protocol.Exit():
                self.ending = True

    def _load(self, command: protocol.Load) -> None:
        if self._streams:
            raise EngineBusyError("An answer is being written.", action="Stop it first.")
        shown = 0.0

        def progress(fraction: float) -> bool:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= COALESCE_S:
                shown = now
                self._outbox.send(protocol.LoadProgress(command.id, min(1.0, max(0.0, fraction))))
            return not self.ending

        model = self.core.load(command.path, command.settings, progress)
        self._outbox.send(protocol.Loaded(command.id, model))


class Stream:
    """One request's events on their way out, put together so that the app wakes about 30 times a second."""

    def __init__(self, request_id: int, outbox: Outbox, streams: dict[int, Stream]) -> None:
        self._id = request_id
        self._outbox = outbox
        self._streams = streams
        self._texts: dict[int, list[str]] = {}
        self._tokens: dict[int, int] = {}
        self._progress: PromptProgress | None = None
        self._sent = 0.0

    def take(self, event: GenerationEvent | LocutionError) -> None:
        match event:
            case Delta(index, text, tokens):
                self._texts.setdefault(index, []).append(text)
                self._tokens[index] = tokens
            case PromptProgress():
                self._progress = event
            case Done():
                self.flush()
                self._end(_finished(self._id, event))
            case LocutionError():
                self.flush()
                self._end(protocol.Failure.of(self._id, event))

    def flush(self, now: float | None = None) -> None:
        """Sends what has gathered; with ``now`` given only if the last time is long enough ago."""
        if now is not None and now - self._sent < COALESCE_S:
            return
        if self._progress is None and not self._texts:
            return
        self._sent = time.monotonic()
        if self._progress is not None:
            read = self._progress
            self._outbox.send(protocol.PromptRead(self._id, read.done, read.total, read.reused))
            self._progress = None
        for index, pieces in self._texts.items():
            self._outbox.send(protocol.Text(self._id, index, "".join(pieces), self._tokens[index]))
        self._texts.clear()

    def _end(self, report: protocol.Report) -> None:
        self._outbox.send(report)
        del self._streams[self._id]


def _finished(request_id: int, done: Done) -> protocol.Finished:
    responses = (
        protocol.FinishedResponse(
            response.text,
            response.finish_reason,
            response.prompt_tokens,
            response.completion_tokens,
            response.seed,
        )
        for response in done.responses
    )
    timing = done.timing
    return protocol.Finished(
        request_id,
        tuple(responses),
        timing.prompt_s,
        timing.first_token_s,
        timing.tokens_per_s,
        done.context_used,
        done.memory,
    )
