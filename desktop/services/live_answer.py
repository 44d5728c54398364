"""An answer that is being made, for views to read: how far it is, and what it says so far."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum

from desktop.domain.generation import ContextCut
from desktop.services.prompt_clock import PromptClock


class Phase(Enum):
    LOADING = "loading"
    QUEUED = "queued"
    READING = "reading"
    THINKING = "thinking"
    WRITING = "writing"


@dataclass(slots=True, eq=False)
class LiveAnswer:
    """Changed by :class:`~desktop.services.answering.Answerer`; times are of ``time.monotonic``."""

    message_id: str
    conversation_id: str
    started: float = field(default_factory=time.monotonic)
    phase: Phase = Phase.LOADING
    text: str = ""
    thinking: str = ""
    """What came before the answer proper."""
    thinking_s: float = 0.0
    """How long it has thought, and in the end thought in all."""
    ahead: int = 0
    """Others that run or wait before it, while it is queued."""
    cut: ContextCut | None = None
    """What of the conversation the model was not sent."""
    tokens: int = 0
    prompt_done: int = 0
    prompt_total: int = 0
    load_fraction: float = 0.0
    first_token_at: float = 0.0
    clock: PromptClock = field(default_factory=PromptClock)

    @property
    def prompt_left_s(self) -> float | None:
        """Seconds until the prompt is read, about; ``None`` until a part of it was."""
        return self.clock.left_s(time.monotonic())

    @property
    def tokens_per_s(self) -> float:
        """So far; 0 until there is something to measure."""
        spent = time.monotonic() - self.first_token_at
        return (self.tokens - 1) / spent if self.first_token_at and self.tokens > 1 and spent > 0 else 0.0
