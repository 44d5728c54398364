"""All shortcuts on one page (F1), to look up and to change: choose an action, then press its new keys.

Lists the table of actions and what the composer understands. What is changed is stored, and in force at once.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.keys_list import KeysList
from desktop.ui.shortcuts import MOST, Keys, needed_for_typing, portable, written
from desktop.ui.stylesheet import restyle
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.key_field import KeyField
from desktop.ui.widgets.plain import plain_tip
from desktop.ui.words import filled

_WIDTH, _HEIGHT = 140 * GRID, 150 * GRID


class KeysPage(QDialog):
    """Deletes itself when closed."""

    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("keys-page")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self._actions = kit.actions
        self._settings = kit.services.settings
        self._adds = False
        self._on_offer: Callable[[], None] = lambda: None
        self.field = self._make_field()
        self.list = KeysList(kit, self)
        self.list.itemActivated.connect(lambda _item: self._begin(adds=False))
        self.list.currentItemChanged.connect(lambda *_: self._on_chosen())
        self.list.installEventFilter(self)
        self._words = QLabel(self)
        self._words.setObjectName("keys-words")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._offer = self._button("keys-offer", "", "", self._on_offer_clicked)
        self._offer.setProperty("kind", "primary")
        self.capture = KeyField(self)
        self.capture.pressed.connect(self._on_pressed)
        self.capture.left.connect(self._on_capture_left)
        self._lower = QStackedWidget(self)
        self._build()
        self._fill()
        self._say("")
        kit.actions.keys_changed.connect(self._fill)
        room = parent.size() if parent else self.sizeHint()
        self.resize(
            min(kit.theme.grown(_WIDTH), room.width() - 8 * GRID),
            min(kit.theme.grown(_HEIGHT), room.height() - 12 * GRID),
        )
        self.field.setFocus()

    # -- Assembly

    def _make_field(self) -> QLineEdit:
        field = QLineEdit(self)
        field.setObjectName("keys-search")
        field.setPlaceholderText(self.tr("Search for an action or a key"))
        field.setAccessibleName(self.tr("Search for an action or a key"))
        field.setToolTip(self.tr("Shows the actions whose name or keys have these letters"))
        field.setClearButtonEnabled(True)
        field.textChanged.connect(lambda _text: self._fill())
        field.installEventFilter(self)
        return field

    def _build(self) -> None:
        self._buttons = {
            "change": self._button(
                "keys-change",
                self.tr("Change…"),
                self.tr("Press other keys for the chosen action"),
                lambda: self._begin(adds=False),
            ),
            "add": self._button(
                "keys-add",
                self.tr("Add…"),
                self.tr("Press further keys for the chosen action; it keeps those it has"),
                lambda: self._begin(adds=True),
            ),
            "remove": self._button(
                "keys-remove", self.tr("Remove"), self.tr("Leaves the action without keys"), self._on_remove
            ),
            "reset": self._button(
                "keys-reset",
                self.tr("Reset"),
                self.tr("Gives the action the keys that it had at first"),
                self._on_reset,
            ),
        }
        self._reset_all = self._button(
            "keys-reset-all",
            self.tr("Reset all"),
            self.tr("Gives all actions the keys that they had at first"),
            self._on_reset_all,
        )
        buttons = QWidget(self)
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        for button in self._buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._reset_all)
        self._lower.addWidget(buttons)
        self._lower.addWidget(self.capture)
        said = QHBoxLayout()
        said.setSpacing(2 * GRID)
        said.addWidget(self._words, 1)
        said.addWidget(self._offer)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        column.setSpacing(3 * GRID)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addLayout(said)
        column.addWidget(self._lower)
        self._lower.setFixedHeight(self._lower.sizeHint().height())

    def _button(self, name: str, text: str, tip: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: slot())
        return button

    def _chosen(self) -> ActionId | None:
        return self.list.chosen()

    def _name(self, action_id: ActionId) -> str:
        return self._actions.action(action_id).text()

    def _default(self, action_id: ActionId) -> Keys:
        return self._actions.default_keys()[action_id.value]

    def _fill(self) -> None:
        self.list.fill(self.field.text())
        self._on_chosen()

    # -- Changing

    def _begin(self, *, adds: bool) -> None:
        """Waits for the keys."""
        action_id = self._chosen()
        if action_id is None:
            self._say(self.tr("The message field has these keys. What sends is chosen in the settings."))
            return
        self._adds = adds
        text = self.tr("Press the keys for “%1”. Esc leaves it as it is.")
        self._say(text.replace("%1", self._name(action_id)))
        self.capture.setAccessibleName(self._words.text())
        self._lower.setCurrentWidget(self.capture)
        self.capture.setFocus()

    def _on_pressed(self, key: QKeySequence) -> None:
        action_id = self._chosen()
        if action_id is None:
            return
        if needed_for_typing(key):
            text = self.tr("%1 is needed for typing. Take one with Ctrl or Alt, or a function key.")
            self._say(text.replace("%1", written((key,))))
            return
        before = self._actions.keys(action_id) if self._adds else ()
        self._end_capture()
        self._ask_for(action_id, tuple(dict.fromkeys((*before, key)))[-MOST:])

    def _on_capture_left(self) -> None:
        if self._lower.currentWidget() is self.capture:
            self._end_capture()
            self._say("")

    def _end_capture(self) -> None:
        self._lower.setCurrentIndex(0)
        self.list.setFocus()

    def _on_remove(self) -> None:
        if (action_id := self._chosen()) is not None:
            self._ask_for(action_id, ())

    def _on_reset(self) -> None:
        if (action_id := self._chosen()) is not None:
            self._ask_for(action_id, self._default(action_id))

    def _on_reset_all(self) -> None:
        before = self._settings.table(Setting.KEYS)
        self._settings.put(Setting.KEYS, {})
        self._say(
            self.tr("All actions have the keys that they had at first."),
            self.tr("Undo"),
            lambda: self._settings.put(Setting.KEYS, before),
        )

    def _ask_for(self, action_id: ActionId, keys: Keys) -> None:
        """Gives the action these keys; asks first if that takes one away from another."""
        others = [
            other for other, _ in self._actions.all()
            if other is not action_id and set(portable(keys)) & set(portable(self._actions.keys(other)))
        ]  # fmt: skip
        if not others:
            self._give(action_id, keys)
            return
        owner = others[0]
        shared = tuple(key for key in self._actions.keys(owner) if key in keys)
        self._say(
            filled(self.tr("%1 belongs to “%2”."), written(shared), self._name(owner)),
            self.tr("Take it over"),
            lambda: self._give(action_id, keys, others),
        )
        self._offer.setFocus()

    def _give(self, action_id: ActionId, keys: Keys, losers: list[ActionId] | None = None) -> None:
        chosen = dict(self._settings.table(Setting.KEYS))
        changed = {action_id: keys}
        for loser in losers or ():
            changed[loser] = tuple(key for key in self._actions.keys(loser) if key not in keys)
        for changed_id, its_keys in changed.items():
            chosen[changed_id.value] = portable(its_keys)
            if its_keys == self._default(changed_id):
                del chosen[changed_id.value]
        self._settings.put(Setting.KEYS, chosen)
        without = [loser for loser in losers or () if not changed[loser]]
        if keys and not without:
            text = filled(self.tr("“%1” has %2 now."), self._name(action_id), written(keys))
        else:
            bare = without[0] if without else action_id
            text = self.tr("“%1” has no keys now.").replace("%1", self._name(bare))
        self._say(text)
        self.list.setFocus()

    # -- What is said

    def _say(self, text: str, offer: str = "", on_offer: Callable[[], None] = lambda: None) -> None:
        self._words.setText(text or self.tr("Choose an action and press Enter to change its keys."))
        restyle(self._words, tone="" if text else "muted")
        self._offer.setText(offer)
        self._offer.setAccessibleName(offer)
        self._offer.setToolTip(plain_tip(text))
        self._offer.setVisible(bool(offer))
        self._on_offer = on_offer

    def _on_offer_clicked(self) -> None:
        take, self._on_offer = self._on_offer, lambda: None
        self._say("")
        take()

    def _on_chosen(self) -> None:
        action_id = self._chosen()
        keys = self._actions.keys(action_id) if action_id is not None else ()
        is_changed = action_id is not None and self._actions.is_changed(action_id)
        self._buttons["change"].setEnabled(action_id is not None)
        self._buttons["add"].setEnabled(action_id is not None and 0 < len(keys) < MOST)
        self._buttons["remove"].setEnabled(bool(keys))
        self._buttons["reset"].setEnabled(is_changed)
        self._reset_all.setEnabled(bool(self._settings.table(Setting.KEYS)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if watched is self.field and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.list.move_by(1 if key is Qt.Key.Key_Down else -1)
                return True
            if watched is self.field and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._begin(adds=False)
                return True
            if watched is self.list and key is Qt.Key.Key_Delete:
                self._on_remove()
                return True
        return super().eventFilter(watched, event)
