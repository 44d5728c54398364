"""The sidebar's controls: the instructions and a row for each parameter, in sections that fold.

They show a configuration and say what the user does with it; what comes of that is the sidebar's business. A
section's rows are made from the parameter table when it is first opened. Main thread only.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.model import LoadedModel
from desktop.domain.parameter_effects import details, is_on, without_effect
from desktop.domain.parameter_specs import SPECS, Group
from desktop.domain.settings import Setting
from desktop.ui.parameters.configuration import PROMPT, Configuration
from desktop.ui.parameters.instructions import Instructions
from desktop.ui.parameters.row import ParameterRow, translated
from desktop.ui.parameters.rows import make_row
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.section import Section

_NARROWEST = 60 * GRID
_INSTRUCTIONS = "instructions"


class ParameterSections(QScrollArea):
    """Never narrower than its rows: they must not be cut off."""

    prompt_edited = Signal(str)
    value_edited = Signal(str, object)
    """A parameter's name and what was entered, which need not be in its range."""
    settled = Signal()
    """The hand left a control."""
    reset_requested = Signal(str)
    """With a parameter's name, or :data:`PROMPT`."""

    def __init__(self, kit: Toolkit, configuration: Configuration, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = kit.theme
        self._icons = kit.icons
        self._settings = kit.services.settings
        self._model = kit.services.models.current
        self._configuration = configuration
        self._instructions = Instructions(kit.theme, self)
        self._instructions.edited.connect(self.prompt_edited)
        self._instructions.settled.connect(self.settled)
        self._instructions.reset_requested.connect(lambda: self.reset_requested.emit(PROMPT))
        self._rows: dict[str, ParameterRow] = {}
        """Those that were made."""
        self._sections = self._make_sections()
        self._arrange()
        # At once, also while it is hidden: how wide a window must be to show it follows from its width.
        kit.theme.changed.connect(self._fit)
        self._fit()

    def show_configuration(self, configuration: Configuration, *, editable: bool) -> None:
        """Fills all controls; what was said about refused values is gone."""
        for section in self._sections.values():
            section.setEnabled(editable)
        self._configuration = configuration
        self._instructions.set_value(configuration.system_prompt, changed=PROMPT in configuration.changed)
        self._fill_rows(self._rows)
        self._mark_sections()

    def mark(self, name: str, configuration: Configuration) -> None:
        """After an edit of one thing: shows what differs now, without touching what is being typed."""
        self._configuration = configuration
        changed = name in configuration.changed
        if name == PROMPT:
            self._instructions.set_value(configuration.system_prompt, changed=changed)
        else:
            self._rows[name].mark(changed)
        self._mark_sections()

    def show_problem(self, name: str, text: str) -> None:
        """What is wrong with what was entered for a parameter; empty if nothing is."""
        self._rows[name].show_problem(text)

    def set_model(self, model: LoadedModel | None) -> None:
        """It decides which parameters have an effect."""
        if model != self._model:
            self._model = model
            self.show_effects()

    def show_effects(self) -> None:
        """Hides what only says more of something that is off, and says why other values have no effect."""
        parameters = self._configuration.parameters
        for name, row in self._rows.items():
            needs = row.spec.needs
            row.setVisible(len(needs) != 1 or is_on(needs[0], parameters))
            row.set_idle(translated(without_effect(name, parameters, self._model)))
            more = 0 if is_on(name, parameters) else len(details(name))
            text = self.tr("%1 more setting when on") if more == 1 else self.tr("%1 more settings when on")
            row.set_hint(text.replace("%1", str(more)) if more else "")

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

    def _make_rows(self, group: str, section: Section) -> list[str]:
        """The names of those that had not been made yet."""
        specs = [spec for spec in SPECS if spec.group.value == group and spec.name not in self._rows]
        for spec in specs:
            row = self._rows[spec.name] = make_row(spec, self._theme, self._icons, section)
            row.edited.connect(self.value_edited)
            row.settled.connect(self.settled)
            row.reset_requested.connect(self.reset_requested)
            section.add(row)
        return [spec.name for spec in specs]

    def _arrange(self) -> None:
        self._content = QFrame(self)
        self._content.setProperty("panel", "window")
        column = QVBoxLayout(self._content)
        column.setContentsMargins(2 * GRID, GRID, 3 * GRID, GRID)
        column.setSpacing(2 * GRID)
        for section in self._sections.values():
            column.addWidget(section)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self._content)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The rows need other room: a section was opened, or larger text reached them as they were shown."""
        if watched is self._content and event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        bar = self.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(max(self._content.minimumSizeHint().width() + bar, _NARROWEST))

    def _fill_rows(self, names: Iterable[str]) -> None:
        parameters, changed = self._configuration.parameters, self._configuration.changed
        for name in names:
            self._rows[name].set_value(getattr(parameters, name), changed=name in changed)
        self.show_effects()

    def _mark_sections(self) -> None:
        """A dot where something differs from the preset."""
        changed = self._configuration.changed
        self._sections[_INSTRUCTIONS].set_changed(PROMPT in changed)
        groups = {spec.group for spec in SPECS if spec.name in changed}
        for group in Group:
            self._sections[group.value].set_changed(group in groups)

    def _on_section_toggled(self, name: str) -> None:
        section = self._sections[name]
        if section.is_open:
            self._fill_rows(self._make_rows(name, section))
        opened = [name for name, section in self._sections.items() if section.is_open]
        self._settings.put(Setting.OPEN_SECTIONS, opened, actor=self)
