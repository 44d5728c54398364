"""A heading that folds what is under it, with a dot when something in there was changed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Token


class Section(QFrame):
    """``toggled`` carries whether it is open. Left and right arrows fold and unfold, as in a tree."""

    toggled = Signal(bool)

    def __init__(self, title: str, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._icons = icons
        self._open = True
        self._header = _Header(title, self)
        self._header.clicked.connect(self._on_header_clicked)
        self._header.folded.connect(self.set_open)
        self._mark = QLabel("●", self)
        self._mark.setProperty("tone", "accent")
        self._mark.setProperty("textsize", "small")
        self._mark.setToolTip(self.tr("Something here differs from the preset"))
        self._mark.hide()
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._header)
        row.addWidget(self._mark)
        row.addStretch(1)
        self._body = QWidget(self)
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(GRID, 0, 0, 2 * GRID)
        self._column.setSpacing(GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(row)
        column.addWidget(self._body)
        self._describe()

    def add(self, widget: QWidget) -> None:
        """Below what is already there."""
        self._column.addWidget(widget)

    @property
    def is_open(self) -> bool:
        return self._open

    def set_open(self, is_open: bool) -> None:
        if is_open != self._open:
            self._open = is_open
            self._body.setVisible(is_open)
            self._describe()
            self.toggled.emit(is_open)

    def set_changed(self, changed: bool) -> None:
        """Shows or hides the dot."""
        self._mark.setVisible(changed)
        self._describe(changed)

    def _describe(self, changed: bool | None = None) -> None:
        name = IconName.CHEVRON_DOWN if self._open else IconName.CHEVRON_RIGHT
        self._icons.put(self._header, name, Token.TEXT_MUTED)
        changed = self._mark.isVisibleTo(self) if changed is None else changed
        state = self.tr("open") if self._open else self.tr("folded")
        words = f"{self._title}, {self.tr('changed')}, {state}" if changed else f"{self._title}, {state}"
        self._header.setAccessibleName(words)
        self._header.setToolTip(
            self.tr("Folds this section") if self._open else self.tr("Unfolds this section")
        )

    def _on_header_clicked(self) -> None:
        self.set_open(not self._open)


class _Header(QPushButton):
    folded = Signal(bool)

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setProperty("kind", "flat")
        self.setProperty("weight", "bold")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Left:
                self.folded.emit(False)
            case Qt.Key.Key_Right:
                self.folded.emit(True)
            case _:
                super().keyPressEvent(event)
