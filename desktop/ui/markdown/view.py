"""Markdown as a column of blocks, finished or still being written. Geometry is set by hand.

While text streams in, finished blocks are rendered once; the rest is plain text that is only appended to.
Main thread only.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.icons import Icons
from desktop.ui.markdown.blocks import Block, CodeBlock, RichBlock
from desktop.ui.markdown.code_block import CodeWidget
from desktop.ui.markdown.code_highlight import Highlighter
from desktop.ui.markdown.limit_note import LimitNote, limit_of
from desktop.ui.markdown.limits import MAX_BLOCKS
from desktop.ui.markdown.pool import BlockPool, BlockWidget
from desktop.ui.markdown.rendering import in_text, is_costly, join_html, render_piece
from desktop.ui.markdown.rich_text import RichText
from desktop.ui.markdown.selection import BlockSelection, Edit
from desktop.ui.markdown.source import Piece, Splitter, references
from desktop.ui.markdown.style import INDENT, PARAGRAPH_GAP, MarkdownStyle, gap_between
from desktop.ui.markdown.tail import MarkdownTail

_JOINED = 1500
"""Characters of HTML that are rendered again when a little is added."""
_JOINED_LATE = 5000
"""The same where there are very many blocks."""


class MarkdownView(QWidget):
    """``height_changed`` when a block changed its height by itself (code wrapped or unfolded)."""

    link_chosen = Signal(str)
    height_changed = Signal()

    def __init__(
        self, style: MarkdownStyle, icons: Icons, highlighter: Highlighter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._pool = BlockPool(style, icons, highlighter, BlockSelection(self, self._edits), self)
        self._pool.link_chosen.connect(self.link_chosen)
        self._pool.height_changed.connect(self._on_block_height_changed)
        self._shown: list[tuple[Block, BlockWidget]] = []
        self._tops: list[int] = []
        """Where each laid out block starts; the blocks after the last are still to be laid out."""
        self._bottom = 0
        self._width = 0
        self._splitter: Splitter | None = None
        """``None`` while nothing streams."""
        self._fed = ""
        self._tail = MarkdownTail(self._pool, self._release)
        self._moving: dict[BlockWidget, QRect] = {}
        """Laid out, and not yet moved there."""
        self._unset: dict[RichText, RichBlock] = {}
        """Blocks that are not in their widgets yet: several pieces may still join one."""
        self._note: LimitNote | None = None
        self._needle = ""
        self._current: int | None = None
        self.setObjectName("markdown")
        self.setAttribute(Qt.WidgetAttribute.WA_StaticContents)

    def set_blocks(self, blocks: Sequence[Block]) -> None:
        """Shows finished blocks in place of what was there."""
        self._splitter = None
        self._tail.drop()
        while self._shown:
            self._release(self._shown.pop()[1])
        self._tops = []
        for block in blocks:
            self._append(block)
        self._set_texts()
        self._pool.trim()
        self._point_at_current()

    def begin_stream(self) -> None:
        """Empties the view for text that comes by :meth:`feed`."""
        self.set_blocks(())
        self._splitter = Splitter()
        self._fed = ""

    def feed(self, text: str) -> None:
        """``text`` is the whole answer so far; what came since the last call is added."""
        if self._splitter is None or len(text) < len(self._fed):
            self.begin_stream()
        assert self._splitter is not None
        if len(text) == len(self._fed):
            return
        pieces = self._splitter.feed(text[len(self._fed) :])
        self._fed = text
        for piece in pieces:
            self._append_piece(piece)
        self._set_texts()
        self._tail.show(self._splitter, self._needle)
        self._point_at_current()

    def end_stream(self, text: str) -> bool:
        """Renders the rest of a finished answer, keeps what is there; ``False`` if that would be wrong."""
        if self._splitter is None or not text.startswith(self._fed) or references(text):
            return False
        self.feed(text)
        for piece in self._splitter.finish():
            self._append_piece(piece)
        self._set_texts()
        self._tail.drop()
        self._splitter = None
        self._point_at_current()
        return True

    def height_at(self, width: int) -> int:
        """Lays out what changed and returns the height, in pixels. Nothing moves until :meth:`arrange`."""
        if width != self._width:
            self._width = width
            self._tops = []
        if not self._tops:
            self._bottom = 0
        for index in range(len(self._tops), len(self._shown)):
            block, widget = self._shown[index]
            top = self._bottom + self._gap(index)
            left = min(block.level, 4) * INDENT if isinstance(block, CodeBlock) else 0
            self._bottom = top + self._measure(widget, left, top, width - left)
            self._tops.append(top)
        if self._tail.widget is None:
            return self._bottom + self._measure_note(width)
        top = self._bottom + self._tail_gap()
        return top + self._measure(self._tail.widget, 0, top, width)

    def arrange(self) -> None:
        """Moves the blocks to where :meth:`height_at` put them.

        Apart from it because a transcript that scrolls first need not paint again what only moves.
        """
        self._pool.hide_unused()
        for widget, box in self._moving.items():
            if isinstance(widget, CodeWidget):
                widget.place(box)
            else:
                widget.setGeometry(box)
            if widget.isHidden():
                widget.show()
        self._moving.clear()
        if self._note is not None:
            self._note.setVisible(bool(self._note.text()) and self._tail.widget is None)

    def ideal_width(self) -> int:
        """How wide the text is unwrapped; code takes all there is. After :meth:`height_at`."""
        widths = [
            widget.ideal_width() if isinstance(widget, RichText) else self._width for _, widget in self._shown
        ]
        return max(widths, default=0)

    def restyle(self) -> None:
        """The theme's colours or sizes changed."""
        for _, widget in self._shown:
            widget.restyle()
        self._tail.restyle()
        self._tops = []
        self._point_at_current()

    def set_highlights(self, needle: str, current: int | None) -> int:
        """Marks every place where ``needle`` is read, whatever the case, and ``current`` stronger.

        Returns how many there are, in reading order. The marks stay through layouts and with text that still
        comes; then ask again for the number, which costs nothing for what is known.
        """
        self._needle, self._current = needle, current
        found = sum(widget.marks.find(needle) for widget in self._texts())
        self._point_at_current()
        return found

    def match_rect(self, index: int) -> QRect:
        """Where a match is, in this view's coordinates; after :meth:`arrange`. Empty if there is none."""
        for widget in self._texts():
            if index < len(widget.marks):
                box = self._moving.get(widget, widget.geometry())
                return widget.match_rect(index).translated(box.topLeft())
            index -= len(widget.marks)
        return QRect()

    def focus_chain(self) -> list[QWidget]:
        """What the keyboard can use here, in order: texts with links, the buttons of code."""
        chain: list[QWidget] = []
        for block, widget in self._shown:
            if isinstance(widget, CodeWidget):
                chain.extend(widget.buttons())
            elif isinstance(block, RichBlock) and "<a " in block.html:
                chain.append(widget)
        return chain

    def _measure(self, widget: BlockWidget, x: int, y: int, width: int) -> int:
        height = widget.height_at(width)
        self._moving[widget] = QRect(x, y, width, height)
        return height

    def _append(self, block: Block) -> None:
        widget: BlockWidget
        if isinstance(block, CodeBlock):
            widget = self._pool.code()
            widget.set_block(block)
        else:
            widget = self._pool.text()
            self._unset[widget] = block
        widget.marks.find(self._needle)
        self._shown.append((block, widget))

    def _set_texts(self) -> None:
        for widget, block in self._unset.items():
            widget.set_html(block.html, whole_words=block.wide)
            widget.marks.find(self._needle)
        self._unset.clear()
        self._tell_limits()

    def _tell_limits(self) -> None:
        blocks = [block for block, _ in self._shown]
        if self._note is None and any(map(limit_of, blocks)):
            self._note = LimitNote(self)
        if self._note is not None:
            self._note.tell(blocks)

    def _measure_note(self, width: int) -> int:
        """Lays out the line below all blocks; returns its height and that of the gap above."""
        if self._note is None or not (height := self._note.height_at(width)):
            return 0
        self._note.setGeometry(0, self._bottom + PARAGRAPH_GAP, width, height)
        return PARAGRAPH_GAP + height

    def _append_piece(self, piece: Piece) -> None:
        blocks = render_piece(piece)
        match blocks:
            case [CodeBlock() as whole] if piece.is_code and (code := self._tail.take_code()) is not None:
                code.set_block(whole)
                self._shown.append((whole, code))
                return
        if sum(is_costly(block) for block, _ in self._shown) >= MAX_BLOCKS:
            blocks = [in_text(block) for block in blocks]
        for block in blocks:
            if not self._join(block):
                self._append(block)

    def _join(self, block: Block) -> bool:
        """Puts a small finished block into the one above it: a list is one list, and widgets are few."""
        above, widget = self._shown[-1] if self._shown else (None, None)
        if not isinstance(above, RichBlock) or not isinstance(block, RichBlock) or above.wide or block.wide:
            return False
        most = _JOINED if len(self._shown) < MAX_BLOCKS else _JOINED_LATE
        if len(above.html) + len(block.html) > most or not isinstance(widget, RichText):
            return False
        joined = RichBlock(join_html(above.html, block.html), above.close, limit=above.limit | block.limit)
        self._unset[widget] = joined
        self._shown[-1] = (joined, widget)
        if len(self._tops) == len(self._shown):
            self._bottom = self._tops.pop() - self._gap(len(self._shown) - 1)
        return True

    def _texts(self) -> list[BlockWidget]:
        """In reading order."""
        shown = [widget for _, widget in self._shown]
        return shown if self._tail.widget is None else [*shown, self._tail.widget]

    def _edits(self) -> list[Edit]:
        return [one.edit if isinstance(one, CodeWidget) else one for one in self._texts()]

    def _point_at_current(self) -> None:
        """Tells each text which of its matches is the current one, if any."""
        if not self._needle:
            return
        index = self._current
        for widget in self._texts():
            here = index if index is not None and 0 <= index < len(widget.marks) else None
            if widget.marks.set_current(here) and here is not None:
                widget.reveal_match(here)
            if index is not None:
                index -= len(widget.marks)

    def _gap(self, index: int) -> int:
        """Above a block; nothing above the first."""
        return gap_between(self._shown[index - 1][0], self._shown[index][0]) if index else 0

    def _tail_gap(self) -> int:
        if not self._shown:
            return 0
        return gap_between(self._shown[-1][0], CodeBlock("") if self._tail.is_code else RichBlock(""))

    def _release(self, widget: BlockWidget) -> None:
        self._moving.pop(widget, None)
        if isinstance(widget, RichText):
            self._unset.pop(widget, None)
        self._pool.give_back(widget)

    def _on_block_height_changed(self) -> None:
        self._tops = []
        self._point_at_current()
        self.height_changed.emit()
