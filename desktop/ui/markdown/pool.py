"""The widgets that the blocks of a text are shown in, used again for other blocks: making one is what costs.

Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.icons import Icons
from desktop.ui.markdown.code_block import CodeWidget
from desktop.ui.markdown.code_highlight import Highlighter
from desktop.ui.markdown.rich_text import RichText
from desktop.ui.markdown.selection import BlockSelection
from desktop.ui.markdown.style import MarkdownStyle

_SPARE = 4
"""Widgets of each kind that are kept though nothing is shown in them."""

BlockWidget = RichText | CodeWidget


class BlockPool(QObject):
    """They are children of ``place``, which moves and shows them. Signals are those of any of them."""

    link_chosen = Signal(str)
    height_changed = Signal()

    def __init__(
        self,
        style: MarkdownStyle,
        icons: Icons,
        highlighter: Highlighter,
        selection: BlockSelection,
        place: QWidget,
    ) -> None:
        super().__init__(place)
        self._selection = selection
        self._style = style
        self._icons = icons
        self._highlighter = highlighter
        self._place = place
        self._texts: list[RichText] = []
        self._codes: list[CodeWidget] = []
        self._leaving: set[BlockWidget] = set()
        """Given back, and still to be seen until :meth:`hide_unused`."""

    def text(self) -> RichText:
        """One for text; what it showed before is still in it."""
        if self._texts:
            widget = self._texts.pop()
            self._leaving.discard(widget)
            return widget
        widget = RichText(self._style, self._selection, self._place)
        widget.link_chosen.connect(self.link_chosen)
        widget.height_changed.connect(self.height_changed)
        return widget

    def code(self) -> CodeWidget:
        """One for code; what it showed before is still in it."""
        if self._codes:
            widget = self._codes.pop()
            self._leaving.discard(widget)
            return widget
        widget = CodeWidget(self._style.theme, self._icons, self._highlighter, self._selection, self._place)
        widget.height_changed.connect(self.height_changed)
        return widget

    def give_back(self, widget: BlockWidget) -> None:
        """Nothing is shown in it any more."""
        self._leaving.add(widget)
        widget.marks.find("")
        if isinstance(widget, CodeWidget):
            widget.release()
            self._codes.append(widget)
        else:
            widget.drop_formulas()
            self._texts.append(widget)

    def hide_unused(self) -> None:
        """Apart from :meth:`give_back`: one that is taken again at once need not be hidden and shown."""
        for widget in self._leaving:
            widget.hide()
        self._leaving.clear()

    def trim(self) -> None:
        """Lets go of all but a few of those that nothing is shown in."""
        for spares in (self._texts, self._codes):
            while len(spares) > _SPARE:
                widget = spares.pop()
                self._leaving.discard(widget)
                widget.hide()
                widget.deleteLater()
