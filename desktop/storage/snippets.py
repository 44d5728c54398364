"""Where in a text the words of a search stand, and the piece of it that shows them best. Pure, any thread.

SQLite's own snippets would read its whole index for a word that is being typed, and know nothing of signs
that are words of their own (:mod:`desktop.storage.words`). What is a letter, and which letters are the same
but for accents, is told here as ``unicode61`` does for the scripts people search in; where the two differ, a
hit is shown without its words marked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from functools import cache
from itertools import islice

from desktop.storage.words import SIGNS, has_signs, spaced

WIDTH = 200
"""Characters of a snippet, about."""
_BEFORE = 48
"""Characters of it before the first word that was found."""
_MOST = 200
"""Places that are looked at in one text."""
_LETTER = r"[^\W_]"
_LETTER_AMONG_SIGNS = rf"[^\W_{SIGNS}]"
_MARK = "[\u0300-\u036f]"
_ACCENTED = (range(0xC0, 0x250), range(0x370, 0x530), range(0x1E00, 0x2000))

Ranges = tuple[tuple[int, int], ...]


class Script(Enum):
    """What is in a text decides how long a pattern for it takes to compile: from nothing to milliseconds."""

    PLAIN = "plain"
    ACCENTS = "accents"
    SIGNS = "signs"


class Finder:
    """Of words and phrases, as in a :class:`~desktop.domain.search.SearchQuery`."""

    __slots__ = ("_patterns", "_prefix", "_terms")

    def __init__(self, terms: Sequence[str], *, prefix: bool) -> None:
        self._terms = terms
        self._prefix = prefix
        self._patterns: dict[Script, re.Pattern[str]] = {}

    def finds(self, text: str) -> bool:
        """Whether any of them is there."""
        return self._pattern(text).search(text) is not None

    def mark(self, text: str) -> Ranges:
        """The places of all of them: first character, and the one behind the last."""
        return tuple(found.span() for found in self._find(text))

    def snippet(self, text: str) -> tuple[str, Ranges]:
        """The piece with the most different words, and their places in it; the beginning if none is there."""
        found = self._find(text)
        begin = max(0, _best(found) - _BEFORE) if found else 0
        if begin:
            # Not in the middle of a word, where there is a space to begin at.
            space = re.compile(r"\s").search(text, begin, begin + _BEFORE // 2)
            begin = space.end() if space else begin
        end = min(len(text), begin + WIDTH)
        if end < len(text) and (
            space_at := max(text.rfind(" ", begin, end), text.rfind("\n", begin, end))
        ) > (begin + WIDTH // 2):
            end = space_at
        opening = "…" if begin else ""
        shift = begin - len(opening)
        ranges = tuple(
            (match.start() - shift, min(match.end(), end) - shift)
            for match in found
            if begin <= match.start() < end
        )
        return opening + text[begin:end] + ("…" if end < len(text) else ""), ranges

    def _find(self, text: str) -> list[re.Match[str]]:
        return list(islice(self._pattern(text).finditer(text), _MOST))

    def _pattern(self, text: str) -> re.Pattern[str]:
        script = Script.PLAIN if text.isascii() else Script.SIGNS if has_signs(text) else Script.ACCENTS
        if script not in self._patterns:
            last = len(self._terms) - 1
            each = (
                f"({_of(term, script, prefix=self._prefix and number == last)})"
                for number, term in enumerate(self._terms)
            )
            plain = re.ASCII | re.IGNORECASE if script is Script.PLAIN else re.NOFLAG
            self._patterns[script] = re.compile("|".join(each) or "(?!)", plain)
        return self._patterns[script]


def _best(found: Sequence[re.Match[str]]) -> int:
    """Where the piece with the most different words begins, the first of several."""
    best, best_count = found[0].start(), 0
    for number, match in enumerate(found):
        different = {
            other.lastindex for other in found[number:] if other.end() <= match.start() + WIDTH - _BEFORE
        }
        if len(different) > best_count:
            best, best_count = match.start(), len(different)
    return best


def _of(term: str, script: Script, *, prefix: bool) -> str:
    """A phrase's words one after the other, whatever is between them that is no word."""
    words = _folded(spaced(term)).split()
    if not words:  # Accents alone.
        return "(?!)"
    last = len(words) - 1
    return r"[\W_]*".join(
        _word(word, script, prefix=prefix and number == last) for number, word in enumerate(words)
    )


def _word(word: str, script: Script, *, prefix: bool) -> str:
    if has_signs(word):
        return word
    if script is Script.PLAIN:
        return rf"(?<!{_LETTER}){re.escape(word)}" + (f"{_LETTER}*" if prefix else f"(?!{_LETTER})")
    letter = _LETTER_AMONG_SIGNS if script is Script.SIGNS else _LETTER
    begin = "".join(f"(?<!{letter}{_MARK * marks})" for marks in range(3))
    end = f"(?:{letter}|{_MARK})*" if prefix else f"(?!{letter}|{_MARK})"
    return begin + "".join(f"{_alike_or_same(character)}{_MARK}*" for character in word) + end


def _alike_or_same(letter: str) -> str:
    # Spelt out: to compile a pattern that ignores case takes ten times as long as to search with it.
    large = letter.upper() if len(letter.upper()) == 1 else ""
    alike = large + _alike().get(letter, "")
    return f"[{re.escape(letter)}{alike}]" if alike and alike != letter else re.escape(letter)


def _folded(text: str) -> str:
    """In small letters and without accents; of signs that are words of their own nothing is taken apart."""
    return "".join(_base(character) for character in text)


def _base(character: str) -> str:
    if has_signs(character):
        return character
    if unicodedata.combining(character):
        return ""
    return unicodedata.normalize("NFD", character)[0].lower()


@cache
def _alike() -> dict[str, str]:
    """The letters that differ from each one in their accents alone."""
    alike: dict[str, str] = {}
    for code in (code for codes in _ACCENTED for code in codes):
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        if base != chr(code).lower() and base.isalpha():
            alike[base] = alike.get(base, "") + chr(code)
    return alike
