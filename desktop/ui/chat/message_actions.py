"""The row of small buttons under a message: versions, copy, answer again, edit, more. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from desktop.ui.chat.transcript_rows import Row
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Token
from desktop.ui.widgets.prompt_edit import oversize
from desktop.ui.words import number

_ICON = 16
ACTION_SIDE = 7 * GRID
"""Pixels at normal text size; the height of the row."""
_COPIED_MS = 1600


class MessageActions(QWidget):
    """The arrows stay visible where there are versions; the rest comes with the pointer or the keyboard."""

    copied = Signal()
    copied_plain = Signal()
    regenerated = Signal()
    edited = Signal()
    stepped = Signal(int)
    """-1 or 1: the version before or after this one."""

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.setObjectName("message-actions")
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._previous = self._button("version-previous", IconName.PREVIOUS, self.tr("Previous version"))
        self._count = QLabel(self)
        self._count.setObjectName("version-count")
        self._count.setProperty("textsize", "small")
        self._count.setProperty("tone", "muted")
        self._layout.addWidget(self._count)
        self._next = self._button("version-next", IconName.NEXT, self.tr("Next version"))
        self._copy = self._button("message-copy", IconName.COPY, self.tr("Copy"))
        self._again = self._button(
            "message-regenerate", IconName.REGENERATE, self.tr("Answer again; this version is kept")
        )
        self._edit = self._button("message-edit", IconName.EDIT, self.tr("Edit; this version is kept"))
        self._more = self._button("message-more", IconName.MORE, self.tr("More"))
        self._previous.clicked.connect(lambda: self.stepped.emit(-1))
        self._next.clicked.connect(lambda: self.stepped.emit(1))
        self._copy.clicked.connect(self._on_copy_clicked)
        self._again.clicked.connect(self.regenerated)
        self._edit.clicked.connect(self.edited)
        self._more.clicked.connect(self._on_more_clicked)
        self._row: Row | None = None
        self._lit = False
        self._fit()
        icons.changed.connect(self._fit)

    def set_row(self, row: Row) -> None:
        self._row = row
        several = row.versions > 1
        for widget in (self._previous, self._count, self._next):
            widget.setVisible(several)
        text = self.tr("%1 of %2").replace("%1", number(row.version))
        self._count.setAccessibleName(text.replace("%2", number(row.versions)))
        self._count.setText(f"{number(row.version)}/{number(row.versions)}")
        self._previous.setEnabled(row.version > 1)
        self._next.setEnabled(row.version < row.versions)
        self._show_lit()

    def set_lit(self, lit: bool) -> None:
        """Whether the pointer or the keyboard is at the message."""
        if lit != self._lit:
            self._lit = lit
            self._show_lit()

    def needed(self) -> bool:
        """Whether anything is to be seen."""
        row = self._row
        return row is not None and not row.streaming and (self._lit or row.versions > 1)

    def buttons(self) -> list[QToolButton]:
        """Those that can be used now, in order."""
        every = (self._previous, self._next, self._copy, self._again, self._edit, self._more)
        return [button for button in every if not button.isHidden() and button.isEnabled()]

    def _show_lit(self) -> None:
        own = self._row is not None and self._row.own
        for button in (self._copy, self._more):
            button.setVisible(self._lit)
        editable = self._row is not None and not oversize(self._row.message.text)
        self._edit.setVisible(self._lit and editable)
        self._again.setVisible(self._lit and not own)
        self.setVisible(self.needed())

    def _fit(self) -> None:
        icon, side = self._icons.scaled(_ICON), self._icons.scaled(ACTION_SIDE)
        for button in self.findChildren(QToolButton):
            button.setIconSize(QSize(icon, icon))
            button.setFixedSize(side, side)

    def _button(self, name: str, icon: IconName, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAutoRaise(True)
        # The transcript leads the keyboard here; in the window's own order it would come anywhere.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        self._icons.put(button, icon)
        self._layout.addWidget(button)
        return button

    def _on_copy_clicked(self) -> None:
        self.copied.emit()
        self._icons.put(self._copy, IconName.CHECK, Token.SUCCESS)
        QTimer.singleShot(_COPIED_MS, self, lambda: self._icons.put(self._copy, IconName.COPY))

    def _on_more_clicked(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("message-menu")
        for text, signal in (
            (self.tr("Copy as Markdown"), self.copied),
            (self.tr("Copy as plain text"), self.copied_plain),
        ):
            action = QAction(text, menu)
            action.triggered.connect(signal)
            menu.addAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))
