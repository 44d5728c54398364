"""Any command: type a few letters of its name or of what it does, Enter runs it.

Before that all are there, in their groups. Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.actions import ActionId, Actions, native_keys
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.two_column_delegate import HEADING
from desktop.ui.widgets.two_column_list import TwoColumnList

_LEFT_OUT = {ActionId.PALETTE, ActionId.SETTINGS}
"""Itself, and what is listed under another name."""
_LINES = 9
_CHARACTERS = 56


class CommandPalette(QDialog):
    """Deletes itself when closed. Disabled actions are left out: they could not be run."""

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("command-palette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Command palette"))
        self.setAccessibleName(self.tr("Command palette"))
        self._groups = [
            (heading, [action for name, action in rows if action.isEnabled() and name not in _LEFT_OUT])
            for heading, rows in actions.groups()
        ]
        self.field = QLineEdit(self)
        self.field.setObjectName("palette-field")
        self.field.setPlaceholderText(self.tr("Type a command"))
        self.field.setAccessibleName(self.tr("Command"))
        self.field.setToolTip(
            self.tr("A few letters of its name, or of what it does; Enter runs the first one")
        )
        self.field.textChanged.connect(self._on_text_changed)
        self.field.returnPressed.connect(self._run)
        self.field.installEventFilter(self)
        self.list = TwoColumnList(theme, self)
        self.list.setObjectName("palette-list")
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setToolTip("")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda _item: self._run())
        self.nothing = QLabel(self.tr("No command does this."), self)
        self.nothing.setObjectName("palette-nothing")
        self.nothing.setProperty("tone", "muted")
        self.nothing.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self.nothing)
        self._fill("")
        self._place()

    def commands(self) -> list[str]:
        """What is listed now, best first."""
        items = map(self.list.item, range(self.list.count()))
        return [item.text() for item in items if not item.data(HEADING)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                self.list.move_by(step)
                return True
        return super().eventFilter(watched, event)

    def _fill(self, text: str) -> None:
        self.list.clear()
        wanted = text.casefold().split()
        if wanted:
            every = [action for _, group in self._groups for action in group]
            ranks = {action: _rank(action, wanted) for action in every}
            for action in sorted((one for one in every if ranks[one]), key=lambda one: ranks[one]):
                self._add(action)
        else:
            for heading, group in self._groups:
                self._add_group(heading, group)
        self.list.setCurrentRow(-1)
        self.list.move_by(1)
        line = self.list.fontMetrics().height() + 3 * GRID
        self.list.setFixedHeight(max(1, min(self.list.count(), _LINES)) * line)
        self.list.setVisible(self.list.count() > 0)
        self.nothing.setVisible(self.list.count() == 0)

    def _add_group(self, heading: str, actions: list[QAction]) -> None:
        if actions:
            self.list.add_heading(heading)
        for action in actions:
            self._add(action)

    def _add(self, action: QAction) -> None:
        item = self.list.add_row(action.text(), native_keys(action))
        item.setData(Qt.ItemDataRole.UserRole, action)

    def _place(self) -> None:
        metrics = self.fontMetrics()
        parent = self.parentWidget()
        width = _CHARACTERS * metrics.averageCharWidth()
        if parent is not None:
            width = min(width, parent.width() - 16 * GRID)
            top_left = parent.mapToGlobal(QPoint((parent.width() - width) // 2, 16 * GRID))
            self.move(top_left)
        self.field.setFixedWidth(width - 4 * GRID)
        self.list.setFixedWidth(width - 4 * GRID)

    def _run(self) -> None:
        if not self.list.selectedItems():
            return
        action: QAction = self.list.currentItem().data(Qt.ItemDataRole.UserRole)
        self.accept()
        action.trigger()

    def _on_text_changed(self, text: str) -> None:
        self._fill(text)


def _rank(action: QAction, wanted: list[str]) -> tuple[int, int] | tuple[()]:
    """Smaller is better: found in the name, in what it does, and where; empty if a word is missing."""
    for order, text in enumerate((action.text(), action.toolTip())):
        folded = text.casefold()
        places = [folded.find(word) for word in wanted]
        if -1 not in places:
            return order, sum(places)
    return ()
