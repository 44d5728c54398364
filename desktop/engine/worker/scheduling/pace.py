"""How fast the engine is, as last seen."""

from __future__ import annotations

CHUNK_S = 0.25
"""Seconds for which reading a prompt may hold up answers that are being written."""
MIN_CHUNK = 32
"""Tokens: shorter chunks would take nearly as long, and say little about how long others take."""


class Pace:
    """Written on the engine's thread, read from any. Seconds."""

    def __init__(self) -> None:
        self._chunk_speed = MIN_CHUNK / CHUNK_S
        self.reading = 0.0
        """Prompt tokens in a second, from admission to the first token; 0 while unknown."""
        self.step = 0.0
        """What a batch took that read no prompt; 0 while unknown."""

    def saw_batch(self, chunk: int, seconds: float) -> None:
        """A batch was computed, with so many prompt tokens in it."""
        if chunk >= MIN_CHUNK:
            self._chunk_speed = chunk / seconds
        elif not chunk:
            self.step = seconds

    def saw_prompt(self, tokens: int, seconds: float) -> None:
        """A prompt was read, but for what was reused of it."""
        if tokens >= MIN_CHUNK and seconds > 0:
            self.reading = tokens / seconds

    def chunk(self, capacity: int) -> int:
        """Prompt tokens to read in one go while there is an answer to be held up."""
        return min(capacity, max(MIN_CHUNK, int(self._chunk_speed * CHUNK_S)))
