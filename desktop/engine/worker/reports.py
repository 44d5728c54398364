"""What the worker says to the app: whole frames, from any of its threads, and not too many of them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import BinaryIO

import psutil

from desktop.domain.errors import LocutionError
from desktop.domain.generation import (
    ContextCut,
    Delta,
    Done,
    PromptProgress,
    Queued,
    TokenLogprob,
)
from desktop.domain.instruments import Beams, Distribution, Embeddings, Score
from desktop.engine import protocol
from desktop.engine.framing import ProtocolError, frame
from desktop.engine.worker.core import COALESCE_S, Event

_process = psutil.Process()


@dataclass(slots=True)
class _Gathered:
    """What an answer has written since it was last reported."""

    pieces: list[str] = field(default_factory=list)
    logprobs: list[TokenLogprob] = field(default_factory=list)
    tokens: int = 0


class Outbox:
    """Writes reports to the app. Any thread may."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, report: protocol.Report) -> None:
        """Raises ``BrokenPipeError`` if the app is gone."""
        left = memoryview(frame(report))
        with self._lock:
            while left:
                left = left[self._stream.write(left) or 0 :]


class Stream:
    """One request's events on their way out, put together so that the app wakes about 30 times a second."""

    def __init__(self, request_id: int, outbox: Outbox) -> None:
        self._id = request_id
        self._outbox = outbox
        self._texts: dict[tuple[int, bool], _Gathered] = {}
        """By answer and whether it is thinking, in the order in which they began."""
        self._progress: PromptProgress | None = None
        self._sent = 0.0
        self.ended = False

    def take(self, event: Event | LocutionError) -> None:
        match event:
            case Delta(index, text, tokens, thinking, logprobs):
                gathered = self._texts.setdefault((index, thinking), _Gathered())
                gathered.pieces.append(text)
                gathered.logprobs += logprobs
                gathered.tokens = tokens
            case PromptProgress():
                self._progress = event
            case Queued(ahead):
                self._outbox.send(protocol.Waiting(self._id, ahead))
            case ContextCut():
                self._outbox.send(protocol.Cut(self._id, event))
            case Done():
                self._end(_finished(self._id, event))
            case Score():
                self._end(protocol.Scored(self._id, event))
            case Distribution():
                self._end(protocol.Distributed(self._id, event))
            case Embeddings():
                self._end(protocol.Embedded(self._id, event))
            case Beams():
                self._end(protocol.BeamsFound(self._id, event))
            case LocutionError():
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
        for (index, thinking), new in self._texts.items():
            text, logprobs = "".join(new.pieces), tuple(new.logprobs)
            self._outbox.send(protocol.Text(self._id, index, text, new.tokens, thinking, logprobs))
        self._texts.clear()

    def _end(self, report: protocol.Report) -> None:
        self.flush()
        self.ended = True
        try:
            self._outbox.send(report)
        except ProtocolError as error:
            self._outbox.send(protocol.Failure.of(self._id, _too_large(error)))


def _too_large(error: ProtocolError) -> LocutionError:
    return LocutionError(
        "The result is too large to be handed over.", action="Ask for less at a time.", detail=str(error)
    )


def memory() -> int:
    """What this process holds, in bytes."""
    return int(_process.memory_info().rss)


def _finished(request_id: int, done: Done) -> protocol.Finished:
    responses = (
        protocol.FinishedResponse(
            response.text,
            response.finish_reason,
            response.prompt_tokens,
            response.completion_tokens,
            response.seed,
            response.thinking,
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
        memory(),
    )
