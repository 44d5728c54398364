"""Any command by its name (Ctrl+Shift+P): type a few letters, Enter runs it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.actions import ActionId, Actions, native_keys
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.two_column_delegate import TRAILING, TwoColumnDelegate

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
        self._actions = [
            action for action_id, action in actions.all()
            if action.isEnabled() and action_id not in _LEFT_OUT
        ]  # fmt: skip
        self.field = QLineEdit(self)
        self.field.setObjectName("palette-field")
        self.field.setPlaceholderText(self.tr("Type a command"))
        self.field.setAccessibleName(self.tr("Command"))
        self.field.setToolTip(self.tr("A few letters of its name; Enter runs the first one"))
        self.field.textChanged.connect(self._on_text_changed)
        self.field.returnPressed.connect(self._run)
        self.field.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setObjectName("palette-list")
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setToolTip("")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(TwoColumnDelegate(theme, self.list))
        self.list.itemClicked.connect(lambda _item: self._run())
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self._fill("")
        self._place()

    def commands(self) -> list[str]:
        """What is listed now, best first."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                row = self.list.currentRow() + step
                self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
                return True
        return super().eventFilter(watched, event)

    def _fill(self, text: str) -> None:
        self.list.clear()
        wanted = text.casefold().split()
        ranked = [(_rank(action.text(), wanted), action) for action in self._actions]
        for _, action in sorted((r for r in ranked if r[0] is not None), key=lambda r: r[0] or 0):
            item = QListWidgetItem(action.text(), self.list)
            item.setData(TRAILING, native_keys(action))
            item.setData(Qt.ItemDataRole.UserRole, action)
        self.list.setCurrentRow(0)
        line = self.list.fontMetrics().height() + 3 * GRID
        self.list.setFixedHeight(max(1, min(self.list.count(), _LINES)) * line)

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
        item = self.list.currentItem()
        if self.list.count() == 0:
            return
        action: QAction = item.data(Qt.ItemDataRole.UserRole)
        self.accept()
        action.trigger()

    def _on_text_changed(self, text: str) -> None:
        self._fill(text)


def _rank(name: str, wanted: list[str]) -> int | None:
    """Where the words were found, smaller is better; ``None`` if one is missing."""
    folded = name.casefold()
    places = [folded.find(word) for word in wanted]
    return None if -1 in places else sum(places)
