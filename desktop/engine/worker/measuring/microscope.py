"""The next token's distribution at a point of a text, after each sampler in the chain.

The model runs once for a point; its raw logits are kept, so that other parameters can be looked at without
running it again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from desktop.domain.generation import Candidate, PromptProgress
from desktop.domain.instruments import Distribution, DistributionRequest, Stage
from desktop.domain.parameters import Parameters
from desktop.engine.worker.kv.cache import Lease
from desktop.engine.worker.kv.state import Tokens
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.measuring.task import PromptTask, Run
from desktop.engine.worker.sampling.candidates import Candidates
from desktop.engine.worker.sampling.constraint import Constraint
from desktop.engine.worker.sampling.links import free, links, look_back, remember
from desktop.engine.worker.sampling.logprobs import Logits, top

KEPT = 32 * 1024 * 1024
"""Bytes of raw logits that are kept; at least one point's."""
MODEL = "model"
"""The stage before any sampler."""
GRAMMAR = "grammar"
"""The stage after all samplers, if an answer must follow a grammar or a schema."""
_ROUNDING = 1e-9
"""What may be missing of 1 without being refused."""
_CHOOSER = "dist"
"""Draws from what is left, and changes nothing."""

Probabilities = NDArray[np.float64]
"""One for each token of the vocabulary; NaN for those that can no longer be chosen."""


class Points:
    """Raw logits by the tokens before them; those looked at least recently go first."""

    def __init__(self) -> None:
        self._logits: OrderedDict[bytes, Logits] = OrderedDict()

    def get(self, prompt: Tokens) -> Logits | None:
        key = prompt.tobytes()
        if (logits := self._logits.get(key)) is not None:
            self._logits.move_to_end(key)
        return logits

    def keep(self, prompt: Tokens, logits: Logits) -> None:
        self._logits[prompt.tobytes()] = logits
        while len(self._logits) > 1 and sum(one.nbytes for one in self._logits.values()) > KEPT:
            self._logits.popitem(last=False)

    def clear(self) -> None:
        """For a model that computes something else from now on."""
        self._logits.clear()


class DistributionTask(PromptTask):
    def __init__(
        self,
        request_id: int,
        request: DistributionRequest,
        prompt: Tokens,
        context: Context,
        vocabulary: Vocabulary,
        points: Points,
        constraint: Constraint | None = None,
    ) -> None:
        """``constraint`` is what a grammar demands at this point."""
        super().__init__(request_id, prompt, context)
        self._request = request
        self._vocabulary = vocabulary
        self._points = points
        self._constraint = constraint

    @property
    def width(self) -> int:
        return 1

    def cells(self, length: int) -> int:
        return len(self.prompt)

    def run(self, lease: Lease, room: Callable[[], int]) -> Run:
        self.kept = lease.reused
        size = len(self.prompt)
        logits = self._points.get(self.prompt)
        if reused := logits is not None:
            self.emit(PromptProgress(size, size, size))
        else:
            rows = yield from self.read_prompt(lease, room, size)
            logits = rows.logits(self._vocabulary.size)[0].copy()
            self._points.keep(self.prompt, logits)
        assert logits is not None
        parameters, length = self._request.parameters, self.context.length
        found = stages(logits, parameters, self._vocabulary, length, self.prompt, self._constraint)
        return Distribution(size, tuple(self._shown(*stage) for stage in found), reused)

    def _shown(self, sampler: str, probabilities: Probabilities) -> Stage:
        left = ~np.isnan(probabilities)
        likeliest = top(np.where(left, probabilities, 0), self._request.top)
        candidates = (
            Candidate(
                int(token),
                self._vocabulary.label(int(token)).decode("utf-8", "replace"),
                # Rounding can lift a lone token's over 1.
                min(0.0, float(np.log(probabilities[token]))),
            )
            for token in likeliest
            # What is left can still be too unlikely for a number.
            if left[token] and probabilities[token] > 0
        )
        return Stage(sampler, int(left.sum()), tuple(candidates))


