"""The context ledger: what a message would cost, before it is sent. Values only.

The engine foresees a request without running it (:class:`Foresight`); the ledger says whose tokens those are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import overload

from desktop.domain.conversation import InContext, Role
from desktop.domain.generation import ContextCut

BEGINNING = 80
"""Characters of a turn that say which one it is."""


class Share(StrEnum):
    """What the context's tokens go to."""

    SYSTEM = "system"
    EXAMPLES = "examples"
    """Shown to the model as if they had been said; of a preset."""
    HISTORY = "history"
    ATTACHMENTS = "attachments"
    """Files, of messages before as well as of the new one."""
    NEW = "new"
    TEMPLATE = "template"
    """What the model's chat template writes around and between all that."""
    RESERVE = "reserve"
    """Kept free for the answer."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """What the engine says of a request that it does not run. Tokens; times in seconds."""

    turn_tokens: Mapping[int, int]
    """Of the text of each turn that was counted, by its place among the request's turns."""
    prompt_tokens: int
    """The whole prompt as the template writes it, before anything is left out."""
    sent_tokens: int
    """After the context policy; as many as ``prompt_tokens`` where nothing is left out."""
    reused_tokens: int
    """Of ``sent_tokens``: still in the KV cache, or kept on disk for the request's ``state_key``."""
    cut: ContextCut | None
    """What would be left out; ``None``: nothing."""
    overflows: bool
    """It would be refused: it does not fit, and the policy cannot or must not make it."""
    reserve: int
    """Kept free for the answer."""
    context_length: int
    is_estimate: bool = False
    """Whether ``prompt_tokens`` is estimated: what is many times too long is not counted whole."""
    tokens_per_character: float = 0.0
    """What the turns that were not counted are taken to have."""
    prompt_tokens_per_s: float = 0.0
    """Reading speed, as last measured with this loaded model; 0 while unknown."""
    step_s: float = 0.0
    """What one more token took, as last measured; 0 while unknown."""

    @property
    def first_token_s(self) -> float | None:
        """Predicted, for an engine with nothing else to do; ``None`` while that cannot be said."""
        if self.overflows or not self.prompt_tokens_per_s:
            return None
        return (self.sent_tokens - self.reused_tokens) / self.prompt_tokens_per_s + self.step_s


@dataclass(frozen=True, slots=True)
class LedgerTurn:
    """One message, or what is about to be sent (then without an id). Excluded ones cost no tokens."""

    message_id: str | None
    role: Role
    tokens: int
    """Of its text and its files; what the template adds is not in it."""
    context: InContext
    dropped: bool
    """Whether it would be left out for want of room."""
    about: bool
    """Whether ``tokens`` is an estimate: what is far beyond the context is not counted."""
    beginning: str
    """Its first words on one line, at most :data:`BEGINNING` characters; a file's name if it has no text."""


class LedgerTurns(Sequence[LedgerTurn]):
    """Made when they are looked at: there may be ten thousand, of which twenty are on the screen."""

    def __init__(
        self, count: int, id_of: Callable[[int], str | None], make: Callable[[int], LedgerTurn]
    ) -> None:
        self._count = count
        self._id_of = id_of
        self._make = make

    @cached_property
    def ids(self) -> tuple[str | None, ...]:
        """Of the messages."""
        return tuple(map(self._id_of, range(self._count)))

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> LedgerTurn: ...
    @overload
    def __getitem__(self, at: slice) -> list[LedgerTurn]: ...
    def __getitem__(self, at: int | slice) -> LedgerTurn | list[LedgerTurn]:
        places = range(self._count)[at]
        return self._make(places) if isinstance(places, int) else [self._make(place) for place in places]


@dataclass(frozen=True, slots=True)
class Ledger:
    """``turns`` oldest first, without the system prompt. All shares are there.

    Without ``RESERVE`` they add up to ``foresight.prompt_tokens``.
    """

    shares: Mapping[Share, int]
    turns: LedgerTurns
    foresight: Foresight
    dropped: int
    """How many of the ``turns`` would be left out for want of room."""
