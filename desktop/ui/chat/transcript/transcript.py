"""The messages of the open chat: a list of rows as the source, a window of live widgets around what is seen.

How they scroll is ``area``'s, what the keyboard is at ``focus``'s. Main thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from desktop.domain.conversation import Message
from desktop.ui.chat.message.act import MessageAct, act_of, asks_for_menu
from desktop.ui.chat.message.widget import MessageWidget
from desktop.ui.chat.rows import Row, Rows, Streamed
from desktop.ui.chat.transcript.area import TranscriptArea
from desktop.ui.chat.transcript.focus import TranscriptFocus
from desktop.ui.chat.transcript.layout import MARGIN
from desktop.ui.icons import Icons
from desktop.ui.markdown.code_highlight import Highlighter
from desktop.ui.theme import Theme
from desktop.ui.widgets.prompt_edit import oversize


class Transcript(TranscriptArea):
    """Shows rows; says what the user wants of a message, by id."""

    acted = Signal(object, str)
    """A :class:`MessageAct` that the user wants done with a message."""
    edit_submitted = Signal(str, object, bool)
    """With a :class:`Prompt`, and whether the model is to answer it."""
    editor_opened = Signal(object)
    """The :class:`MessageEditor` in a message's place."""
    stepped = Signal(str, int)
    file_chosen = Signal(object)
    link_chosen = Signal(str)
    left = Signal(bool)
    """The keyboard went past the end (``True``) or the start of the messages."""
    path_changed = Signal(int)
    """Other messages are shown from this place of the path on."""
    streamed = Signal(str)
    """A running answer has more text."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, icons, parent)
        self._highlighter = Highlighter(self)
        self._focus = TranscriptFocus(self._live, self)
        self._model_name = ""
        self.setObjectName("transcript")
        self.setAccessibleName(self.tr("Messages"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_rows(self, rows: Rows, *, follow: bool) -> None:
        """Shows the open chat after a change. Unless ``follow``, the reader's place is kept."""
        self._keeping_place(lambda: self._live.replace(rows), follow=follow)
        self.path_changed.emit(0)

    def follow(self, first: int, bodies: Iterable[Message], *, follow: bool) -> None:
        """The path that the rows were made of is another from this place on. See :meth:`Outline.take`."""

        def settle() -> None:
            rows = self._live.rows
            changed = rows.follow(first)
            self._live.settle(min(changed, rows.put(bodies)))

        self._keeping_place(settle, follow=follow)
        self.path_changed.emit(first)

    def put(self, bodies: Iterable[Message]) -> None:
        """What messages say that were ``wanted``."""

        def settle() -> None:
            came = list(bodies)
            self._asked.difference_update(body.id for body in came)
            self._live.settle(self._live.rows.put(came))

        self._keeping_place(settle, follow=self._layout.following)

    def body(self, message_id: str) -> Message | None:
        """A whole message, if it is there."""
        return self._live.rows.body(message_id)

    def _keeping_place(self, change: Callable[[], None], *, follow: bool) -> None:
        kept = self._layout.kept()
        change()
        self._layout.keep(kept)
        if follow:
            self._layout.follow()
        self._lay_out()

    def reset(self, rows: Rows) -> None:
        """Another chat: nothing of the old one is kept, and its end is shown."""
        self._live.clear()
        self._asked.clear()
        self._layout.reset()
        self.set_rows(rows, follow=True)

    def stream(self, streamed: Streamed) -> None:
        """More of a running answer, or its progress."""
        widget = self._live.stream(streamed)
        self.streamed.emit(streamed.message_id)
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

    def act(self, act: MessageAct, message_id: str) -> None:
        """Does something with a message, as if its button had been pressed."""
        if (widget := self._shown_foot(message_id)) is not None:
            widget.act(act)

    def toggle_raw(self, message_id: str) -> None:
        """Shows a message as it was written, or rendered again."""
        self._keeping_place(lambda: self._live.toggle_raw(message_id), follow=self._layout.following)

    def open_menu(self, message_id: str) -> None:
        """Shows what can be done with a message."""
        if (widget := self._shown_foot(message_id)) is not None:
            widget.open_menu()

    def foot_of(self, message_id: str) -> MessageWidget | None:
        """The widget with a message's buttons, if it is near the viewport."""
        return self._live.widget(self._live.rows.last_key(message_id))

    def _shown_foot(self, message_id: str) -> MessageWidget | None:
        """The same, scrolled to if need be."""
        if (at := self._live.index(self._live.rows.last_key(message_id))) is None:
            return None
        if self.foot_of(message_id) is None or at not in self._layout.shown:
            self._go_to(at)
        return self.foot_of(message_id)

    def go_to(self, message_id: str) -> bool:
        """Shows a message from its beginning, with the keyboard at it; ``False`` if it is not on the path.

        Its text may still be on its way then; it stays where it is when that comes.
        """
        if (at := self._live.index((message_id, 0))) is None:
            return False
        self._layout.hold(at, MARGIN)
        self._lay_out()
        self._focus.set(at)
        return True

    def mark(self, words: str) -> None:
        """Marks what is searched for in every message, see :meth:`MarkdownView.set_highlights`."""
        self._marks.find(words)

    def mark_again(self, message_id: str) -> bool:
        """Counts in an answer that has grown; ``False`` if it has no widget now."""
        if (widget := self.widget_of(message_id)) is not None:
            self._marks.put_on(widget)
        return widget is not None

    def show_match(self, message_id: str, part: int, index: int) -> None:
        """Makes one place that :meth:`mark` found the current one, and scrolls no further than needed."""
        self._marks.set_current((message_id, part), index)
        self._lay_out()

    @property
    def at_end(self) -> bool:
        return self._layout.following

    def seen(self) -> tuple[str, str]:
        """The ids of the first and the last message that are seen; empty if there is none."""
        shown = range(len(self._live))[self._layout.shown.start : self._layout.shown.stop]
        return (self._live.rows.key(shown[0])[0], self._live.rows.key(shown[-1])[0]) if shown else ("", "")

    def current_message(self) -> str:
        """The id of the message the keyboard is at, or an empty string."""
        return self._live.current[0] if self._live.current else ""

    def live_count(self) -> int:
        """Widgets that are bound to a row now."""
        return self._live.count()

    def widget_of(self, message_id: str) -> MessageWidget | None:
        """The widget that shows a message, if it is near the viewport."""
        return self._live.widget((message_id, 0))

    def _make_widget(self) -> MessageWidget:
        widget = MessageWidget(self._style, self._icons, self._highlighter, self.viewport())
        widget.acted.connect(self.acted)
        widget.edit_submitted.connect(self.edit_submitted)
        widget.editor_opened.connect(self.editor_opened)
        widget.edit_started.connect(self._live.editing.add)
        widget.edit_ended.connect(self._live.editing.discard)
        widget.stepped.connect(self.stepped)
        widget.file_chosen.connect(self.file_chosen)
        widget.link_chosen.connect(self.link_chosen)
        widget.left.connect(lambda: self.left.emit(True))
        widget.height_changed.connect(lambda: self._on_height_changed(widget))
        # Not to whatever is next in the window.
        widget.hidden_with_keyboard.connect(lambda: self.setFocus(Qt.FocusReason.OtherFocusReason))
        return widget

    # -- What the user does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        in_text = isinstance(QApplication.focusWidget(), QAbstractScrollArea) and not self.hasFocus()
        match event.key():
            case Qt.Key.Key_Home:
                if len(self._live):
                    self._layout.hold(0, MARGIN)
                    self._lay_out()
            case Qt.Key.Key_End:
                self.scroll_to_end()
            case Qt.Key.Key_Up if not in_text:
                self._step_current(-1)
            case Qt.Key.Key_Down if not in_text:
                self._step_current(1)
            case _ if asks_for_menu(event) and (inside := self._focus.message):
                inside.open_menu()
            # Not from within a message: who selects a text there and presses a letter means the text.
            case _ if self.hasFocus() and (act := _act_of(event)) and (now := self._focus.widget):
                now.act(act)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        by_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_keyboard and self._focus.at is None:
            self._focus.set(self._layout.shown.stop - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        inside = QApplication.focusWidget()
        if inside is None or not self.isAncestorOf(inside):
            self._focus.set(None)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the current message's buttons, then out; arrows go from message to message."""
        if not self._focus.step_inside(forward):
            self.left.emit(forward)
            self._focus.set(None)
        return True

    def _step_current(self, step: int) -> None:
        if not len(self._live):
            return
        at = self._focus.at
        at = self._layout.shown.stop - 1 if at is None else at + step
        at = max(0, min(at, len(self._live) - 1))
        self._go_to(at)
        self._focus.set(at)

    def _go_to(self, at: int) -> None:
        """Scrolls so that a row is seen, no further than needed."""
        if at in self._layout.shown:
            widget = self._live.ensure(at)
            top, bottom = widget.y(), widget.y() + widget.height()
            if top >= 0 and bottom <= self.viewport().height():
                return
        if at == len(self._live) - 1:
            self.scroll_to_end()
            return
        self._layout.hold(at, MARGIN)
        self._lay_out()

    def _name_of(self, row: Row) -> str:
        origin = row.message.origin
        if origin is not None and origin.model_name:
            return origin.model_name
        return (self._model_name if row.streaming else "") or self.tr("Model")


def _act_of(event: QKeyEvent) -> MessageAct | None:
    return MessageAct.COPY if event.matches(QKeySequence.StandardKey.Copy) else act_of(event)
