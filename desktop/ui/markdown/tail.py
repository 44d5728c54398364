"""The end of a text that is being written: plain until its block is complete. Main thread only."""

from __future__ import annotations

from collections.abc import Callable

from desktop.ui.markdown.code_block import CodeWidget
from desktop.ui.markdown.pool import BlockPool, BlockWidget
from desktop.ui.markdown.rich_text import RichText
from desktop.ui.markdown.source import Splitter


class MarkdownTail:
    """``widget`` is ``None`` while nothing is unfinished. ``give_back`` takes one that is done with."""

    def __init__(self, pool: BlockPool, give_back: Callable[[BlockWidget], None]) -> None:
        self._pool = pool
        self._give_back = give_back
        self.widget: BlockWidget | None = None
        self._text = ""
        self._lines = 0
        """Of the open fence, that are in the widget."""

    @property
    def is_code(self) -> bool:
        """Whether it is the inside of a fence that has not closed."""
        return isinstance(self.widget, CodeWidget)

    def show(self, splitter: Splitter, needle: str) -> None:
        """What ``splitter`` holds now; only what is new is added. Marks ``needle`` in it."""
        if splitter.in_code:
            self._show_code(splitter).marks.find(needle)
        elif splitter.tail.strip():
            self._show_text(splitter.tail).marks.find(needle)
        else:
            self.drop()

    def take_code(self) -> CodeWidget | None:
        """The open fence has closed: its widget, which goes on to show the finished block."""
        if not isinstance(self.widget, CodeWidget):
            return None
        code, self.widget = self.widget, None
        return code

    def drop(self) -> None:
        """Nothing is unfinished any more."""
        if self.widget is not None:
            self._give_back(self.widget)
        self.widget = None
        self._text = ""

    def restyle(self) -> None:
        """The theme's colours or sizes changed."""
        if isinstance(self.widget, CodeWidget):
            self.widget.restyle()
        elif self.widget is not None:
            self.widget.set_plain(self._text)

    def _show_code(self, splitter: Splitter) -> CodeWidget:
        if not isinstance(self.widget, CodeWidget):
            self.drop()
            self.widget = self._pool.code()
            self.widget.begin(splitter.language)
            self._lines = 0
        self.widget.append(splitter.code_lines[self._lines :])
        self._lines = len(splitter.code_lines)
        return self.widget

    def _show_text(self, text: str) -> RichText:
        if not isinstance(self.widget, RichText):
            self.drop()
            self.widget = self._pool.text()
        if self._text and text.startswith(self._text):
            self.widget.append_plain(text[len(self._text) :])
        else:
            self.widget.set_plain(text)
        self._text = text
        return self.widget
