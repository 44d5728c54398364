"""The text of a message, and what stands around it in some: each made when a message first has it.

Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from desktop.domain.conversation import InContext, Part, PartKind
from desktop.ui.chat import words
from desktop.ui.chat.message.files import MessageFiles
from desktop.ui.chat.message.status import MessageStatus
from desktop.ui.chat.message.thinking_block import ThinkingBlock
from desktop.ui.chat.rows import Row, Streamed
from desktop.ui.icons import Icons
from desktop.ui.markdown.view import MarkdownView
from desktop.ui.theme import Theme, Token

_VEIL = 130
"""How much of 255 covers what the model is not sent."""


class MessageParts(QObject):
    """``None`` where no message has had that part in this widget yet; hidden where this one has not."""

    chosen = Signal(object)
    """A :class:`MessageAct`."""
    file_chosen = Signal(object)
    """The :class:`Part` that is to be looked at."""
    height_changed = Signal()

    def __init__(self, body: MarkdownView, theme: Theme, icons: Icons, place: QWidget) -> None:
        super().__init__(place)
        self._theme = theme
        self._icons = icons
        self._place = place
        self.body = body
        self.thinking: ThinkingBlock | None = None
        self.note: QLabel | None = None
        self.files: MessageFiles | None = None
        self.status: MessageStatus | None = None
        self.veil: QWidget | None = None

    def set_row(self, row: Row, *, thought: bool = True) -> None:
        """Everything but the text; ``thought`` is left out where it streamed and stays as it is."""
        if thought:
            self._set_thinking(row)
        self._set_note(row.left_out if row.first and not row.own else (0, 0))
        self._set_files(row)
        self.set_status(row)
        self._set_veil(row.message.context is InContext.EXCLUDED)

    def stream(self, streamed: Streamed) -> None:
        """What comes beside a running answer's text."""
        if streamed.thinking:
            block = self._make_thinking()
            block.stream(streamed.thinking, streamed.thinking_s, answering=bool(streamed.text))
        if any(streamed.left_out):
            self._set_note(streamed.left_out)

    def end_stream(self, row: Row) -> None:
        """The answer is finished: what was thought stays open or folded as it is."""
        streamed = self.thinking is not None and not self.thinking.isHidden()
        if self.thinking is not None and streamed:
            self.thinking.finish(row.message.thinking, _thinking_s(row), answered=bool(row.text))
        self.set_row(row, thought=not streamed)

    def set_status(self, row: Row) -> None:
        # At the end of a chat a question waits for an answer, which was deleted or never asked for.
        needed = row.end if row.own else row.last and bool(words.status(row.message))
        if needed and self.status is None:
            self.status = MessageStatus(self._icons, self._place)
            self.status.chosen.connect(self.chosen)
        if self.status is not None:
            self.status.set_message(row.message, can_retry=row.end)
            self.status.setVisible(needed)

    def hide(self) -> None:
        """Makes way for an editor; :meth:`set_row` brings back what there is."""
        for widget in (self.body, self.thinking, self.note, self.files, self.status, self.veil):
            if widget is not None:
                widget.hide()

    def release(self) -> None:
        """Gives up what is expensive to keep."""
        self.body.set_blocks(())
        if self.thinking is not None:
            self.thinking.set_text("", 0, is_open=False)
        if self.files is not None:
            self.files.set_files(())

    def focus_chain(self) -> list[QWidget]:
        """What Tab reaches here, in order."""
        chain: list[QWidget] = []
        if self.thinking is not None and not self.thinking.isHidden():
            chain.extend(self.thinking.focus_chain())
        if self.files is not None and not self.files.isHidden():
            chain.extend(self.files.buttons())
        chain.extend(self.body.focus_chain())
        if self.status is not None and not self.status.isHidden():
            chain.extend(self.status.buttons())
        return chain

    def _set_thinking(self, row: Row) -> None:
        text = row.message.thinking if row.first and not row.own else ""
        if self.thinking is not None:
            self.thinking.hide()
        if text and not row.streaming:
            self._make_thinking().set_text(text, _thinking_s(row), is_open=not row.text)

    def _make_thinking(self) -> ThinkingBlock:
        if self.thinking is None:
            self.thinking = ThinkingBlock(self._theme, self._icons, self._place)
            self.thinking.height_changed.connect(self.height_changed)
        if self.thinking.isHidden():
            self.thinking.set_text("", 0, is_open=False)
            self.thinking.show()
        return self.thinking

    def _set_note(self, left_out: tuple[int, int]) -> None:
        """What of the conversation the model was not sent."""
        text = words.left_out(*left_out)
        if self.note is None:
            if not text:
                return
            self.note = QLabel(self._place)
            self.note.setObjectName("message-left-out")
            self.note.setProperty("tone", "muted")
            self.note.setProperty("textsize", "small")
            self.note.setWordWrap(True)
        if text != self.note.text():
            self.note.setText(text)
            self.note.setToolTip(
                self.tr("The conversation no longer fits into the model's context.\n")
                + self.tr("“When the context is full” in the sidebar says what happens then; ")
                + self.tr("a larger context length in the settings has room for more.")
            )
        self.note.setVisible(bool(text))

    def _set_files(self, row: Row) -> None:
        files: list[Part] = []
        if row.first:
            files = [part for part in row.message.parts if part.kind is PartKind.ATTACHMENT]
        if files and self.files is None:
            self.files = MessageFiles(self._icons, self._place)
            self.files.chosen.connect(self.file_chosen)
        if self.files is not None:
            self.files.set_files(files, at_end=row.own)
            self.files.setVisible(bool(files))

    def _set_veil(self, veiled: bool) -> None:
        if veiled and self.veil is None:
            self.veil = _Veil(self._theme, self._place)
        if self.veil is not None:
            self.veil.setVisible(veiled)
            self.veil.raise_()


class _Veil(QWidget):
    """Over a text: still to be read, and to be used."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = QColor(self._theme.color(Token.SURFACE))
        colour.setAlpha(_VEIL)
        QPainter(self).fillRect(event.rect(), colour)


def _thinking_s(row: Row) -> float:
    return row.message.origin.thinking_s if row.message.origin else 0.0
