"""What the worker's loop drives. The native engine and the scripted one both keep this interface.

Called from the loop's thread; what asks about text, from the prompts' thread; :meth:`Core.cancel` from any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from desktop.domain.errors import LocutionError
from desktop.domain.generation import GenerationEvent, GenerationRequest, RenderedPrompt, Token, Turn
from desktop.domain.instruments import InstrumentRequest, Measurement
from desktop.domain.ledger import Foresight
from desktop.domain.model import Adapter, LoadedModel, LoadSettings, StateStore

COALESCE_S = 0.03
"""Seconds between two reports of one request: as often as a screen can show it."""

Request = GenerationRequest | InstrumentRequest
Event = GenerationEvent | Measurement
Emit = Callable[[Event | LocutionError], None]
"""Takes a request's events; the last is ``Done``, a measurement, or an error."""
Between = Callable[[], None]
"""Called between two pieces of work of a question, for what is more urgent. What it raises ends the work."""
Start = Callable[[Emit], None]
"""Puts a prepared request in line, on the loop's thread. Raises LocutionError; then nothing is emitted."""


def nothing() -> None:
    """A :data:`Between` for whoever is alone."""


@dataclass(frozen=True, slots=True)
class CoreInfo:
    """What the first message to the app says of the core."""

    build: str
    devices: tuple[str, ...] = ()
    features: str = ""


class Core(Protocol):
    def info(self) -> CoreInfo: ...

    def load(
        self,
        path: str,
        settings: LoadSettings,
        state: StateStore | None,
        progress: Callable[[float], bool],
    ) -> LoadedModel:
        """Loads a model. ``progress`` is told the fraction, and returns False to give up.

        Raises LocutionError.
        """
        ...

    def set_adapters(self, adapters: Sequence[Adapter]) -> None:
        """Puts these in place of the adapters in use, between two steps. Raises LocutionError."""
        ...

    def prepare(self, request_id: int, request: Request) -> Start:
        """The slow part of taking a request: its prompt. On the prompts' thread. Raises LocutionError."""
        ...

    def step(self) -> None:
        """Does one bounded piece of work for all running requests."""
        ...

    def rest(self) -> float | None:
        """Does one bounded piece of what can wait until nothing runs.

        Returns the seconds after which it wants to go on; ``None`` if there is nothing left to do.
        """
        ...

    def forget(self, key: str) -> None:
        """Gives up what is kept for requests with this ``state_key``, in memory and on disk."""
        ...

    @property
    def active(self) -> bool:
        """Whether there is anything for :meth:`step` to do."""
        ...

    def cancel(self, request_id: int) -> None:
        """Ends a request soon, with what it has. Unknown ids are ignored. From any thread."""
        ...

    def tokenize(self, text: str) -> tuple[Token, ...]:
        """On the prompts' thread. Raises LocutionError."""
        ...

    def count_tokens(self, text: str) -> int:
        """On the prompts' thread. Raises LocutionError."""
        ...

    def render(self, turns: Sequence[Turn]) -> RenderedPrompt:
        """On the prompts' thread. Raises LocutionError."""
        ...

    def foresee(self, request: GenerationRequest, between: Between) -> Foresight:
        """What a request would come to, without running it. On the prompts' thread. Raises LocutionError."""
        ...

    def close(self) -> None: ...
