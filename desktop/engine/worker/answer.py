"""One answer being written: its sequence in the KV cache, its sampler, its text."""

from __future__ import annotations

from desktop.domain.generation import FinishReason, Response
from desktop.engine.worker.context import Context
from desktop.engine.worker.sampler import Sampler
from desktop.engine.worker.text import TextStream
from desktop.engine.worker.vocabulary import Vocabulary


class Answer:
    """``next_token`` was sampled but is not in the cache yet; ``position`` is where it goes."""

    __slots__ = ("generated", "limit", "next_token", "position", "reason", "sampler", "sequence", "stream")

    def __init__(
        self, sequence: int, sampler: Sampler, stops: tuple[str, ...], position: int, limit: int
    ) -> None:
        self.sequence = sequence
        self.sampler = sampler
        self.stream = TextStream(stops)
        self.position = position
        self.limit = limit
        """Most tokens it may generate: what was asked for, or what the context has room for."""
        self.generated: list[int] = []
        self.next_token = -1
        self.reason: FinishReason | None = None

    def sample(self, context: Context, entry: int, vocabulary: Vocabulary) -> str:
        """Takes the next token from a batch entry; returns the text that is let out. May set ``reason``."""
        token = self.sampler.sample(context, entry)
        if vocabulary.ends(token):
            return self.end(FinishReason.STOP)
        self.generated.append(token)
        self.next_token = token
        shown = self.stream.feed(vocabulary.piece(token))
        if self.stream.stopped:
            self.reason = FinishReason.STOP
        elif len(self.generated) >= self.limit:
            shown += self.end(FinishReason.LENGTH)
        return shown

    def end(self, reason: FinishReason) -> str:
        """Ends it; returns the text that was held back."""
        shown = self.stream.finish()
        self.reason = FinishReason.STOP if self.stream.stopped else reason
        return shown

    def response(self, prompt_tokens: int) -> Response:
        return Response(
            text=self.stream.text,
            finish_reason=self.reason or FinishReason.CANCELLED,
            prompt_tokens=prompt_tokens,
            completion_tokens=len(self.generated),
            seed=self.sampler.seed,
        )
