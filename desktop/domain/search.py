"""What somebody looks for in all chats: words, phrases and filters, from one line of text.

    lighthouse "nine seconds" in:Stories model:smollm after:2026-03 before:2026-04-15 is:pinned

Every line means something: what is no filter, or no date, is looked for as words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from desktop.domain.conversation import Role
from desktop.domain.text import well_formed

MOST_TERMS = 32
"""Words and phrases that are looked for; the rest of a line is left out."""
LONGEST = 1000
"""Characters that are looked at."""
_WORD = re.compile(
    r'(?P<name>[A-Za-z]+):(?:"(?P<quoted>[^"]*)"?|(?P<value>[^\s"]+))|"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+)'
)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """``terms`` are words and phrases that must all be there; ``prefix``: the last may go on.

    Empty filters ask for nothing. ``after`` is the first moment that counts, ``before`` the first that does
    not, in Unix seconds.
    """

    terms: tuple[str, ...] = ()
    prefix: bool = False
    folder: str = ""
    model: str = ""
    after: float | None = None
    before: float | None = None
    pinned: bool = False

    @property
    def is_empty(self) -> bool:
        return self == SearchQuery()


@dataclass(frozen=True, slots=True)
class Hit:
    """Where something was found: in a message, or in the title where ``message_id`` is ``None``.

    ``title`` is the chat's; ``text`` a piece of the message, or the name of a file in it. ``ranges`` are the
    places of what was found in ``text``: first character, and the one behind the last. ``at`` is when it was
    written, in Unix seconds, and ``role`` says by whom; a title has none.
    """

    conversation_id: str
    message_id: str | None
    title: str
    text: str
    ranges: tuple[tuple[int, int], ...]
    at: float
    role: Role | None = None


def parse_search(text: str) -> SearchQuery:
    """Never fails.

    The last word may still be being typed, so it is looked for as a beginning too, unless a space follows.
    """
    line = well_formed(text[:LONGEST]).replace("\0", " ")
    query = SearchQuery()
    terms: list[str] = []
    prefix = False
    for found in _WORD.finditer(line):
        name, value = (found["name"] or "").lower(), found["quoted"] or found["value"] or ""
        take = _FILTERS.get(name)
        filtered = take(query, value.strip()) if take and value.strip() else None
        if filtered is not None:
            query = filtered
        elif words := _words(found["phrase"] if found["phrase"] is not None else found[0]):
            terms.append(words)
            prefix = found["word"] is not None and not _is_letter(words)
    prefix = prefix and len(terms) <= MOST_TERMS and not line[-1].isspace()
    return replace(query, terms=tuple(terms[:MOST_TERMS]), prefix=prefix)


def words_of(text: str) -> list[str]:
    """The words as the index has them, but for accents."""
    return _words(text).lower().split()


def _words(text: str) -> str:
    """``text`` with spaces for all that is never in the index; empty if nothing is left."""
    return " ".join("".join(c if _is_indexed(c) else " " for c in text).split())


def _is_indexed(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LNM" or category == "Co"


def _is_letter(word: str) -> bool:
    """One letter begins half of all words: looking for all of them would take long and help nobody."""
    return len(word) == 1 and word.isascii()


def _moment(text: str) -> float | None:
    """The start of a year, a month or a day, local time."""
    if (found := _DATE.fullmatch(text)) is None:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return datetime(year, month, day).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _before(query: SearchQuery, value: str) -> SearchQuery | None:
    return None if (moment := _moment(value)) is None else replace(query, before=moment)


def _after(query: SearchQuery, value: str) -> SearchQuery | None:
    return None if (moment := _moment(value)) is None else replace(query, after=moment)


_FILTERS: dict[str, Callable[[SearchQuery, str], SearchQuery | None]] = {
    "in": lambda query, value: replace(query, folder=value),
    "model": lambda query, value: replace(query, model=words) if (words := _words(value)) else None,
    "before": _before,
    "after": _after,
    "is": lambda query, value: replace(query, pinned=True) if value.lower() == "pinned" else None,
}
