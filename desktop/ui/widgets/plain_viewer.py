"""Plain text of any length to read, select and copy; more of it is laid out as somebody scrolls there.

Main thread only.
"""

from __future__ import annotations

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

PORTION = 64 * 1024
"""Characters that are laid out at once."""
LONGEST_LINE = 2000
"""Characters; what is longer goes on in the next line, because laying it out takes long."""


class PlainViewer(QPlainTextEdit):
    """Shows text as it is: nothing in it is a mark, a link or an address."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._shown = 0
        self.setObjectName("plain-viewer")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def set_text(self, text: str) -> None:
        """In place of what was shown; its beginning is seen."""
        self._text, self._shown = text, 0
        self.clear()
        self._show_more()

    def shown(self) -> int:
        """Characters that are laid out by now."""
        return self._shown

    def _show_more(self) -> None:
        end = self._shown + PORTION
        if end < len(self._text):
            # At the end of a line, if there is one near.
            end = max(self._text.rfind("\n", self._shown, end) + 1, 0) or end
        portion = self._text[self._shown : end]
        self._shown += len(portion)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(
            "\n".join(map(_cut, portion.replace("\0", "\N{REPLACEMENT CHARACTER}").split("\n")))
        )

    def _on_scrolled(self, value: int) -> None:
        bar = self.verticalScrollBar()
        if self._shown < len(self._text) and value + bar.pageStep() >= bar.maximum():
            self._show_more()


def _cut(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    return "\n".join(line[at : at + LONGEST_LINE] for at in range(0, len(line), LONGEST_LINE))
