"""What is known of texts already. A chat is sent again and again, and only its end is new.

Used on one thread at a time, the prompts' thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from desktop.engine.worker.prompts.traced import Traced

MAX_COUNTS = 50_000
"""Texts whose number of tokens is remembered; some 10 MB."""
MAX_CHARACTERS = 4_000_000
"""Of all runs whose tokens are remembered; up to some 40 MB, and longer than nearly every context."""

Ids = NDArray[np.int32]


class Counts:
    """How many tokens each text is. The texts themselves are not kept."""

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self._known: dict[bytes, int] = {}
        """By digest, the one that was asked for longest ago first."""

    def of(self, text: str) -> int:
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        count = self._known.pop(key, None)
        if count is None:
            count = self._count(text)
            if len(self._known) >= MAX_COUNTS:
                del self._known[next(iter(self._known))]
        self._known[key] = count
        return count


class Runs:
    """The tokens of runs of text between control tokens, and their origins."""

    def __init__(self, encode: Callable[[Traced], tuple[Sequence[int], bytes]]) -> None:
        self._encode = encode
        self._known: dict[tuple[str, bytes], tuple[Ids, bytes]] = {}
        """By text and origins, the one that was used longest ago first."""
        self._characters = 0

    def of(self, run: Traced) -> tuple[Sequence[int], bytes]:
        """Token ids, and an origin byte for each."""
        # A plain string: a traced one keeps what it was cut from.
        key = str.__str__(run), run.origins
        found = self._known.pop(key, None)
        if found is not None:
            self._known[key] = found
            return found[0].tolist(), found[1]
        ids, origins = self._encode(run)
        if len(run) <= MAX_CHARACTERS:
            self._known[key] = np.array(ids, np.int32), origins
            self._characters += len(run)
            while self._characters > MAX_CHARACTERS:
                oldest = next(iter(self._known))
                del self._known[oldest]
                self._characters -= len(oldest[0])
        return ids, origins
