"""The parameter sidebar: shows what is in effect for the open conversation and stores what the user changes.

Main thread. It holds its own copy of the configuration; edits are written a moment after the last one, and at
once when the hand leaves a control, so that a prompt sent right after uses them.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation
from desktop.domain.errors import ParameterError
from desktop.domain.settings import Setting
from desktop.ui import operation
from desktop.ui.parameters.configuration import PROMPT, Configuration
from desktop.ui.parameters.preset_button import PresetButton
from desktop.ui.parameters.sections import ParameterSections
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit

_SETTLE_MS = 300


class ParameterSidebar(QFrame):
    """Give it the open conversation by :meth:`show_conversation`."""

    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("parameter-sidebar")
        self.setProperty("panel", "window")
        services = kit.services
        self._conversations = services.conversations
        self._presets = services.presets
        self._settings = services.settings
        self._models = services.models
        self._tasks = kit.tasks
        self._conversation_id = ""
        self._configuration: Configuration | None = None
        self._before: Configuration | None = None
        """What was replaced as a whole, until the next edit."""
        self._writes: set[asyncio.Task[None]] = set()
        """That are on their way: what is read meanwhile is older than what is on the screen."""
        self._refused: dict[str, object] = {}
        """What is on the screen and not in use, because it contradicts something else."""
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._preset_button = PresetButton(services.presets, kit.theme, kit.icons, self)
        self._sections = ParameterSections(kit, self._of_new_chat(), self)
        self._reset_all = self._make_foot_button(
            "reset-all", self.tr("Reset all"), self.tr("Everything back to the preset")
        )
        self._undo = self._make_foot_button(
            "undo-reset", self.tr("Undo"), self.tr("Brings back what was just reset")
        )
        self._arrange()
        self._connect()
        self._unsubscribe = services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)
        # What was just chosen is what Ctrl+Z means, also before it is written.
        self.destroyed.connect(services.undo.settle_first(self.settle))
        self.show_conversation(None)

    def show_conversation(self, conversation: Conversation | None) -> None:
        """Fills the controls. An edit of another conversation that still waits is written first."""
        conversation_id = conversation.id if conversation else ""
        read = self._of(conversation) if conversation else None
        if conversation_id == self._conversation_id and conversation is not None:
            if self._timer.isActive() or self._writes:
                return  # what is on the screen is newer than what was read
            if read == self._configuration:
                return  # something else changed, such as the title: what is being typed stays
        self.flush()
        self._before = None
        self._conversation_id = conversation_id
        self._configuration = read
        self._fill()

    def flush(self) -> None:
        """Writes a waiting edit now."""
        if self._timer.isActive():
            self._write()

    def open_presets(self) -> None:
        """Drops the menu of presets down."""
        if self._preset_button.isEnabled():
            self._preset_button.drop_down()

    async def settle(self) -> None:
        """Writes a waiting edit, and waits until all are written."""
        self.flush()
        await asyncio.gather(*self._writes, return_exceptions=True)

    @property
    def configuration(self) -> Configuration | None:
        """What is on the screen."""
        return self._configuration

    # -- Building

    def _make_foot_button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setProperty("kind", "quiet")
        button.setAccessibleName(text)
        button.setToolTip(tip)
        return button

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        head.setSpacing(2 * GRID)
        label = QLabel(self.tr("Preset"), self)
        label.setProperty("tone", "muted")
        label.setBuddy(self._preset_button)
        head.addWidget(label)
        head.addWidget(self._preset_button, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        foot.addWidget(self._reset_all)
        foot.addWidget(self._undo)
        foot.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self._sections, 1)
        whole.addLayout(foot)

    def _connect(self) -> None:
        self._timer.timeout.connect(lambda: self._write())
        self._preset_button.picked.connect(self._on_preset_picked)
        self._sections.prompt_edited.connect(self._on_prompt_edited)
        self._sections.value_edited.connect(self._on_value_edited)
        self._sections.settled.connect(self.flush)
        self._sections.reset_requested.connect(self._on_reset_requested)
        self._reset_all.clicked.connect(self._on_reset_all_clicked)
        self._undo.clicked.connect(self._on_undo_clicked)

    # -- Showing

    def _fill(self) -> None:
        """Without a conversation: what a new one would have, not to be edited."""
        self._refused.clear()
        shown = self._configuration or self._of_new_chat()
        self._preset_button.setEnabled(self._configuration is not None)
        self._sections.show_configuration(shown, editable=self._configuration is not None)
        self._mark(shown)

    def _of(self, conversation: Conversation) -> Configuration:
        effective = self._conversations.effective(conversation)
        return Configuration(effective.preset, effective.system_prompt, effective.parameters)

    def _of_new_chat(self) -> Configuration:
        return Configuration.of(self._presets.get(self._settings.text(Setting.LAST_PRESET)))

    def _mark(self, configuration: Configuration) -> None:
        """Whether anything differs from the preset, and what can be brought back."""
        changed = bool(configuration.changed)
        self._preset_button.show_preset(configuration.preset, changed=changed)
        self._reset_all.setVisible(changed)
        self._undo.setVisible(self._before is not None)

    # -- Editing

    def _edit(self, configuration: Configuration, name: str) -> None:
        self._configuration = configuration
        self._before = None
        self._sections.mark(name, configuration)
        self._mark(configuration)
        self._timer.start()

    def _replace(self, configuration: Configuration) -> None:
        """All at once; what was there can be brought back until the next edit."""
        self.flush()
        self._before = self._configuration if configuration != self._before else None
        self._configuration = configuration
        self._fill()
        self._write(alone=True)

    def _write(self, *, alone: bool = False) -> None:
        self._timer.stop()
        configuration = self._configuration
        if configuration is None:
            return
        self._sections.show_effects()
        writing = operation.run(
            self,
            self._conversations.configure(
                self._conversation_id,
                preset_id=configuration.preset.id,
                system_prompt=configuration.own_prompt,
                overrides=configuration.overrides,
                alone=alone,
                actor=self,
            ),
            tasks=self._tasks,
            name="store parameters",
        )
        self._writes.add(writing)
        writing.add_done_callback(self._writes.discard)

    def _on_prompt_edited(self, text: str) -> None:
        if self._configuration is not None:
            self._edit(self._configuration.with_prompt(text), PROMPT)

    def _on_value_edited(self, name: str, value: object) -> None:
        """What does not fit is said under its row and is not in use; another edit may make it fit."""
        self._refused[name] = value
        for refused in (name, *(other for other in tuple(self._refused) if other != name)):
            if self._configuration is None:
                return
            try:
                configuration = self._configuration.with_value(refused, self._refused[refused])
            except ParameterError as error:
                self._sections.show_problem(refused, str(error))
            else:
                del self._refused[refused]
                self._sections.show_problem(refused, "")
                self._edit(configuration, refused)

    def _on_reset_requested(self, name: str) -> None:
        if self._configuration is None:
            return
        try:
            self._replace(self._configuration.reset(name))
        except ParameterError as error:
            self._sections.show_problem(name, str(error))

    def _on_reset_all_clicked(self) -> None:
        if self._configuration is not None:
            self._replace(Configuration.of(self._configuration.preset))

    def _on_undo_clicked(self) -> None:
        if self._before is not None:
            self._replace(self._before)

    def _on_preset_picked(self, preset_id: str) -> None:
        if self._configuration is not None:
            self._replace(Configuration.of(self._presets.get(preset_id)))

    def _read_again(self) -> None:
        """Somebody else changed the chat, such as by taking something back."""
        operation.run(
            self,
            self._conversations.head(self._conversation_id),
            tasks=self._tasks,
            name="read parameters",
            on_success=lambda read: (
                self.show_conversation(read) if read.id == self._conversation_id else None
            ),
            on_error=lambda _gone: None,
        )

    def _on_changed(self, change: Change) -> None:
        if change.kind is Kind.CONVERSATIONS and self._conversation_id in change.ids:
            if change.actor is not self:
                self._read_again()
            return
        if change.kind is Kind.MODEL:
            self._sections.set_model(self._models.current)
        if change.kind is Kind.PRESETS and self._configuration is not None and not self._timer.isActive():
            self._preset_button.show_preset(
                self._configuration.preset, changed=bool(self._configuration.changed)
            )
