"""Counts what the next prompt would take of the context, a moment after the last key and never in its way.

What was already sent is known exactly from the last answer; the rest is counted by the engine, or estimated
while it cannot be asked. Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.domain.conversation import Message, Node, Role
from desktop.domain.errors import LocutionError
from desktop.services.chat import LiveAnswer
from desktop.services.models import ModelService
from desktop.services.tasks import Tasks

_WAIT_MS = 300
_CHARACTERS_PER_TOKEN = 4
_PER_MESSAGE = 6
"""Tokens that a chat template puts around a message, about."""


class ContextMeter(QObject):
    """``measured`` with used, total, whether that is estimated, and what the new text alone takes."""

    measured = Signal(int, int, bool, int)

    def __init__(self, models: ModelService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._tasks = tasks
        self._text = ""
        self._counted = ""
        self._own = 0
        self._base = 0
        self._about = True
        self._counting = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._on_due)

    def set_history(
        self, path: Sequence[Node], body_of: Callable[[str], Message | None], system_prompt: str
    ) -> None:
        """What is sent besides the new text; ``body_of`` knows the last messages."""
        self._base, self._about = _history(path, body_of, system_prompt)
        self._tell()

    def set_text(self, text: str) -> None:
        """What is in the composer."""
        self._text = text
        if not text:
            self._own, self._counted = 0, ""
            self._tell()
        self._timer.start()

    def show_running(self, live: LiveAnswer) -> None:
        """While an answer is made its own numbers are exact."""
        if live.prompt_total:
            self.measured.emit(live.prompt_total + live.tokens, self._total(), False, 0)

    def refresh(self) -> None:
        """The model changed."""
        self._counted = ""
        self._timer.start()
        self._tell()

    def _total(self) -> int:
        model = self._models.current
        return model.context_length if model else 0

    def _tell(self) -> None:
        about = self._about or self._counted != self._text
        self.measured.emit(self._base + self._own, self._total(), about, self._own)

    def _on_due(self) -> None:
        if self._counting or self._counted == self._text or not self._models.current:
            return
        self._counting = True
        self._tasks.start(self._count(self._text), "count tokens")

    async def _count(self, text: str) -> None:
        try:
            self._own = await self._models.count_tokens(text) + (_PER_MESSAGE if text else 0)
            self._counted = text
        except LocutionError:
            # The engine is busy or gone; the estimate stands until the next key.
            self._own = len(text) // _CHARACTERS_PER_TOKEN
        finally:
            self._counting = False
        self._tell()
        if self._text != text:
            self._timer.start()


def _history(
    path: Sequence[Node], body_of: Callable[[str], Message | None], system_prompt: str
) -> tuple[int, bool]:
    """Tokens of the shown branch, and whether that is a guess."""
    for at in range(len(path) - 1, -1, -1):
        if (body := body_of(path[at].id)) is None:
            break
        origin = body.origin
        if body.role is Role.ASSISTANT and origin and origin.prompt_tokens:
            exact = origin.prompt_tokens + origin.completion_tokens
            rest = path[at + 1 :]
            about = bool(rest) or origin.system_prompt != system_prompt
            if thinking := body.thinking:  # Not sent back.
                about = True
                exact -= min(origin.completion_tokens, len(thinking) // _CHARACTERS_PER_TOKEN)
            return exact + _guess(rest), about
    return len(system_prompt) // _CHARACTERS_PER_TOKEN + _guess(path), True


def _guess(path: Sequence[Node]) -> int:
    return sum(node.characters // _CHARACTERS_PER_TOKEN + _PER_MESSAGE for node in path)
