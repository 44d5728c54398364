"""The lines of a code block: lazily laid out, so that five thousand lines cost no more than those seen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QTextCharFormat,
    QTextCursor,
    QTextLayout,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from desktop.ui.markdown.code_highlight import Ink, Lines
from desktop.ui.markdown.search_marks import Marks, units
from desktop.ui.markdown.selection import BlockSelection
from desktop.ui.theme import GRID, TextSize, Theme, Token
from desktop.ui.widgets.scroll_keys import scrolls

SHOWN_IN_FULL = 400
"""Lines; a longer block is a window on itself until the user wants all of it."""
WINDOW_LINES = 28
_TOKENS = {
    Ink.KEYWORD: Token.ACCENT,
    Ink.STRING: Token.SUCCESS,
    Ink.NUMBER: Token.WARNING,
    Ink.COMMENT: Token.TEXT_MUTED,
    Ink.NAME: Token.LINK,
}


class CodeText(QPlainTextEdit):
    """Read-only, mono, scrolls sideways or wraps; wheel and keys are the holder's unless it is a window."""

    def __init__(self, theme: Theme, selection: BlockSelection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._selection = selection
        self._widest = 0
        self._lines = 1
        self.marks = Marks(self, theme)
        self.setObjectName("code-text")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setProperty("bare", True)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.restyle()

    def restyle(self) -> None:
        font = self._theme.font(TextSize.NORMAL, mono=True)
        font.setPointSizeF(self._theme.points() * 0.92)
        self.setFont(font)
        self.setTabStopDistance(4 * QFontMetricsF(font).horizontalAdvance(" "))
        self.marks.draw()

    def set_lines(self, text: str) -> None:
        lines = text.split("\n")
        self.setPlainText(text)
        self._lines = len(lines)
        self._widest = max(map(_columns, lines))
        self.marks.search()

    def append_lines(self, lines: Sequence[str]) -> None:
        """For an open fence: adds finished lines below what is there."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        first = self._widest == 0 and self._lines == 1
        text = "\n".join(lines)
        cursor.insertText(text if first else "\n" + text)
        self.marks.search_more(text, cursor.position() - units(text, [len(text)])[0])
        self._lines = self.blockCount()
        self._widest = max(self._widest, *map(_columns, lines), 1)

    @property
    def line_count(self) -> int:
        return self._lines

    def set_wrapped(self, wrapped: bool) -> None:
        mode = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(mode.WidgetWidth if wrapped else mode.NoWrap)

    def height_at(self, width: int, *, whole: bool) -> int:
        """Pixels. Unless ``whole``, a very long block shows some lines and scrolls inside."""
        windowed = self._lines > SHOWN_IN_FULL and not whole
        on, off = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(on if windowed else off)
        wrapped = self.lineWrapMode() is QPlainTextEdit.LineWrapMode.WidgetWidth
        too_wide = not wrapped and self._widest * self._advance() > width
        self.setHorizontalScrollBarPolicy(on if too_wide else off)
        bar = self.horizontalScrollBar().sizeHint().height() + GRID if too_wide else 0
        line = self._line_height()
        if windowed:
            return round(WINDOW_LINES * line) + bar
        rows = self._rows_at(width) if wrapped else self._lines
        return round(rows * line + 0.49) + bar

    def reveal_match(self, index: int) -> None:
        """Scrolls to a match inside a long line or a window on a long block."""
        if self.verticalScrollBar().maximum():
            cursor = self.marks.cursor(index)
            cursor.setPosition(cursor.selectionStart())
            self.setTextCursor(cursor)
            self.centerCursor()
        self.marks.reveal(index)

    def color(self, lines: Lines) -> None:
        """Puts the highlighter's spans on; the text itself is not touched."""
        formats = {ink: self._format(ink) for ink in Ink}
        block = self.document().firstBlock()
        for spans in lines:
            if not block.isValid():
                break
            if spans:
                block.layout().setFormats(
                    [_range(start, length, formats[ink]) for start, length, ink in spans]
                )
            block = block.next()
        self.document().markContentsDirty(0, self.document().characterCount())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._selection.focus_out(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._selection.press(self, event)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._selection.move(self, event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._selection.release()
        super().mouseReleaseEvent(event)

    def createMimeDataFromSelection(self) -> QMimeData:
        """With what is selected in the blocks around."""
        return self._selection.gathered() or super().createMimeDataFromSelection()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """For a selection its own; otherwise whoever holds the code has one."""
        if self.textCursor().hasSelection():
            super().contextMenuEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if scrolls(event) and not self.verticalScrollBar().maximum():
            event.ignore()
        elif not self._selection.key(event):
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        sideways = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
        inside = self.hasFocus() and self.verticalScrollBar().maximum() > 0
        if (sideways and self.horizontalScrollBar().maximum()) or inside:
            super().wheelEvent(event)
        else:
            event.ignore()

    def _line_height(self) -> float:
        """As the layout has it: rounding makes it differ from the font's own."""
        first = self.document().firstBlock()
        height = self.document().documentLayout().blockBoundingRect(first).height()
        return height / max(1, first.layout().lineCount())

    def _advance(self) -> float:
        return QFontMetricsF(self.font()).horizontalAdvance("m")

    def _rows_at(self, width: int) -> int:
        """Lines after wrapping, counted by the layout itself."""
        if self.width() != width:
            self.resize(width, self.height())
        layout = self.document().documentLayout()
        block, rows = self.document().firstBlock(), 0
        while block.isValid():
            layout.blockBoundingRect(block)
            rows += max(1, block.layout().lineCount())
            block = block.next()
        return rows

    def _format(self, ink: Ink) -> QTextCharFormat:
        char_format = QTextCharFormat()
        char_format.setForeground(self._theme.color(_TOKENS[ink]))
        if ink is Ink.COMMENT:
            char_format.setFontItalic(True)
        elif ink is Ink.KEYWORD:
            char_format.setFontWeight(QFont.Weight.Medium)
        return char_format


def _columns(line: str) -> int:
    """About how wide a line is, in columns: a tab is four, an ideograph two."""
    if line.isascii():
        return len(line) + 3 * line.count("\t")
    return sum(2 if ord(sign) > 0x1100 else 1 for sign in line) + 3 * line.count("\t")


def _range(start: int, length: int, char_format: QTextCharFormat) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start = start
    found.length = length
    found.format = char_format
    return found
