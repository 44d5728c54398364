"""How often words are read in the messages of the open chat, and which of these places is the how-manieth.

What a message says is what the reader sees of it: the words without Markdown's marks. What was thought before
an answer, and attached files, are left out, both here and where matches are marked. Numbers are those of
``rendered_text``, until a message is shown and its own number is known. No Qt.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from desktop.domain.conversation import Message, Node, Role, Status
from desktop.ui.chat.rows import texts_of
from desktop.ui.markdown.plain_text import rendered_text
from desktop.ui.markdown.search_marks import matches


@dataclass(frozen=True, slots=True)
class Match:
    """The match with this index, from 0, in one row of a message."""

    message_id: str
    part: int
    index: int


def readable(message: Message) -> tuple[str, ...]:
    """What can be read of a message, a text for each of its rows in the transcript."""
    is_typed = message.role is Role.USER
    return tuple(rendered_text(text, typed=is_typed) for text in texts_of(message))


class FindIndex:
    """Of the messages on ``path``, which its owner may change and then tells with :meth:`follow`."""

    def __init__(self) -> None:
        self._path: Sequence[Node] = ()
        self._needle = ""
        self._texts: dict[str, tuple[str, ...]] = {}
        self._unfinished: set[str] = set()
        """Those whose text was taken while it was written."""
        self._counts: dict[str, tuple[int, ...]] = {}
        self._exact: dict[tuple[str, int], int] = {}
        self._sums: list[int] | None = None
        """How many matches there are up to each place of the path; ``None``: to be counted."""

    def clear(self) -> None:
        """Another chat, or the search is over: nothing is kept."""
        self._path = ()
        self._texts.clear()
        self._unfinished.clear()
        self.look_for("")

    def follow(self, path: Sequence[Node]) -> None:
        """The path is this one, or another than it was."""
        self._path = path
        self._sums = None
        for node in path if self._unfinished else ():
            if node.id in self._unfinished and node.status is not Status.STREAMING:
                self._unfinished.discard(node.id)
                self._texts.pop(node.id, None)
                self._forget(node.id)

    def look_for(self, needle: str) -> None:
        """Other words. What did not have the beginning of them has not got them either."""
        goes_on = bool(self._needle) and self._needle in needle
        without = {message_id: counts for message_id, counts in self._counts.items() if not any(counts)}
        self._counts = without if goes_on else {}
        self._exact.clear()
        self._sums = None
        self._needle = needle

    def unread(self) -> list[str]:
        """Messages of the path whose text is not there."""
        return [node.id for node in self._path if node.id not in self._texts and node.role is not Role.SYSTEM]

    def uncounted(self) -> list[str]:
        """Messages of the path that are to be counted; their texts must be there."""
        return [node.id for node in self._path if node.id in self._texts and node.id not in self._counts]

    def put(self, message_id: str, texts: tuple[str, ...], *, unfinished: bool = False) -> None:
        """What can be read of a message."""
        self._texts[message_id] = texts
        self._forget(message_id)
        if unfinished:
            self._unfinished.add(message_id)

    def count(self, message_id: str) -> None:
        """Looks for the words in one message."""
        texts = self._texts.get(message_id, ())
        counts = []
        for part, text in enumerate(texts):
            exact = self._exact.get((message_id, part))
            counts.append(len(matches(text, self._needle)) if exact is None else exact)
        self._counts[message_id] = tuple(counts)
        self._sums = None

    def correct(self, message_id: str, part: int, number: int) -> bool:
        """How many a row that is shown really has; returns whether that is another number."""
        self._exact[message_id, part] = number
        counts = self._counts.get(message_id, ())
        if part >= len(counts) or counts[part] == number:
            return False
        self._counts[message_id] = (*counts[:part], number, *counts[part + 1 :])
        self._sums = None
        return True

    @property
    def total(self) -> int:
        sums = self._up_to()
        return sums[-1] if sums else 0

    def match(self, number: int) -> Match | None:
        """The match with this number, from 0, in reading order."""
        sums = self._up_to()
        place = bisect_right(sums, number)
        if number < 0 or place == len(sums):
            return None
        message_id = self._path[place].id
        index = number - (sums[place - 1] if place else 0)
        for part, count in enumerate(self._counts[message_id]):
            if index < count:
                return Match(message_id, part, index)
            index -= count
        return None

    def number(self, match: Match, place: int | None) -> int | None:
        """The number of a match; ``place`` is where on the path its message is."""
        if place is None or not 0 <= match.index < self._count(match.message_id, match.part):
            return None
        before = self.first_from(place)
        return before + sum(self._counts[match.message_id][: match.part]) + match.index

    def following(self, match: Match, place: int) -> int:
        """The number of the match that comes in the place of one that is not there after all."""
        counts = self._counts.get(match.message_id, ())
        return self.first_from(place) + sum(counts[: match.part + 1])

    def knows(self, message_id: str) -> bool:
        """Whether a message is counted."""
        return message_id in self._counts

    def first_from(self, place: int) -> int:
        """The number of the first match at this place of the path or after it; the total if there is none."""
        sums = self._up_to()
        return sums[min(place, len(sums)) - 1] if place and sums else 0

    def _count(self, message_id: str, part: int) -> int:
        counts = self._counts.get(message_id, ())
        return counts[part] if part < len(counts) else 0

    def _up_to(self) -> list[int]:
        if self._sums is None:
            found: Iterable[int] = (sum(self._counts.get(node.id, ())) for node in self._path)
            self._sums = list(accumulate(found))
        return self._sums

    def _forget(self, message_id: str) -> None:
        self._counts.pop(message_id, None)
        for part in range(len(self._texts.get(message_id, ("",)))):
            self._exact.pop((message_id, part), None)
        self._sums = None
