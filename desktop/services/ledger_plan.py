"""What of a chat would be sent, and whose text that is. Pure.

Where the chat changes the plan is changed, not made anew. Ten thousand messages are a few tuples, so that one
more word costs what it costs to copy those.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from operator import is_

from desktop.domain.conversation import Role
from desktop.domain.generation import Turn
from desktop.domain.ledger import Share
from desktop.services.turns import Said, turns_from


@dataclass(frozen=True, slots=True)
class Piece:
    """A file or a text of a message."""

    part: Said
    share: Share
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Of ``path``: the instructions, the chat's messages, what is typed. All that is in it says something."""

    path: tuple[Said, ...] = ()
    turns: tuple[Turn, ...] = ()
    parts: tuple[tuple[Said, ...], ...] = ()
    """The messages that each turn is made of."""
    starts: tuple[int, ...] = ()
    """The place in ``path`` where each turn begins."""
    sent: int = 0
    """How many messages the ``parts`` are."""
    characters: Mapping[Share, int] = field(default_factory=dict)
    """Of what they say."""

    def same(self, path: Sequence[Said]) -> int:
        """How many messages at the beginning are the very same objects."""
        same = bytes(map(is_, self.path, path)).find(False)
        return same if same >= 0 else min(len(self.path), len(path))

    def changed(self, path: tuple[Said, ...], same: int) -> Plan:
        """Of ``path``, which has the first ``same`` messages in common with this one."""
        # The last turn of those may go on.
        whole = bisect_left(self.starts, same)
        kept, begin = (whole - 1, self.starts[whole - 1]) if whole else (0, 0)
        made = list(turns_from(islice(path, begin, None), ""))
        parts = tuple(tuple(several) for _, several in made)
        sent = [at for at in range(begin, len(path)) if path[at].is_sent]
        firsts = accumulate(map(len, parts), initial=0)
        starts = tuple(sent[first] for first, _ in zip(firsts, parts, strict=False))
        characters = Counter(self.characters)
        characters.subtract(_characters(self.parts[kept:]))
        characters.update(_characters(parts))
        return Plan(
            path,
            self.turns[:kept] + tuple(turn for turn, _ in made),
            self.parts[:kept] + parts,
            self.starts[:kept] + starts,
            self.sent - sum(map(len, self.parts[kept:])) + len(sent),
            characters,
        )

    @property
    def first(self) -> int:
        """The place of the first message, behind the instructions."""
        return sum(each.role is Role.SYSTEM and each.message_id is None for each in self.path[:1])

    def pieces(self, turn: int) -> list[Piece]:
        return [piece for part in self.parts[turn] for piece in _pieces(part)]

    def turn_of(self, place: int) -> int | None:
        """The turn that a message of ``path`` is sent in; ``None`` if it is excluded."""
        return bisect_right(self.starts, place) - 1 if self.path[place].is_sent else None


def _pieces(part: Said) -> Iterator[Piece]:
    for file in part.files:
        yield Piece(part, Share.ATTACHMENTS, file)
    if part.text:
        yield Piece(part, _share(part), part.text)


def _share(part: Said) -> Share:
    if part.message_id is not None:
        return Share.HISTORY
    return Share.SYSTEM if part.role is Role.SYSTEM else Share.NEW


def _characters(turns: Iterable[Iterable[Said]]) -> Counter[Share]:
    found: Counter[Share] = Counter()
    for parts in turns:
        for part in parts:
            for piece in _pieces(part):
                found[piece.share] += len(piece.text)
    return found