def stages(
    logits: Logits,
    parameters: Parameters,
    vocabulary: Vocabulary,
    context_length: int,
    before: Tokens,
    constraint: Constraint | None = None,
) -> Iterator[tuple[str, Probabilities]]:
    """Each sampler's name and the distribution after it, ``model`` first; each distribution sums to 1.

    ``before`` is all that stands before the point, for the samplers that look back. XTC, which leaves to
    chance whether it does anything, shows as the mixture of both outcomes, and so does what follows it. With
    a ``constraint`` the last stage is ``grammar``. A token is drawn from the last stage.
    Raises :class:`ParameterError`.
    """
    runs = [
        (chance, dict(_after_each(logits, outcome, vocabulary, context_length, before)))
        for chance, outcome in _outcomes(parameters)
    ]
    latest = [run[MODEL] for _, run in runs]
    for name in runs[0][1]:
        # The outcome in which XTC does nothing has no stage of that name.
        latest = [run.get(name, last) for (_, run), last in zip(runs, latest, strict=True)]
        drawn = _mixed([chance for chance, _ in runs], latest)
        yield name, drawn
    if constraint is not None:
        allowed = constraint.allowed()
        accepted = allowed.copy()
        accepted[list(vocabulary.ending)] = constraint.may_stop
        if parameters.ignore_eos:
            allowed[list(vocabulary.ending)] = False
        if (confined := np.where(allowed, logits, np.float32(-np.inf))).max() > -np.inf:
            *_, (_, again) = stages(confined, parameters, vocabulary, context_length, before)
            yield GRAMMAR, _redrawn(drawn, accepted, again)


def _redrawn(drawn: Probabilities, accepted: NDArray[np.bool_], again: Probabilities) -> Probabilities:
    """As :mod:`choice` does it: what is refused is drawn again, from what is allowed."""
    kept = np.where(accepted, np.nan_to_num(drawn), 0.0)
    refused = 1.0 - float(kept.sum())
    left = accepted & ~np.isnan(drawn)
    if refused > _ROUNDING:
        kept += refused * np.nan_to_num(again)
        left |= ~np.isnan(again)
    return np.where(left, kept, np.nan)


def _outcomes(parameters: Parameters) -> list[tuple[float, Parameters]]:
    """What the parameters come to, with the chance of each."""
    chance = parameters.xtc_probability
    if not 0.0 < chance < 1.0:
        return [(1.0, parameters)]
    return [
        (chance, replace(parameters, xtc_probability=1.0)),
        (1.0 - chance, replace(parameters, xtc_probability=0.0)),
    ]


def _after_each(
    logits: Logits, parameters: Parameters, vocabulary: Vocabulary, context_length: int, before: Tokens
) -> Iterator[tuple[str, Probabilities]]:
    candidates = Candidates(vocabulary.size)
    candidates.fill(logits)
    yield MODEL, _probabilities(candidates, vocabulary.size)
    chain = links(parameters, vocabulary, context_length, seed=0)
    try:
        if back := look_back(parameters, context_length):
            remember(chain, before[-back:].tolist())
        for link in chain:
            candidates.apply(link.handle)
            if link.name == "greedy":
                only = np.full(vocabulary.size, np.nan)
                only[candidates.selected] = 1.0
                yield link.name, only
            elif link.name != _CHOOSER:
                yield link.name, _probabilities(candidates, vocabulary.size)
    finally:
        free(chain)


def _probabilities(candidates: Candidates, size: int) -> Probabilities:
    dense = np.full(size, np.nan)
    ids, probabilities = candidates.probabilities()
    dense[ids] = probabilities
    return dense


def _mixed(chances: list[float], parts: list[Probabilities]) -> Probabilities:
    if len(parts) == 1:
        return parts[0]
    mixed = sum(chance * np.nan_to_num(part) for chance, part in zip(chances, parts, strict=True))
    return np.where(np.all(np.isnan(parts), axis=0), np.nan, mixed)
