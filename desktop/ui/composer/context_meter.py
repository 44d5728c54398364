"""Asks what the next message would cost, a moment after the last key and never in its way.

Main thread, on the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.domain.conversation import InContext, Node, Part
from desktop.domain.errors import LocutionError
from desktop.domain.ledger import Ledger
from desktop.domain.prompt import Prompt
from desktop.services.ledger import LedgerService
from desktop.services.models import ModelService
from desktop.services.tasks import Tasks

_WAIT_MS = 300
_CHARACTERS_PER_TOKEN = 4
COUNTED_WHOLE = 50_000
"""Characters; of a longer text the engine counts the beginning only."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the next message would cost. Without a ledger a rough guess, because no model is loaded."""

    ledger: Ledger | None
    used: int
    """Tokens of the prompt, without the reserve for the answer."""
    total: int
    """Tokens the context has; 0 while that is not known."""
    about: bool
    problem: LocutionError | None = None
    """Why it cannot be said."""


class ContextMeter(QObject):
    """``measured`` with a :class:`Reading`; ``counted`` with a file, its tokens, and whether about."""

    measured = Signal(object)
    counted = Signal(object, int, bool)

    def __init__(
        self, ledger: LedgerService, models: ModelService, tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._ledger = ledger
        self._models = models
        self._tasks = tasks
        self._conversation_id = ""
        self._path: Sequence[Node] = ()
        self._prompt = Prompt()
        self._counts: dict[Part, int] = {}
        self._counted_with = ""
        self._asking: asyncio.Task[None] | None = None
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self._on_due)

    def set_chat(self, conversation_id: str, path: Sequence[Node]) -> None:
        """Which chat it is about, and how that looks now."""
        self._conversation_id, self._path = conversation_id, path
        self._timer.start()

    def set_prompt(self, prompt: Prompt) -> None:
        """What is in the composer."""
        self._prompt = prompt
        self._timer.start()

    def refresh(self) -> None:
        """The model or the parameters are others."""
        self._timer.start()

    def _on_due(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        if self._conversation_id:
            self._asking = self._tasks.start(self._ask(), "ask what a message costs")

    async def _ask(self) -> None:
        prompt = self._prompt
        model = self._models.current
        if (name := model.path if model else "") != self._counted_with:
            self._counted_with = name
            self._counts.clear()
        try:
            ledger = await self._ledger.of(self._conversation_id, prompt.text, prompt.attachments)
        except LocutionError as problem:
            self.measured.emit(self._rough(problem))
        else:
            self.measured.emit(self._exact(ledger) if ledger is not None else self._rough())
        for part in prompt.attachments:
            await self._count(part)

    async def _count(self, part: Part) -> None:
        """A file on its own, as soon as the engine has time for it."""
        if part not in self._counts:
            try:
                self._counts[part] = await self._ledger.count_file(part)
            except LocutionError:
                self.counted.emit(part, max(1, len(part.text) // _CHARACTERS_PER_TOKEN), True)
                return
        self.counted.emit(part, self._counts[part], len(part.text) > COUNTED_WHOLE)

    def _exact(self, ledger: Ledger) -> Reading:
        foresight = ledger.foresight
        return Reading(ledger, foresight.prompt_tokens, foresight.context_length, foresight.is_estimate)

    def _rough(self, problem: LocutionError | None = None) -> Reading:
        sent = (node.characters for node in self._path if node.context is not InContext.EXCLUDED)
        typed = len(self._prompt.text) + sum(len(part.text) for part in self._prompt.attachments)
        model = self._models.current
        total = model.context_length if model else 0
        return Reading(None, (sum(sent) + typed) // _CHARACTERS_PER_TOKEN, total, True, problem)
