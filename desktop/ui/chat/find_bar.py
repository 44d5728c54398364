"""The line over the messages that is typed into to find words in them. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from desktop.ui.actions import ActionId, Actions
from desktop.ui.chat.announcer import announce
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID
from desktop.ui.widgets.escape import keep_escape
from desktop.ui.widgets.icon_button import icon_button

_NARROWEST, _WIDEST = 25 * GRID, 100 * GRID
_LONGEST = 1000


class FindBar(QFrame):
    """``searched`` whenever the words are others, ``stepped`` by 1 or -1, ``closed`` by the user."""

    searched = Signal(str)
    stepped = Signal(int)
    closed = Signal()

    def __init__(self, icons: Icons, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("find-bar")
        self.setProperty("panel", "surface")
        self.setAccessibleName(self.tr("Find in this chat"))
        self._icons = icons
        self._field = _Field(self)
        self._field.textChanged.connect(self.searched)
        self._field.stepped.connect(self.stepped)
        self._field.closed.connect(self.closed)
        self._count = QLabel(self)
        self._count.setObjectName("find-count")
        self._count.setProperty("tone", "muted")
        previous = self._button("find-previous", IconName.UP, lambda: self.stepped.emit(-1))
        following = self._button("find-next", IconName.DOWN, lambda: self.stepped.emit(1))
        for button, action_id in (
            (previous, ActionId.FIND_PREVIOUS),
            (following, ActionId.FIND_NEXT),
        ):
            button.setAccessibleName(actions.action(action_id).text())
            actions.put_tip(button, action_id)
        close = self._button("find-close", IconName.CLOSE, self.closed.emit)
        close.setAccessibleName(self.tr("Close the search"))
        close.setToolTip(self.tr("Ends the search and takes the marks away (Esc)"))
        self._steps = (previous, following)
        row = QHBoxLayout(self)
        row.setContentsMargins(6 * GRID, 0, 3 * GRID, 2 * GRID)
        row.setSpacing(GRID)
        row.addStretch(1)
        row.addWidget(self._field, 1000)
        row.addSpacing(GRID)
        row.addWidget(self._count)
        for button in (*self._steps, close):
            row.addWidget(button)
        self.show_count(0, 0)
        self.hide()

    @property
    def words(self) -> str:
        return self._field.text()

    def take_words(self, words: str) -> None:
        """As if they were typed."""
        self._field.setText(words)

    def take_focus(self) -> None:
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def show_count(self, number: int, total: int, *, more: bool = False) -> None:
        """The current match's number, from 1, and how many there are; ``more``: counted so far."""
        local = self.locale()
        if not self.words:
            text = ""
        elif more:
            text = self.tr("%1 so far…").replace("%1", local.toString(total))
        elif not total:
            text = self.tr("Nothing found")
        else:
            text = self.tr("%1 of %2").replace("%1", local.toString(number))
            text = text.replace("%2", local.toString(total))
        if text != self._count.text():
            self._count.setText(text)
        self._count.setVisible(bool(text))
        for button in self._steps:
            button.setEnabled(total > 0)

    def say_count(self) -> None:
        """To screen readers, once it is known."""
        if text := self._count.text():
            announce(self, text)

    def count_text(self) -> str:
        """What is shown of the number."""
        return self._count.text()

    def _button(self, name: str, icon: IconName, slot: object) -> QToolButton:
        button = icon_button(self._icons, icon, name, self)
        button.clicked.connect(slot)
        return button


class _Field(QLineEdit):
    stepped = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("find-field")
        self.setAccessibleName(self.tr("Words to find"))
        self.setPlaceholderText(self.tr("Find in this chat"))
        self.setToolTip(
            self.tr("Finds what is written in the messages, whatever the case; not thoughts or files")
        )
        self.setClearButtonEnabled(True)
        self.setMaxLength(_LONGEST)
        self.setMinimumWidth(_NARROWEST)
        self.setMaximumWidth(_WIDEST)

    def event(self, event: QEvent) -> bool:
        """Esc ends the search here, not the running answer."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.closed.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.stepped.emit(-1 if back else 1)
            case _:
                super().keyPressEvent(event)
