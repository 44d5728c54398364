"""All shortcuts on one page (F1), from the table of actions and what the composer understands."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.actions import Actions, native_keys
from desktop.ui.theme import GRID


class KeysPage(QDialog):
    """Deletes itself when closed."""

    def __init__(self, actions: Actions, enter_sends: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("keys-page")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8 * GRID)
        self._grid.setVerticalSpacing(2 * GRID)
        self._grid.setColumnStretch(0, 1)
        self._add_heading(self.tr("While you write"))
        send, line = ("Enter", "Shift+Enter") if enter_sends else ("Ctrl+Enter", "Enter")
        self._add(self.tr("Send the prompt"), _native(send))
        self._add(self.tr("Start a new line"), _native(line))
        self._add(self.tr("Edit the last message, when the field is empty"), _native("Up"))
        self._add_heading(self.tr("Everywhere"))
        for _, action in actions.all():
            if keys := native_keys(action):
                self._add(action.text(), keys)
        body = QFrame(self)
        body.setProperty("panel", "surface")
        column = QVBoxLayout(body)
        column.setContentsMargins(6 * GRID, 4 * GRID, 6 * GRID, 6 * GRID)
        column.addLayout(self._grid)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(self.tr("List of shortcuts"))
        scroll.setWidget(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)
        width = body.sizeHint().width() + 8 * GRID
        height = body.sizeHint().height() + GRID
        room = parent.size() if parent else body.sizeHint()
        self.resize(min(width, room.width()), min(height, max(room.height() - 20 * GRID, 80 * GRID)))
        scroll.setFocus()

    def _add_heading(self, text: str) -> None:
        heading = QLabel(text, self)
        heading.setProperty("weight", "bold")
        if self._grid.count():
            heading.setContentsMargins(0, 3 * GRID, 0, 0)
        self._grid.addWidget(heading, self._grid.rowCount(), 0, 1, 2)

    def _add(self, text: str, keys: str) -> None:
        row = self._grid.rowCount()
        self._grid.addWidget(QLabel(text, self), row, 0)
        label = QLabel(keys, self)
        label.setProperty("tone", "muted")
        self._grid.addWidget(label, row, 1, Qt.AlignmentFlag.AlignRight)


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
