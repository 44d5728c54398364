"""The running answer of the open chat: shown as it grows, its start and end told to screen readers.

Main thread, on the loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.domain.outline import Outline
from desktop.services.chat import ChatService
from desktop.ui.chat import words
from desktop.ui.chat.announcer import announce
from desktop.ui.chat.progress import progress_fraction, progress_text
from desktop.ui.chat.rows import Streamed
from desktop.ui.chat.transcript.transcript import Transcript

REPAINT_MS = 40
"""Between two looks at a running answer."""
_RATE_S = 0.25
"""Numbers that change faster cannot be read."""


class LiveView(QObject):
    """``progressed`` carries the answer, about as often as numbers can be read."""

    progressed = Signal(object)

    def __init__(
        self, chat: ChatService, transcript: Transcript, opened: Callable[[], Outline | None]
    ) -> None:
        super().__init__(transcript)
        self._chat = chat
        self._transcript = transcript
        self._opened = opened
        self._rate_at = 0.0
        self._progress = ""
        self._was_running = False
        self._tick = QTimer(self, singleShot=True, interval=REPAINT_MS)
        self._tick.timeout.connect(self.look)

    def begin(self, *, is_running: bool) -> None:
        """Another chat is open: whether an answer runs there is no news."""
        self._was_running = is_running

    def look_soon(self) -> None:
        if not self._tick.isActive():
            self._tick.start()

    def look(self) -> None:
        """Shows what a running answer has by now."""
        chat = self._opened()
        live = self._chat.running(chat.conversation.id) if chat else None
        if live is None:
            return
        now = time.monotonic()
        if not live.text or now - self._rate_at > _RATE_S:
            self._rate_at = now
            self._progress = progress_text(live)
            self.progressed.emit(live)
        left_out = (len(live.cut.turns), live.cut.tokens) if live.cut else (0, 0)
        self._transcript.stream(
            Streamed(
                live.message_id,
                live.text,
                self._progress,
                progress_fraction(live),
                thinking=live.thinking,
                thinking_s=live.thinking_s,
                left_out=left_out,
            )
        )

    def tell(self, chat: Outline, *, is_running: bool) -> None:
        """Start and end are told; the words in between are not."""
        if is_running and not self._was_running:
            announce(self._transcript, self.tr("The model is answering"))
        elif self._was_running and not is_running and chat.path:
            last = self._transcript.body(chat.path[-1].id)
            text = (words.status(last) if last is not None else "") or self.tr("The answer is complete")
            announce(self._transcript, text)
        self._was_running = is_running
