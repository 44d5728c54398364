"""What an engine can be asked beside answers: measurements, and questions about texts.

How a request gets to the worker and who waits for it is the bridge's (:mod:`desktop.engine.bridge`).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, count, islice
from operator import is_

from desktop.domain.generation import GenerationRequest, PromptProgress, RenderedPrompt, Token, Turn
from desktop.domain.instruments import (
    BeamRequest,
    Beams,
    Distribution,
    DistributionRequest,
    Embeddings,
    EmbedRequest,
    Score,
    ScoreRequest,
)
from desktop.domain.ledger import Foresight
from desktop.domain.text import well_formed
from desktop.engine import protocol
from desktop.engine.request import Replies, Reply, as_error

PORTION = 500_000
"""Characters of a question that are handed over at once, which takes a millisecond or two."""
OnProgress = Callable[[PromptProgress], None]


def ignore(_progress: PromptProgress) -> None:
    """For whoever does not want to know."""


class Asking(ABC):
    """On the app's event loop."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._foreseen: tuple[Turn, ...] = ()
        """The turns of the last question of what they would come to; the worker knows them, too."""
        self._telling = asyncio.Lock()

    # Measurements

    async def score(self, request: ScoreRequest, on_progress: OnProgress = ignore) -> Score:
        """Raises what :meth:`generate` does. Cancelling the caller stops it, as for all measurements."""
        reply = await self._measure(lambda id_: protocol.MeasureScore(id_, request), on_progress)
        if isinstance(reply, protocol.Scored):
            return reply.score
        raise as_error(reply)

    async def distribution(
        self, request: DistributionRequest, on_progress: OnProgress = ignore
    ) -> Distribution:
        """Asking again for the same point with other parameters does not run the model again."""
        reply = await self._measure(lambda id_: protocol.MeasureDistribution(id_, request), on_progress)
        if isinstance(reply, protocol.Distributed):
            return reply.distribution
        raise as_error(reply)

    async def embed(self, request: EmbedRequest, on_progress: OnProgress = ignore) -> Embeddings:
        reply = await self._measure(lambda id_: protocol.Embed(id_, request), on_progress)
        if isinstance(reply, protocol.Embedded):
            return reply.embeddings
        raise as_error(reply)

    async def search_beams(self, request: BeamRequest, on_progress: OnProgress = ignore) -> Beams:
        reply = await self._measure(lambda id_: protocol.SearchBeams(id_, request), on_progress)
        if isinstance(reply, protocol.BeamsFound):
            return reply.beams
        raise as_error(reply)

    # Questions

    async def tokenize(self, text: str) -> tuple[Token, ...]:
        """Raises :class:`NoModelError`, :class:`EngineGoneError`."""
        self._require_model()
        reply = await self._ask(protocol.Tokenize(next(self._ids), well_formed(text)))
        if isinstance(reply, protocol.Tokenized):
            return reply.tokens
        raise as_error(reply)

    async def count_tokens(self, text: str) -> int:
        """How many tokens a text is, without their pieces. Raises what :meth:`tokenize` does."""
        self._require_model()
        reply = await self._ask(protocol.CountTokens(next(self._ids), well_formed(text)))
        if isinstance(reply, protocol.Counted):
            return reply.tokens
        raise as_error(reply)

    async def render(self, turns: Sequence[Turn]) -> RenderedPrompt:
        """Raises :class:`TemplateError`, :class:`NoModelError`, :class:`EngineGoneError`."""
        self._require_model()
        reply = await self._ask(protocol.Render(next(self._ids), tuple(turns)))
        if isinstance(reply, protocol.Rendered):
            return RenderedPrompt(reply.text, reply.tokens)
        raise as_error(reply)

    async def foresee(self, request: GenerationRequest) -> Foresight:
        """What a request would come to, without running it and beside whatever runs.

        Cancelling the caller takes the question back. Raises :class:`TemplateError`, :class:`NoModelError`,
        :class:`EngineBusyError` while loading, :class:`EngineGoneError`, :class:`ContextOverflowError` for a
        text that is too long for a message.
        """
        self._require_model()
        async with self._telling:
            command = await self._told(request)
            replies = self._send(command)
            self._foreseen = request.turns
        try:
            reply = await self._reply_to(command.id, replies)
        except asyncio.CancelledError:
            self._tell(protocol.TakeBack(command.id))
            raise
        if isinstance(reply, protocol.Foreseen) and _speaks_of(reply.foresight, len(request.turns)):
            return reply.foresight
        raise as_error(reply)

    async def _told(self, request: GenerationRequest) -> protocol.Foresee:
        """The question without what the worker knows; a long chat is handed over in portions before.

        Between two of them others get their turn.
        """
        turns = request.turns
        while True:
            same = _same(self._foreseen, turns)
            end = _portion(turns, same)
            part = replace(request, turns=turns[same:end])
            if end == len(turns):
                return protocol.Foresee(next(self._ids), part, same)
            self._tell(protocol.Foresee(0, part, same, goes_on=True))
            self._foreseen = turns[:end]
            await asyncio.sleep(0)

    async def _ask(self, command: protocol.Command) -> Reply:
        return await self._reply_to(command.id, self._send(command))

    async def _measure(self, command: Callable[[int], protocol.Measure], on_progress: OnProgress) -> Reply:
        """The last reply to a measurement."""
        self._require_model()
        request_id = next(self._ids)
        replies = self._send(command(request_id))
        self._begin(request_id, 1)
        try:
            while True:
                reply = await replies.get()
                match reply:
                    case protocol.PromptRead(_, done, total, reused):
                        on_progress(PromptProgress(done, total, reused))
                    case protocol.Waiting():
                        pass
                    case _:
                        return reply
        except asyncio.CancelledError:
            self._stop(request_id)
            raise

    # What the bridge does

    @abstractmethod
    def _require_model(self) -> None:
        """Raises what there is to say if no model is loaded."""

    @abstractmethod
    def _send(self, command: protocol.Command) -> Replies:
        """Raises :class:`EngineGoneError`, :class:`ContextOverflowError`."""

    @abstractmethod
    def _tell(self, command: protocol.Command) -> None:
        """Sends what is not answered, if anybody is there. Raises :class:`ContextOverflowError`."""

    @abstractmethod
    def _begin(self, request_id: int, answers: int) -> None:
        """A request that keeps the engine busy was sent."""

    @abstractmethod
    def _stop(self, request_id: int) -> None:
        """Asks for its end."""

    @abstractmethod
    async def _reply_to(self, request_id: int, replies: Replies) -> Reply: ...


def _same(before: Sequence[Turn], now: Sequence[Turn]) -> int:
    """How many turns both begin with, as far as they are the very same objects: nothing is compared."""
    same = bytes(map(is_, before, now)).find(False)
    return same if same >= 0 else min(len(before), len(now))


def _portion(turns: Sequence[Turn], start: int) -> int:
    """Where a portion ends that can be told at once."""
    characters = accumulate(len(turn.content) for turn in islice(turns, start, None))
    return next((at for at, all_ in enumerate(characters, start + 1) if all_ > PORTION), len(turns))


def _speaks_of(foresight: Foresight, turns: int) -> bool:
    """Whether it is about so many turns."""
    left_out = foresight.cut.turns if foresight.cut else ()
    return max(foresight.turn_tokens, default=-1) < turns and max(left_out, default=-1) < turns
