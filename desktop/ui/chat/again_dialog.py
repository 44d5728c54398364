"""Answer again with something else than the chat's own: preset, model, parameters, or how the answer begins.

For one answer only; the chat stays as it is. Main thread only.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.conversation import Conversation
from desktop.domain.parameter_specs import Number
from desktop.domain.parameters import SPEC_BY_NAME, Parameters
from desktop.services.effective import Using
from desktop.services.known_models import ModelChoice
from desktop.ui.operation import run
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.choice_box import ChoiceBox
from desktop.ui.widgets.number_box import NumberBox
from desktop.ui.widgets.prompt_edit import PromptEdit

_NUMBERS = ("temperature", "top_p", "max_tokens", "seed")
"""What people change to see another answer; everything else is the sidebar's."""
_WIDTH = 110 * GRID
_BEGINNING = 18 * GRID


class AgainDialog(QDialog):
    """Deletes itself when closed."""

    asked = Signal(object, str)
    """What it is made with (:class:`Using`), and what it begins with."""

    def __init__(self, kit: Toolkit, conversation: Conversation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("again-dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Answer again with…"))
        self._presets = kit.services.presets
        self._icons = kit.icons
        self._conversation = conversation
        self._usual = kit.services.conversations.effective(conversation)
        self._form = QFormLayout()
        self._form.setVerticalSpacing(2 * GRID)
        self._form.setHorizontalSpacing(4 * GRID)
        self.presets = self._combo(
            "again-preset", self.tr("Preset"), self.tr("The instructions of this answer")
        )
        for preset in self._presets.all():
            mine = preset.id == self._usual.preset.id
            name = self.tr("%1 (this chat's)").replace("%1", preset.name) if mine else preset.name
            self.presets.addItem(name, preset.id)
        self.presets.setCurrentIndex(max(0, self.presets.findData(self._usual.preset.id)))
        self.models = self._combo(
            "again-model",
            self.tr("Model"),
            self.tr("Loaded for this answer; the one in use comes back after it"),
        )
        self.models.addItem(self.tr("The one in use"), "")
        self._boxes = {name: self._box(name) for name in _NUMBERS}
        self.beginning = self._make_beginning()
        self.presets.currentIndexChanged.connect(self._show_numbers)
        self._show_numbers()
        self._build(kit, parent)
        run(
            self,
            kit.services.models.choices(),
            tasks=kit.tasks,
            name="list models",
            on_success=self._add_models,
        )

    def using(self) -> Using:
        """What was chosen; empty where it is the chat's own."""
        preset_id = self.presets.currentData()
        base = self._base()
        changed = {name: box.number() for name, box in self._boxes.items()}
        changed = {name: value for name, value in changed.items() if value != getattr(base, name)}
        own = preset_id == self._usual.preset.id
        return Using("" if own else preset_id, self.models.currentData(), changed)

    def _base(self) -> Parameters:
        """The parameters before what is changed here."""
        preset_id = self.presets.currentData()
        if preset_id == self._usual.preset.id:
            return self._usual.parameters
        return self._presets.get(preset_id).parameters

    def _show_numbers(self) -> None:
        base = self._base()
        for name, box in self._boxes.items():
            box.setValue(getattr(base, name))

    def _add_models(self, choices: Iterable[ModelChoice]) -> None:
        for choice in choices:
            if not choice.problem and not choice.current:
                self.models.addItem(f"{choice.name}  ·  {choice.detail}", choice.ref)

    def _build(self, kit: Toolkit, parent: QWidget | None) -> None:
        hint = QLabel(self.tr("For this one answer. The chat keeps its own settings."), self)
        hint.setProperty("tone", "muted")
        hint.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setToolTip(self.tr("Leaves the answer as it is"))
        ask = QPushButton(self.tr("Answer"), self)
        ask.setObjectName("again-ask")
        ask.setProperty("kind", "primary")
        buttons.addButton(ask, QDialogButtonBox.ButtonRole.AcceptRole)
        ask.setToolTip(self.tr("Writes another version; the others are kept"))
        ask.setDefault(True)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        column.setSpacing(3 * GRID)
        column.addWidget(hint)
        column.addLayout(self._form)
        column.addStretch(1)
        column.addWidget(buttons)
        room = parent.window().width() - 8 * GRID if parent is not None else kit.theme.grown(_WIDTH)
        self.setMinimumWidth(min(kit.theme.grown(_WIDTH), room))

    def _combo(self, name: str, label: str, tip: str) -> ChoiceBox:
        combo = ChoiceBox(self._icons, self)
        combo.setObjectName(name)
        combo.setAccessibleName(label)
        combo.setToolTip(tip)
        self._form.addRow(label, combo)
        return combo

    def _box(self, name: str) -> NumberBox:
        spec = SPEC_BY_NAME[name]
        assert isinstance(spec, Number)
        box = NumberBox(spec.minimum, spec.maximum, spec.step, integer=spec.integer, grouped=name != "seed")
        box.setObjectName(f"again-{name}")
        label, tip = (QCoreApplication.translate("Parameters", text) for text in (spec.label, spec.help))
        if spec.least:
            box.setSpecialValueText(QCoreApplication.translate("Parameters", spec.least))
        box.setAccessibleName(label)
        box.setToolTip(tip)
        self._form.addRow(label, box)
        return box

    def _make_beginning(self) -> PromptEdit:
        edit = PromptEdit(self)
        edit.setObjectName("again-beginning")
        edit.setProperty("bare", False)
        edit.enter_sends = False
        edit.setAccessibleName(self.tr("Start the reply with"))
        edit.setPlaceholderText(self.tr("For example: Sure, in one sentence:"))
        edit.setToolTip(self.tr("The model goes on from these words"))
        edit.setTabChangesFocus(True)
        edit.setFixedHeight(_BEGINNING)
        edit.document().setDocumentMargin(GRID)
        edit.submitted.connect(self._on_accepted)
        edit.escape_pressed.connect(self.reject)
        self._form.addRow(self.tr("Start the reply with"), edit)
        return edit

    def _on_accepted(self) -> None:
        self.asked.emit(self.using(), self.beginning.toPlainText())
        self.accept()
