"""What rendered Markdown looks like: the theme's tokens as a style sheet for text documents.

Made once per view tree and shared; it follows the theme. Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont

from desktop.ui.markdown.blocks import Block, CodeBlock
from desktop.ui.markdown.formulas import Formulas
from desktop.ui.theme import GRID, TextSize, Theme, Token

PARAGRAPH_GAP = 2 * GRID + 2
ITEM_GAP = GRID
INDENT = 6 * GRID
"""Pixels a list level is moved in."""
_CODE_GAP = 3 * GRID
_HEADING_GAP = 5 * GRID
_HEADINGS = ((1.5, 18), (1.28, 16), (1.12, 14), (1.0, 12), (1.0, 12), (1.0, 12))
"""Size as a share of the text's, and the space above in pixels, for levels 1 to 6."""


class MarkdownStyle(QObject):
    """``changed`` after the theme did and the style sheet is new."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._sheet = ""
        self._formulas: Formulas | None = None
        theme.changed.connect(self._on_theme_changed)

    @property
    def sheet(self) -> str:
        if not self._sheet:
            self._sheet = self._make()
        return self._sheet

    @property
    def formulas(self) -> Formulas:
        """Made when the first text with a formula comes."""
        if self._formulas is None:
            self._formulas = Formulas(self.theme, self)
        return self._formulas

    @property
    def font(self) -> QFont:
        return self.theme.font()

    def _on_theme_changed(self) -> None:
        self._sheet = ""
        self.changed.emit()

    def _make(self) -> str:
        css = self.theme.css
        points = self.theme.points()
        mono = self.theme.font(TextSize.NORMAL, mono=True).family()
        headings = "".join(
            f"h{level}{{font-size:{points * share:.1f}pt;font-weight:600;margin-top:{top}px;margin-bottom:0}}"
            for level, (share, top) in enumerate(_HEADINGS, 1)
        )
        border, code = css(Token.BORDER), css(Token.CODE_BACKGROUND)
        return f"""
            p{{margin-top:{PARAGRAPH_GAP}px;margin-bottom:0;line-height:138%}}
            {headings}
            ul,ol{{margin-top:{PARAGRAPH_GAP}px;margin-bottom:0}}
            li{{margin-top:{ITEM_GAP}px;margin-bottom:0;line-height:138%}}
            code{{font-family:'{mono}';font-size:{points * 0.92:.1f}pt;background-color:{code}}}
            a{{color:{css(Token.LINK)};text-decoration:none}}
            p.note{{font-size:{self.theme.points(TextSize.SMALL):.1f}pt;margin-left:{INDENT}px}}
            p.first{{text-indent:-{INDENT}px}}
            pre{{font-family:'{mono}';font-size:{points * 0.92:.1f}pt;background-color:{code};
                white-space:pre-wrap;margin-top:{PARAGRAPH_GAP}px;margin-bottom:0}}
            p.raw{{font-family:'{mono}';font-size:{points * 0.92:.1f}pt}}
            p.formula{{line-height:100%}}
            hr{{margin-top:12px;margin-bottom:4px;background-color:{border}}}
            table.quote,table.grid{{margin-top:{PARAGRAPH_GAP}px}}
            td.quote{{border-left:3px solid {border};padding-left:12px;color:{css(Token.TEXT_MUTED)}}}
            table.grid{{border-collapse:collapse;border:1px solid {border}}}
            th{{background-color:{code};font-weight:600}}
            table.grid td,table.grid th{{border:1px solid {border}}}
        """


def gap_between(above: Block, below: Block) -> int:
    """Pixels between two blocks."""
    if isinstance(above, CodeBlock) or isinstance(below, CodeBlock):
        return _CODE_GAP
    if above.close and below.close:
        return ITEM_GAP
    return _HEADING_GAP if below.html.startswith(("<h1", "<h2", "<h3")) else PARAGRAPH_GAP
