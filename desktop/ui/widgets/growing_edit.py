"""A field for several lines of text: grows with them up to a limit, then scrolls."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop.ui.theme import GRID, Theme


class GrowingEdit(QPlainTextEdit):
    """``left`` comes when the keyboard goes elsewhere. Tab does not type: it goes on."""

    left = Signal()

    def __init__(
        self, theme: Theme, fewest: int, most: int, *, mono: bool = False, parent: QWidget | None = None
    ) -> None:
        """``fewest`` and ``most`` are the lines shown without scrolling."""
        super().__init__(parent)
        self._theme = theme
        self._fewest = fewest
        self._most = most
        self._mono = mono
        if mono:
            # Code has few spaces; looking for one far back in a long line would take seconds.
            self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self.fit)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def fit(self) -> None:
        """To be called after a change of the text that was not signalled."""
        lines, line_height = self._lines()
        # Only where it scrolls: a bar that comes and goes changes the width that decides about it.
        always_on, always_off = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        policy = always_on if lines > self._most else always_off
        if policy != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)
            QTimer.singleShot(0, self, self._wrap_again)
        height = math.ceil(min(max(lines, self._fewest), self._most) * line_height) + 3 * GRID
        if height != self.height():
            self.setFixedHeight(height)

    def _lines(self) -> tuple[int, float]:
        """How many there are, counted up to one too many, and their height.

        ``document().size()`` would not do: it counts only lines that were already laid out.
        """
        layout = self.document().documentLayout()
        block = self.document().firstBlock()
        lines, height = 0, 0.0
        while block.isValid() and lines <= self._most:
            height += layout.blockBoundingRect(block).height()  # lays the block out
            lines += max(block.layout().lineCount(), 1)
            block = block.next()
        return lines, height / lines

    def _wrap_again(self) -> None:
        """Qt keeps the lines of the old width when a bar comes while it is laying out."""
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)

    def _on_theme_changed(self) -> None:
        if self._mono:
            self.setFont(self._theme.font(mono=True))
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()
