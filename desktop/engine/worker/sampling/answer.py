"""One answer being written: its sequence in the KV cache, its sampler, its text.

A step leaves its text here; :meth:`Answer.take` puts together what has gathered, because a step is short and
whoever reads along looks only so often.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import llama_cpp.llama_cpp as ll
import numpy as np

from desktop.domain.generation import Delta, FinishReason, Response, TokenLogprob
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.prompts.thinking import Place, Splitter
from desktop.engine.worker.sampling.choice import Guard
from desktop.engine.worker.sampling.logprobs import Logits, no_numbers, token_logprob
from desktop.engine.worker.sampling.sampler import Sampler
from desktop.engine.worker.sampling.text import TextStream


@dataclass(frozen=True, slots=True)
class Limits:
    """In tokens. ``tokens``: what was asked for, or what the context has room for."""

    tokens: int
    thinking: int | None
    alternatives: int | None


class Answer:
    """``next_token`` was chosen but is not in the cache yet; ``position`` is where it goes."""

    __slots__ = (
        "_forced", "_guard", "_index", "_limits", "_logprobs", "_new", "_new_thinking", "_splitter",
        "_thought", "_vocabulary",
        "generated", "next_token", "position", "reason", "sampler", "sequence", "stream", "thinking",
    )  # fmt: skip

    def __init__(
        self,
        index: int,
        sequence: int,
        position: int,
        *,
        vocabulary: Vocabulary,
        sampler: Sampler,
        stops: Sequence[str],
        splitter: Splitter,
        guard: Guard | None,
        limits: Limits,
    ) -> None:
        self._index = index
        self._vocabulary = vocabulary
        self._splitter = splitter
        self._guard = guard
        self._limits = limits
        self._forced: deque[int] = deque()
        """Tokens that come next whatever the model says."""
        self._thought = 0
        """Tokens of thinking."""
        self._logprobs: list[TokenLogprob] = []
        """Of tokens since the last delta."""
        self._new: list[str] = []
        self._new_thinking: list[str] = []
        self.sequence = sequence
        self.position = position
        self.sampler = sampler
        self.stream = TextStream(stops)
        self.thinking = TextStream(())
        self.generated: list[int] = []
        self.next_token = -1
        self.reason: FinishReason | None = None
        if splitter.place is Place.THINKING:
            self._mind_the_budget()

    def begin(self, prefill: str) -> None:
        """The answer begins with this text, which is in the prompt already. May set ``reason``."""
        self._let_out(b"", prefill.encode())

    def take(self) -> list[Delta]:
        """What has been let out since the last time."""
        deltas = []
        if self._new_thinking:
            deltas.append(self._delta("".join(self._new_thinking), thinking=True))
            self._new_thinking.clear()
        if self._new or self._logprobs:
            deltas.append(self._delta("".join(self._new)))
            self._new.clear()
        return deltas

    def sample(self, context: Context, entry: int) -> None:
        """Takes the next token from a batch entry. May set ``reason``.

        Raises :class:`ParameterError` if no token is allowed, and what :func:`no_numbers` gives.
        """
        if not self.generated and np.isnan(self._logits(context, entry)).any():
            raise no_numbers()
        token = self._choose(context, entry)
        if token < 0 or self._vocabulary.ends(token):
            self.end(FinishReason.STOP)
            return
        self.generated.append(token)
        self.next_token = token
        data = self._splitter.bytes_of(token, self._vocabulary)
        if self._guard is not None:
            self._guard.take(token, data)
        was_thinking = self._splitter.place is Place.THINKING
        self._let_out(*self._splitter.feed(data))
        if self._splitter.place is Place.THINKING:
            self._thought += was_thinking
            self._mind_the_budget()
        if self.reason is None and self._guard is not None and self._guard.is_complete:
            self.end(FinishReason.STOP)
        elif self.reason is None and len(self.generated) >= self._limits.tokens:
            self.end(FinishReason.LENGTH)

    def end(self, reason: FinishReason) -> None:
        """Ends it, and lets out what was held back."""
        thinking, rest = self._splitter.finish()
        if self._guard is not None and not self._guard.is_clean_at_end(rest):
            rest = b""
            self.stream.drop_incomplete()
        self._let_out(thinking, rest)
        self._new_thinking += filter(None, (self.thinking.finish(),))
        self._new += filter(None, (self.stream.finish(),))
        self.reason = FinishReason.STOP if self.stream.stopped else reason

    def response(self, prompt_tokens: int) -> Response:
        return Response(
            text=self.stream.text,
            finish_reason=self.reason or FinishReason.CANCELLED,
            prompt_tokens=prompt_tokens,
            completion_tokens=len(self.generated),
            seed=self.sampler.seed,
            thinking=self.thinking.text,
        )

    def _choose(self, context: Context, entry: int) -> int:
        if self._guard is None and self._limits.alternatives is None and not self._forced:
            return self.sampler.sample(context, entry)
        logits = self._logits(context, entry)
        if self._forced:
            token = self._forced.popleft()
            self.sampler.accept(token)
        elif self._guard is not None:
            token = self._guard.choose(self.sampler, logits)
        else:
            token = self.sampler.sample(context, entry)
        k = self._limits.alternatives
        if k is not None and token >= 0 and not self._vocabulary.ends(token):
            self._logprobs.append(token_logprob(logits, token, k, self._vocabulary))
        return token

    def _logits(self, context: Context, entry: int) -> Logits:
        """The model's own, in the native context's memory: good until it decodes again."""
        pointer = ll.llama_get_logits_ith(context.handle, entry)
        return np.ctypeslib.as_array(pointer, (self._vocabulary.size,))

    def _mind_the_budget(self) -> None:
        """Closes the block when its budget is used up, with the very tokens of the closing tag."""
        budget = self._limits.thinking
        if budget is not None and self._thought >= budget and not self._forced:
            self._forced.extend(self._vocabulary.tokenize(self._splitter.closing, special=True))

    def _let_out(self, thinking: bytes, text: bytes) -> None:
        if thinking and (shown := self.thinking.feed(thinking)):
            self._new_thinking.append(shown)
        if text and (shown := self.stream.feed(text)):
            self._new.append(shown)
        if self.stream.stopped:
            self.reason = FinishReason.STOP

    def _delta(self, text: str, *, thinking: bool = False) -> Delta:
        logprobs, self._logprobs = tuple(self._logprobs), []
        return Delta(self._index, text, len(self.generated), thinking, logprobs)
