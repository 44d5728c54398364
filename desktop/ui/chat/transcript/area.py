"""The area that messages scroll in: the column they stand in, the scroll bar, and what is prepared when idle.

``Transcript`` fills it. Where rows are is ``layout``'s. Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from desktop.ui.chat.message.widget import MEASURE, MessageWidget
from desktop.ui.chat.rows import Row
from desktop.ui.chat.transcript.end_button import EndButton
from desktop.ui.chat.transcript.layout import MARGIN, TranscriptLayout
from desktop.ui.chat.transcript.live_rows import LiveRows
from desktop.ui.chat.transcript.marks import TranscriptMarks
from desktop.ui.icons import Icons
from desktop.ui.markdown.style import MarkdownStyle
from desktop.ui.theme import GRID, Theme, Token

_STEP = 15 * GRID
_NARROWEST = 50 * GRID
_AHEAD = 60
"""Rows above and below whose text is asked for before they are seen."""


class TranscriptArea(QAbstractScrollArea):
    """Asks for the text of what is near the viewport, and says what of it is seen."""

    wanted = Signal(list)
    """Ids of messages near the viewport whose text is not there; :meth:`put` brings it."""
    match_counted = Signal(str, int, int)
    """How often the words of :meth:`mark` are read in a message's row: message, part, number."""
    moved = Signal()
    """Other rows are seen, or at other places."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._style = MarkdownStyle(theme, self)
        self._live = LiveRows(self._make_widget, self._name_of)
        self._layout = TranscriptLayout(self._live, self.viewport())
        self._marks = TranscriptMarks(self._live, lambda key, n: self.match_counted.emit(*key, n))
        self._live.on_bound = self._marks.put_on
        self._value = 0
        self._laying_out = False
        self._asked: set[str] = set()
        """Messages whose text is on its way."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Coming and going it would narrow the column while an answer grows. It is seen only when enabled.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().setSingleStep(_STEP)
        # Painted whole by paintEvent: so Qt can move what is painted already when it scrolls.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._idle = QTimer(self, singleShot=True)
        self._idle.timeout.connect(self._on_idle)
        self._bottom = EndButton(theme, icons, self)
        self._bottom.clicked.connect(self.scroll_to_end)
        self._style.changed.connect(self._on_style_changed)

    def scroll_to_end(self) -> None:
        self._layout.follow()
        self._lay_out()

    def _lay_out(self) -> None:
        if self._laying_out or self.viewport().width() <= 0:
            return
        self._laying_out = True
        try:
            self._update_column()
            self._layout.place(self._left())
            self._marks.show(self._layout, self._left())
            self._update_bar(self.viewport().height())
        finally:
            self._laying_out = False
        self._idle.start(0)
        self._ask()
        self.moved.emit()

    def _ask(self) -> None:
        """For what is seen, and for what will be next."""
        shown = self._layout.shown
        near = range(shown.start - _AHEAD, shown.stop + _AHEAD)
        if missing := [one for one in self._live.rows.missing(near) if one not in self._asked]:
            self._asked.update(missing)
            self.wanted.emit(missing)

    def _update_column(self) -> None:
        # The scroll bar stands in the margin: the column is as wide as the composer below it.
        width = min(self.width() - 2 * MARGIN, self._theme.grown(MEASURE))
        self._live.set_width(max(width, _NARROWEST))

    def _left(self) -> int:
        return max(MARGIN, (self.width() - self._live.width) // 2) - self.viewport().x()

    def _update_bar(self, height: int) -> None:
        bar = self.verticalScrollBar()
        total = self._live.heights.total + 2 * MARGIN
        maximum = max(0, total - height)
        bar.blockSignals(True)
        bar.setRange(0, maximum)
        bar.setPageStep(max(1, height - 2 * MARGIN))
        bar.setValue(self._layout.value(maximum))
        bar.setEnabled(maximum > 0)
        bar.blockSignals(False)
        bar.update()
        self._value = bar.value()
        self._bottom.place(self.viewport(), wanted=bool(len(self._live)) and not self._layout.following)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Called by Qt when the bar moved, by wheel, key or drag."""
        bar = self.verticalScrollBar()
        moved = bar.value() - self._value
        if not moved or self._laying_out:
            return
        if abs(moved) < 2 * self.viewport().height():
            self._layout.scroll(moved)
        else:
            self._layout.scroll_to(bar.value())
        self._layout.following = moved > 0 and bar.value() >= bar.maximum()
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

    def _on_height_changed(self, widget: MessageWidget) -> None:
        row = widget.row
        if row is None or (at := self._live.index(row.key)) is None:
            return
        self._live.measure(at, widget)
        if widget.editing or not widget.isHidden():
            self._layout.following &= not widget.editing
            self._lay_out()

    def _on_idle(self) -> None:
        """Prepares one row outside the viewport; again until the window of live widgets is full."""
        if self._live.prepare_next(self._layout.shown):
            self._update_bar(self.viewport().height())
            self._idle.start(0)

    def _on_style_changed(self) -> None:
        self._live.restyle()
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._lay_out()

    def _make_widget(self) -> MessageWidget:
        raise NotImplementedError

    def _name_of(self, row: Row) -> str:
        """Who wrote an answer."""
        raise NotImplementedError
