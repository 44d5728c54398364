"""The line under a text that is not shown as its marks say: why, in words. Main thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QWidget

from desktop.ui.markdown.blocks import Block, RichBlock
from desktop.ui.markdown.formulas import PER_TEXT
from desktop.ui.markdown.limits import MAX_BLOCKS, Limit
from desktop.ui.words import number


def limit_of(block: Block) -> Limit:
    """What of a block is too much."""
    many = isinstance(block, RichBlock) and block.html.count("<formula") > PER_TEXT
    return block.limit | Limit.FORMULAS if many else block.limit


class LimitNote(QLabel):
    """Empty, and without height, for nearly every text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("limit-note")
        self.setProperty("tone", "muted")
        self.setProperty("textsize", "small")
        self.setWordWrap(True)
        self.hide()

    def tell(self, blocks: Sequence[Block]) -> None:
        """Says what was too much in these."""
        found = Limit.NONE
        for block in blocks:
            found |= limit_of(block)
        self.setText(" ".join(words for limit, words in self._words() if limit & found) if found else "")

    def height_at(self, width: int) -> int:
        """In pixels, the room above it not included."""
        self.ensurePolished()
        return self.heightForWidth(width) if self.text() else 0

    def _words(self) -> list[tuple[Limit, str]]:
        return [
            (
                Limit.PLAIN,
                self.tr("A part is shown as plain text because it is very large or has very many marks."),
            ),
            (Limit.TABLE, self.tr("A very large table is shown as plain text.")),
            (
                Limit.BLOCKS,
                self.tr("Code and tables beyond the first %1 stand in the text.").replace(
                    "%1", number(MAX_BLOCKS)
                ),
            ),
            (
                Limit.FORMULAS,
                self.tr("Formulas beyond the first %1 are shown as source.").replace("%1", number(PER_TEXT)),
            ),
        ]
