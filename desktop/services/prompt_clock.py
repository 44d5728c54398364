"""How long a prompt will still be read, judged by how it went so far. Pure; times in seconds."""

from __future__ import annotations

from dataclasses import dataclass

_NEW = 0.4
"""What the newest piece of a prompt counts beside all before: later ones take longer."""


@dataclass(slots=True, eq=False)
class PromptClock:
    """Told of what is read as it is read; what was reused took no time and says nothing."""

    _done: int = 0
    _total: int = 0
    _at: float = 0.0
    _speed: float = 0.0
    """Tokens in a second; 0 until a piece was read."""

    def take(self, done: int, total: int, reused: int, now: float) -> None:
        """``done`` of ``total`` tokens are there, the first ``reused`` of them without being read."""
        passed = now - self._at
        if done > self._done >= reused and self._total == total and passed > 0:
            speed = (done - self._done) / passed
            self._speed += (speed - self._speed) * (_NEW if self._speed else 1.0)
        elif done == self._done and self._total == total:
            # Told again of the same: its piece is still on the way.
            return
        elif done < self._done or self._total != total:
            # Read anew, as after an interruption.
            self._speed = 0.0
        self._done, self._total, self._at = done, total, now

    def left_s(self, now: float) -> float | None:
        """Counts down between two pieces; ``None`` while nothing is known."""
        if not self._speed:
            return None
        return max(0.0, (self._total - self._done) / self._speed - (now - self._at))
