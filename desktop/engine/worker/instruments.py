"""Measurements of the loaded model, made ready to be put in line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from desktop.domain.errors import LocutionError, ParameterError
from desktop.domain.generation import Turn
from desktop.domain.instruments import (
    BeamRequest,
    DistributionRequest,
    EmbedRequest,
    InstrumentRequest,
    ScoreRequest,
)
from desktop.engine.worker.beams import BeamTask
from desktop.engine.worker.cache import Tokens
from desktop.engine.worker.context import Context
from desktop.engine.worker.embedding import embed_task
from desktop.engine.worker.embedding_context import Basis
from desktop.engine.worker.microscope import DistributionTask, Points
from desktop.engine.worker.prompt import PromptBuilder
from desktop.engine.worker.scoring import ScoreTask, text_tokens
from desktop.engine.worker.task import Task


def only_embeds() -> LocutionError:
    """What an embedding model says to everything else."""
    return LocutionError(
        "This is an embedding model: it turns text into numbers and cannot answer.",
        action="Choose a model made for chat.",
    )


class Instruments:
    """``context`` is None for a model that only embeds. On the prompts' thread."""

    def __init__(self, basis: Basis, context: Context | None, prompts: PromptBuilder) -> None:
        self._basis = basis
        self._context = context
        self._prompts = prompts
        self._points = Points()

    def task(self, request_id: int, request: InstrumentRequest) -> Task:
        """Raises LocutionError."""
        if isinstance(request, EmbedRequest):
            return embed_task(request_id, request, self._basis)
        vocabulary = self._basis.model.vocabulary
        if (context := self._context) is None:
            raise only_embeds()
        match request:
            case ScoreRequest():
                tokens = text_tokens(vocabulary, request.text)
                return ScoreTask(request_id, request, tokens, context, vocabulary)
            case DistributionRequest():
                thinking = request.parameters.thinking
                prompt = self._prompt(request.turns, request.prefill, context, thinking)
                return DistributionTask(request_id, request, prompt, context, vocabulary, self._points)
            case BeamRequest():
                prompt = self._prompt(request.turns, request.prefill, context)
                return BeamTask(request_id, request, prompt, context, vocabulary)

    def forget(self) -> None:
        """For a model that computes something else from now on. Only while nothing is measured."""
        self._points.clear()

    def _prompt(
        self, turns: Sequence[Turn], prefill: str, context: Context, thinking: str = "auto"
    ) -> Tokens:
        self._prompts.refuse_if_far_too_long(turns, context.length)
        ids = self._prompts.build(turns, thinking=thinking, prefill=prefill).ids
        if not ids:
            raise ParameterError("There is nothing to continue.", action="Write something first.")
        return np.array(ids, np.int32)
