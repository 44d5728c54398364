"""What the answer is to begin with, on a line over the text. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID
from desktop.ui.widgets.icon_button import icon_button


class PrefillLine(QWidget):
    """Hidden until somebody wants it; ``closed`` when the user is done with it."""

    changed = Signal()
    submitted = Signal()
    closed = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prefill")
        label = QLabel(self.tr("The reply begins with"), self)
        label.setProperty("textsize", "small")
        label.setProperty("tone", "muted")
        self.field = _Field(self)
        self.field.setObjectName("prefill-text")
        self.field.setAcceptDrops(False)
        self.field.setAccessibleName(self.tr("Start of the reply"))
        self.field.setPlaceholderText(self.tr("for example: Dear Ms"))
        self.field.setToolTip(
            self.tr("The model goes on from these words; a model that thinks first does not do so then")
        )
        self.field.textChanged.connect(self.changed)
        self.field.returnPressed.connect(self.submitted)
        self.field.escaped.connect(self._on_closed)
        label.setBuddy(self.field)
        close = icon_button(
            icons,
            IconName.CLOSE,
            "prefill-close",
            self,
            label=self.tr("Let the model begin by itself"),
            tip=self.tr("Lets the model begin by itself"),
        )
        close.clicked.connect(self._on_closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        row.addWidget(label)
        row.addWidget(self.field, 1)
        row.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        return self.field.text()

    def set_text(self, text: str) -> None:
        """Shows the line if there is any."""
        self.field.setText(text)
        self.setVisible(bool(text))

    def open(self) -> None:
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_closed(self) -> None:
        self.field.clear()
        self.hide()
        self.closed.emit()


class _Field(QLineEdit):
    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)
