"""The order of the samplers: a list to drag in, and a tick for those that are used."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QDropEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QWidget,
)

from desktop.domain.parameter_specs import SAMPLER_LABELS, Order
from desktop.ui.icons import IconName, Icons
from desktop.ui.parameters.order_delegate import OrderDelegate
from desktop.ui.parameters.row import ParameterRow, translated
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.icon_button import icon_button

_NAME = Qt.ItemDataRole.UserRole


class OrderRow(ParameterRow):
    """Those that are not used keep a place in the list, so that a tick brings them back where they were."""

    def __init__(self, spec: Order, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(spec, icons, parent)
        self.list = _List(self)
        self.list.setItemDelegate(OrderDelegate(theme, icons, self.list))
        self.list.setObjectName(f"order-{spec.name}")
        self.list.setAccessibleName(self.label)
        keys = self.tr("Space uses one or leaves it out, Alt+Up and Alt+Down move it.")
        self.list.setAccessibleDescription(f"{self.help(' ')} {keys}")
        self.list.setToolTip(f"{self.help(' ')}\n{self.tr('Drag to move. %1').replace('%1', keys)}")
        for name in spec.names:
            self.list.addItem(self._item(name))
        self.list.moved.connect(self._on_changed)
        self.list.shifted.connect(self._shift)
        self.list.left.connect(self.settled)
        self.list.itemChanged.connect(self._on_changed)
        self.list.currentRowChanged.connect(self._on_current_changed)
        self._up = self._button("order-up", IconName.UP, self.tr("Earlier (Alt+Up)"), icons, -1)
        self._down = self._button("order-down", IconName.DOWN, self.tr("Later (Alt+Down)"), icons, 1)
        tools = QWidget(self)
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._up)
        row.addWidget(self._down)
        self.beside(tools)
        self.below(self.list)
        self._on_current_changed()

    def show_value(self, value: object) -> None:
        assert isinstance(value, tuple)
        if value == self._read():
            return
        left_out = [name for name in self._listed() if name not in value]
        with QSignalBlocker(self.list):
            self.list.clear()
            for name in (*value, *left_out):
                item = self._item(name)
                item.setCheckState(Qt.CheckState.Checked if name in value else Qt.CheckState.Unchecked)
                self.list.addItem(item)
        self._on_current_changed()

    def _item(self, name: str) -> QListWidgetItem:
        item = QListWidgetItem(translated(SAMPLER_LABELS[name]))
        item.setData(_NAME, name)
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemIsDragEnabled
        )
        item.setCheckState(Qt.CheckState.Checked)
        return item

    def _button(self, name: str, icon: IconName, tip: str, icons: Icons, step: int) -> QToolButton:
        button = icon_button(icons, icon, name, self, label=tip)
        button.clicked.connect(lambda: self._shift(step))
        return button

    def _listed(self) -> list[str]:
        return [str(self.list.item(at).data(_NAME)) for at in range(self.list.count())]

    def _read(self) -> tuple[str, ...]:
        every = (self.list.item(at) for at in range(self.list.count()))
        return tuple(str(item.data(_NAME)) for item in every if item.checkState() is Qt.CheckState.Checked)

    def _shift(self, step: int) -> None:
        at = self.list.currentRow()
        if 0 <= at < self.list.count() and 0 <= at + step < self.list.count():
            with QSignalBlocker(self.list):
                item = self.list.takeItem(at)
                self.list.insertItem(at + step, item)
                self.list.setCurrentRow(at + step)
            self._on_changed()

    def _on_changed(self) -> None:
        self._on_current_changed()
        self.edited.emit(self.spec.name, self._read())
        self.settled.emit()

    def _on_current_changed(self) -> None:
        at = self.list.currentRow()
        self._up.setEnabled(at > 0)
        self._down.setEnabled(0 <= at < self.list.count() - 1)


class _List(QListWidget):
    """As tall as its rows. ``shifted`` carries by how many places the keyboard moves the current one."""

    moved = Signal()
    shifted = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("framed", True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        rows = self.count() * max(self.sizeHintForRow(0), self.fontMetrics().height())
        return QSize(40 * GRID, rows + 2 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * GRID, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def dropEvent(self, event: QDropEvent) -> None:
        super().dropEvent(event)
        self.moved.emit()

    def event(self, event: QEvent) -> bool:
        """What moves a row here moves it whatever the key does elsewhere in the window."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _step(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if step := _step(event):
            self.shifted.emit(step)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.setCurrentRow(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


def _step(event: QKeyEvent) -> int:
    """By how many places a key moves a row."""
    if not event.modifiers() & Qt.KeyboardModifier.AltModifier:
        return 0
    return {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
