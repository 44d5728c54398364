"""The files that belong to a message, as buttons in lines; each opens what was in it. Main thread only.

Names are a stranger's: they are shown as plain text on one line, however long, and without what turns it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QPushButton, QStyle, QWidget

from desktop.domain.conversation import Part
from desktop.system.printable import one_line
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID
from desktop.ui.widgets.plain import plain_name
from desktop.ui.words import byte_size, filled

_GAP = 2 * GRID
_WHOLE = "whole"
_LONGEST = 48
"""Characters of a name that are shown."""


class MessageFiles(QWidget):
    """As many lines as are needed for a width."""

    chosen = Signal(object)
    """The :class:`Part`."""

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._files: tuple[Part, ...] = ()
        self._buttons: list[QPushButton] = []
        self._at_end = False
        self.setObjectName("message-files")
        self.setAccessibleName(self.tr("Attached files"))

    def set_files(self, files: Sequence[Part], *, at_end: bool = False) -> None:
        """``at_end`` puts them at the side where lines end, over the user's own text."""
        self._at_end = at_end
        if tuple(files) == self._files:
            return
        self._files = tuple(files)
        for button in self._buttons:
            button.deleteLater()
        self._buttons = [self._button(file) for file in files]

    def buttons(self) -> list[QPushButton]:
        return list(self._buttons)

    def height_at(self, width: int) -> int:
        """Lays the buttons out in ``width`` pixels."""
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        whole = QRect(0, 0, width, 0)
        y = 0
        for line in self._lines(width):
            taken = sum(size for _, size in line) + _GAP * (len(line) - 1)
            x = width - taken if self._at_end else 0
            height = max(button.sizeHint().height() for button, _ in line)
            for button, size in line:
                box = QRect(x, y, size, height)
                button.setGeometry(QStyle.visualRect(self.layoutDirection(), whole, box) if mirrored else box)
                x += size + _GAP
            y += height + GRID
        return max(0, y - GRID)

    def _lines(self, width: int) -> list[list[tuple[QPushButton, int]]]:
        lines: list[list[tuple[QPushButton, int]]] = []
        left = 0
        for button in self._buttons:
            size = _fitted(button, width)
            if not lines or size > left:
                lines.append([])
                left = width
            lines[-1].append((button, size))
            left -= size + _GAP
        return lines

    def _button(self, file: Part) -> QPushButton:
        name = one_line(file.name)
        size = byte_size(len(file.text.encode("utf-8", "replace")))
        text = plain_name(f"{one_line(file.name, _LONGEST)}  ·  {size}")
        button = QPushButton(text, self)
        button.setProperty(_WHOLE, text)
        button.setObjectName("message-file")
        button.setProperty("textsize", "small")
        # The transcript leads the keyboard here; in the window's own order it would come anywhere.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAccessibleName(filled(self.tr("File %1, %2"), name, size))
        button.setToolTip(f"<p>{escape(name)}</p><p>{self.tr('Shows what is in it')}</p>")
        self._icons.put(button, IconName.FILE)
        button.clicked.connect(lambda: self.chosen.emit(file))
        button.show()
        return button


def _fitted(button: QPushButton, width: int) -> int:
    """Cuts the name in its middle where there is no room; returns the button's width."""
    text = button.property(_WHOLE)
    button.setText(text)
    if (wanted := button.sizeHint().width()) <= width:
        return wanted
    metrics = button.fontMetrics()
    room = metrics.horizontalAdvance(text) - (wanted - width)
    button.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room))
    return width
