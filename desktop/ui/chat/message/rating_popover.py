"""A small field under a rating to say why. The rating itself is saved already. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.domain.conversation import Rating
from desktop.ui.theme import GRID
from desktop.ui.widgets.prompt_edit import PromptEdit

_WIDTH = 75 * GRID
_HEIGHT = 18 * GRID


class RatingPopover(QFrame):
    """Goes when something else is clicked; deletes itself then."""

    commented = Signal(str)

    def __init__(self, rating: Rating, comment: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("rating-popover")
        self.setProperty("panel", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        good = rating is Rating.UP
        question = self.tr("What was good about it?") if good else self.tr("What was wrong with it?")
        label = QLabel(question, self)
        self.edit = PromptEdit(self)
        self.edit.setObjectName("rating-comment")
        self.edit.setProperty("bare", False)
        self.edit.setAccessibleName(question)
        self.edit.setToolTip(self.tr("Kept with the rating, and exported with it"))
        self.edit.setPlaceholderText(self.tr("Optional"))
        self.edit.setFixedHeight(_HEIGHT)
        self.edit.document().setDocumentMargin(GRID)
        self.edit.set_text(comment)
        self.edit.submitted.connect(self._on_submitted)
        self.edit.escape_pressed.connect(self.close)
        save = QPushButton(self.tr("Save"), self)
        save.setObjectName("rating-save")
        save.setProperty("kind", "primary")
        save.setToolTip(self.tr("Keeps what you say about the answer (Enter)"))
        save.clicked.connect(self._on_submitted)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(save)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 3 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(label)
        column.addWidget(self.edit)
        column.addLayout(row)
        self.setMinimumWidth(_WIDTH)

    def show_at(self, point: QPoint) -> None:
        """Under a point in global coordinates, moved so that all of it is on the screen."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        x = max(room.left(), min(point.x(), room.right() - self.width()))
        y = point.y() if point.y() + self.height() <= room.bottom() else point.y() - self.height() - 8 * GRID
        self.move(x, y)
        self.show()
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_submitted(self) -> None:
        if text := self.edit.toPlainText().strip():
            self.commented.emit(text)
        self.close()
