"""Which turns of a conversation may be left out, and where what is left begins. Pure.

An exchange is a question and what follows it. One with a pinned turn in it stays, and so do the instructions,
the newest question and what may already stand after it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from desktop.domain.conversation import Role
from desktop.domain.generation import Turn


class Exchanges:
    """The places of a conversation's turns. With ``ends`` the first exchange stays as well."""

    def __init__(self, turns: Sequence[Turn], *, ends: bool) -> None:
        self._turns = turns
        first = 1 if turns[0].role is Role.SYSTEM else 0
        if ends:
            first = self._question_from(first + 1, len(turns))
        # The newest question; where there is none, the newest turn.
        newest = (at for at in reversed(range(len(turns))) if turns[at].role is Role.USER)
        self.last = next(newest, len(turns) - 1)
        """Where the turns begin that always stay."""
        self._first = min(first, self.last)
        self._pinned: set[int] = set()
        for at, turn in enumerate(turns):
            if turn.pinned and self._first <= at < self.last and at not in self._pinned:
                self._pinned.update(self._exchange(at))

    def kept(self, start: int) -> list[int]:
        """What is sent if the conversation begins at ``start``, beside what stays in any case."""
        before = sorted(at for at in self._pinned if at < start)
        return [*range(self._first), *before, *range(start, len(self._turns))]

    def dropped(self, start: int) -> list[int]:
        """All others."""
        return [at for at in range(self._first, start) if at not in self._pinned]

    def start(self, size: Callable[[int], int], room: int, spare: int, added: int) -> int:
        """Where to begin, so that no more than ``room`` tokens are kept, if that is possible.

        A turn takes its ``size`` and what the template has ``added``. More is left out than has to be, until
        it is ``spare`` tokens: of the exchanges to begin with it takes the one whose place is the roundest
        number. That is the same one for a while as the conversation grows.
        """

        def tokens(places: Collection[int]) -> int:
            return sum(map(size, places)) + added * len(places)

        most = tokens(self.kept(self.last))
        begins: list[tuple[int, int]] = []
        for exchange in self._back():
            more = tokens(exchange) if exchange.start not in self._pinned else 0
            if most + more > room:
                break
            most += more
            begins.append((exchange.start, most))
        near = []
        for start, kept in reversed(begins):
            near.append(start)
            if most - kept >= spare:
                break
        return max(near, key=self._roundness, default=self.last)

    def _roundness(self, start: int) -> tuple[float, int]:
        """The beginning itself is the roundest, then what can be divided by two most often."""
        place = start - self._first
        return (place & -place or float("inf")), place

    def _back(self) -> Iterator[range]:
        """Those that may be left out, and pinned ones between them, the newest first."""
        at = self.last
        while at > self._first:
            exchange = self._exchange(at - 1)
            yield exchange
            at = exchange.start

    def _exchange(self, at: int) -> range:
        """The one that a turn belongs to."""
        before = (place for place in range(at, self._first, -1) if self._turns[place].role is Role.USER)
        return range(next(before, self._first), self._question_from(at + 1, self.last))

    def _question_from(self, at: int, end: int) -> int:
        """The first question from a place on; ``end`` if there is none."""
        return next((place for place in range(at, end) if self._turns[place].role is Role.USER), end)
