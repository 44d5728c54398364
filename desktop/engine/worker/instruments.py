"""Measurements of the loaded model, made ready to be put in line."""

from __future__ import annotations

from desktop.domain.errors import LocutionError
from desktop.domain.instruments import InstrumentRequest, ScoreRequest
from desktop.engine.worker.context import Context
from desktop.engine.worker.prompt import PromptBuilder
from desktop.engine.worker.scoring import ScoreTask, text_tokens
from desktop.engine.worker.task import Task
from desktop.engine.worker.vocabulary import Vocabulary


class Instruments:
    """On the prompts' thread."""

    def __init__(self, context: Context, vocabulary: Vocabulary, prompts: PromptBuilder) -> None:
        self._context = context
        self._vocabulary = vocabulary
        self._prompts = prompts

    def task(self, request_id: int, request: InstrumentRequest) -> Task:
        """Raises LocutionError."""
        match request:
            case ScoreRequest():
                tokens = text_tokens(self._vocabulary, request.text)
                return ScoreTask(request_id, request, tokens, self._context, self._vocabulary)
            case _:
                raise LocutionError("This cannot be measured yet.")
