"""How the answers of one request are written: what they share, made ready before the first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from desktop.domain.generation import GenerationRequest
from desktop.domain.parameter_specs import NO_BUDGET
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.prompts.thinking import Splitter, Tags
from desktop.engine.worker.sampling.answer import Answer, Limits
from desktop.engine.worker.sampling.bans import Bans
from desktop.engine.worker.sampling.choice import Guard
from desktop.engine.worker.sampling.constraint import Constraint
from desktop.engine.worker.sampling.links import prepare
from desktop.engine.worker.sampling.sampler import Sampler


class Writer:
    """``context_length`` is in tokens; ``tags`` are those of thinking, ``opened`` the block that is open."""

    def __init__(
        self,
        request: GenerationRequest,
        vocabulary: Vocabulary,
        context_length: int,
        *,
        tags: Sequence[Tags] = (),
        opened: Tags | None = None,
        constraint: Constraint | None = None,
    ) -> None:
        """On the prompts' thread. Raises :class:`ParameterError` if the parameters do not suit the model."""
        self._request = request
        self._vocabulary = vocabulary
        self._tags = () if request.prefill else tuple(tags)
        self._opened = opened
        self._context_length = context_length
        self._constraint = constraint
        prepare(request.parameters, vocabulary, context_length)
        self._bans()

    def begin(self, index: int, sequence: int, prompt: NDArray[np.int32], room: int) -> Answer:
        """Answer ``index``, in a sequence that holds the prompt; there is room for as many tokens."""
        parameters = self._request.parameters
        sampler = Sampler(parameters, self._vocabulary, self._context_length, index)
        sampler.read(prompt)
        splitter = Splitter(self._tags, opened=self._opened, exact=self._constraint is not None)
        budget = parameters.thinking_budget
        return Answer(
            index,
            sequence,
            len(prompt),
            vocabulary=self._vocabulary,
            sampler=sampler,
            stops=parameters.stop,
            splitter=splitter,
            guard=self._guard(splitter),
            limits=Limits(
                min(parameters.max_tokens, room),
                None if budget == NO_BUDGET else budget,
                self._request.alternatives,
            ),
        )

    def _guard(self, splitter: Splitter) -> Guard | None:
        bans = self._bans()
        if bans is None and self._constraint is None:
            return None
        return Guard(
            self._vocabulary,
            splitter,
            bans=bans,
            constraint=self._constraint.another() if self._constraint else None,
            may_end=not self._request.parameters.ignore_eos,
        )

    def _bans(self) -> Bans | None:
        if not self._request.parameters.banned:
            return None
        bans = Bans(self._request.parameters.banned)
        bans.begin(self._request.prefill)
        return bans
