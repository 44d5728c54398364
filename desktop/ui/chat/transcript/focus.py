"""The message that the keyboard is at, and what Tab and the arrows reach from it. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.chat.message.widget import MessageWidget
from desktop.ui.chat.transcript.live_rows import LiveRows


class TranscriptFocus:
    """Of ``transcript``, whose messages are in ``live``."""

    def __init__(self, live: LiveRows, transcript: QWidget) -> None:
        self._live = live
        self._transcript = transcript

    @property
    def at(self) -> int | None:
        """The row, if the keyboard is at one."""
        return self._live.index(self._live.current)

    @property
    def widget(self) -> MessageWidget | None:
        """That row's widget, if it has one now."""
        return self._live.widget(self._live.current)

    @property
    def message(self) -> MessageWidget | None:
        """The one that has the keyboard somewhere in it, otherwise the one it is at."""
        return self._holder_of(QApplication.focusWidget()) or self.widget

    def set(self, at: int | None) -> None:
        """Marks a row; no row if there is none at this place."""
        key = self._live[at].key if at is not None and 0 <= at < len(self._live) else None
        self._live.current = key
        for widget in self._live:
            widget.set_current(widget.row is not None and widget.row.key == key)
        if (now := self.widget) is not None:
            QAccessible.updateAccessibility(QAccessibleEvent(now, QAccessible.Event.Focus))

    def step_inside(self, forward: bool) -> bool:
        """Tab through the current message's texts and buttons; ``False`` past the last or first of them."""
        focused = QApplication.focusWidget()
        holder = self.message
        chain: list[QWidget] = [self._transcript, *(holder.focus_chain() if holder else ())]
        at = chain.index(focused) if focused in chain else 0
        following = at + (1 if forward else -1)
        if not 0 <= following < len(chain):
            return False
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        chain[following].setFocus(reason)
        return True

    def _holder_of(self, widget: QWidget | None) -> MessageWidget | None:
        place: QWidget | None = widget
        while place is not None and place is not self._transcript:
            if isinstance(place, MessageWidget):
                return place
            place = place.parentWidget()
        return None
