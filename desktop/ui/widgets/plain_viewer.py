"""Plain text of any size to read, select and copy. Main thread only."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

LONGEST_LINE = 1_000
"""Characters; a longer one is shown as several, because laying it out would take seconds."""
MOST_CHARACTERS = 4_000_000
MOST_LINES = 100_000
"""What is shown of a text."""
_PIECE = 16_000
_LONG_LINE = re.compile(rf"([^\n]{{{LONGEST_LINE}}})(?=[^\n])")


class PlainViewer(QPlainTextEdit):
    """Shows text as it is: nothing in it is a mark, a link or an address.

    It comes piece by piece, so that megabytes keep no key waiting; ``completed`` when all of it is there.
    """

    completed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._at = 0
        self.setObjectName("plain-viewer")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._feeding = QTimer(self)
        self._feeding.timeout.connect(self._feed)

    @property
    def is_complete(self) -> bool:
        """Whether all that will be shown is there."""
        return not self._feeding.isActive()

    @property
    def is_cut(self) -> bool:
        """Whether only the beginning is shown; when it is complete."""
        return self.is_complete and self._at < len(self._text)

    def set_text(self, text: str) -> None:
        """In place of what was shown; its beginning is seen."""
        self._text, self._at = text, 0
        self.clear()
        self._feeding.start(0)
        self._feed()

    def _feed(self) -> None:
        """Appends the next piece."""
        piece = self._text[self._at : min(self._at + _PIECE, MOST_CHARACTERS)]
        self._at += len(piece)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(_LONG_LINE.sub("\\1\n", piece.replace("\0", "\N{REPLACEMENT CHARACTER}")))
        if self._at >= min(len(self._text), MOST_CHARACTERS) or self.blockCount() > MOST_LINES:
            self._feeding.stop()
            self.completed.emit()
