"""From token bytes to text that can be shown: whole characters, and never the start of a stop sequence."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from desktop.engine.worker.prompts.thinking import overlap


class TextStream:
    """One answer's text as its tokens arrive.

    Bytes of a character that is not complete yet are held back, and so is text that could still
    become a stop sequence. ``text`` is all that has been let out.
    """

    __slots__ = ("_decoder", "_held", "_pieces", "_stops", "stopped")

    def __init__(self, stops: Sequence[str]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._stops = tuple(stops)
        self._held = ""
        self._pieces: list[str] = []
        self.stopped = False

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def feed(self, piece: bytes) -> str:
        """The text that may be shown now. Sets ``stopped`` once a stop sequence, never shown, is complete."""
        return self._release(self._decoder.decode(piece))

    def finish(self) -> str:
        """What is left at the end: held text, and U+FFFD for a character that was never completed."""
        shown = self._release(self._decoder.decode(b"", final=True))
        if not self.stopped and self._held:
            shown += self._held
            self._pieces.append(self._held)
            self._held = ""
        return shown

    def drop_incomplete(self) -> None:
        """Forgets the bytes of a character that is not complete."""
        self._decoder.reset()

    def _release(self, new: str) -> str:
        if self.stopped:
            return ""
        if not self._stops:
            if new:
                self._pieces.append(new)
            return new
        pending = self._held + new
        found = [(at + len(stop), at) for stop in self._stops if (at := pending.find(stop)) >= 0]
        if found:
            # The one that is complete first, however the text was cut into tokens.
            _, start = min(found)
            shown, self._held, self.stopped = pending[:start], "", True
        else:
            keep = max(overlap(pending, stop) for stop in self._stops)
            cut = len(pending) - keep
            shown, self._held = pending[:cut], pending[cut:]
        if shown:
            self._pieces.append(shown)
        return shown
