"""One run of rendered text: paragraphs, lists, quotes, tables. As tall as its text; whoever holds it scrolls.

Nothing in it can load anything, and a click on a link only asks. Main thread only.
"""

from __future__ import annotations

import math
import re
from typing import Any

from PySide6.QtCore import QMimeData, QRect, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QWidget

from desktop.ui.markdown.blocks import Block, CodeBlock
from desktop.ui.markdown.formula_signs import FormulaSigns
from desktop.ui.markdown.rendering import plain_html
from desktop.ui.markdown.search_marks import Marks
from desktop.ui.markdown.selection import BlockSelection
from desktop.ui.markdown.spans import safe_address
from desktop.ui.markdown.style import INDENT, MarkdownStyle
from desktop.ui.markdown.task_boxes import TaskBoxes
from desktop.ui.theme import Token
from desktop.ui.widgets.plain import plain_tip
from desktop.ui.widgets.scroll_keys import scrolls

_FIRST_WIDTH = 700
_HEADING = re.compile("<h[1-6]>")


class RichText(QTextBrowser):
    """A text document with selection, links by mouse and keyboard, and a height for any width.

    ``height_changed`` when formulas took the place of their source.
    """

    link_chosen = Signal(str)
    height_changed = Signal()

    def __init__(
        self, style: MarkdownStyle, selection: BlockSelection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._style = style
        self._selection = selection
        self._html = ""
        self._formulas: FormulaSigns | None = None
        self._tasks: TaskBoxes | None = None
        self._sheet = ""
        self._width = 0
        self._height = 0
        self.marks = Marks(self, style.theme)
        self.setObjectName("rich-text")
        self.setAccessibleName(self.tr("Text"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        # Text is laid out as soon as it is set: at no width every letter would be a line.
        self.setLineWrapColumnOrWidth(_FIRST_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.viewport().setAutoFillBackground(False)
        self.setProperty("bare", True)
        self.document().setDocumentMargin(0)
        self.document().setIndentWidth(INDENT)
        self.anchorClicked.connect(self._on_anchor_clicked)
        self.highlighted.connect(self._on_link_hovered)

    def set_html(self, html: str, *, whole_words: bool = False) -> None:
        """Shows one block's HTML (see ``rendering``)."""
        self._html = html
        self.drop_formulas()
        # First, or each of the next steps would lay out the old text again.
        document = self.document()
        document.clear()
        if self._width < _FIRST_WIDTH:
            self.setLineWrapColumnOrWidth(_FIRST_WIDTH)
        mode = QTextOption.WrapMode
        self.setWordWrapMode(mode.WordWrap if whole_words else mode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultFont(self._style.font)
        if self._sheet is not self._style.sheet:
            self._sheet = self._style.sheet
            document.setDefaultStyleSheet(self._sheet)
        shown = self._with_formulas(html) if "<formula" in html else html
        document.setHtml(f'<body style="color:{self._style.theme.css(Token.TEXT)}">{shown}</body>')
        if _HEADING.search(shown):
            self._size_headings()
        self._drop_first_margin()
        self._tasks = TaskBoxes(document) if 'checked">' in html else None
        self._width = 0
        self.marks.search()

    def set_plain(self, text: str) -> None:
        """Shows text that is not rendered yet."""
        self.set_html(plain_html(text))

    def append_plain(self, text: str) -> None:
        """Adds to what :meth:`set_plain` showed; only the last lines are laid out again."""
        self._html = ""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text.replace("\n", "\u2028"))
        self._height = 0
        self.marks.search()

    def restyle(self) -> None:
        """Renders again in the theme's present colours and size."""
        self.set_html(self._html, whole_words=self.wordWrapMode() is QTextOption.WrapMode.WordWrap)

    def height_at(self, width: int) -> int:
        """Lays the text out and returns the height it needs, in pixels."""
        if width != self._width:
            self._width = width
            self._height = 0
            self.setLineWrapColumnOrWidth(width)
        if not self._height:
            self._height = math.ceil(self.document().size().height()) + self._bar_height()
        return self._height

    def ideal_width(self) -> int:
        """The width the longest line takes; after :meth:`height_at`."""
        return math.ceil(self.document().idealWidth())

    def match_rect(self, index: int) -> QRect:
        """Where a match is, in this widget's coordinates; after :meth:`height_at`."""
        return self.marks.rect(index)

    def reveal_match(self, index: int) -> None:
        """Scrolls to it inside a table that is too wide."""
        self.marks.reveal(index)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """A formula that is set, else nothing: rendered text never fetches, not even from the disk."""
        return self._formulas.image(QUrl(name).toString()) if self._formulas else None

    def drop_formulas(self) -> None:
        """Nothing waits for them any more."""
        if self._formulas is not None:
            self._style.formulas.forget(self)
            self._formulas = None

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is copied has the source of formulas, and what is selected in the blocks around."""
        if (gathered := self._selection.gathered()) is not None:
            return gathered
        data = super().createMimeDataFromSelection()
        if self._formulas is not None:
            cursor = self.textCursor()
            before = QTextCursor(self.document())
            before.setPosition(cursor.selectionStart(), QTextCursor.MoveMode.KeepAnchor)
            data.setHtml(self._formulas.in_html(data.html()))
            data.setText(self._formulas.in_text(cursor.selection().toPlainText(), before.selectedText()))
        return data

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._tasks is not None:
            painter = QPainter(self.viewport())
            painter.translate(-self.horizontalScrollBar().value(), 0)
            self._tasks.paint(painter, self._style.theme)
            painter.end()

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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """For a selection or a link its own; otherwise whoever holds the text has one."""
        if self.textCursor().hasSelection() or self.anchorAt(event.pos()):
            super().contextMenuEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if scrolls(event):
            event.ignore()
        elif not self._selection.key(event):
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.horizontalScrollBar().maximum() and abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()

    def _with_formulas(self, html: str) -> str:
        """The HTML with pictures of the formulas that are there; the others follow."""
        self._formulas = FormulaSigns(self._style.formulas, self._style.font)
        html = self._formulas.put_into(html)
        if self._formulas.missing:
            self._style.formulas.ask(self, self._formulas.missing, self._on_formulas_ready)
        return html

    def _on_formulas_ready(self) -> None:
        self.restyle()
        self.height_changed.emit()

    def _bar_height(self) -> int:
        """A table wider than the column is scrolled sideways."""
        too_wide = self.document().size().width() > self._width + 1
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if too_wide else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setHorizontalScrollBarPolicy(policy)
        return self.horizontalScrollBar().sizeHint().height() if too_wide else 0

    def _size_headings(self) -> None:
        """Qt has sizes of its own for headings, which go before those of the style sheet."""
        block = self.document().firstBlock()
        while block.isValid():
            if block.blockFormat().headingLevel():
                cursor = QTextCursor(block)
                for piece in block.textFormats():
                    piece.format.clearProperty(QTextFormat.Property.FontSizeAdjustment)
                    cursor.setPosition(block.position() + piece.start)
                    cursor.setPosition(cursor.position() + piece.length, QTextCursor.MoveMode.KeepAnchor)
                    cursor.setCharFormat(piece.format)
            block = block.next()

    def _drop_first_margin(self) -> None:
        """The distance to the block above is the holder's business."""
        block = self.document().firstBlock()
        form = block.blockFormat()
        if form.topMargin():
            form.setTopMargin(0)
            QTextCursor(block).setBlockFormat(form)

    def _on_anchor_clicked(self, url: QUrl) -> None:
        if address := safe_address(url.toString()):
            self.link_chosen.emit(address)

    def _on_link_hovered(self, url: QUrl) -> None:
        self.setToolTip(plain_tip(url.toDisplayString()[:300]))


def plain_of(block: Block) -> str:
    """The words of a block, without marks."""
    if isinstance(block, CodeBlock):
        return block.text
    document = QTextDocument()
    document.setHtml(block.html)
    return document.toPlainText()
