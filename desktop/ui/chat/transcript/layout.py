"""Where the transcript's rows are: a row and where its top is, and all else follows from this anchor.

Rows near the anchor have exact heights, the rest estimates, so a corrected estimate never moves what the
user reads. The bottom is followed only while the user is there. A row that somebody went to is held where it
is, whatever comes above it, until the user scrolls. Main thread only.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.ui.chat.message.layout import OUTSET
from desktop.ui.chat.rows import Key
from desktop.ui.chat.transcript.live_rows import LiveRows
from desktop.ui.theme import GRID

MARGIN = 6 * GRID
"""Above the first row and below the last."""


class TranscriptLayout:
    """All positions in the viewport's pixels."""

    def __init__(self, live: LiveRows, viewport: QWidget) -> None:
        self._live = live
        self._viewport = viewport
        self._anchor = 0
        self._anchor_y = 0
        self._held: tuple[Key, int] | None = None
        self.following = True
        """The end is shown, also when there is more of it."""
        self.shown = range(0)
        """The rows that are seen."""

    def reset(self) -> None:
        """The rows are those of another chat."""
        self._anchor = 0
        self._held = None
        self.shown = range(0)

    def follow(self) -> None:
        """Shows the end from now on."""
        self.following = True
        self._held = None

    def hold(self, at: int, y: int) -> None:
        """Shows a row with its top at ``y``, also after its own and its neighbours' heights have changed."""
        self.following = False
        self._anchor, self._anchor_y = at, y
        self._held = self._live.rows.key(at), y

    def scroll(self, moved: int) -> None:
        """By so many pixels towards the end."""
        self._held = None
        self._anchor_y -= moved

    def scroll_to(self, value: int) -> None:
        """So many pixels down, as far as estimates tell."""
        self._held = None
        target = value - MARGIN
        self._anchor = self._live.heights.find(target)
        self._anchor_y = self._live.heights.offset(self._anchor) - target

    @property
    def height(self) -> int:
        """Of the viewport."""
        return self._viewport.height()

    def kept(self) -> Key | None:
        """The row whose place is kept through a change; for :meth:`keep` after it."""
        return self._live.rows.key(self._anchor) if self._anchor < len(self._live) else None

    def keep(self, kept: Key | None) -> None:
        """The rows are others, and what was seen stays where it was."""
        self.shown = range(0)
        if (at := self._live.index(kept)) is not None:
            self._anchor = at
        else:
            self._anchor = min(self._anchor, max(0, len(self._live) - 1))

    def value(self, maximum: int) -> int:
        """For the scroll bar."""
        if self.following:
            return maximum
        return self._live.heights.offset(self._anchor) - self._anchor_y + MARGIN if len(self._live) else 0

    def place(self, left: int) -> None:
        """Binds and moves the rows that are seen. ``left`` is where the column begins."""
        height = self._viewport.height()
        if not len(self._live):
            return
        if self.following:
            self._anchor_to_end(height)
        elif self._held is not None and (held := self._live.index(self._held[0])) is not None:
            self._anchor, self._anchor_y = held, self._held[1]
        self._normalize(height)
        y, at = self._anchor_y, self._anchor
        self._shift_painted(y)
        while at < len(self._live) and y < height:
            widget = self._live.ensure(at)
            width = self._live.width + 2 * OUTSET
            widget.setGeometry(left - OUTSET, y, width, self._live.heights[at])
            widget.arrange()
            if widget.isHidden():
                widget.show()
            y += self._live.heights[at]
            at += 1
        shown = range(self._anchor, at)
        if shown != self.shown:
            self.shown = shown
            self._live.keep(shown)
            self._live.put_in_order()

    def _shift_painted(self, y: int) -> None:
        """Moves what is on the screen with the anchor's row, so that only what is new has to be painted."""
        widget = self._live.widget(self._live.rows.key(self._anchor))
        if widget is not None and self._anchor in self.shown and not widget.isHidden():
            moved = y - widget.y()
            if moved and abs(moved) < self._viewport.height():
                self._viewport.scroll(0, moved)

    def _anchor_to_end(self, height: int) -> None:
        y = height - MARGIN
        at = len(self._live)
        while at > 0 and y > 0:
            at -= 1
            self._live.ensure(at)
            y -= self._live.heights[at]
        self._anchor, self._anchor_y = at, y
        if at == 0 and y > MARGIN:
            self._anchor_y = MARGIN

    def _normalize(self, height: int) -> None:
        """Moves the anchor to the first row that is seen, measuring the rows it passes."""
        while self._anchor_y > 0 and self._anchor > 0:
            self._anchor -= 1
            self._live.ensure(self._anchor)
            self._anchor_y -= self._live.heights[self._anchor]
        if self._anchor == 0 and self._anchor_y > MARGIN:
            self._anchor_y = MARGIN
        while self._anchor < len(self._live) - 1:
            self._live.ensure(self._anchor)
            if self._anchor_y + self._live.heights[self._anchor] > 0:
                break
            self._anchor_y += self._live.heights[self._anchor]
            self._anchor += 1
        if not self.following and self._ends_by(height - MARGIN):
            # Where a text is still missing it is not known yet whether this is the end.
            if self._held is None or all(self._live.rows[at].loaded for at in self._from_anchor()):
                self.follow()
            self._anchor_to_end(height)

    def _ends_by(self, bottom: int) -> bool:
        """Whether the last row ends above ``bottom``."""
        y = self._anchor_y
        for at in self._from_anchor():
            if y > bottom:
                return False
            self._live.ensure(at)
            y += self._live.heights[at]
        return y <= bottom

    def _from_anchor(self) -> range:
        return range(self._anchor, len(self._live))
