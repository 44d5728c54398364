"""One message in the transcript, which binds it to a row, asks its height, moves it and uses it again.

Geometry is set by hand: a layout per message costs more than all else together. Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from desktop.ui.chat import words
from desktop.ui.chat.message_actions import ACTION_SIDE, MessageActions
from desktop.ui.chat.message_editor import MessageEditor
from desktop.ui.chat.message_status import MessageStatus
from desktop.ui.chat.thinking_block import ThinkingBlock
from desktop.ui.chat.transcript_rows import Row, Streamed
from desktop.ui.icons import Icons
from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token
from desktop.ui.widgets.code_block_highlight import Highlighter
from desktop.ui.widgets.markdown_html import Block, render, render_plain
from desktop.ui.widgets.markdown_style import MarkdownStyle
from desktop.ui.widgets.markdown_text import plain_of
from desktop.ui.widgets.markdown_view import MarkdownView

MEASURE = 760
"""The widest text column, in pixels at normal text size."""
_PADDING = 3 * GRID
_GAP = 4 * GRID
_SPLIT_GAP = 2 * GRID + 2
_SPOKEN = 2000
"""Characters of a message that a screen reader finds as its description."""
_SPOKEN_STEP = 200
"""By as many a streaming answer grows before its description does."""


class MessageWidget(QWidget):
    """Signals carry the message's id."""

    copied = Signal(str)
    regenerated = Signal(str)
    edit_requested = Signal(str)
    edit_submitted = Signal(str, str)
    edit_started = Signal(str)
    edit_ended = Signal(str)
    stepped = Signal(str, int)
    link_chosen = Signal(str)
    height_changed = Signal()
    left = Signal()
    """The keyboard has nothing to do here any more."""

    def __init__(
        self, style: MarkdownStyle, icons: Icons, highlighter: Highlighter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme: Theme = style.theme
        self._icons = icons
        self._row: Row | None = None
        self._progress = ""
        self._fraction: float | None = None
        self._current = False
        self._bubble = QRect()
        self._name_box = QRect()
        self._foot_box = QRect()
        self._new_foot = QRect()
        self._body_box = QRect()
        self._status_box = QRect()
        self._note_box = QRect()
        self._thinking_box = QRect()
        self._name = ""
        self._foot = ""
        self.setObjectName("message")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # What is painted stays where it is when a message grows downwards.
        self.setAttribute(Qt.WidgetAttribute.WA_StaticContents)
        self.body = MarkdownView(style, icons, highlighter, self)
        self.body.link_chosen.connect(self.link_chosen)
        self.body.height_changed.connect(self.height_changed)
        self._actions: MessageActions | None = None
        self._status: MessageStatus | None = None
        self._note: QLabel | None = None
        self._thinking: ThinkingBlock | None = None
        self._editor: MessageEditor | None = None

    @property
    def row(self) -> Row | None:
        return self._row

    @property
    def editing(self) -> bool:
        return self._editor is not None

    def set_row(self, row: Row, blocks: list[Block] | None, name: str) -> None:
        """Shows a row. ``blocks`` are its rendered text, or ``None`` for an answer that streams."""
        if self._row is None or self._row.message.id != row.message.id:
            self._end_edit()
        if blocks is None:
            self.body.begin_stream()
        else:
            self.body.set_blocks(blocks)
        self._set_thinking(row)
        self._set_frame(row, name)

    def end_stream(self, row: Row, name: str) -> bool:
        """The answer that streamed here is finished: what is rendered stays. ``False`` if it cannot."""
        before = self._row
        if before is None or not before.streaming or before.message.id != row.message.id:
            return False
        if not row.last or not self.body.end_stream(row.text):
            return False
        if self._thinking is not None and not self._thinking.isHidden():
            self._thinking.finish(row.message.thinking, _thinking_s(row), answered=bool(row.text))
        else:
            self._set_thinking(row)
        self._set_frame(row, name)
        return True

    def _set_frame(self, row: Row, name: str) -> None:
        """Everything around the text."""
        self._row = row
        self._name = name
        self._progress = ""
        self._fraction = None
        self._foot = "" if row.own or not row.last else words.timing(row.message.origin)
        self._set_status(row)
        self._set_note(row.left_out if row.first and not row.own else (0, 0))
        if self._actions is not None:
            self._actions.set_row(row)
        if row.versions > 1 or row.end:
            self._make_actions().set_row(row)
        self._light()
        self.setAccessibleName(self.tr("You") if row.own else name)
        self.setAccessibleDescription(row.text[:_SPOKEN])
        self.update()

    def stream(self, streamed: Streamed) -> None:
        """More of a running answer, or its progress."""
        self.body.feed(streamed.text)
        if len(streamed.text) >= len(self.accessibleDescription()) + _SPOKEN_STEP:
            self.setAccessibleDescription(streamed.text[:_SPOKEN])
        if streamed.thinking:
            block = self._make_thinking()
            block.stream(streamed.thinking, streamed.thinking_s, answering=bool(streamed.text))
        if any(streamed.left_out):
            self._set_note(streamed.left_out)
        if (streamed.progress, streamed.fraction) != (self._progress, self._fraction):
            self._progress, self._fraction = streamed.progress, streamed.fraction
            self.update(self._foot_box.adjusted(-GRID, -GRID, GRID, GRID))

    def height_at(self, width: int) -> int:
        """The height in a column of ``width`` pixels, with the gap below; :meth:`arrange` after it."""
        row = self._row
        assert row is not None
        if self._editor is not None:
            return self._editor.height_at(width) + _GAP
        y = self._measure_own(width) if row.own else self._measure_answer(width, row)
        if self._status is not None and not self._status.isHidden():
            height = self._status.height_at(width)
            self._status_box = QRect(0, y + 2 * GRID, width, height)
            y += 2 * GRID + height
        if not row.last:
            return y + _SPLIT_GAP
        height = (
            max(self._icons.scaled(ACTION_SIDE), QFontMetrics(self._theme.font(TextSize.SMALL)).height())
            + GRID
        )
        self._new_foot = QRect(0, y + (0 if row.own else GRID), width, height)
        return self._new_foot.bottom() + 1 + (GRID if row.own else _GAP)

    def arrange(self) -> None:
        """Moves the parts to where :meth:`height_at` put them."""
        if self._editor is not None:
            self._editor.setGeometry(0, 0, self.width(), self.height() - _GAP)
            return
        self.body.setGeometry(self._body_box)
        self.body.arrange()
        if self._note is not None:
            self._note.setGeometry(self._note_box)
        if self._thinking is not None:
            self._thinking.setGeometry(self._thinking_box)
            self._thinking.arrange()
        if self._status is not None:
            self._status.setGeometry(self._status_box)
        if self._new_foot != self._foot_box:
            self.update(self._foot_box)
            self._foot_box = self._new_foot
            self.update(self._foot_box)
        self._place_actions()

    def set_current(self, current: bool) -> None:
        """Whether the keyboard is at this message."""
        if current != self._current:
            self._current = current
            self._light()
            self.update()

    def focus_chain(self) -> list[QWidget]:
        """What Tab reaches inside this message, in order."""
        if self._editor is not None:
            return self._editor.focus_chain()
        thinking = self._thinking
        chain = thinking.focus_chain() if thinking is not None and not thinking.isHidden() else []
        chain.extend(self.body.focus_chain())
        if self._status is not None and not self._status.isHidden():
            chain.append(self._status.button())
        if self._actions is not None:
            chain.extend(self._actions.buttons())
        return chain

    def start_edit(self) -> None:
        """Puts an editor in the message's place."""
        if self._row is None or self._editor is not None:
            return
        self._editor = MessageEditor(self._theme, self._row.message, self)
        self._editor.submitted.connect(self._on_edit_submitted)
        self._editor.cancelled.connect(self._on_edit_cancelled)
        self._editor.height_changed.connect(self.height_changed)
        self.body.hide()
        self._hide_extras()
        self._editor.show()
        self._editor.take_focus()
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
            self._set_status(self._row)
        self.update()

    def release(self) -> None:
        """Out of sight: gives up what is expensive to keep."""
        self._end_edit()
        self.body.set_blocks(())
        if self._thinking is not None:
            self._thinking.set_text("", 0, is_open=False)
        self._row = None
        self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._light(hovered=True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._light(hovered=False)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._row is None or self._editor is not None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._row.own:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(Token.USER_BUBBLE))
            painter.drawRoundedRect(QRectF(self._bubble), RADIUS + GRID, RADIUS + GRID)
        elif self._row.first:
            painter.setPen(self._theme.color(Token.TEXT_MUTED))
            painter.setFont(self._theme.font(TextSize.SMALL, bold=True))
            painter.drawText(self._name_box, Qt.AlignmentFlag.AlignVCenter, self._name)
        if self._current:
            painter.setPen(QPen(self._theme.color(Token.ACCENT), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(ring, RADIUS, RADIUS)
        self._paint_foot(painter)

    def _paint_foot(self, painter: QPainter) -> None:
        text = self._progress or self._foot
        if not text or self._row is None or not self._row.last:
            return
        painter.setFont(self._theme.font(TextSize.SMALL))
        painter.setPen(self._theme.color(Token.TEXT_MUTED))
        box = self._foot_box
        if self._progress:
            metrics = painter.fontMetrics()
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            if self._fraction is not None:
                left = metrics.horizontalAdvance(text) + 3 * GRID
                _paint_bar(painter, self._theme, QRectF(left, box.center().y() - 1, 120, 4), self._fraction)
            return
        if self._actions is not None and not self._actions.isHidden():
            box = box.adjusted(self._actions.geometry().right() + 2 * GRID, 0, 0, 0)
        # Beginning with the tokens: what is cut off in a narrow window is the least of it.
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)

    def _measure_own(self, width: int) -> int:
        widest = int(width * 0.86)
        self.body.height_at(widest - 2 * _PADDING - GRID)
        inner = min(widest - 2 * _PADDING - GRID, self.body.ideal_width() + 2)
        height = self.body.height_at(inner)
        box = inner + 2 * _PADDING + GRID
        self._bubble = QRect(width - box, 0, box, height + 2 * _PADDING - GRID)
        self._body_box = QRect(self._bubble.x() + _PADDING + 2, _PADDING, inner, height)
        self.update()
        return self._bubble.bottom() + 1

    def _measure_answer(self, width: int, row: Row) -> int:
        y = 0
        if row.first:
            name = QFontMetrics(self._theme.font(TextSize.SMALL, bold=True)).height() + GRID
            self._name_box = QRect(0, 0, width, name)
            y = name + GRID
        if self._note is not None and not self._note.isHidden():
            height = self._note.heightForWidth(width)
            self._note_box = QRect(0, y, width, height)
            y += height + 2 * GRID
        if self._thinking is not None and not self._thinking.isHidden():
            height = self._thinking.height_at(width)
            self._thinking_box = QRect(0, y, width, height)
            y += height + (3 * GRID if self._thinking.is_open else 2 * GRID)
        height = self.body.height_at(width)
        self._body_box = QRect(0, y, width, height)
        return y + height

    def _place_actions(self) -> None:
        if self._actions is None or self._row is None:
            return
        size = self._actions.sizeHint()
        x = self._foot_box.right() + 1 - size.width() if self._row.own else -GRID
        self._actions.setGeometry(x, self._foot_box.y() + 1, size.width(), size.height())

    def _light(self, hovered: bool | None = None) -> None:
        """Shows or hides the buttons: the last message's always, others' by pointer or keyboard."""
        row = self._row
        if row is None or self._editor is not None:
            return
        under = self.underMouse() if hovered is None else hovered
        lit = row.last and not row.streaming and (under or self._current or (row.end and not row.own))
        if lit or self._actions is not None:
            actions = self._make_actions()
            actions.set_lit(lit)
            self._place_actions()

    def _make_actions(self) -> MessageActions:
        if self._actions is None:
            actions = MessageActions(self._icons, self)
            actions.copied.connect(self.copy)
            actions.copied_plain.connect(self._on_copied_plain)
            actions.regenerated.connect(lambda: self.regenerated.emit(self._id()))
            actions.edited.connect(lambda: self.edit_requested.emit(self._id()))
            actions.stepped.connect(lambda step: self.stepped.emit(self._id(), step))
            self._actions = actions
            if self._row is not None:
                actions.set_row(self._row)
        return self._actions

    def _set_thinking(self, row: Row) -> None:
        text = row.message.thinking if row.first and not row.own else ""
        if self._thinking is not None:
            self._thinking.hide()
        if text and not row.streaming:
            self._make_thinking().set_text(text, _thinking_s(row), is_open=not row.text)

    def _make_thinking(self) -> ThinkingBlock:
        if self._thinking is None:
            self._thinking = ThinkingBlock(self._theme, self._icons, self)
            self._thinking.height_changed.connect(self.height_changed)
        if self._thinking.isHidden():
            self._thinking.set_text("", 0, is_open=False)
            self._thinking.show()
        return self._thinking

    def _set_note(self, left_out: tuple[int, int]) -> None:
        """What of the conversation the model was not sent."""
        text = words.left_out(*left_out)
        if self._note is None:
            if not text:
                return
            self._note = QLabel(self)
            self._note.setObjectName("message-left-out")
            self._note.setProperty("tone", "muted")
            self._note.setProperty("textsize", "small")
            self._note.setWordWrap(True)
        if text != self._note.text():
            self._note.setText(text)
            self._note.setToolTip(
                self.tr("The conversation no longer fits into the model's context.\n")
                + self.tr("“When the context is full” in the sidebar says what happens then; ")
                + self.tr("a larger context length in the settings has room for more.")
            )
        self._note.setVisible(bool(text))

    def _set_status(self, row: Row) -> None:
        needed = row.last and not row.own and bool(words.status(row.message))
        if needed and self._status is None:
            self._status = MessageStatus(self._icons, self)
            self._status.retried.connect(lambda: self.regenerated.emit(self._id()))
        if self._status is not None:
            self._status.set_message(row.message, can_retry=row.end)
            self._status.setVisible(needed)

    def _hide_extras(self) -> None:
        for widget in (self._actions, self._status, self._thinking, self._note):
            if widget is not None:
                widget.hide()

    def _end_edit(self) -> None:
        if self._editor is None:
            return
        self._editor.hide()
        self._editor.deleteLater()
        self._editor = None
        self.body.show()
        if self._row is not None:
            self._set_status(self._row)
            self._set_thinking(self._row)
            self._set_note(self._row.left_out if self._row.first and not self._row.own else (0, 0))
            if self._actions is not None:
                self._actions.set_row(self._row)

    def _id(self) -> str:
        return self._row.message.id if self._row else ""

    def copy(self) -> None:
        """Puts the message's text on the clipboard as it was written."""
        if self._row is not None:
            QGuiApplication.clipboard().setText(self._row.message.text)
            self.copied.emit(self._id())

    def _on_copied_plain(self) -> None:
        if self._row is None:
            return
        text = self._row.message.text
        blocks = render_plain(text) if self._row.own else render(text)
        QGuiApplication.clipboard().setText("\n\n".join(_plain(block) for block in blocks))
        self.copied.emit(self._id())

    def _on_edit_submitted(self, text: str) -> None:
        """The editor stays: if the edit is refused nothing is lost, else another version takes this place."""
        self.edit_submitted.emit(self._id(), text)

    def _on_edit_cancelled(self) -> None:
        self.end_edit()
        self.left.emit()


def _thinking_s(row: Row) -> float:
    return row.message.origin.thinking_s if row.message.origin else 0.0


def _plain(block: Block) -> str:
    return plain_of(block.html) if hasattr(block, "html") else block.text


def _paint_bar(painter: QPainter, theme: Theme, box: QRectF, fraction: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.color(Token.BORDER)))
    painter.drawRoundedRect(box, 2, 2)
    done = QRectF(
        box.topLeft(), QPointF(box.left() + box.width() * max(0.0, min(1.0, fraction)), box.bottom())
    )
    painter.setBrush(theme.color(Token.ACCENT))
    painter.drawRoundedRect(done, 2, 2)
