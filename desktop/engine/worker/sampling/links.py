"""The native samplers of one answer, in the order its parameters ask for, from checked parameters.

They see the tokens one after the other. Biases come first; what chooses the token comes last: ``greedy`` at
temperature 0, ``mirostat`` or ``adaptive_p`` where they are on, else ``dist``, which draws from what is left.
A sampler whose value is its "off" is not in the list.

* At temperature 0 only what changes the order of the tokens takes part: biases, penalties and DRY.
* Mirostat takes the place of the samplers that leave tokens out; penalties, DRY and temperature stay.
"""

from __future__ import annotations

import ctypes
import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import llama_cpp.llama_cpp as ll

from desktop.domain.errors import ParameterError
from desktop.domain.parameter_specs import WHOLE_CONTEXT
from desktop.domain.parameters import Parameters
from desktop.engine.worker.llama.vocabulary import Vocabulary

Handle = Any
"""A native sampler; the binding declares its pointers to be what they are only to ctypes."""
LEAST_TEMPERATURE = 1e-3
"""Below it logits would overflow; it is as good as 0."""
_RANKING = ("penalties", "dry")
"""Samplers that change which token is the likeliest."""
_WITH_MIROSTAT = (*_RANKING, "temperature")
_LEAST_SHARE = 1e-30
"""Of the likeliest token's probability: below it, it is as good as 0."""
_MIROSTAT_CANDIDATES = 100
"""Tokens from which mirostat 1 estimates the distribution, as its paper has it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A native sampler that is still to be added to a chain, or freed by whoever asked for it."""

    name: str
    handle: Handle


def links(parameters: Parameters, vocabulary: Vocabulary, context_length: int, seed: int) -> list[Link]:
    """The samplers in their order; the last one chooses.

    ``context_length`` is in tokens: windows reach no further. Raises :class:`ParameterError` for a bias on a
    token that the vocabulary does not have.
    """
    chain: list[Link] = []
    if bias := biases(parameters, vocabulary):
        pairs = (ll.llama_logit_bias * len(bias))(*(ll.llama_logit_bias(*pair) for pair in bias.items()))
        chain.append(Link("logit_bias", ll.llama_sampler_init_logit_bias(vocabulary.size, len(bias), pairs)))
    is_greedy = parameters.temperature < LEAST_TEMPERATURE
    for name in parameters.samplers:
        if (is_greedy and name not in _RANKING) or (
            parameters.mirostat != "off" and name not in _WITH_MIROSTAT
        ):
            continue
        if (handle := _make(name, parameters, vocabulary, context_length, seed)) is not None:
            chain.append(Link(name, handle))
    chain.append(
        Link("greedy", ll.llama_sampler_init_greedy()) if is_greedy else _last(parameters, vocabulary, seed)
    )
    return chain


def prepare(parameters: Parameters, vocabulary: Vocabulary, context_length: int) -> None:
    """The slow part of :func:`links`, ahead of it; from any thread.

    Raises :class:`ParameterError` for a bias on a token that the vocabulary does not have.
    """
    biases(parameters, vocabulary)
    if _has_dry(parameters):
        _dry(parameters, vocabulary, _window(parameters.dry_window, context_length))


def remember(chain: Iterable[Link], tokens: Sequence[int]) -> None:
    """Lets the links that look back know the tokens before the answer; oldest first."""
    for link in chain:
        if link.name in _RANKING:
            for token in tokens:
                ll.llama_sampler_accept(link.handle, token)


def free(chain: Iterable[Link]) -> None:
    """For links that were not added to a native chain, which would free them itself."""
    for link in chain:
        ll.llama_sampler_free(link.handle)


def look_back(parameters: Parameters, context_length: int) -> int:
    """How many of the tokens before the answer any sampler wants to know."""
    windows = [0]
    if _has_penalties(parameters):
        windows.append(_window(parameters.penalty_window, context_length))
    if _has_dry(parameters):
        windows.append(_window(parameters.dry_window, context_length))
    return max(windows)


def biases(parameters: Parameters, vocabulary: Vocabulary) -> dict[int, float]:
    """What is added to which token's logit; several biases on one token add up.

    Raises :class:`ParameterError` for a token that the vocabulary does not have.
    """
    found: dict[int, float] = {}
    for token, bias in parameters.logit_bias:
        if isinstance(token, int) and token >= vocabulary.size:
            raise ParameterError(
                f"There is no token {token}: the model has {vocabulary.size:,}.",
                action="Remove its bias.",
                setting="logit_bias",
            )
        for one in (token,) if isinstance(token, int) else set(vocabulary.tokenize(token)):
            found[one] = found.get(one, 0.0) + bias
    if parameters.ignore_eos:
        found |= dict.fromkeys(vocabulary.ending, -math.inf)
    return found


