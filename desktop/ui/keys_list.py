"""The list on the keys page: every action under its group's heading, with its keys at the end of the row."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidgetItem, QWidget

from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.chat.message.act import MessageAct, keys_of, words_of
from desktop.ui.conversations.keys import ListKey
from desktop.ui.shortcuts import parse, written
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.two_column_delegate import MARKED
from desktop.ui.widgets.two_column_list import TwoColumnList

_ACTION = Qt.ItemDataRole.UserRole
_Line = tuple[str, str, ActionId | None]
"""What it does, its keys, and the action if they can be changed here."""


class KeysList(TwoColumnList):
    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(kit.theme, parent)
        self._actions = kit.actions
        self._settings = kit.services.settings
        self.setObjectName("keys-list")
        self.setAccessibleName(self.tr("Shortcuts"))
        self.setToolTip(self.tr("Enter changes the keys of the chosen action, Del takes them away"))
        self.setProperty("framed", True)

    def chosen(self) -> ActionId | None:
        item: QListWidgetItem | None = self.currentItem()
        action_id: ActionId | None = item.data(_ACTION) if item is not None else None
        return action_id

    def fill(self, search: str) -> None:
        """With what has all of the words in its name, its keys or its heading; the chosen stays chosen."""
        chosen, wanted, at = self.chosen(), search.casefold().split(), self.verticalScrollBar().value()
        self.clear()
        parts = [
            (self.tr("While you write"), self._composer_lines()),
            *self._action_lines(),
            (self.tr("While the keyboard is at a message"), self._message_lines()),
            (self.tr("In the list of chats"), self._list_lines()),
        ]
        for heading, lines in parts:
            shown = [
                line for line in lines
                if all(word in f"{heading} {line[0]} {line[1]}".casefold() for word in wanted)
            ]  # fmt: skip
            if shown:
                self.add_heading(heading)
            for line in shown:
                item = self._add(*line)
                if chosen is not None and line[2] is chosen:
                    self.setCurrentItem(item)
        if self.currentRow() < 0:
            self.move_by(1)
        self.verticalScrollBar().setValue(at)

    def _composer_lines(self) -> list[_Line]:
        enter_sends = self._settings.flag(Setting.ENTER_SENDS)
        send, line = ("Enter", "Shift+Enter") if enter_sends else ("Ctrl+Enter", "Enter")
        return [
            (self.tr("Send the message"), written(parse([send])), None),
            (self.tr("Start a new line"), written(parse([line])), None),
            (self.tr("Recall what you wrote before, when the field is empty"), written(parse(["Up"])), None),
            (self.tr("Go on to what you wrote after it"), written(parse(["Down"])), None),
        ]

    def _message_lines(self) -> list[_Line]:
        """All of an answer; the user's own messages have fewer."""
        return [(words_of(act, own=False)[0], keys_of(act), None) for act in MessageAct]

    def _list_lines(self) -> list[_Line]:
        lines = (
            (self.tr("Rename"), ListKey.RENAME),
            (self.tr("Pin, or no longer"), ListKey.PIN),
            (self.tr("Duplicate"), ListKey.DUPLICATE),
            (self.tr("Move to a folder"), ListKey.MOVE),
            (self.tr("Export"), ListKey.EXPORT),
            (self.tr("Delete"), ListKey.DELETE),
            (self.tr("Move a folder up"), ListKey.UP),
            (self.tr("Move a folder down"), ListKey.DOWN),
            (self.tr("All that can be done with it"), ListKey.MENU),
        )
        return [(text, written(parse([key.value])), None) for text, key in lines]

    def _action_lines(self) -> list[tuple[str, list[_Line]]]:
        return [
            (heading, [(action.text(), written(self._actions.keys(name)), name) for name, action in rows])
            for heading, rows in self._actions.groups()
        ]

    def _add(self, text: str, keys: str, action_id: ActionId | None) -> QListWidgetItem:
        item = self.add_row(text, keys)
        item.setData(_ACTION, action_id)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{text}, {keys or self.tr('no keys')}")
        if action_id is not None and self._actions.is_changed(action_id):
            item.setData(MARKED, True)
        return item
