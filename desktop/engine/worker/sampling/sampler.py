"""One native sampler chain per answer, from checked parameters; :mod:`links` says what is in it."""

from __future__ import annotations

import secrets

import llama_cpp.llama_cpp as ll
import numpy as np
from numpy.typing import NDArray

from desktop.domain.parameter_specs import MAX_SEED, RANDOM_SEED
from desktop.domain.parameters import Parameters
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.sampling.links import links, look_back, remember


class Sampler:
    """Chooses the next token of one answer. ``seed`` is the one in use, also if it was chosen here."""

    def __init__(
        self, parameters: Parameters, vocabulary: Vocabulary, context_length: int, index: int
    ) -> None:
        """``index`` is the answer's number: answers of one request with one seed must still differ.

        Raises :class:`ParameterError` for a bias on a token that the vocabulary does not have.
        """
        self.seed = seed_for(parameters.seed, index)
        self._look_back = look_back(parameters, context_length)
        self._links = links(parameters, vocabulary, context_length, self.seed)
        self.handle = ll.llama_sampler_chain_init(ll.llama_sampler_chain_default_params())
        for link in self._links:
            ll.llama_sampler_chain_add(self.handle, link.handle)

    def read(self, prompt: NDArray[np.int32]) -> None:
        """Lets it know the tokens before the answer, for those of its links that look back."""
        if self._look_back:
            remember(self._links, prompt[-self._look_back :].tolist())

    def sample(self, context: Context, entry: int) -> int:
        """The token chosen from the logits of batch entry ``entry``; the chain remembers it."""
        return int(ll.llama_sampler_sample(self.handle, context.handle, entry))

    def accept(self, token: int) -> None:
        """Lets the chain know a token that was chosen without it."""
        ll.llama_sampler_accept(self.handle, token)

    def close(self) -> None:
        ll.llama_sampler_free(self.handle)


def seed_for(seed: int, index: int) -> int:
    """The seed of answer ``index``: a fresh one for "random", else the given one counted up."""
    if seed == RANDOM_SEED:
        return secrets.randbelow(MAX_SEED + 1)
    return (seed + index) % (MAX_SEED + 1)
