"""One native sampler chain per answer, in llama.cpp's default order, from checked parameters."""

from __future__ import annotations

import secrets

import llama_cpp.llama_cpp as ll

from desktop.domain.parameter_specs import MAX_SEED, RANDOM_SEED
from desktop.domain.parameters import Parameters
from desktop.engine.worker.context import Context
from desktop.engine.worker.vocabulary import Vocabulary

PENALTY_WINDOW = 64
"""Tokens that the repetition penalty looks back over."""


class Sampler:
    """Chooses the next token of one answer. ``seed`` is the one in use, also if it was chosen here."""

    def __init__(self, parameters: Parameters, vocabulary: Vocabulary, index: int) -> None:
        """``index`` is the answer's number: answers of one request with one seed must still differ."""
        self.seed = seed_for(parameters.seed, index)
        self._chain = ll.llama_sampler_chain_init(ll.llama_sampler_chain_default_params())
        for link in self._links(parameters, vocabulary):
            ll.llama_sampler_chain_add(self._chain, link)

    def sample(self, context: Context, entry: int) -> int:
        """The token chosen from the logits of batch entry ``entry``; the chain remembers it."""
        return int(ll.llama_sampler_sample(self._chain, context.handle, entry))

    def accept(self, token: int) -> None:
        """Lets the chain know a token of the prompt, for the repetition penalty."""
        ll.llama_sampler_accept(self._chain, token)

    def close(self) -> None:
        ll.llama_sampler_free(self._chain)

    def _links(self, parameters: Parameters, vocabulary: Vocabulary) -> list[ll.llama_sampler_p]:
        links = []
        if parameters.repeat_penalty != 1.0:
            links.append(
                ll.llama_sampler_init_penalties(
                    vocabulary.size, PENALTY_WINDOW, parameters.repeat_penalty, 0.0, 0.0
                )
            )
        if parameters.temperature == 0.0:
            return [*links, ll.llama_sampler_init_greedy()]
        if parameters.top_k > 0:
            links.append(ll.llama_sampler_init_top_k(parameters.top_k))
        if parameters.top_p < 1.0:
            links.append(ll.llama_sampler_init_top_p(parameters.top_p, 1))
        if parameters.min_p > 0.0:
            links.append(ll.llama_sampler_init_min_p(parameters.min_p, 1))
        links.append(ll.llama_sampler_init_temp(parameters.temperature))
        return [*links, ll.llama_sampler_init_dist(self.seed)]


def seed_for(seed: int, index: int) -> int:
    """The seed of answer ``index``: a fresh one for "random", else the given one counted up."""
    if seed == RANDOM_SEED:
        return secrets.randbelow(MAX_SEED + 1)
    return (seed + index) % (MAX_SEED + 1)
