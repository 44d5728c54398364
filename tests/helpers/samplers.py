"""What each sampler does, once more: in numpy, in double precision, written from its description.

A distribution is a set of tokens with their logits. Where a token lies so near a sampler's border that single
precision may see it on the other side, :class:`Borderline` is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop.domain.parameters import Parameters

MARGIN = 1e-4
Numbers = NDArray[np.float64]


class Borderline(Exception):
    """The two precisions may disagree, and both be right."""


@dataclass(frozen=True)
class Left:
    """The tokens that are left, likeliest first, and their logits; some may be minus infinity."""

    ids: NDArray[np.intp]
    logits: Numbers

    @classmethod
    def of(cls, ids: NDArray[np.intp], logits: Numbers) -> Left:
        order = np.argsort(-logits, kind="stable")
        return cls(ids[order], logits[order])

    @property
    def probabilities(self) -> Numbers:
        weights = np.exp(self.logits - self.logits[0])
        return np.asarray(weights / weights.sum())

    def only(self, kept: NDArray[np.bool_]) -> Left:
        return Left(self.ids[kept], self.logits[kept])

    def changed(self, logits: Numbers) -> Left:
        return Left.of(self.ids, logits)

    def possible(self) -> dict[int, float]:
        """Probabilities of the tokens that can be chosen."""
        return {
            int(token): float(share)
            for token, share in zip(self.ids, self.probabilities, strict=True)
            if share > 0
        }


def logit_bias(left: Left, bias: dict[int, float]) -> Left:
    return left.changed(left.logits + np.array([bias.get(int(token), 0.0) for token in left.ids]))


def penalties(left: Left, said: Sequence[int], parameters: Parameters) -> Left:
    window = parameters.penalty_window
    recent = list(said) if window < 0 else list(said)[len(said) - min(window, len(said)) :]
    logits = left.logits.copy()
    for at, token in enumerate(left.ids):
        if count := recent.count(int(token)):
            logits[at] *= parameters.repeat_penalty if logits[at] <= 0 else 1 / parameters.repeat_penalty
            logits[at] -= count * parameters.frequency_penalty + parameters.presence_penalty
    return left.changed(logits)


def dry(left: Left, said: Sequence[int], parameters: Parameters, breakers: set[int]) -> Left:
    """``breakers`` are tokens whose text has a breaker in it."""
    window = parameters.dry_window
    recent = list(said) if window < 0 else list(said)[len(said) - min(window, len(said)) :]
    since = next((back for back, token in enumerate(reversed(recent)) if token in breakers), len(recent))
    longest: dict[int, int] = {}
    for earlier in range(1, len(recent)):
        # What was said up to `earlier` ends in the same tokens as everything that was said.
        same = 0
        while same < earlier and recent[earlier - 1 - same] == recent[-1 - same]:
            same += 1
        length = min(same, since)
        if length >= parameters.dry_allowed_length:
            following = recent[earlier]
            longest[following] = max(length, longest.get(following, 0))
    logits = left.logits.copy()
    for at, token in enumerate(left.ids):
        if int(token) in longest and int(token) not in breakers:
            excess = longest[int(token)] - parameters.dry_allowed_length
            logits[at] -= parameters.dry_multiplier * parameters.dry_base**excess
    return left.changed(logits)


def top_n_sigma(left: Left, parameters: Parameters) -> Left:
    finite = left.logits[np.isfinite(left.logits)]
    if len(left.logits) < 2:
        return left
    border = finite.max() - parameters.top_n_sigma * finite.std()
    _check(finite, border)
    return left.changed(np.where(left.logits < border, -np.inf, left.logits))


def top_k(left: Left, parameters: Parameters) -> Left:
    return left.only(np.arange(len(left.ids)) < parameters.top_k)


def typical_p(left: Left, parameters: Parameters) -> Left:
    left = left.only(left.logits - left.logits[0] > np.log(1e-30))
    shares = left.probabilities
    entropy = -(shares * np.log(shares)).sum()
    distance = np.abs(-np.log(shares) - entropy)
    order = np.argsort(distance, kind="stable")
    total = np.cumsum(shares[order])
    _check(total[:-1], parameters.typical_p)
    count = int(np.searchsorted(total, parameters.typical_p, side="right")) + 1
    if count < len(order) and distance[order[count]] - distance[order[count - 1]] < MARGIN:
        raise Borderline
    return left.only(np.isin(np.arange(len(order)), order[:count]))


def top_p(left: Left, parameters: Parameters) -> Left:
    total = np.cumsum(left.probabilities)
    _check(total[:-1], parameters.top_p)
    return left.only(np.arange(len(total)) <= np.searchsorted(total, parameters.top_p))


def min_p(left: Left, parameters: Parameters) -> Left:
    border = left.logits[0] + np.log(parameters.min_p)
    _check(left.logits[1:], border)
    return left.only((left.logits >= border) | (np.arange(len(left.ids)) == 0))


def xtc(left: Left, parameters: Parameters) -> Left:
    """Where chance lets it act."""
    shares = left.probabilities
    _check(shares, parameters.xtc_threshold)
    good = int((shares >= parameters.xtc_threshold).sum())
    return left.only(np.arange(len(shares)) >= good - 1)


def temperature(left: Left, parameters: Parameters) -> Left:
    heat = parameters.temperature
    if parameters.dynatemp_range:
        if len(left.ids) < 2:
            return left
        low = max(1e-3, heat - parameters.dynatemp_range)
        shares = left.probabilities[left.probabilities > 0]
        doubt = -(shares * np.log(shares)).sum() / np.log(len(left.ids))
        heat = low + (heat + parameters.dynatemp_range - low) * doubt**parameters.dynatemp_exponent
    return left.changed(left.logits / heat)


def mirostat_v1(left: Left, parameters: Parameters, vocabulary: int) -> Left:
    """The first token."""
    left = left.only(left.logits - left.logits[0] > np.log(1e-30))
    shares = left.probabilities[:100]
    if len(shares) < 2:
        return left.only(np.arange(len(left.ids)) == 0)
    steps = np.log((np.arange(len(shares) - 1) + 2) / (np.arange(len(shares) - 1) + 1))
    exponent = (steps * np.log(shares[:-1] / shares[1:])).sum() / (steps**2).sum()
    epsilon, surprise = exponent - 1, 2 * parameters.mirostat_tau
    with np.errstate(all="ignore"):
        k = ((epsilon * 2**surprise) / (1 - float(vocabulary) ** -epsilon)) ** (1 / exponent)
    if not np.isfinite(k) or abs(k - round(k)) < 0.02 * k:
        raise Borderline
    return left.only(np.arange(len(left.ids)) < max(1, int(k)))


def mirostat_v2(left: Left, parameters: Parameters) -> Left:
    """The first token."""
    with np.errstate(divide="ignore"):
        surprise = -np.log2(left.probabilities)
    border = 2 * parameters.mirostat_tau
    _check(surprise, border)
    return left.only((surprise <= border) | (np.arange(len(left.ids)) == 0))


def adaptive_p(left: Left, parameters: Parameters) -> Left:
    """The first token."""
    distance = np.abs(left.probabilities - parameters.adaptive_target) / 0.3
    shaped = 5.0 - 10.0 * distance**2 / (1.0 + distance)
    return left.changed(np.where(np.isfinite(left.logits), shaped, -np.inf))


def _check(values: Numbers, border: float) -> None:
    if len(values) and np.abs(values - border).min() < MARGIN:
        raise Borderline
