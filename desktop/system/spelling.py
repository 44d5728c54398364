"""The system's spell-checker, if it offers one: Enchant, which knows what dictionaries there are.

Opening one and asking for suggestions take a quarter of a second; an instance belongs to one thread.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

_log = logging.getLogger(__name__)
MOST_SUGGESTIONS = 6


class Speller(Protocol):
    """One language's dictionary, with the user's own words."""

    def check(self, word: str) -> bool:
        """Whether it is spelled well."""

    def suggest(self, word: str) -> list[str]:
        """Words that may be meant, likeliest first."""

    def add(self, word: str) -> None:
        """Knows it from now on, also in other programs."""


def open_speller(locales: Sequence[str]) -> Speller | None:
    """For the first of these locales (``de_AT``, ``de``) that there is a dictionary for; ``None``: for none.

    Also where Enchant or its Python package is not installed.
    """
    try:
        # Only here: loading the library takes longer than a start may wait.
        import enchant
    except ImportError:
        return None
    try:
        for locale in locales:
            if locale and enchant.dict_exists(locale):
                return _Dictionary(enchant.Dict(locale))
    except enchant.errors.Error as error:
        _log.warning("No dictionary could be opened: %s", error)
    return None


class _Dictionary:
    def __init__(self, dictionary: Speller) -> None:
        self._dictionary = dictionary

    def check(self, word: str) -> bool:
        return bool(self._dictionary.check(word))

    def suggest(self, word: str) -> list[str]:
        return self._dictionary.suggest(word)[:MOST_SUGGESTIONS]

    def add(self, word: str) -> None:
        self._dictionary.add(word)
