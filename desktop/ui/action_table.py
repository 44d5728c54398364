"""Actions by their ids, in groups: made when they are asked for, with keys that the user may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.ui.shortcuts import Keys, parse, settle, written

Id = TypeVar("Id", bound=Enum)


@dataclass(frozen=True, slots=True)
class Row:
    """``keys`` in Qt's portable form, several with "; " between them, none if empty."""

    text: str
    tip: str
    keys: str


class ActionTable(QObject, Generic[Id]):
    """Of one window. The ids' values are what is stored of them."""

    keys_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._groups: Sequence[tuple[str, Mapping[Id, Row]]] = ()
        self._rows: dict[Id, Row] = {}
        self._keys: dict[str, Keys] = {}
        self._made: dict[Id, QAction] = {}

    def fill(self, groups: Sequence[tuple[str, Mapping[Id, Row]]]) -> None:
        """Once: the rows of each group, and its heading."""
        self._groups = groups
        self._rows = {action_id: row for _, rows in groups for action_id, row in rows.items()}
        self._keys = self.default_keys()

    def action(self, action_id: Id) -> QAction:
        """Always the same object for the same id."""
        if action_id not in self._made:
            self._made[action_id] = self._make(action_id)
        return self._made[action_id]

    def all(self) -> list[tuple[Id, QAction]]:
        """In the table's order."""
        return [(action_id, self.action(action_id)) for action_id in self._rows]

    def groups(self) -> list[tuple[str, list[tuple[Id, QAction]]]]:
        """The table, group by group under its heading."""
        return [
            (heading, [(action_id, self.action(action_id)) for action_id in rows])
            for heading, rows in self._groups
        ]

    def default_keys(self) -> dict[str, Keys]:
        """By the ids' values."""
        return {action_id.value: parse(row.keys.split("; ")) for action_id, row in self._rows.items()}

    def keys(self, action_id: Id) -> Keys:
        """Those in force."""
        return self._keys[action_id.value]

    def is_changed(self, action_id: Id) -> bool:
        """Whether the keys in force are others than the default ones."""
        return self.keys(action_id) != self.default_keys()[action_id.value]

    def use_keys(self, chosen: Mapping[str, object]) -> None:
        """Takes keys that the user chose in place of the default ones; see :func:`shortcuts.settle`."""
        keys = settle(self.default_keys(), chosen)
        if keys != self._keys:
            self._keys = keys
            for action_id, action in self._made.items():
                self._show_keys(action_id, action)
            self.keys_changed.emit()

    def put_tip(self, button: QAbstractButton, action_id: Id) -> None:
        """Gives a button the action's tooltip, which names its keys also when they are others later."""
        tip = _Tip(button, self.action(action_id))
        self.keys_changed.connect(tip.show)

    def _make(self, action_id: Id) -> QAction:
        action = QAction(self._rows[action_id].text, self._window)
        action.setObjectName(f"action-{action_id.value}")
        action.setStatusTip("")
        self._show_keys(action_id, action)
        self._window.addAction(action)
        return action

    def _show_keys(self, action_id: Id, action: QAction) -> None:
        tip, keys = self._rows[action_id].tip, self._keys[action_id.value]
        action.setShortcuts(list(keys))
        action.setToolTip(f"{tip} ({written(keys)})" if keys else tip)


class _Tip(QObject):
    """A button's tooltip, taken from an action; goes with the button."""

    def __init__(self, button: QAbstractButton, action: QAction) -> None:
        super().__init__(button)
        self._button, self._action = button, action
        self.show()

    def show(self) -> None:
        self._button.setToolTip(self._action.toolTip())


def native_keys(action: QAction) -> str:
    """The action's keys as this system writes them, or an empty string."""
    return written(tuple(action.shortcuts()))
