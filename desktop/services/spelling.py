"""Which words are misspelled, asked of the system's dictionary beside the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from desktop.system.spelling import Speller, open_speller

T = TypeVar("T")
MAX_WORDS = 50_000
"""Whose spelling is remembered."""


class SpellingService:
    """On the loop. The dictionary is opened with the first question, on a thread of its own."""

    def __init__(self, opener: Callable[[Sequence[str]], Speller | None] = open_speller) -> None:
        self._open = opener
        self._speller: Speller | None = None
        self._is_open = False
        self._known: dict[str, bool] = {}
        self._thread: ThreadPoolExecutor | None = None

    async def start(self, locales: Sequence[str]) -> bool:
        """Whether there is a dictionary for one of these locales, likeliest first."""
        if not self._is_open:
            self._speller = await self._run(lambda: self._open(locales))
            self._is_open = True
        return self._speller is not None

    async def misspelled(self, words: Iterable[str]) -> frozenset[str]:
        """Those of ``words`` that the dictionary does not know; none without a dictionary."""
        if (speller := self._speller) is None:
            return frozenset()
        asked = set(words)
        new = asked - self._known.keys()
        if new:
            found = await self._run(lambda: {word: speller.check(word) for word in new})
            if len(self._known) > MAX_WORDS:
                self._known.clear()
            self._known.update(found)
        return frozenset(word for word in asked if not self._known.get(word, True))

    async def suggestions(self, word: str) -> list[str]:
        speller = self._speller
        return await self._run(lambda: speller.suggest(word)) if speller is not None else []

    async def add(self, word: str) -> None:
        """Into the user's own dictionary."""
        if (speller := self._speller) is not None:
            self._known[word] = True
            await self._run(lambda: speller.add(word))

    async def aclose(self) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "spelling")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
