"""The settings about chatting: what sends, who names chats, what is told, the keys, and the trash."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QPushButton

from desktop.domain.settings import Setting
from desktop.services.trash import DAY_S, KEPT_S
from desktop.ui.actions import ActionId, Actions
from desktop.ui.locales import spelling_locales
from desktop.ui.operation import run
from desktop.ui.settings.card import Card
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.segments import Segments
from desktop.ui.widgets.toggle import Toggle


class ChatCard(Card):
    def __init__(self, kit: Toolkit) -> None:
        super().__init__(self.tr("Chat"))
        self._spelling = kit.services.spelling
        self._tasks = kit.tasks
        self._settings = settings = kit.services.settings
        theme, actions = kit.theme, kit.actions
        self.send_choice = Segments(
            [
                ("enter", self.tr("Enter"), self.tr("Enter sends, Shift+Enter starts a new line")),
                ("ctrl-enter", self.tr("Ctrl+Enter"), self.tr("Ctrl+Enter sends, Enter starts a new line")),
            ]
        )
        self.send_choice.chosen.connect(lambda value: settings.put(Setting.ENTER_SENDS, value == "enter"))
        self.titles = Segments(
            [
                ("never", self.tr("Never"), self.tr("A chat is called what it began with")),
                (
                    "capable",
                    self.tr("By larger models"),
                    self.tr("Models of half a gigabyte and more name chats, smaller ones do it poorly"),
                ),
                ("always", self.tr("Always"), self.tr("Any model names chats")),
            ]
        )
        self.titles.chosen.connect(lambda value: settings.put(Setting.AUTO_TITLES, value))
        self.notify = Toggle(theme)
        self.notify.setObjectName("notify")
        self.notify.setAccessibleName(self.tr("Notifications"))
        self.notify.setToolTip(self.tr("A notification when a long answer has ended behind another window"))
        self.notify.toggled.connect(lambda on: settings.put(Setting.NOTIFY, on))
        self.spell_check = Toggle(theme)
        self.spell_check.setObjectName("spell-check")
        self.spell_check.setAccessibleName(self.tr("Check the spelling"))
        self.spell_check.setToolTip(self.tr("Marks misspelled words while you write a message"))
        self.spell_check.toggled.connect(lambda on: settings.put(Setting.SPELL_CHECK, on))
        self.add(self.tr("Send with"), self.send_choice, self.tr("Shift+Enter always starts a new line."))
        self._spelling_note = self.add(
            self.tr("Spelling"),
            self.spell_check,
            self.tr("Marks misspelled words, with the system's own dictionary."),
        )
        self.add(
            self.tr("Name chats"),
            self.titles,
            self.tr("While it has nothing else to do, the model gives chats a title. Names you gave stay."),
        )
        self.add(
            self.tr("Notify"),
            self.notify,
            self.tr("When an answer that took long has ended while you were in another window."),
        )
        self.add(
            self.tr("Keys"), self._button(actions, ActionId.KEYS), self.tr("Look them up or change them.")
        )
        kept = self.tr("Deleted chats and messages can be brought back for %1 days.")
        self.add(
            self.tr("Trash"),
            self._button(actions, ActionId.TRASH),
            kept.replace("%1", str(int(KEPT_S / DAY_S))),
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._look_for_dictionary)

    def fill(self) -> None:
        """Shows what is set."""
        self.send_choice.set_value("enter" if self._settings.flag(Setting.ENTER_SENDS) else "ctrl-enter")
        self.titles.set_value(self._settings.text(Setting.AUTO_TITLES))
        for toggle, setting in ((self.notify, Setting.NOTIFY), (self.spell_check, Setting.SPELL_CHECK)):
            with QSignalBlocker(toggle):
                toggle.setChecked(self._settings.flag(setting))
            toggle.update()

    def _look_for_dictionary(self) -> None:
        start = self._spelling.start(spelling_locales())
        run(self, start, tasks=self._tasks, name="look for a dictionary", on_success=self._show_spelling)

    def _show_spelling(self, is_there: bool) -> None:
        self.spell_check.setEnabled(is_there)
        if not is_there and self._spelling_note is not None:
            self._spelling_note.setText(
                self.tr("Neither the system nor the package pyenchant has a dictionary for your language.")
            )

    def _button(self, actions: Actions, action_id: ActionId) -> QPushButton:
        action: QAction = actions.action(action_id)
        button = QPushButton(f"{action.text()}…")
        button.setObjectName(f"settings-{action_id.value}")
        button.setAccessibleName(action.text())
        actions.put_tip(button, action_id)
        button.clicked.connect(action.trigger)
        return button
