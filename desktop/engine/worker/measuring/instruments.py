"""Measurements of the loaded model, made ready to be put in line."""

from __future__ import annotations

import numpy as np

from desktop.domain.errors import LocutionError, ParameterError
from desktop.domain.instruments import (
    BeamRequest,
    DistributionRequest,
    EmbedRequest,
    InstrumentRequest,
    ScoreRequest,
)
from desktop.engine.worker.kv.state import Tokens
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.measuring.beams import BeamTask
from desktop.engine.worker.measuring.embedding import embed_task
from desktop.engine.worker.measuring.embedding_context import Basis
from desktop.engine.worker.measuring.microscope import DistributionTask, Points
from desktop.engine.worker.measuring.scoring import ScoreTask, text_tokens
from desktop.engine.worker.measuring.task import Task
from desktop.engine.worker.prompts.prompt import Prompt, PromptBuilder
from desktop.engine.worker.sampling.grammars import Grammars


def only_embeds() -> LocutionError:
    """What an embedding model says to everything else."""
    return LocutionError(
        "This is an embedding model: it turns text into numbers and cannot answer.",
        action="Choose a model made for chat.",
    )


class Instruments:
    """``context`` is None for a model that only embeds. On the prompts' thread."""

    def __init__(
        self, basis: Basis, context: Context | None, prompts: PromptBuilder, grammars: Grammars
    ) -> None:
        self._basis = basis
        self._context = context
        self._prompts = prompts
        self._grammars = grammars
        self._points = Points()

    def task(self, request_id: int, request: InstrumentRequest) -> Task:
        """Raises LocutionError."""
        if isinstance(request, EmbedRequest):
            return embed_task(request_id, request, self._basis)
        vocabulary = self._basis.model.vocabulary
        if (context := self._context) is None:
            raise only_embeds()
        if not isinstance(request, ScoreRequest):
            self._prompts.refuse_if_far_too_long(request.turns, context.length)
        match request:
            case ScoreRequest():
                tokens = text_tokens(vocabulary, request.text)
                return ScoreTask(request_id, request, tokens, context, vocabulary)
            case DistributionRequest():
                return self._distribution(request_id, request, context)
            case BeamRequest():
                prompt = self._prompts.build(request.turns, prefill=request.prefill)
                return BeamTask(request_id, request, _tokens(prompt), context, vocabulary)

    def forget(self) -> None:
        """For a model that computes something else from now on. Only while nothing is measured."""
        self._points.clear()

    def _distribution(
        self, request_id: int, request: DistributionRequest, context: Context
    ) -> DistributionTask:
        parameters, prefill = request.parameters, request.prefill
        prompt = self._prompts.build(request.turns, thinking=parameters.thinking, prefill=prefill)
        # A grammar is about the answer proper, not about what is thought before it.
        constraint = None if prompt.opened else self._grammars.constraint(parameters, prefill)
        vocabulary = self._basis.model.vocabulary
        return DistributionTask(
            request_id, request, _tokens(prompt), context, vocabulary, self._points, constraint
        )


def _tokens(prompt: Prompt) -> Tokens:
    if not prompt.ids:
        raise ParameterError("There is nothing to continue.", action="Write something first.")
    return np.array(prompt.ids, np.int32)