def _make(
    name: str, parameters: Parameters, vocabulary: Vocabulary, context_length: int, seed: int
) -> Handle | None:
    """One sampler, or none if it is off."""
    match name:
        case "penalties" if _has_penalties(parameters):
            return ll.llama_sampler_init_penalties(
                vocabulary.size,
                _window(parameters.penalty_window, context_length),
                parameters.repeat_penalty,
                parameters.frequency_penalty,
                parameters.presence_penalty,
            )
        case "dry" if _has_dry(parameters):
            window = _window(parameters.dry_window, context_length)
            return ll.llama_sampler_clone(_dry(parameters, vocabulary, window).handle)
        case "top_n_sigma" if parameters.top_n_sigma > 0.0:
            return ll.llama_sampler_init_top_n_sigma(parameters.top_n_sigma)
        case "top_k" if parameters.top_k > 0:
            return ll.llama_sampler_init_top_k(parameters.top_k)
        case "typical_p" if parameters.typical_p < 1.0:
            # WORKAROUND: a token of probability 0 makes the native entropy NaN, and the choice arbitrary.
            return _chain(
                ll.llama_sampler_init_min_p(_LEAST_SHARE, 1),
                ll.llama_sampler_init_typical(parameters.typical_p, 1),
            )
        case "top_p" if parameters.top_p < 1.0:
            return ll.llama_sampler_init_top_p(parameters.top_p, 1)
        case "min_p" if parameters.min_p > 0.0:
            return ll.llama_sampler_init_min_p(parameters.min_p, 1)
        case "xtc" if parameters.xtc_probability > 0.0 and parameters.xtc_threshold <= 0.5:
            return ll.llama_sampler_init_xtc(parameters.xtc_probability, parameters.xtc_threshold, 1, seed)
        case "temperature" if parameters.dynatemp_range > 0.0:
            low = max(LEAST_TEMPERATURE, parameters.temperature - parameters.dynatemp_range)
            high = parameters.temperature + parameters.dynatemp_range
            return ll.llama_sampler_init_temp_ext(
                (low + high) / 2, (high - low) / 2, parameters.dynatemp_exponent
            )
        case "temperature" if parameters.temperature != 1.0:
            return ll.llama_sampler_init_temp(parameters.temperature)
        case _:
            return None


def _last(parameters: Parameters, vocabulary: Vocabulary, seed: int) -> Link:
    tau, eta = parameters.mirostat_tau, parameters.mirostat_eta
    match parameters.mirostat:
        case "v1":
            # Here, too, a token of probability 0 would make the estimate NaN.
            handle = _chain(
                ll.llama_sampler_init_min_p(_LEAST_SHARE, 1),
                ll.llama_sampler_init_mirostat(vocabulary.size, seed, tau, eta, _MIROSTAT_CANDIDATES),
            )
            return Link("mirostat", handle)
        case "v2":
            return Link("mirostat", ll.llama_sampler_init_mirostat_v2(seed, tau, eta))
        case _:
            pass
    if parameters.adaptive_target > 0.0:
        handle = ll.llama_sampler_init_adaptive_p(parameters.adaptive_target, parameters.adaptive_decay, seed)
        return Link("adaptive_p", handle)
    return Link("dist", ll.llama_sampler_init_dist(seed))


def _has_penalties(parameters: Parameters) -> bool:
    values = (parameters.repeat_penalty, parameters.frequency_penalty, parameters.presence_penalty)
    return "penalties" in parameters.samplers and parameters.penalty_window != 0 and values != (1.0, 0.0, 0.0)


def _has_dry(parameters: Parameters) -> bool:
    return "dry" in parameters.samplers and parameters.dry_multiplier > 0.0 and parameters.dry_window != 0


def _window(window: int, context_length: int) -> int:
    return context_length if window == WHOLE_CONTEXT else min(window, context_length)


def _chain(*handles: Handle) -> Handle:
    chain = ll.llama_sampler_chain_init(ll.llama_sampler_chain_default_params())
    for handle in handles:
        ll.llama_sampler_chain_add(chain, handle)
    return chain


class _Owned:
    """A native sampler that lives as long as this."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle

    def __del__(self) -> None:
        ll.llama_sampler_free(self.handle)


def _dry(parameters: Parameters, vocabulary: Vocabulary, window: int) -> _Owned:
    """DRY looks every breaker up in the whole vocabulary, so one is made and then cloned."""
    return _make_dry(
        vocabulary,
        parameters.dry_multiplier,
        parameters.dry_base,
        parameters.dry_allowed_length,
        window,
        parameters.dry_breakers,
    )


@functools.lru_cache(maxsize=1)
def _make_dry(
    vocabulary: Vocabulary, multiplier: float, base: float, free: int, window: int, breakers: tuple[str, ...]
) -> _Owned:
    texts = [text.replace("\0", "").encode() for text in breakers]
    return _Owned(
        ll.llama_sampler_init_dry(
            vocabulary.handle,
            multiplier,
            base,
            free,
            window,
            (ctypes.c_char_p * len(texts))(*texts),
            len(texts),
        )
    )
