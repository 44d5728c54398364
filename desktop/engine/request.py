"""One running request as the app sees it: an async iterator over what the worker says of it.

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
                "The engine answered with something else than was asked for.", detail=repr(reply)[:500]
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
