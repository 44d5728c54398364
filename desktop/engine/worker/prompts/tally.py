"""How many tokens a request's turns are: counted where it matters, and about elsewhere.

A chat of ten thousand messages is counted from its newest turn back until it is clear that no more of it can
be sent. What is older is taken to have as many tokens per character as what was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from desktop.domain.generation import Turn
from desktop.engine.worker.core import Between


class Tally:
    """Of ``turns``. Each is counted once, with a call of ``between`` before: it may take long."""

    def __init__(self, turns: Sequence[Turn], count: Callable[[str], int], between: Between) -> None:
        self._turns = turns
        self._count = count
        self._between = between
        self.counted: dict[int, int] = {}
        """Tokens of the turns that were counted, by their place."""

    def size(self, at: int) -> int:
        """Exact."""
        size = self.counted.get(at)
        if size is None:
            self._between()
            size = self.counted[at] = self._count(self._turns[at].content)
        return size

    def count_back(self, most: int) -> bool:
        """Counts from the newest turn back, and says whether all are at most ``most`` tokens.

        As soon as they are more, the rest is not looked at.
        """
        total = 0
        for at in reversed(range(len(self._turns))):
            total += self.size(at)
            if total > most:
                return False
        return True

    def about(self, places: Iterable[int]) -> int:
        """Exact if all of these turns were counted."""
        tokens = characters = 0
        for at in places:
            size = self.counted.get(at)
            if size is None:
                characters += len(self._turns[at].content)
            else:
                tokens += size
        return tokens + round(characters * self.per_character)

    @property
    def per_character(self) -> float:
        """Tokens, as counted so far."""
        characters = sum(len(self._turns[at].content) for at in self.counted)
        return sum(self.counted.values()) / characters if characters else 0.0
