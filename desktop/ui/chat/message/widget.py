"""One message in the transcript, which binds it to a row, asks its height, moves it and uses it again.

Main thread only.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from desktop.domain.prompt import Prompt
from desktop.ui.chat.message.act import MessageAct, can
from desktop.ui.chat.message.buttons import BUTTON_SIDE, MessageButtons
from desktop.ui.chat.message.editor import MessageEditor
from desktop.ui.chat.message.frame import MessageFrame
from desktop.ui.chat.message.layout import GAP, OUTSET, Layout, measure
from desktop.ui.chat.message.parts import MessageParts
from desktop.ui.chat.rows import Row, Streamed
from desktop.ui.icons import Icons
from desktop.ui.markdown.blocks import Block
from desktop.ui.markdown.code_highlight import Highlighter
from desktop.ui.markdown.rendering import render, render_plain
from desktop.ui.markdown.rich_text import plain_of
from desktop.ui.markdown.style import MarkdownStyle
from desktop.ui.markdown.view import MarkdownView
from desktop.ui.theme import GRID, Theme

MEASURE = 760
"""The widest text column, in pixels at normal text size."""
_SPOKEN = 2000
"""Characters of a message that a screen reader finds as its description."""
_SPOKEN_STEP = 200
"""By as many a streaming answer grows before its description does."""


class MessageWidget(QWidget):
    """Signals carry the message's id."""

    acted = Signal(object, str)
    """A :class:`MessageAct` that is not done here."""
    edit_submitted = Signal(str, object, bool)
    """With the new :class:`Prompt`, and whether the model is to answer it."""
    editor_opened = Signal(object)
    """The :class:`MessageEditor`."""
    edit_started = Signal(str)
    edit_ended = Signal(str)
    stepped = Signal(str, int)
    file_chosen = Signal(object)
    """The :class:`Part`."""
    link_chosen = Signal(str)
    height_changed = Signal()
    hidden_with_keyboard = Signal()
    """It is about to go out of sight with the keyboard somewhere in it."""
    left = Signal()
    """The keyboard has nothing to do here any more."""

    def __init__(
        self, style: MarkdownStyle, icons: Icons, highlighter: Highlighter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme: Theme = style.theme
        self._icons = icons
        self._row: Row | None = None
        self._blocks: Sequence[Block] | None = None
        self._layout = self._placed = Layout()
        self.setObjectName("message")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # What is painted stays where it is when a message grows downwards.
        self.setAttribute(Qt.WidgetAttribute.WA_StaticContents)
        self.body = MarkdownView(style, icons, highlighter, self)
        self.body.link_chosen.connect(self.link_chosen)
        self.body.height_changed.connect(self.height_changed)
        self._frame = MessageFrame(self._theme, icons)
        self._parts = MessageParts(self.body, self._theme, icons, self)
        self._parts.chosen.connect(self.act)
        self._parts.file_chosen.connect(self.file_chosen)
        self._parts.height_changed.connect(self.height_changed)
        self._buttons: MessageButtons | None = None
        self._editor: MessageEditor | None = None

    @property
    def row(self) -> Row | None:
        return self._row

    @property
    def editing(self) -> bool:
        return self._editor is not None

    @property
    def foot(self) -> str:
        """What can be read under the message."""
        return self._frame.foot.text

    def set_row(self, row: Row, blocks: Sequence[Block] | None, name: str) -> None:
        """Shows a row. ``blocks`` are its rendered text, or ``None`` for an answer that streams."""
        if self._row is None or self._row.message.id != row.message.id:
            self._end_edit()
        if blocks is None:
            self.body.begin_stream()
        elif blocks is not self._blocks:
            self.body.set_blocks(blocks)
        self._blocks = blocks
        self._parts.set_row(row)
        self._set_frame(row, name)

    def end_stream(self, row: Row, name: str) -> bool:
        """The answer that streamed here is finished: what is rendered stays. ``False`` if it cannot."""
        before = self._row
        if before is None or not before.streaming or before.message.id != row.message.id:
            return False
        if not row.last or not self.body.end_stream(row.text):
            return False
        self._parts.end_stream(row)
        self._set_frame(row, name)
        return True

    def stream(self, streamed: Streamed) -> None:
        """More of a running answer, or its progress."""
        self.body.feed(streamed.text)
        if len(streamed.text) >= len(self.accessibleDescription()) + _SPOKEN_STEP:
            self.setAccessibleDescription(streamed.text[:_SPOKEN])
        self._parts.stream(streamed)
        if self._frame.foot.set_progress(streamed.progress, streamed.fraction):
            self.update(self._placed.foot.adjusted(-GRID, -GRID, GRID, GRID))

    def height_at(self, width: int) -> int:
        """The height in a column of ``width`` pixels, with the gap below; :meth:`arrange` after it."""
        row = self._row
        assert row is not None
        if self._editor is not None:
            return self._editor.height_at(width) + GAP
        self._layout = measure(self._parts, row, width, self._theme, self._icons.scaled(BUTTON_SIDE))
        self._layout.settle(width, mirrored=self.isRightToLeft())
        if row.own:
            self.update()
        return self._layout.height

    def arrange(self) -> None:
        """Moves the parts to where :meth:`height_at` put them."""
        if self._editor is not None:
            self._editor.setGeometry(OUTSET, 0, self.width() - 2 * OUTSET, self.height() - GAP)
            return
        parts, layout = self._parts, self._layout
        self.body.setGeometry(layout.body)
        self.body.arrange()
        if parts.thinking is not None:
            parts.thinking.setGeometry(layout.thinking)
            parts.thinking.arrange()
        for widget, box in (
            (parts.note, layout.note),
            (parts.files, layout.files),
            (parts.status, layout.status),
            (parts.veil, layout.bubble.united(layout.body).united(layout.files)),
        ):
            if widget is not None:
                widget.setGeometry(box)
        if layout.foot != self._placed.foot:
            self.update(self._placed.foot)
            self.update(layout.foot)
        self._placed = layout
        self._place_buttons()

    def set_current(self, current: bool) -> None:
        """Whether the keyboard is at this message."""
        if current != self._frame.current:
            self._frame.current = current
            self._light()
            self.update()

    def focus_chain(self) -> list[QWidget]:
        """What Tab reaches inside this message, in order."""
        if self._editor is not None:
            return self._editor.focus_chain()
        buttons = self._buttons.buttons() if self._buttons is not None else []
        return [*self._parts.focus_chain(), *buttons]

    def act(self, act: MessageAct) -> None:
        """Does what a button, a letter or the menu asks for, or says that it is wanted."""
        row = self._row
        if row is None or self._editor is not None or not can(act, row):
            return
        match act:
            case MessageAct.COPY:
                QGuiApplication.clipboard().setText(row.message.text)
            case MessageAct.COPY_PLAIN:
                text = row.message.text
                blocks = render_plain(text) if row.own else render(text)
                QGuiApplication.clipboard().setText("\n\n".join(map(plain_of, blocks)))
            case _:
                self.acted.emit(act, row.message.id)

    def open_menu(self, at: QPoint | None = None) -> None:
        """Everything that can be done, at a place in global coordinates or under the buttons."""
        row = self._row
        if row is None or row.streaming or self._editor is not None:
            return
        from desktop.ui.chat.message.menu import make_menu

        menu = make_menu(row, chosen=self.act, parent=self)
        menu.popup(at or self.place_of(None))
        if at is None:
            menu.setActiveAction(menu.actions()[0])

    def place_of(self, act: MessageAct | None) -> QPoint:
        """Under an act's button, in global coordinates."""
        return self._make_buttons().place_of(act)

    def start_edit(self) -> None:
        """Puts an editor in the message's place."""
        if self._row is None or self._editor is not None:
            return
        self._editor = MessageEditor(self._theme, self._icons, self._row.message, self)
        self._editor.submitted.connect(self._on_edit_submitted)
        self._editor.cancelled.connect(self._on_edit_cancelled)
        self._editor.height_changed.connect(self.height_changed)
        self._parts.hide()
        if self._buttons is not None:
            self._buttons.hide()
        self._editor.show()
        self._editor.take_focus()
        self.editor_opened.emit(self._editor)
        self.edit_started.emit(self._row.message.id)
        self.height_changed.emit()

    def end_edit(self) -> None:
        """Takes the editor away; the message is as it was."""
        if self._editor is not None:
            self._end_edit()
            self._light()
            self.edit_ended.emit(self._id())
            self.height_changed.emit()

    def restyle(self) -> None:
        self.body.restyle()
        if self._row is not None:
            self._parts.set_status(self._row)
        self.update()

    def release(self) -> None:
        """Out of sight: gives up what is expensive to keep."""
        self._end_edit()
        self._parts.release()
        self._blocks = None
        self._row = None
        self.put_away()

    def put_away(self) -> None:
        """Hides it; without a word Qt would give the keyboard to the next best button."""
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self.hidden_with_keyboard.emit()
        self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._light(hovered=True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._light(hovered=False)
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.open_menu(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._row is None or self._editor is not None:
            return
        buttons = self._buttons
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._frame.paint(
            painter,
            self._placed,
            self.size(),
            buttons_width=buttons.width() + 2 * GRID if buttons is not None and not buttons.isHidden() else 0,
            mirrored=self.isRightToLeft(),
        )

    def _set_frame(self, row: Row, name: str) -> None:
        """What is painted around the parts, and the buttons."""
        self._row = row
        self._frame.set_row(row, name)
        if self._buttons is not None:
            self._buttons.set_row(row)
        if row.versions > 1 or row.end or row.message.rating:
            self._make_buttons().set_row(row)
        self._light()
        self.setAccessibleName(self.tr("You") if row.own else name)
        self.setAccessibleDescription(row.text[:_SPOKEN])
        self.update()

    def _place_buttons(self) -> None:
        if self._buttons is None or self._row is None:
            return
        foot, size = self._placed.foot, self._buttons.sizeHint()
        own = self._row.own
        box = foot.adjusted(foot.width() - size.width() if own else -GRID, 1, 0, 0)
        box.setSize(size)
        whole = foot.adjusted(0, 0, 0, self.height())
        self._buttons.setGeometry(QStyle.visualRect(self.layoutDirection(), whole, box))

    def _light(self, hovered: bool | None = None) -> None:
        """Shows or hides the buttons: the last message's always, others' by pointer or keyboard."""
        row = self._row
        if row is None or self._editor is not None:
            return
        under = self.underMouse() if hovered is None else hovered
        lit = row.last and not row.streaming and (under or self._frame.current or (row.end and not row.own))
        if lit or self._buttons is not None:
            self._make_buttons().set_lit(lit)
            self._place_buttons()
            if self._frame.foot.text:
                self.update(self._placed.foot)

    def _make_buttons(self) -> MessageButtons:
        if self._buttons is None:
            buttons = MessageButtons(self._icons, self)
            buttons.chosen.connect(self.act)
            buttons.stepped.connect(lambda step: self.stepped.emit(self._id(), step))
            buttons.menu_requested.connect(self.open_menu)
            self._buttons = buttons
            if self._row is not None:
                buttons.set_row(self._row)
        return self._buttons

    def _end_edit(self) -> None:
        if self._editor is None:
            return
        self._editor.hide()
        self._editor.deleteLater()
        self._editor = None
        self.body.show()
        if self._row is not None:
            self._parts.set_row(self._row)
            if self._buttons is not None:
                self._buttons.set_row(self._row)

    def _id(self) -> str:
        return self._row.message.id if self._row else ""

    def _on_edit_submitted(self, prompt: Prompt, ask: bool) -> None:
        """The editor stays: if the edit is refused nothing is lost, else another version takes this place."""
        self.edit_submitted.emit(self._id(), prompt, ask)

    def _on_edit_cancelled(self) -> None:
        self.end_edit()
        self.left.emit()
