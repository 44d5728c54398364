"""What a search in the chat found, marked in the messages that have a widget now. Main thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect

from desktop.ui.chat.message.widget import MessageWidget
from desktop.ui.chat.rows import Key
from desktop.ui.chat.transcript.layout import MARGIN, TranscriptLayout
from desktop.ui.chat.transcript.live_rows import LiveRows

_MATCH_AT = 0.35
"""How far down a match that was out of sight is shown, as a share of the viewport's height."""


class TranscriptMarks:
    """``counted`` hears how often the words are read in a row that is shown: that is the exact number."""

    def __init__(self, live: LiveRows, counted: Callable[[Key, int], None]) -> None:
        self._live = live
        self._counted = counted
        self._needle = ""
        self._current: tuple[Key, int] | None = None
        self._is_wanted = False

    def find(self, needle: str) -> None:
        """Marks these words everywhere; nothing if they are empty."""
        self._needle = needle
        self._current = None
        self._is_wanted = False
        for widget in self._live:
            self.put_on(widget)

    def set_current(self, key: Key, index: int) -> None:
        """Marks one match stronger, and wants it shown."""
        before, self._current = self._current, (key, index)
        self._is_wanted = True
        for old in {key, before[0] if before is not None else key}:
            if (widget := self._live.widget(old)) is not None:
                self.put_on(widget)

    def show(self, layout: TranscriptLayout, left: int) -> None:
        """Scrolls to the current match once, as soon as its text is there."""
        if self._current is None or not self._is_wanted:
            return
        key, _ = self._current
        at = self._live.index(key)
        is_there = at is not None and self._live.rows[at].loaded
        if at is None:
            at = self._live.index((key[0], 0))  # How many rows a long message has is known with its text.
        self._is_wanted = at is not None and self._live.rows.body(key[0]) is None
        if at is None:
            return
        if at not in layout.shown:
            layout.hold(at, MARGIN)
            layout.place(left)
        if is_there:
            widget = self._live.ensure(at)
            box = self._place(widget)
            top = widget.y() + box.top()
            if not MARGIN <= top <= layout.height - MARGIN - box.height():
                layout.hold(at, round(_MATCH_AT * layout.height) - box.top())
                layout.place(left)

    def put_on(self, widget: MessageWidget) -> None:
        """For a widget that shows another row or another text now."""
        row = widget.row
        if row is None:
            return
        here = self._current[1] if self._current is not None and self._current[0] == row.key else None
        count = widget.body.set_highlights(self._needle, here)
        if self._needle and row.loaded:
            self._counted(row.key, count)

    def _place(self, widget: MessageWidget) -> QRect:
        """Where the current match is in its widget; at its top if it is not there."""
        if self._current is None:
            return QRect()
        box = widget.body.match_rect(self._current[1])
        return QRect() if box.isNull() else box.translated(widget.body.pos())
