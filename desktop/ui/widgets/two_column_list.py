"""A list of rows in groups under headings, each row with something about it at its end. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets.two_column_delegate import HEADING, TRAILING, TwoColumnDelegate


class TwoColumnList(QListWidget):
    """Headings cannot be chosen."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(TwoColumnDelegate(theme, self))

    def add_heading(self, text: str) -> None:
        """Over the rows that come next."""
        item = QListWidgetItem(text, self)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(HEADING, True)

    def add_row(self, text: str, trailing: str) -> QListWidgetItem:
        """``trailing`` stands at its end."""
        item = QListWidgetItem(text, self)
        item.setData(TRAILING, trailing)
        return item

    def move_by(self, step: int) -> None:
        """To the next row; headings are passed over."""
        row = self.currentRow() + step
        while 0 <= row < self.count():
            if not self.item(row).data(HEADING):
                self.setCurrentRow(row)
                if row == 1:
                    self.scrollToTop()  # Only a heading is above it.
                return
            row += step
