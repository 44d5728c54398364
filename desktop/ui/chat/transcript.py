"""The messages of the open chat: a list of rows as the source, a window of live widgets around what is seen.

Positions follow from an anchor: a row, and where its top is in the viewport. Rows near the anchor have exact
heights, the rest estimates, so a corrected estimate never moves what the user reads. The bottom is followed
only while the user is there. Main thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QWidget

from desktop.domain.conversation import Message
from desktop.ui.chat.message_widget import MEASURE, MessageWidget
from desktop.ui.chat.transcript_live import LiveRows
from desktop.ui.chat.transcript_rows import Row, Rows, Streamed
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme, Token
from desktop.ui.widgets.code_block_highlight import Highlighter
from desktop.ui.widgets.markdown_style import MarkdownStyle
from desktop.ui.widgets.prompt_edit import oversize
from desktop.ui.widgets.round_button import SIDE, RoundButton

_MARGIN = 6 * GRID
_STEP = 15 * GRID
_NARROWEST = 50 * GRID
_AHEAD = 60
"""Rows above and below whose text is asked for before they are seen."""


class Transcript(QAbstractScrollArea):
    """Shows rows; says what the user wants of a message, by id."""

    regenerated = Signal(str)
    edit_submitted = Signal(str, str)
    stepped = Signal(str, int)
    link_chosen = Signal(str)
    wanted = Signal(list)
    """Ids of messages near the viewport whose text is not there; :meth:`put` brings it."""
    left = Signal(bool)
    """The keyboard went past the end (``True``) or the start of the messages."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._style = MarkdownStyle(theme, self)
        self._highlighter = Highlighter(self)
        self._live = LiveRows(self._make_widget, self._name_of)
        self._anchor = 0
        self._anchor_y = 0
        self._following = True
        self._value = 0
        self._laying_out = False
        self._shown = range(0)
        self._asked: set[str] = set()
        """Messages whose text is on its way."""
        self._model_name = ""
        self.setObjectName("transcript")
        self.setAccessibleName(self.tr("Messages"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Coming and going it would narrow the column while an answer grows. It is seen only when enabled.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().setSingleStep(_STEP)
        # Painted whole by paintEvent: so Qt can move what is painted already when it scrolls.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._on_idle)
        self._bottom = self._bottom_button()
        self._style.changed.connect(self._on_style_changed)

    def set_rows(self, rows: Rows, *, follow: bool) -> None:
        """Shows the open chat after a change. Unless ``follow``, the reader's place is kept."""
        self._keeping_place(lambda: self._live.replace(rows), follow=follow)

    def follow(self, first: int, bodies: Iterable[Message], *, follow: bool) -> None:
        """The path that the rows were made of is another from this place on. See :meth:`Outline.take`."""

        def settle() -> None:
            rows = self._live.rows
            changed = rows.follow(first)
            self._live.settle(min(changed, rows.put(bodies)))

        self._keeping_place(settle, follow=follow)

    def put(self, bodies: Iterable[Message]) -> None:
        """What messages say that were ``wanted``."""

        def settle() -> None:
            came = list(bodies)
            self._asked.difference_update(body.id for body in came)
            self._live.settle(self._live.rows.put(came))

        self._keeping_place(settle, follow=self._following)

    def body(self, message_id: str) -> Message | None:
        """A whole message, if it is there."""
        return self._live.rows.body(message_id)

    def _keeping_place(self, change: Callable[[], None], *, follow: bool) -> None:
        kept = self._live[self._anchor].key if self._anchor < len(self._live) else None
        change()
        self._shown = range(0)
        if follow:
            self._following = True
        elif (at := self._live.index(kept)) is not None:
            self._anchor = at
        else:
            self._anchor = min(self._anchor, max(0, len(self._live) - 1))
        self._lay_out()

    def reset(self, rows: Rows) -> None:
        """Another chat: nothing of the old one is kept, and its end is shown."""
        self._live.clear()
        self._asked.clear()
        self._anchor = 0
        self.set_rows(rows, follow=True)

    def stream(self, streamed: Streamed) -> None:
        """More of a running answer, or its progress."""
        widget = self._live.stream(streamed)
        at = self._live.index((streamed.message_id, 0))
        if widget is None or at is None:
            return
        if self._live.measure(at, widget):
            self._lay_out()
        else:
            widget.arrange()

    def set_model_name(self, name: str) -> None:
        """Who is answering; a finished answer knows its own model."""
        self._model_name = name

    def edit(self, message_id: str) -> None:
        """Opens the editor in a message's place and scrolls there."""
        at = self._live.index((message_id, 0))
        if at is None or oversize(self._live[at].message.text):
            return
        self._go_to(at)
        self._live.ensure(at).start_edit()

    def end_edit(self, message_id: str) -> None:
        """The edit is done or given up."""
        if widget := self._live.widget((message_id, 0)):
            widget.end_edit()

    def scroll_to_end(self) -> None:
        self._following = True
        self._lay_out()

    @property
    def at_end(self) -> bool:
        return self._following

    def current_message(self) -> str:
        """The id of the message the keyboard is at, or an empty string."""
        return self._live.current[0] if self._live.current else ""

    def live_count(self) -> int:
        """Widgets that are bound to a row now."""
        return self._live.count()

    def widget_of(self, message_id: str) -> MessageWidget | None:
        """The widget that shows a message, if it is near the viewport."""
        return self._live.widget((message_id, 0))

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
        self._ask()

    def _ask(self) -> None:
        """For what is seen, and for what will be next."""
        near = range(self._shown.start - _AHEAD, self._shown.stop + _AHEAD)
        if missing := [name for name in self._live.rows.missing(near) if name not in self._asked]:
            self._asked.update(missing)
            self.wanted.emit(missing)

    def _place_rows(self) -> None:
        self._update_column()
        height = self.viewport().height()
        if not len(self._live):
            self._update_bar(height)
            return
        if self._following:
            self._anchor_to_end(height)
        self._normalize(height)
        y, at = self._anchor_y, self._anchor
        left = self._left()
        self._shift_painted(y)
        while at < len(self._live) and y < height:
            widget = self._live.ensure(at)
            widget.setGeometry(left, y, self._live.width, self._live.heights[at])
            widget.arrange()
            if widget.isHidden():
                widget.show()
            y += self._live.heights[at]
            at += 1
        shown = range(self._anchor, at)
        if shown != self._shown:
            self._shown = shown
            self._live.keep(shown)
            self._live.put_in_order()
        self._update_bar(height)

    def _shift_painted(self, y: int) -> None:
        """Moves what is on the screen with the anchor's row, so that only what is new has to be painted."""
        widget = self._live.widget(self._live[self._anchor].key)
        if widget is not None and self._anchor in self._shown and not widget.isHidden():
            moved = y - widget.y()
            if moved and abs(moved) < self.viewport().height():
                self.viewport().scroll(0, moved)

    def _anchor_to_end(self, height: int) -> None:
        y = height - _MARGIN
        at = len(self._live)
        while at > 0 and y > 0:
            at -= 1
            self._live.ensure(at)
            y -= self._live.heights[at]
        self._anchor, self._anchor_y = at, y
        if at == 0 and y > _MARGIN:
            self._anchor_y = _MARGIN

    def _normalize(self, height: int) -> None:
        """Moves the anchor to the first row that is seen, measuring the rows it passes."""
        while self._anchor_y > 0 and self._anchor > 0:
            self._anchor -= 1
            self._live.ensure(self._anchor)
            self._anchor_y -= self._live.heights[self._anchor]
        if self._anchor == 0 and self._anchor_y > _MARGIN:
            self._anchor_y = _MARGIN
        while self._anchor < len(self._live) - 1:
            self._live.ensure(self._anchor)
            if self._anchor_y + self._live.heights[self._anchor] > 0:
                break
            self._anchor_y += self._live.heights[self._anchor]
            self._anchor += 1
        if not self._following and self._end_y(height) <= height - _MARGIN:
            self._following = True
            self._anchor_to_end(height)

    def _end_y(self, height: int) -> int:
        """Where the last row ends, if that is in the viewport; otherwise something below it."""
        y = self._anchor_y
        for at in range(self._anchor, len(self._live)):
            if y > height:
                return y
            self._live.ensure(at)
            y += self._live.heights[at]
        return y

    def _make_widget(self) -> MessageWidget:
        widget = MessageWidget(self._style, self._icons, self._highlighter, self.viewport())
        widget.regenerated.connect(self.regenerated)
        widget.edit_submitted.connect(self.edit_submitted)
        widget.edit_requested.connect(self.edit)
        widget.edit_started.connect(self._live.editing.add)
        widget.edit_ended.connect(self._live.editing.discard)
        widget.stepped.connect(self.stepped)
        widget.link_chosen.connect(self.link_chosen)
        widget.left.connect(lambda: self.left.emit(True))
        widget.height_changed.connect(lambda: self._on_height_changed(widget))
        return widget

    def _update_column(self) -> None:
        # The scroll bar stands in the margin: the column is as wide as the composer below it.
        width = min(self.width() - 2 * _MARGIN, self._theme.grown(MEASURE))
        self._live.set_width(max(width, _NARROWEST))

    def _left(self) -> int:
        return max(_MARGIN, (self.width() - self._live.width) // 2) - self.viewport().x()

    def _update_bar(self, height: int) -> None:
        bar = self.verticalScrollBar()
        total = self._live.heights.total + 2 * _MARGIN
        maximum = max(0, total - height)
        value = self._live.heights.offset(self._anchor) - self._anchor_y + _MARGIN if len(self._live) else 0
        if self._following:
            value = maximum
        bar.blockSignals(True)
        bar.setRange(0, maximum)
        bar.setPageStep(max(1, height - 2 * _MARGIN))
        bar.setValue(value)
        bar.setEnabled(maximum > 0)
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
            self._anchor = self._live.heights.find(target)
            self._anchor_y = self._live.heights.offset(self._anchor) - target
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
            case _ if event.matches(QKeySequence.StandardKey.Copy) and self._current_widget():
                self._copy_current()
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        by_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_keyboard and self._live.index(self._live.current) is None:
            self._set_current(self._shown.stop - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        inside = QApplication.focusWidget()
        if inside is None or not self.isAncestorOf(inside):
            self._set_current(None)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the current message's buttons, then out; arrows go from message to message."""
        focused = QApplication.focusWidget()
        holder = self._holder_of(focused) or self._current_widget()
        chain: list[QWidget] = [self, *(holder.focus_chain() if holder else ())]
        at = chain.index(focused) if focused in chain else 0
        following = at + (1 if forward else -1)
        if 0 <= following < len(chain):
            reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
            chain[following].setFocus(reason)
            return True
        self.left.emit(forward)
        self._set_current(None)
        return True

    def _holder_of(self, widget: QWidget | None) -> MessageWidget | None:
        place: QWidget | None = widget
        while place is not None and place is not self:
            if isinstance(place, MessageWidget):
                return place
            place = place.parentWidget()
        return None

    def _step_current(self, step: int) -> None:
        if not len(self._live):
            return
        at = self._live.index(self._live.current)
        at = self._shown.stop - 1 if at is None else at + step
        at = max(0, min(at, len(self._live) - 1))
        self._go_to(at)
        self._set_current(at)

    def _go_to(self, at: int) -> None:
        """Scrolls so that a row is seen, no further than needed."""
        if at in self._shown:
            widget = self._live.ensure(at)
            top, bottom = widget.y(), widget.y() + widget.height()
            if top >= 0 and bottom <= self.viewport().height():
                return
        if at == len(self._live) - 1:
            self.scroll_to_end()
            return
        self._following = False
        self._anchor, self._anchor_y = at, _MARGIN
        self._lay_out()

    def _set_current(self, at: int | None) -> None:
        key = self._live[at].key if at is not None and 0 <= at < len(self._live) else None
        self._live.current = key
        for widget in self._live:
            widget.set_current(widget.row is not None and widget.row.key == key)
        if (widget_now := self._current_widget()) is not None:
            QAccessible.updateAccessibility(QAccessibleEvent(widget_now, QAccessible.Event.Focus))

    def _current_widget(self) -> MessageWidget | None:
        return self._live.widget(self._live.current)

    def _copy_current(self) -> None:
        if (widget := self._current_widget()) is not None:
            widget.copy()

    # -- Slots

    def _on_height_changed(self, widget: MessageWidget) -> None:
        row = widget.row
        if row is None or (at := self._live.index(row.key)) is None:
            return
        self._live.measure(at, widget)
        if widget.editing or not widget.isHidden():
            self._following = self._following and not widget.editing
            self._lay_out()

    def _on_idle(self) -> None:
        """Prepares one row outside the viewport; again until the window of live widgets is full."""
        if self._live.prepare_next(self._shown):
            self._update_bar(self.viewport().height())
            self._idle.start(0)

    def _on_style_changed(self) -> None:
        self._live.restyle()
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
        wanted = bool(len(self._live)) and not self._following
        if wanted:
            middle = QPoint(self.viewport().width() // 2, self.viewport().height() - 7 * GRID)
            self._bottom.move(middle - QPoint(self._bottom.width() // 2, self._bottom.height() // 2))
            self._bottom.raise_()
        self._bottom.setVisible(wanted)

    def _name_of(self, row: Row) -> str:
        origin = row.message.origin
        if origin is not None and origin.model_name:
            return origin.model_name
        return self._model_name or self.tr("Model")
