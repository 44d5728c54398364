"""The parameter sidebar: shows what is in effect for the open conversation and stores what the user changes.

Main thread. It holds its own copy of the configuration; edits are written a moment after the last one, and at
once when the hand leaves a control, so that a prompt sent right after uses them. A section's rows are made
from the parameter table when it is first opened.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation
from desktop.domain.errors import ParameterError
from desktop.domain.parameter_effects import details, is_on, without_effect
from desktop.domain.parameter_specs import SPECS, Group
from desktop.domain.settings import Setting
from desktop.ui import operation
from desktop.ui.parameters.configuration import PROMPT, Configuration
from desktop.ui.parameters.instructions import Instructions
from desktop.ui.parameters.preset_button import PresetButton
from desktop.ui.parameters.row import ParameterRow, translated
from desktop.ui.parameters.rows import make_row
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.section import Section

SETTLE_MS = 300
_NARROWEST = 60 * GRID
_INSTRUCTIONS = "instructions"


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
        self._model = services.models.current
        self._tasks = kit.tasks
        self._theme = kit.theme
        self._icons = kit.icons
        self._conversation_id = ""
        self._configuration: Configuration | None = None
        self._before: Configuration | None = None
        self._writes = 0
        """That are on their way: what is read meanwhile is older than what is on the screen."""
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self._write)
        self._preset_button = PresetButton(services.presets, kit.theme, kit.icons, self)
        self._preset_button.picked.connect(self._on_preset_picked)
        self._instructions = Instructions(kit.theme, self)
        self._rows: dict[str, ParameterRow] = {}
        """Those that were made."""
        self._refused: dict[str, object] = {}
        """What is on the screen and not in use, because it contradicts something else."""
        self._sections = self._make_sections()
        self._reset_all = self._make_foot_button(
            "reset-all", self.tr("Reset all"), self.tr("Everything back to the preset")
        )
        self._undo = self._make_foot_button(
            "undo-reset", self.tr("Undo"), self.tr("Brings back what was just reset")
        )
        self._arrange()
        self._connect()
        kit.theme.changed.connect(self._fit)
        self._fit()
        self._release = services.bus.subscribe(self._on_change)
        self.destroyed.connect(lambda *_: self._release())
        self.show_conversation(None)

    def show_conversation(self, conversation: Conversation | None) -> None:
        """Fills the controls. An edit of another conversation that still waits is written first."""
        conversation_id = conversation.id if conversation else ""
        is_newer = self._timer.isActive() or self._writes > 0
        if is_newer and conversation_id == self._conversation_id:
            return  # what is on the screen is newer than what was read
        self.flush()
        if conversation_id != self._conversation_id:
            self._before = None
        self._conversation_id = conversation_id
        if conversation is None:
            self._configuration = None
        else:
            effective = self._conversations.effective(conversation)
            self._configuration = Configuration(
                effective.preset, effective.system_prompt, effective.parameters
            )
        self._fill()

    def flush(self) -> None:
        """Writes a waiting edit now."""
        if self._timer.isActive():
            self._write()

    @property
    def configuration(self) -> Configuration | None:
        """What is on the screen."""
        return self._configuration

    # ── Layout ──

    def _make_sections(self) -> dict[str, Section]:
        titles = {
            _INSTRUCTIONS: self.tr("Instructions"),
            Group.SAMPLING.value: self.tr("Sampling"),
            Group.REPETITION.value: self.tr("Repetition"),
            Group.ADVANCED.value: self.tr("More samplers"),
            Group.LIMITS.value: self.tr("Limits and stops"),
            Group.OUTPUT.value: self.tr("Output"),
        }
        opened = self._settings.texts(Setting.OPEN_SECTIONS)
        sections = {}
        for name, title in titles.items():
            section = sections[name] = Section(title, self._icons, self)
            section.setObjectName(f"section-{name}")
            section.set_open(name in opened)
            if section.is_open:
                self._make_rows(name, section)
            section.toggled.connect(lambda _open, name=name: self._on_section_toggled(name))
        sections[_INSTRUCTIONS].add(self._instructions)
        return sections

    def _make_rows(self, name: str, section: Section) -> list[str]:
        """The names of those that had not been made yet."""
        specs = [spec for spec in SPECS if spec.group.value == name and spec.name not in self._rows]
        for spec in specs:
            row = self._rows[spec.name] = make_row(spec, self._theme, self._icons, section)
            row.edited.connect(self._on_value_edited)
            row.settled.connect(self.flush)
            row.reset_requested.connect(self._on_reset_requested)
            section.add(row)
        return [spec.name for spec in specs]

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
        self._content = content = QFrame(self)
        content.setProperty("panel", "window")
        column = QVBoxLayout(content)
        column.setContentsMargins(2 * GRID, GRID, 3 * GRID, GRID)
        column.setSpacing(2 * GRID)
        for section in self._sections.values():
            column.addWidget(section)
        column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(content)
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        foot.addWidget(self._reset_all)
        foot.addWidget(self._undo)
        foot.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self._scroll, 1)
        whole.addLayout(foot)

    def _fit(self) -> None:
        """Never narrower than its rows: they must not be cut off."""
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(max(self._content.minimumSizeHint().width() + bar, _NARROWEST))

    def _connect(self) -> None:
        self._instructions.edited.connect(self._on_prompt_edited)
        self._instructions.settled.connect(self.flush)
        self._instructions.reset_requested.connect(lambda: self._on_reset_requested(PROMPT))
        self._reset_all.clicked.connect(self._on_reset_all_clicked)
        self._undo.clicked.connect(self._on_undo_clicked)

    # ── Showing ──

    def _fill(self) -> None:
        """Without a conversation: what a new one would have, not to be edited."""
        for widget in (self._preset_button, *self._sections.values()):
            widget.setEnabled(self._configuration is not None)
        self._refused.clear()
        configuration = self._shown()
        self._instructions.set_value(configuration.system_prompt, changed=PROMPT in configuration.changed)
        self._fill_rows(configuration, self._rows)
        self._mark(configuration)

    def _shown(self) -> Configuration:
        if self._configuration is not None:
            return self._configuration
        return Configuration.of(self._presets.get(self._settings.text(Setting.LAST_PRESET)))

    def _fill_rows(self, configuration: Configuration, names: Iterable[str]) -> None:
        changed = configuration.changed
        for name in names:
            self._rows[name].set_value(getattr(configuration.parameters, name), changed=name in changed)
        self._show_effects(configuration)

    def _show_effects(self, configuration: Configuration) -> None:
        """Hides what only says more of something that is off, and says why other values have no effect."""
        parameters = configuration.parameters
        for name, row in self._rows.items():
            needs = row.spec.needs
            row.setVisible(len(needs) != 1 or is_on(needs[0], parameters))
            row.set_idle(translated(without_effect(name, parameters, self._model)))
            more = 0 if is_on(name, parameters) else len(details(name))
            text = self.tr("%1 more setting when on") if more == 1 else self.tr("%1 more settings when on")
            row.set_hint(text.replace("%1", str(more)) if more else "")

    def _mark(self, configuration: Configuration) -> None:
        """Which things differ, without touching what is being typed."""
        changed = configuration.changed
        self._preset_button.show_preset(configuration.preset, changed=bool(changed))
        self._sections[_INSTRUCTIONS].set_changed(PROMPT in changed)
        groups = {spec.group.value for spec in SPECS if spec.name in changed}
        for group in Group:
            self._sections[group.value].set_changed(group.value in groups)
        self._reset_all.setVisible(bool(changed))
        self._undo.setVisible(self._before is not None)

    # ── Editing ──

    def _edit(self, configuration: Configuration, name: str) -> None:
        self._configuration = configuration
        self._before = None
        changed = name in configuration.changed
        if name == PROMPT:
            self._instructions.set_value(configuration.system_prompt, changed=changed)
        else:
            self._rows[name].mark(changed)
        self._mark(configuration)
        self._timer.start()

    def _replace(self, configuration: Configuration) -> None:
        """All at once; what was there can be brought back until the next edit."""
        self._before = self._configuration if configuration != self._before else None
        self._configuration = configuration
        self._fill()
        self._write()

    def _write(self) -> None:
        self._timer.stop()
        configuration = self._configuration
        if configuration is None:
            return
        self._show_effects(configuration)
        self._writes += 1
        operation.run(
            self,
            self._conversations.configure(
                self._conversation_id,
                preset_id=configuration.preset.id,
                system_prompt=configuration.own_prompt,
                overrides=configuration.overrides,
                actor=self,
            ),
            tasks=self._tasks,
            name="store parameters",
        ).add_done_callback(lambda _: self._on_written())

    def _on_written(self) -> None:
        self._writes -= 1

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
                self._rows[refused].show_problem(str(error))
            else:
                del self._refused[refused]
                self._rows[refused].show_problem("")
                self._edit(configuration, refused)

    def _on_reset_requested(self, name: str) -> None:
        if self._configuration is None:
            return
        try:
            self._replace(self._configuration.reset(name))
        except ParameterError as error:
            self._rows[name].show_problem(str(error))

    def _on_reset_all_clicked(self) -> None:
        if self._configuration is not None:
            self._replace(Configuration.of(self._configuration.preset))

    def _on_undo_clicked(self) -> None:
        if self._before is not None:
            self._replace(self._before)

    def _on_preset_picked(self, preset_id: str) -> None:
        if self._configuration is not None:
            self._replace(Configuration.of(self._presets.get(preset_id)))

    def _on_section_toggled(self, name: str) -> None:
        section = self._sections[name]
        if section.is_open:
            self._fill_rows(self._shown(), self._make_rows(name, section))
        self._fit()
        opened = [name for name, section in self._sections.items() if section.is_open]
        self._settings.put(Setting.OPEN_SECTIONS, opened, actor=self)

    def _on_change(self, change: Change) -> None:
        if change.kind is Kind.MODEL and self._models.current != self._model:
            self._model = self._models.current
            self._show_effects(self._shown())
        if change.kind is Kind.PRESETS and self._configuration is not None and not self._timer.isActive():
            self._preset_button.show_preset(
                self._configuration.preset, changed=bool(self._configuration.changed)
            )
