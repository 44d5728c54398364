"""Scores a text: the log-probability and rank of each token, and its perplexity; see ``windows``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from desktop.domain.errors import ContextOverflowError, ParameterError
from desktop.domain.generation import PromptProgress
from desktop.domain.instruments import Score, ScoredToken, ScoreRequest
from desktop.engine.worker.kv.cache import Lease
from desktop.engine.worker.kv.state import Tokens
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.measuring.task import Rows, Run, Task
from desktop.engine.worker.measuring.windows import DEFAULT_WINDOW, Window, windows
from desktop.engine.worker.prompts.prompt import FEW_CHARACTERS
from desktop.engine.worker.sampling.logprobs import log_total, rank

MAX_TOKENS = 500_000
"""Of a text: its score must fit into one message."""
OUTPUT_BYTES = 64 * 1024 * 1024
"""Of logits at a time: a token has one for every token of the vocabulary."""
MIN_OUTPUTS = 32
"""Tokens whose logits are computed together, however large the vocabulary."""
LEAST_LOGPROB = -1e6
"""Where a model gives a token no chance at all."""
MOST_PERPLEXITY = 2.0**53
"""What a message can carry exactly."""


class ScoreTask(Task):
    """``tokens`` is the whole text, with BOS in front where the vocabulary wants it."""

    def __init__(
        self,
        request_id: int,
        request: ScoreRequest,
        tokens: Tokens,
        context: Context,
        vocabulary: Vocabulary,
    ) -> None:
        """Raises :class:`ParameterError` for a window longer than the context."""
        super().__init__(request_id)
        self._tokens = tokens
        self._context = context
        self._vocabulary = vocabulary
        self._outputs = max(MIN_OUTPUTS, OUTPUT_BYTES // (4 * vocabulary.size))
        self.window = request.window or min(DEFAULT_WINDOW, context.length)
        self.stride = request.stride or self.window // 2
        if not 2 <= self.window <= context.length:
            raise ParameterError(
                f"A window has 2 to {context.length:,} tokens, as many as the context holds.",
                action="Choose another window, or a longer context.",
                setting="window",
            )
        if self.stride > self.window:
            raise ParameterError("The stride can be at most as long as the window.", setting="stride")

    @property
    def width(self) -> int:
        return 1

    def cells(self, length: int) -> int:
        return min(self.window, len(self._tokens))

    def run(self, lease: Lease, room: Callable[[], int]) -> Run:
        (sequence,) = lease.sequences
        tokens, size, vocabulary = self._tokens, len(self._tokens), self._vocabulary.size
        logprobs, ranks = np.zeros(size), np.zeros(size, np.int64)
        counted, loss = 0, 0.0
        done, total = 0, sum(window.size for window in windows(size, self.window, self.stride))
        for window in windows(size, self.window, self.stride):
            self._context.cut_sequence(sequence, 0)
            at = window.start
            # The token before a scored one says how likely that one is.
            first, last = window.scored.start - 1, window.scored.stop - 1
            while at < window.end:
                stop = min(window.end, at + room(), max(at, first) + self._outputs)
                rows = Rows.chunk(
                    self._context,
                    self._read_as(window, at, stop),
                    at - window.start,
                    sequence,
                    range(first - window.start, last - window.start),
                )
                yield rows
                for token, logits in zip(
                    range(max(at, first), min(stop, last)), rows.logits(vocabulary), strict=True
                ):
                    chosen = int(tokens[token + 1])
                    logprobs[token + 1] = min(
                        0.0, max(LEAST_LOGPROB, float(logits[chosen]) - log_total(logits))
                    )
                    ranks[token + 1] = rank(logits, chosen)
                done += stop - at
                self.emit(PromptProgress(done, total))
                at = stop
            counted += len(window.counted)
            loss -= float(logprobs[window.counted.start : window.counted.stop].sum())
        perplexity = math.exp(min(loss / counted, math.log(MOST_PERPLEXITY))) if counted else 0.0
        return Score(
            self._scored(logprobs, ranks), min(perplexity, MOST_PERPLEXITY), counted, self.window, self.stride
        )

    def _read_as(self, window: Window, start: int, stop: int) -> Tokens:
        """The window's tokens as the model reads them."""
        tokens = self._tokens[start:stop]
        if start == window.start and self.stride == self.window and wants_bos(self._vocabulary):
            tokens = tokens.copy()
            tokens[0] = self._vocabulary.bos
        return tokens

    def _scored(self, logprobs: NDArray[np.float64], ranks: NDArray[np.int64]) -> tuple[ScoredToken, ...]:
        label = self._vocabulary.label
        found = zip(self._tokens.tolist(), logprobs.tolist(), ranks.tolist(), strict=True)
        scored = [
            ScoredToken(token, label(token).decode("utf-8", "replace"), *score) for token, *score in found
        ]
        if scored:
            scored[0] = replace(scored[0], logprob=None, rank=None)
        return tuple(scored)


def text_tokens(vocabulary: Vocabulary, text: str) -> Tokens:
    """A text to score, BOS in front where the vocabulary wants it. Control tokens in it are plain text.

    Raises :class:`ContextOverflowError`.
    """
    is_long = len(text) > MAX_TOKENS * FEW_CHARACTERS
    if is_long or len(ids := vocabulary.tokenize(text)) > MAX_TOKENS:
        raise ContextOverflowError(
            f"The text has more than {MAX_TOKENS:,} tokens.", action="Score a part of it at a time."
        )
    return np.array([vocabulary.bos, *ids] if wants_bos(vocabulary) else ids, np.int32)


def wants_bos(vocabulary: Vocabulary) -> bool:
    return vocabulary.add_bos and vocabulary.bos >= 0
