"""The messages of the open chat: a list of rows as the source, a window of live widgets around what is seen.

Positions follow from an anchor: a row, and where its top is in the viewport. Rows near the anchor have exact
heights, the rest estimates, so a corrected estimate never moves what the user reads. The bottom is followed
only while the user is there. Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QWidget

from desktop.domain.conversation import Message
from desktop.ui.chat.message_cache import MessageCache
from desktop.ui.chat.message_widget import MEASURE, MessageWidget
from desktop.ui.chat.round_button import SIDE, RoundButton
from desktop.ui.chat.transcript_heights import Heights
from desktop.ui.chat.transcript_rows import Row
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme, Token
from desktop.ui.widgets.code_block_highlight import Highlighter
from desktop.ui.widgets.markdown_style import MarkdownStyle

LIVE = 40
"""About how many message widgets are kept laid out."""
_MARGIN = 6 * GRID
_STEP = 15 * GRID
Key = tuple[str, int]


class Transcript(QAbstractScrollArea):
    """Shows rows; says what the user wants of a message, by id."""

    regenerated = Signal(str)
    edit_submitted = Signal(str, str)
    stepped = Signal(str, int)
    link_chosen = Signal(str)
    left = Signal(bool)
    """The keyboard went past the end (``True``) or the start of the messages."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._style = MarkdownStyle(theme, self)
        self._highlighter = Highlighter(self)
        self._cache = MessageCache()
        self._rows: list[Row] = []
        self._index: dict[Key, int] = {}
        self._heights = Heights()
        self._exact: dict[Key, int] = {}
        self._live: dict[Key, MessageWidget] = {}
        self._spare: list[MessageWidget] = []
        self._editing: set[str] = set()
        self._anchor = 0
        self._anchor_y = 0
        self._following = True
        self._current: Key | None = None
        self._value = 0
        self._streamed: tuple[str, str, str, float | None] | None = None
        self._laying_out = False
        self._column = 0
        self._shown = range(0)
        self._model_name = ""
        self.setObjectName("transcript")
        self.setAccessibleName(self.tr("Messages"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(_STEP)
        # Painted whole by paintEvent: so Qt can move what is painted already when it scrolls.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._on_idle)
        self._bottom = self._bottom_button()
        self._style.changed.connect(self._on_style_changed)

    def set_rows(self, rows: list[Row], *, follow: bool) -> None:
        """Shows the open chat after a change. Unless ``follow``, the reader's place is kept."""
        kept = self._rows[self._anchor].key if self._anchor < len(self._rows) else None
        before = {row.key: row for row in self._rows}
        self._rows = rows
        self._index = {row.key: at for at, row in enumerate(rows)}
        for key in list(self._exact):
            if (at := self._index.get(key)) is None or rows[at] != before.get(key):
                del self._exact[key]
        self._heights = Heights(self._exact.get(row.key) or row.estimate() for row in rows)
        for key, widget in list(self._live.items()):
            if (at := self._index.get(key)) is None:
                self._recycle(key)
            elif widget.row != rows[at]:
                self._bind(widget, rows[at])
        if follow:
            self._following = True
        elif kept is not None and kept in self._index:
            self._anchor = self._index[kept]
        else:
            self._anchor = min(self._anchor, max(0, len(rows) - 1))
        self._lay_out()

    def reset(self, rows: list[Row]) -> None:
        """Another chat: nothing of the old one is kept, and its end is shown."""
        for key in list(self._live):
            self._recycle(key)
        self._exact.clear()
        self._editing.clear()
        self._current = None
        self._streamed = None
        self._anchor = 0
        self.set_rows(rows, follow=True)

    def stream(self, message_id: str, text: str, progress: str, fraction: float | None) -> None:
        """More of a running answer, or its progress."""
        self._streamed = (message_id, text, progress, fraction)
        key = (message_id, 0)
        widget = self._live.get(key)
        if widget is None:
            return
        widget.stream(text, progress, fraction)
        at = self._index[key]
        height = widget.height_at(self._column)
        if height != self._heights[at]:
            self._set_exact(at, key, height)
            self._lay_out()

    def set_model_name(self, name: str) -> None:
        """Who is answering; a finished answer knows its own model."""
        self._model_name = name

    def edit(self, message_id: str) -> bool:
        """Opens the editor in a message's place and scrolls there; says whether the message is shown."""
        at = self._index.get((message_id, 0))
        if at is None:
            return False
        self._go_to(at)
        if widget := self._live.get((message_id, 0)):
            widget.start_edit()
        return True

    def scroll_to_end(self) -> None:
        self._following = True
        self._lay_out()

    @property
    def at_end(self) -> bool:
        return self._following

    def current_message(self) -> str:
        """The id of the message the keyboard is at, or an empty string."""
        return self._current[0] if self._current else ""

    def live_count(self) -> int:
        """Widgets that are bound to a row now."""
        return len(self._live)

    def widget_of(self, message_id: str) -> MessageWidget | None:
        """The widget that shows a message, if it is near the viewport."""
        return self._live.get((message_id, 0))

    # -- Laying out

    def _lay_out(self) -> None:
        if self._laying_out or self.viewport().width() <= 0:
            return
        self._laying_out = True
        try:
            self._place_rows()
        finally:
            self._laying_out = False
        self._idle.start(0)

    def _place_rows(self) -> None:
        self._update_column()
        height = self.viewport().height()
        if not self._rows:
            self._update_bar(height)
            return
        if self._following:
            self._anchor_to_end(height)
        self._normalize(height)
        y, at = self._anchor_y, self._anchor
        left = self._left()
        self._shift_painted(y)
        while at < len(self._rows) and y < height:
            widget = self._ensure(at)
            widget.setGeometry(left, y, self._column, self._heights[at])
            widget.arrange()
            if widget.isHidden():
                widget.show()
            y += self._heights[at]
            at += 1
        shown = range(self._anchor, at)
        if shown != self._shown or len(self._live) > LIVE:
            self._shown = shown
            self._move_unseen()
        self._update_bar(height)

    def _shift_painted(self, y: int) -> None:
        """Moves what is on the screen with the anchor's row, so that only what is new has to be painted."""
        widget = self._live.get(self._rows[self._anchor].key)
        if widget is not None and self._anchor in self._shown and not widget.isHidden():
            moved = y - widget.y()
            if moved and abs(moved) < self.viewport().height():
                self.viewport().scroll(0, moved)

    def _anchor_to_end(self, height: int) -> None:
        y = height - _MARGIN
        at = len(self._rows)
        while at > 0 and y > 0:
            at -= 1
            self._ensure(at)
            y -= self._heights[at]
        self._anchor, self._anchor_y = at, y
        if at == 0 and y > _MARGIN:
            self._anchor_y = _MARGIN

    def _normalize(self, height: int) -> None:
        """Moves the anchor to the first row that is seen, measuring the rows it passes."""
        while self._anchor_y > 0 and self._anchor > 0:
            self._anchor -= 1
            self._ensure(self._anchor)
            self._anchor_y -= self._heights[self._anchor]
        if self._anchor == 0 and self._anchor_y > _MARGIN:
            self._anchor_y = _MARGIN
        while self._anchor < len(self._rows) - 1:
            self._ensure(self._anchor)
            if self._anchor_y + self._heights[self._anchor] > 0:
                break
            self._anchor_y += self._heights[self._anchor]
            self._anchor += 1
        if not self._following and self._end_y(height) <= height - _MARGIN:
            self._following = True
            self._anchor_to_end(height)

    def _end_y(self, height: int) -> int:
        """Where the last row ends, if that is in the viewport; otherwise something below it."""
        y = self._anchor_y
        for at in range(self._anchor, len(self._rows)):
            if y > height:
                return y
            self._ensure(at)
            y += self._heights[at]
        return y

    def _ensure(self, at: int) -> MessageWidget:
        """The row's widget, bound, and its height exact."""
        row = self._rows[at]
        widget = self._live.get(row.key)
        if widget is None:
            widget = self._spare.pop() if self._spare else self._make()
            self._live[row.key] = widget
            self._bind(widget, row)
        if row.key not in self._exact:
            self._set_exact(at, row.key, widget.height_at(self._column))
        return widget

    def _bind(self, widget: MessageWidget, row: Row) -> None:
        self._exact.pop(row.key, None)
        name = self._name_of(row.message)
        if row.streaming:
            widget.set_row(row, None, name)
            if self._streamed and self._streamed[0] == row.message.id:
                widget.stream(*self._streamed[1:])
            else:
                widget.stream(row.text, "", None)
        elif not widget.end_stream(row, name):
            widget.set_row(row, self._cache.blocks(row), name)
        widget.set_current(row.key == self._current)

    def _set_exact(self, at: int, key: Key, height: int) -> None:
        self._exact[key] = height
        self._heights.set(at, height)

    def _move_unseen(self) -> None:
        """Keeps what is prepared just outside the viewport, gives back what is far away."""
        shown = self._shown
        margin = max(4, (LIVE - len(shown)) // 2)
        for key in list(self._live):
            at = self._index[key]
            if at in shown:
                continue
            widget = self._live[key]
            if shown.start - margin <= at < shown.stop + margin or key[0] in self._editing:
                if not widget.isHidden():
                    widget.hide()
            else:
                self._recycle(key)

    def _recycle(self, key: Key) -> None:
        widget = self._live.pop(key)
        widget.release()
        if len(self._live) + len(self._spare) < LIVE:
            self._spare.append(widget)
        else:
            widget.deleteLater()

    def _make(self) -> MessageWidget:
        widget = MessageWidget(self._style, self._icons, self._highlighter, self.viewport())
        widget.regenerated.connect(self.regenerated)
        widget.edit_submitted.connect(self.edit_submitted)
        widget.edit_started.connect(self._editing.add)
        widget.edit_ended.connect(self._editing.discard)
        widget.stepped.connect(self.stepped)
        widget.link_chosen.connect(self.link_chosen)
        widget.height_changed.connect(lambda: self._on_height_changed(widget))
        return widget

    def _update_column(self) -> None:
        scale = self._theme.font().pointSizeF() / 10.5
        column = min(self.viewport().width() - 2 * _MARGIN, round(MEASURE * max(1.0, scale)))
        if column != self._column:
            self._column = max(column, 200)
            self._exact.clear()

    def _left(self) -> int:
        return max(_MARGIN, (self.viewport().width() - self._column) // 2)

    def _update_bar(self, height: int) -> None:
        bar = self.verticalScrollBar()
        total = self._heights.total + 2 * _MARGIN
        maximum = max(0, total - height)
        value = self._heights.offset(self._anchor) - self._anchor_y + _MARGIN if self._rows else 0
        if self._following:
            value = maximum
        bar.blockSignals(True)
        bar.setRange(0, maximum)
        bar.setPageStep(max(1, height - 2 * _MARGIN))
        bar.setValue(value)
        bar.blockSignals(False)
        bar.update()
        self._value = bar.value()
        self._place_bottom_button()

    # -- What the user does

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Called by Qt when the bar moved, by wheel, key or drag."""
        bar = self.verticalScrollBar()
        moved = bar.value() - self._value
        if not moved or self._laying_out:
            return
        if abs(moved) < 2 * self.viewport().height():
            self._anchor_y -= moved
        else:
            target = bar.value() - _MARGIN
            self._anchor = self._heights.find(target)
            self._anchor_y = self._heights.offset(self._anchor) - target
        self._following = moved > 0 and bar.value() >= bar.maximum()
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground; the messages paint themselves."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.color(Token.SURFACE))

    def viewportSizeHint(self) -> QSize:
        return QSize(MEASURE, 400)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Home:
                self._following = False
                self._anchor, self._anchor_y = 0, _MARGIN
                self._lay_out()
            case Qt.Key.Key_End:
                self.scroll_to_end()
            case Qt.Key.Key_Up:
                self._step_current(-1)
            case Qt.Key.Key_Down:
                self._step_current(1)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        by_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_keyboard and self._rows and self._current not in self._index:
            self._set_current(self._shown.stop - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        inside = QApplication.focusWidget()
        if inside is None or not self.isAncestorOf(inside):
            self._set_current(None)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the current message's buttons, then out; arrows go from message to message."""
        focused = QApplication.focusWidget()
        current = self._live.get(self._current) if self._current else None
        holder = self._holder_of(focused) or current  # the button focused, or the message the keys are at
        chain: list[QWidget] = [self, *(holder.focus_chain() if holder else ())]
        at = chain.index(focused) if focused in chain else 0
        following = at + (1 if forward else -1)
        if 0 <= following < len(chain):
            reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
            chain[following].setFocus(reason)
            return True
        self._set_current(None)
        self.left.emit(forward)
        return True

    def _holder_of(self, widget: QWidget | None) -> MessageWidget | None:
        place: QWidget | None = widget
        while place is not None and place is not self:
            if isinstance(place, MessageWidget):
                return place
            place = place.parentWidget()
        return None

    def _step_current(self, step: int) -> None:
        if not self._rows:
            return
        at = self._index.get(self._current) if self._current else None
        at = self._shown.stop - 1 if at is None else at + step
        at = max(0, min(at, len(self._rows) - 1))
        self._go_to(at)
        self._set_current(at)

    def _go_to(self, at: int) -> None:
        """Scrolls so that a row is seen, no further than needed."""
        if at in self._shown:
            widget = self._ensure(at)
            top, bottom = widget.y(), widget.y() + widget.height()
            if top >= 0 and bottom <= self.viewport().height():
                return
        if at == len(self._rows) - 1:
            self.scroll_to_end()
            return
        self._following = False
        self._anchor, self._anchor_y = at, _MARGIN
        self._lay_out()

    def _set_current(self, at: int | None) -> None:
        key = self._rows[at].key if at is not None and 0 <= at < len(self._rows) else None
        self._current = key
        for live_key, widget in self._live.items():
            widget.set_current(live_key == key)
            if live_key == key:
                QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Focus))

    # -- Slots

    def _on_height_changed(self, widget: MessageWidget) -> None:
        row = widget.row
        if row is None or (at := self._index.get(row.key)) is None:
            return
        self._set_exact(at, row.key, widget.height_at(self._column))
        if widget.editing or not widget.isHidden():
            self._following = self._following and not widget.editing
            self._lay_out()

    def _on_idle(self) -> None:
        """Prepares one row outside the viewport; again until the window of live widgets is full."""
        if not self._rows:
            return
        reach = max(2, (LIVE - len(self._shown)) // 2 - 2)
        below, above = self._shown.stop, self._shown.start - 1
        for distance in range(reach):
            for at in (below + distance, above - distance):
                if 0 <= at < len(self._rows) and self._rows[at].key not in self._live:
                    self._ensure(at).hide()
                    self._update_bar(self.viewport().height())
                    self._idle.start(0)
                    return

    def _on_style_changed(self) -> None:
        self._exact.clear()
        for widget in (*self._live.values(), *self._spare):
            widget.restyle()
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._lay_out()

    def _bottom_button(self) -> RoundButton:
        button = RoundButton(self._theme, self._icons, strong=False, radius=SIDE // 2, parent=self)
        button.setObjectName("scroll-to-end")
        button.set_icon_name(IconName.DOWN)
        button.setToolTip(self.tr("Go to the end"))
        button.setAccessibleName(self.tr("Go to the end"))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self.scroll_to_end)
        button.hide()
        return button

    def _place_bottom_button(self) -> None:
        wanted = bool(self._rows) and not self._following
        if wanted:
            middle = QPoint(self.viewport().width() // 2, self.viewport().height() - 7 * GRID)
            self._bottom.move(middle - QPoint(self._bottom.width() // 2, self._bottom.height() // 2))
            self._bottom.raise_()
        self._bottom.setVisible(wanted)

    def _name_of(self, message: Message) -> str:
        if message.origin is not None and message.origin.model_name:
            return message.origin.model_name
        return self._model_name or self.tr("Model")
