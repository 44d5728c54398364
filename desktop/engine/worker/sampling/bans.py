"""Banned phrases: an answer never contains one, in upper or lower case, however it is cut into tokens."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from desktop.domain.errors import ParameterError


class Bans:
    """Watches one answer's bytes as they come. Case is folded, so "ß" is "SS", too."""

    __slots__ = ("_decoder", "_phrases", "_tail", "_width")

    def __init__(self, phrases: Sequence[str]) -> None:
        self._phrases = [phrase.casefold() for phrase in phrases]
        self._width = max(map(len, self._phrases)) - 1
        self._tail = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def begin(self, prefill: str) -> None:
        """The answer begins with this. Raises :class:`ParameterError` if a phrase is in it already."""
        folded = prefill.casefold()
        if any(phrase in folded for phrase in self._phrases):
            raise ParameterError(
                "What the answer is to begin with contains a banned phrase.",
                action="Change one of them.",
                setting="banned",
            )
        self._keep(folded)

    def hit_by(self, data: bytes) -> bool:
        """Whether the answer would contain a phrase if it went on with these bytes.

        Only whole characters count; one that is incomplete does when it is completed.
        """
        state = self._decoder.getstate()
        folded = self._tail + self._decoder.decode(data).casefold()
        self._decoder.setstate(state)
        return any(phrase in folded for phrase in self._phrases)

    def feed(self, data: bytes) -> None:
        self._keep(self._tail + self._decoder.decode(data).casefold())

    def is_hit_at_end(self, data: bytes) -> bool:
        """As :meth:`hit_by`, where a character that is still incomplete shows as U+FFFD."""
        state = self._decoder.getstate()
        folded = self._tail + self._decoder.decode(data, final=True).casefold()
        self._decoder.setstate(state)
        return any(phrase in folded for phrase in self._phrases)

    def _keep(self, folded: str) -> None:
        self._tail = folded[len(folded) - self._width :] if self._width < len(folded) else folded
