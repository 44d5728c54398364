"""A text of any size to look at in a window of its own: a file, or a message. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.system.printable import one_line
from desktop.ui import words
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.elided_label import ElidedLabel
from desktop.ui.widgets.plain import plain_title
from desktop.ui.widgets.plain_viewer import PlainViewer

_WIDTH, _HEIGHT = 180 * GRID, 140 * GRID


class TextViewer(QDialog):
    """Deletes itself when closed; to be shown with ``open()``."""

    def __init__(
        self, name: str, text: str, theme: Theme, parent: QWidget | None = None, *, wrap: bool = False
    ) -> None:
        super().__init__(parent)
        self._text = text
        self.setObjectName("text-viewer")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(plain_title(one_line(name)))
        self._name = ElidedLabel(self)
        self._name.setObjectName("text-viewer-name")
        self._name.setProperty("weight", "bold")
        self._name.set_whole(one_line(name))
        self._size = QLabel(self)
        self._size.setObjectName("text-viewer-size")
        self._size.setProperty("tone", "muted")
        self._size.setProperty("textsize", "small")
        self._size.setWordWrap(True)
        self.field = PlainViewer(self)
        self.field.setObjectName("text-viewer-text")
        self.field.setAccessibleName(one_line(name))
        self.field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.field.setFont(theme.font(mono=True))
        self.field.completed.connect(self._on_completed)
        self._wrap = QCheckBox(self.tr("Wrap lines"), self)
        self._wrap.setObjectName("text-viewer-wrap")
        self._wrap.setAccessibleName(self._wrap.text())
        self._wrap.setToolTip(self.tr("Breaks lines that are longer than the window is wide"))
        self._wrap.toggled.connect(self._on_wrap_toggled)
        self._wrap.setChecked(wrap)
        self._copy = self._make_button("text-viewer-copy", self.tr("Copy"), self.tr("Copies the whole text"))
        self._copy.clicked.connect(self._on_copy_clicked)
        close = self._make_button("text-viewer-close", self.tr("Close"), self.tr("Closes this window (Esc)"))
        close.setDefault(True)
        close.clicked.connect(self.reject)
        self._arrange(close)
        self._size.setText(self._size_in_words())
        self.field.set_text(text)
        room = parent.window().size() if parent is not None else self.sizeHint()
        self.resize(max(80 * GRID, min(_WIDTH, room.width())), max(60 * GRID, min(_HEIGHT, room.height())))
        self.field.setFocus()

    def _make_button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _arrange(self, close: QPushButton) -> None:
        row = QHBoxLayout()
        row.addWidget(self._wrap)
        row.addStretch(1)
        row.addWidget(self._copy)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self._name)
        column.addWidget(self._size)
        column.addWidget(self.field, 1)
        column.addLayout(row)

    def _size_in_words(self) -> str:
        return self.tr("%1 characters").replace("%1", words.number(len(self._text)))

    def _on_completed(self) -> None:
        if self.field.is_cut:
            cut = self.tr("only the beginning is shown; “Copy” takes all of it")
            self._size.setText(f"{self._size_in_words()} · {cut}")

    def _on_wrap_toggled(self, wrap: bool) -> None:
        mode = QPlainTextEdit.LineWrapMode
        self.field.setLineWrapMode(mode.WidgetWidth if wrap else mode.NoWrap)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self._copy.setText(self.tr("Copied"))
