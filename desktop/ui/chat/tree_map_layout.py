"""Where each message of a chat stands on its map: down the rows as the talk goes on, branches side by side.

A message that goes on in one way only is part of a run; the middle of a long run is one knot, so that ten
thousand messages without a branch are a short line. Costs as much as there are messages, in small steps.
No Qt.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from desktop.domain.conversation import MessageTree, Node, Role

_ENDS = 2
"""Messages at either end of a run that stand alone."""
_SHORTEST = 3
"""Messages that are worth being one knot."""
_STEP = 200
"""Messages between two yields."""


@dataclass(frozen=True, slots=True)
class Knot:
    """One message, or several that follow each other. ``row`` and ``rows`` are the places it takes."""

    ids: tuple[str, ...]
    column: int
    row: int
    rows: int
    parent: int | None
    """The number of the knot before it."""

    @property
    def is_run(self) -> bool:
        return len(self.ids) > 1


@dataclass(slots=True)
class TreeMap:
    """Knots are numbered; ``starting`` are those of each row, ``children`` those that follow each."""

    knots: list[Knot] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    starting: dict[int, list[int]] = field(default_factory=dict)
    of: dict[str, int] = field(default_factory=dict)
    """The knot that a message is in."""
    columns: int = 0
    rows: int = 0
    tallest: int = 1

    def add(self, ids: tuple[str, ...], column: int, row: int, parent: int | None) -> int:
        """Puts a knot on the map and returns its number."""
        rows = 1 if len(ids) == 1 else 1 + len(ids).bit_length() // 2
        number = len(self.knots)
        self.knots.append(Knot(ids, column, row, rows, parent))
        self.children.append([])
        (self.roots if parent is None else self.children[parent]).append(number)
        self.starting.setdefault(row, []).append(number)
        self.of.update(dict.fromkeys(ids, number))
        self.columns = max(self.columns, column + 1)
        self.rows = max(self.rows, row + rows)
        self.tallest = max(self.tallest, rows)
        return number

    def between(self, first: int, last: int) -> list[int]:
        """The knots that reach into these rows, the last included."""
        rows = range(max(0, first - self.tallest), min(last, self.rows) + 1)
        return [number for row in rows for number in self.starting.get(row, ())]

    def siblings(self, number: int) -> list[int]:
        """The ways on from the same place, itself among them."""
        parent = self.knots[number].parent
        return self.roots if parent is None else self.children[parent]

    def middle(self, message_id: str) -> float | None:
        """The row, with its fraction, where a message's middle is."""
        if (number := self.of.get(message_id)) is None:
            return None
        knot = self.knots[number]
        at = knot.ids.index(message_id) if knot.is_run else 0
        return knot.row + knot.rows * (at + 0.5) / len(knot.ids)

    def message(self, number: int, row: float) -> str:
        """The message of a knot that stands at this row."""
        knot = self.knots[number]
        at = int((row - knot.row) / knot.rows * len(knot.ids))
        return knot.ids[max(0, min(at, len(knot.ids) - 1))]


def lay_out(tree: MessageTree[Node]) -> Generator[None, None, TreeMap]:
    """Makes the map of a tree; yields again and again, so that others get a turn."""
    made = TreeMap()
    column = 0
    seen = 0
    # The last one is looked at first: a branch is followed to its end before the next begins.
    waiting: list[tuple[str, int | None, int, bool]] = [
        (root, None, 0, bool(at)) for at, root in reversed(list(enumerate(_ways_on(tree, None))))
    ]
    while waiting:
        first, parent, row, is_new = waiting.pop()
        column += is_new
        own = column if is_new or parent is None else made.knots[parent].column
        run, ways = [first], _ways_on(tree, first)
        while len(ways) == 1:
            run.append(ways[0])
            ways = _ways_on(tree, ways[0])
            seen += 1
            if seen % _STEP == 0:
                yield
        for ids in _parts(run):
            parent = made.add(ids, own, row, parent)
            row += made.knots[parent].rows
        waiting += [(way, parent, row, bool(at)) for at, way in reversed(list(enumerate(ways)))]
        seen += 1
        if seen % _STEP == 0:
            yield
    return made


def _parts(run: list[str]) -> list[tuple[str, ...]]:
    if len(run) < 2 * _ENDS + _SHORTEST:
        return [(message_id,) for message_id in run]
    alone = [(message_id,) for message_id in run]
    return [*alone[:_ENDS], tuple(run[_ENDS:-_ENDS]), *alone[-_ENDS:]]


def _ways_on(tree: MessageTree[Node], message_id: str | None) -> list[str]:
    """What follows a message; instructions are passed over, they are no part of the talk."""
    found: list[str] = []
    waiting = list(reversed(tree.children(message_id)))
    while waiting:
        node = waiting.pop()
        if node.role is Role.SYSTEM:
            waiting += reversed(tree.children(node.id))
        else:
            found.append(node.id)
    return found
