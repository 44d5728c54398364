"""Requests as the app sees them: one is an async iterator over what the worker says of it.

Made by the bridge, on the app's event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from desktop.domain.errors import EngineGoneError, LocutionError
from desktop.domain.generation import (
    Delta,
    Done,
    GenerationEvent,
    PromptProgress,
    Queued,
    Response,
    Timing,
)
from desktop.engine import protocol

Reply = protocol.Report | LocutionError
Replies = asyncio.Queue[Reply]

_NOT_THE_LAST = protocol.Text | protocol.PromptRead | protocol.Waiting | protocol.Cut


class Pending:
    """The requests that the worker has not said its last word on, by id."""

    def __init__(self) -> None:
        self._replies: dict[int, Replies] = {}
        self._answers: dict[int, int] = {}
        """Of those that keep the engine busy: how many answers each is to get."""

    def __bool__(self) -> bool:
        return bool(self._replies)

    @property
    def running(self) -> int:
        """How many keep the engine busy."""
        return len(self._answers)

    def is_running(self, request_id: int) -> bool:
        return request_id in self._answers

    def add(self, request_id: int) -> Replies:
        replies = self._replies[request_id] = asyncio.Queue()
        return replies

    def run(self, request_id: int, answers: int) -> None:
        """It keeps the engine busy with so many answers."""
        self._answers[request_id] = answers

    def is_plausible(self, report: protocol.Report) -> bool:
        """Whether it speaks of answers that were asked for."""
        asked = self._answers.get(report.id)
        match report:
            case protocol.Text(_, index) if asked is not None:
                return index < asked
            case protocol.Finished(_, responses) if asked is not None:
                return len(responses) == asked
            case _:
                return True

    def take(self, report: protocol.Report) -> bool:
        """Hands it to whoever waits for it; True if that was the last word."""
        if (replies := self._replies.get(report.id)) is not None:
            replies.put_nowait(report)
        return not isinstance(report, _NOT_THE_LAST)

    def remove(self, request_id: int) -> bool:
        """True if it kept the engine busy."""
        self._replies.pop(request_id, None)
        return self._answers.pop(request_id, None) is not None

    def end(self, error: LocutionError) -> None:
        """All of them."""
        for replies in self._replies.values():
            replies.put_nowait(error)
        self._replies.clear()
        self._answers.clear()


class Generation(AsyncIterator[GenerationEvent]):
    """Iterate over the request's events, ``Done`` last.

    Raises :class:`LocutionError` from the iteration: prompt too long, template, engine gone.
    Closing it (``contextlib.aclosing``) stops the request, and so does cancelling the task that iterates.
    """

    def __init__(self, replies: Replies, stop: Callable[[], None]) -> None:
        self._replies = replies
        self._stop = stop
        self._ended = False

    def cancel(self) -> None:
        """Stops the request; the events so far and ``Done`` with the partial answers still come."""
        if not self._ended:
            self._stop()

    async def aclose(self) -> None:
        self.cancel()
        self._ended = True

    async def __anext__(self) -> GenerationEvent:
        if self._ended:
            raise StopAsyncIteration
        try:
            reply = await self._replies.get()
        except asyncio.CancelledError:
            await self.aclose()
            raise
        match reply:
            case protocol.Text(_, index, text, tokens, thinking, logprobs):
                return Delta(index, text, tokens, thinking, logprobs)
            case protocol.Waiting(_, ahead):
                return Queued(ahead)
            case protocol.Cut(_, cut):
                return cut
            case protocol.PromptRead(_, done, total, reused):
                return PromptProgress(done, total, reused)
            case protocol.Finished() as report:
                self._ended = True
                return _done(report)
            case other:
                self._ended = True
                raise as_error(other)


def as_error(reply: Reply) -> LocutionError:
    """What to raise for a reply that is not the one hoped for."""
    match reply:
        case LocutionError():
            return reply
        case protocol.Failure():
            return reply.error()
        case _:
            return EngineGoneError(
                "The engine answered with something else than was asked for.",
                action="Try again.",
                detail=repr(reply)[:500],
            )


def _done(report: protocol.Finished) -> Done:
    responses = (
        Response(r.text, r.finish_reason, r.prompt_tokens, r.completion_tokens, r.seed, r.thinking)
        for r in report.responses
    )
    timing = Timing(
        prompt_s=report.prompt_s, first_token_s=report.first_token_s, tokens_per_s=report.tokens_per_s
    )
    return Done(tuple(responses), timing, report.context_used, report.memory)
