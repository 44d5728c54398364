"""The transcript's rows, their heights, and the widgets that are bound to the rows near what is seen.

About ``LIVE`` widgets serve any number of rows: what scrolls away gives its widget back. Main thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from desktop.domain.conversation import MessageTree
from desktop.ui.chat.message.cache import MessageCache
from desktop.ui.chat.message.widget import MessageWidget
from desktop.ui.chat.rows import Key, Row, Rows, Streamed, rows_of
from desktop.ui.chat.transcript.heights import Heights

LIVE = 40


class LiveRows:
    """Heights are exact for rows that were bound at the present width, and guesses for the others."""

    def __init__(self, make: Callable[[], MessageWidget], name_of: Callable[[Row], str]) -> None:
        self._make = make
        self._name_of = name_of
        self._cache = MessageCache()
        self._rows = rows_of((), MessageTree(()))
        self._exact: dict[Key, tuple[tuple[object, ...], int]] = {}
        self._live: dict[Key, MessageWidget] = {}
        self._spare: list[MessageWidget] = []
        self._streamed: Streamed | None = None
        self.on_bound: Callable[[MessageWidget], None] = lambda widget: None
        """Hears of every widget that shows another row, or its row anew."""
        self.heights = Heights()
        self.width = 0
        self.current: Key | None = None
        self.editing: set[str] = set()
        """Messages whose widget is kept wherever it is: somebody writes in it."""

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: int) -> Row:
        return self._rows[at]

    def __iter__(self) -> Iterator[MessageWidget]:
        """The bound widgets."""
        return iter(list(self._live.values()))

    def index(self, key: Key | None) -> int | None:
        """Where a row is, if it is there."""
        return None if key is None else self._rows.index(key)

    def widget(self, key: Key | None) -> MessageWidget | None:
        """The row's widget, if it has one now."""
        return None if key is None else self._live.get(key)

    def count(self) -> int:
        """Widgets that are bound."""
        return len(self._live)

    @property
    def rows(self) -> Rows:
        return self._rows

    def replace(self, rows: Rows) -> None:
        """Other rows of this chat; what did not change keeps its widget and its height."""
        rows.raw |= self._rows.raw
        self._rows = rows
        self.settle(0)

    def settle(self, first: int) -> None:
        """The rows are others from ``first`` on. Costs as much as there are of them."""
        self.heights.replace(first, (self._height(at) for at in range(first, len(self._rows))))
        self.show_anew()

    def toggle_raw(self, message_id: str) -> None:
        """Shows a message as it was written, or rendered again."""
        if (first := self._rows.first(message_id)) is not None:
            self._rows.raw ^= {message_id}
            _, last = self._rows.last_key(message_id)
            for at in range(first, first + last + 1):
                self.heights.set(at, self._height(at))
            self.show_anew()

    def show_anew(self) -> None:
        """Gives each widget its row as that is now."""
        for key, widget in list(self._live.items()):
            if (at := self.index(key)) is None:
                self._recycle(key)
            elif widget.row != (row := self._rows[at]):
                self._bind(widget, row)

    def _height(self, at: int) -> int:
        """Exact if it was measured and nothing changed since."""
        if (exact := self._exact.get(self._rows.key(at))) is not None:
            if exact[0] == self._rows[at].stamp:
                return exact[1]
            del self._exact[self._rows.key(at)]
        return self._rows.estimate(at)

    def clear(self) -> None:
        """Forgets everything about the rows there were."""
        for key in list(self._live):
            self._recycle(key)
        self._rows = rows_of((), MessageTree(()))
        self._exact.clear()
        self.editing.clear()
        self.current = None
        self._streamed = None

    def set_width(self, width: int) -> None:
        """All heights are guesses again if the width is another."""
        if width != self.width:
            self.width = width
            self._exact.clear()

    def ensure(self, at: int) -> MessageWidget:
        """The row's widget, bound, and its height exact."""
        row = self._rows[at]
        widget = self._live.get(row.key)
        if widget is None:
            widget = self._spare.pop() if self._spare else self._make()
            self._live[row.key] = widget
            self._bind(widget, row)
        if row.loaded and row.key not in self._exact:
            self.measure(at, widget)
        return widget

    def measure(self, at: int, widget: MessageWidget) -> bool:
        """Asks for the height again; says whether it is another."""
        if not (row := self._rows[at]).loaded:
            return False
        height = widget.height_at(self.width)
        self._exact[row.key] = row.stamp, height
        changed = height != self.heights[at]
        self.heights.set(at, height)
        return changed

    def stream(self, streamed: Streamed) -> MessageWidget | None:
        """Hands a running answer to its widget, if it has one now; whoever gets one later gets it then.

        The row may be finished before the answer is known to be: it is saved first, and may be read then.
        """
        self._streamed = streamed
        widget = self._live.get((streamed.message_id, 0))
        if widget is None or widget.row is None or not widget.row.streaming:
            return None
        widget.stream(streamed)
        return widget

    def keep(self, shown: range) -> None:
        """Hides what is prepared just outside ``shown``, gives back what is far away."""
        margin = max(4, (LIVE - len(shown)) // 2)
        for key, widget in list(self._live.items()):
            if (at := self.index(key)) in shown:
                continue
            is_near = at is not None and shown.start - margin <= at < shown.stop + margin
            if not is_near and key[0] not in self.editing:
                self._recycle(key)
            elif not widget.isHidden():
                widget.put_away()

    def put_in_order(self) -> None:
        """Screen readers go through the widgets in the order in which they lie over each other."""
        wanted = [self._live[key] for key in sorted(self._live, key=lambda key: self.index(key) or 0)]
        parent = wanted[0].parentWidget() if wanted else None
        bound = set(wanted)
        if parent is not None and [child for child in parent.children() if child in bound] != wanted:
            for widget in wanted:
                widget.raise_()

    def prepare_next(self, shown: range) -> bool:
        """Renders or binds one row near ``shown`` that is not yet; ``False`` if there is none.

        One after the other: both at once would take longer than a frame has for a message with a lot in it.
        """
        reach = max(2, (LIVE - len(shown)) // 2 - 2)
        for distance in range(reach):
            for at in (shown.stop + distance, shown.start - 1 - distance):
                is_bare = 0 <= at < len(self._rows) and self._rows.key(at) not in self._live
                if is_bare and (row := self._rows[at]).loaded:
                    if row.streaming or self._cache.has(row):
                        self.ensure(at).hide()
                    else:
                        self._cache.blocks(row)
                    return True
        return False

    def restyle(self) -> None:
        self._exact.clear()
        for widget in (*self._live.values(), *self._spare):
            widget.restyle()

    def _bind(self, widget: MessageWidget, row: Row) -> None:
        self._exact.pop(row.key, None)
        name = self._name_of(row)
        if row.streaming:
            widget.set_row(row, None, name)
            streamed = self._streamed
            if streamed is None or streamed.message_id != row.message.id:
                streamed = Streamed(row.message.id, row.text, thinking=row.message.thinking)
            widget.stream(streamed)
        elif not widget.end_stream(row, name):
            widget.set_row(row, self._cache.blocks(row), name)
        widget.set_current(row.key == self.current)
        self.on_bound(widget)

    def _recycle(self, key: Key) -> None:
        widget = self._live.pop(key)
        widget.release()
        if len(self._live) + len(self._spare) < LIVE:
            self._spare.append(widget)
        else:
            widget.deleteLater()
