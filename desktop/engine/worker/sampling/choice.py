"""Choosing a token where not every token is allowed: banned phrases, a grammar.

The sampler chain chooses as always. Only if its choice is refused, the tokens that are not allowed are taken
out, and it chooses again from the rest. Nothing has to be taken back from the model's memory for that, so it
works with every architecture; and as long as the model does what it should anyway, it costs next to nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desktop.domain.errors import ParameterError
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.prompts.thinking import Place, Splitter
from desktop.engine.worker.sampling.bans import Bans
from desktop.engine.worker.sampling.candidates import Candidates
from desktop.engine.worker.sampling.constraint import Constraint
from desktop.engine.worker.sampling.logprobs import Logits, top
from desktop.engine.worker.sampling.sampler import Sampler

_WIDTH = 64
"""Likely tokens that are looked at together when one was banned; four times as many each further time."""


class Guard:
    """Lets nothing into an answer that is not allowed there. One for each answer."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        splitter: Splitter,
        *,
        bans: Bans | None,
        constraint: Constraint | None,
        may_end: bool,
    ) -> None:
        """``may_end`` is false if the end must not be chosen. The ``splitter`` is the answer's own."""
        self._vocabulary = vocabulary
        self._splitter = splitter
        self._bans = bans
        self._constraint = constraint
        self._may_end = may_end
        self._candidates = Candidates(vocabulary.size)

    @property
    def is_complete(self) -> bool:
        """Whether the grammar allows nothing more."""
        return self._constraint is not None and self._constraint.is_complete

    def choose(self, sampler: Sampler, logits: Logits) -> int:
        """The chosen token, which the sampler remembers, or -1 for the end. ``logits`` has one for each.

        Raises :class:`ParameterError` if no token is allowed.
        """
        token = self._draw(sampler, logits, None)
        if self._refuses(token):
            token = self._choose_again(sampler, logits, token)
        if token >= 0:
            sampler.accept(token)
        return token

    def take(self, token: int, data: bytes) -> None:
        """The answer goes on with this token and the bytes it adds; the splitter has not seen them yet."""
        shown = self._splitter.preview(data)
        if self._constraint is not None and self._is_constrained(data):
            self._constraint.take(token)
            self._splitter.settle()
        if self._bans is not None:
            self._bans.feed(shown)

    def is_clean_at_end(self, data: bytes) -> bool:
        """Whether the answer may end with these last bytes."""
        return self._bans is None or not self._bans.is_hit_at_end(data)

    def _choose_again(self, sampler: Sampler, logits: Logits, token: int) -> int:
        allowed = self._allowed(logits)
        width = _WIDTH
        while True:
            allowed[token] = False
            if self._bans is not None:
                for likely in top(np.where(allowed, logits, -np.inf).astype(np.float32), width).tolist():
                    allowed[likely] = allowed[likely] and not self._refuses(likely)
            if not allowed.any():
                return self._end()
            token = self._draw(sampler, logits, np.flatnonzero(~allowed))
            if token < 0 or not allowed[token]:
                # The samplers have left none of them.
                token = int(np.where(allowed, logits, -np.inf).argmax())
            if not self._refuses(token):
                return token
            width *= 4

    def _draw(self, sampler: Sampler, logits: Logits, forbidden: NDArray[np.intp] | None) -> int:
        self._candidates.fill(logits)
        if forbidden is not None:
            self._candidates.forbid(forbidden)
        self._candidates.apply(sampler.handle)
        return self._candidates.selected

    def _allowed(self, logits: Logits) -> NDArray[np.bool_]:
        """For each token whether it is, as far as that can be said of all at once."""
        allowed = logits > -np.inf
        if self._constraint is not None and self._splitter.place is not Place.THINKING:
            allowed &= self._constraint.allowed()
        if not self._may_end:
            allowed[list(self._vocabulary.ending)] = False
        return allowed

    def _refuses(self, token: int) -> bool:
        if self._vocabulary.ends(token):
            return self._constraint is not None and not self._may_stop()
        data = self._splitter.bytes_of(token, self._vocabulary)
        if self._constraint is not None:
            if self._is_constrained(data):
                if not self._constraint.allows(token):
                    return True
            elif self._splitter.preview(data):
                # It closes the block and begins the answer at once, past the grammar.
                return True
        return self._bans is not None and self._bans.hit_by(self._splitter.preview(data))

    def _is_constrained(self, data: bytes) -> bool:
        """Whether what a token stands for is part of the answer proper."""
        return self._splitter.place is not Place.THINKING and not self._splitter.would_open(data)

    def _may_stop(self) -> bool:
        assert self._constraint is not None
        return self._splitter.place is not Place.THINKING and self._constraint.may_stop

    def _end(self) -> int:
        """Nothing is allowed. If the grammar is satisfied that is the end, whatever else was asked for."""
        if self._constraint is not None and self._may_stop():
            return self._vocabulary.ending[0] if self._vocabulary.ending else -1
        if self._constraint is not None:
            raise ParameterError(
                "The answer cannot go on as its grammar demands: no token fits.",
                action="Change the grammar.",
                setting=self._constraint.setting,
            )
        raise ParameterError(
            "The answer cannot go on: every token is banned.",
            action="Ban less.",
            setting="banned",
        )
