"""Log-probabilities from raw logits: natural logarithms, in numpy, one vocabulary at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from desktop.domain.errors import LocutionError
from desktop.domain.generation import Candidate, TokenLogprob
from desktop.engine.worker.llama.vocabulary import Vocabulary

Logits = NDArray[np.float32]
_GROUP = 64
"""Tokens of which only the best is looked at first."""


def no_numbers() -> LocutionError:
    """What a model says that computes NaN or infinity."""
    return LocutionError(
        "This model computes no usable numbers: its file is damaged, or does not suit the engine.",
        action="Choose another file.",
    )


def log_total(logits: Logits) -> float:
    """What to take from a logit to get its token's log-probability: the logarithm of the sum of all exp."""
    most = float(logits.max())
    # In single precision: its 2**-24 is far below what a log-probability is read to, and it is twice as fast.
    shares = logits - np.float32(most)
    np.exp(shares, out=shares)
    return most + math.log(float(shares.sum(dtype=np.float64)))


def top(logits: Logits, k: int) -> NDArray[np.intp]:
    """The ``k`` likeliest tokens, likeliest first; of equal ones the lower id. ``logits`` has one axis."""
    k = min(k, len(logits))
    if k == 0:
        return np.empty(0, np.intp)
    found = np.flatnonzero(logits >= _bound(logits, k))
    return found[np.argsort(-logits[found], kind="stable")][:k]


def _bound(logits: Logits, k: int) -> np.float32:
    """A logit that at least ``k`` tokens reach, and not many more."""
    # Of groups of tokens only the best of each: that spares partitioning the whole vocabulary.
    groups = len(logits) // _GROUP
    best = logits if groups < k else logits[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0)
    bound: np.float32 = np.partition(best, len(best) - k)[len(best) - k]
    return bound


def rank(logits: Logits, token: int) -> int:
    """How many tokens are likelier; of equal ones those with a lower id count as likelier."""
    own = logits[token]
    return int(np.count_nonzero(logits > own) + np.count_nonzero(logits[:token] == own))


def token_logprob(logits: Logits, token: int, k: int, vocabulary: Vocabulary) -> TokenLogprob:
    """A token under the model's own distribution, with the ``k`` likeliest tokens."""
    total = log_total(logits)

    def piece(one: int) -> str:
        return vocabulary.label(one).decode("utf-8", "replace")

    def logprob(one: int) -> float:
        # Of a token that takes all of it, rounding may make a little more.
        return min(0.0, float(logits[one]) - total)

    likeliest = (Candidate(one, piece(one), logprob(one)) for one in top(logits, k).tolist())
    return TokenLogprob(token, piece(token), logprob(token), tuple(likeliest))
