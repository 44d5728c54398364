"""How an answer was made: facts, parameters and what the model was sent; to read, to copy, to ask again.

Main thread.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.conversation import Message
from desktop.domain.errors import LocutionError
from desktop.domain.generation import RenderedPrompt, Turn
from desktop.services.known_models import ModelChoice
from desktop.ui.chat import origin_facts
from desktop.ui.operation import run
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.plain_viewer import PlainViewer

_WIDTH, _HEIGHT = 160 * GRID, 140 * GRID
_NAMES = 40 * GRID
"""The narrowest the column of names is."""
_LONGEST = 200
"""Characters of a value that are shown; the copy has it whole."""


class OriginDialog(QDialog):
    """``message`` has an origin. Deletes itself when closed."""

    again = Signal(object)
    """:class:`Using` that makes the same answer again."""

    def __init__(self, kit: Toolkit, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert message.origin is not None
        self._message, self._origin = message, message.origin
        self._models = kit.services.models
        self._tasks = kit.tasks
        self._turns: tuple[Turn, ...] = ()
        self._prompt = ""
        self._ref = ""
        self.setObjectName("origin-dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("How this was made"))
        self._note = QLabel(self)
        self._note.setObjectName("origin-note")
        self._note.setProperty("tone", "muted")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self.context = PlainViewer(self)
        self.context.setAccessibleName(self.tr("What the model was sent"))
        self.context.setFont(kit.theme.font(mono=True))
        preset = kit.services.presets.get(self._origin.preset_id)
        known = preset.id == self._origin.preset_id
        self.tabs = QTabWidget(self)
        self.tabs.setAccessibleName(self.tr("Parts of what is known"))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self._facts(preset.name if known else self._origin.preset_id), self.tr("Facts"))
        self.tabs.addTab(self._parameters(), self.tr("Parameters"))
        self.tabs.addTab(self._sent(), self.tr("What was sent"))
        self._build(kit, parent)
        work = kit.services.chat.sent(message.id, message.conversation_id)
        run(self, work, tasks=kit.tasks, name="read what was sent", on_success=self._on_sent)
        choices = self._models.choices()
        run(self, choices, tasks=kit.tasks, name="find the model", on_success=self._on_choices)

    def json(self) -> str:
        """Everything that is shown here, and the whole of it."""
        return origin_facts.as_json(self._message, self._origin, self._turns, self._prompt)

    # -- Building

    def _build(self, kit: Toolkit, parent: QWidget | None) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip(self.tr("Closes this window"))
        copy = buttons.addButton(self.tr("Copy all as JSON"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setObjectName("origin-copy")
        copy.setToolTip(self.tr("Facts, all parameters and everything that was sent"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.json()))
        self._again = buttons.addButton(
            self.tr("Ask again with exactly this"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self._again.setObjectName("origin-again")
        self._again.setToolTip(self.tr("The same model, instructions, parameters and seed, once more"))
        self._again.setEnabled(False)
        self._again.clicked.connect(self._on_again)
        buttons.rejected.connect(self.reject)
        self._missing = QLabel(self)
        self._missing.setObjectName("origin-missing")
        self._missing.setProperty("tone", "muted")
        self._missing.setWordWrap(True)
        self._missing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        column.setSpacing(3 * GRID)
        column.addWidget(self.tabs, 1)
        column.addWidget(self._missing)
        column.addWidget(buttons)
        room = parent.window().size() if parent is not None else self.sizeHint()
        width = min(kit.theme.grown(_WIDTH), room.width() - 8 * GRID)
        self.resize(width, min(kit.theme.grown(_HEIGHT), room.height() - 8 * GRID))

    def _facts(self, preset_name: str) -> QWidget:
        page = QWidget(self)
        form = QFormLayout(page)
        form.setContentsMargins(2 * GRID, 4 * GRID, 2 * GRID, 2 * GRID)
        form.setHorizontalSpacing(6 * GRID)
        form.setVerticalSpacing(2 * GRID)
        for name, value in origin_facts.facts(self._origin, preset_name):
            label = QLabel(name, page)
            label.setProperty("tone", "muted")
            said = QLabel(page)
            said.setObjectName("origin-value")
            # An imported chat may claim anything, so nothing of it is read as marks.
            said.setTextFormat(Qt.TextFormat.PlainText)
            said.setText("\u200b".join(value[at : at + 16] for at in range(0, min(len(value), _LONGEST), 16)))
            said.setAccessibleName(f"{name}: {value[:_LONGEST]}")
            said.setWordWrap(True)
            said.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            form.addRow(label, said)
        return page

    def _parameters(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setObjectName("origin-parameters")
        tree.setAccessibleName(self.tr("Parameters"))
        tree.setRootIsDecorated(False)
        tree.setHeaderLabels([self.tr("Parameter"), self.tr("Value")])
        tree.header().setMinimumSectionSize(_NAMES)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for label, value, changed in origin_facts.parameters(self._origin):
            item = QTreeWidgetItem(tree, [label, value.replace("\n", " ")[:_LONGEST]])
            if changed:
                font = QFont(tree.font())
                font.setWeight(QFont.Weight.DemiBold)
                item.setFont(0, font)
                item.setFont(1, font)
        return tree

    def _sent(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 3 * GRID, 0, 0)
        column.addWidget(self._note)
        column.addWidget(self.context, 1)
        return page

    # -- What comes

    def _on_sent(self, turns: tuple[Turn, ...]) -> None:
        self._turns = turns
        self.context.set_text(origin_facts.context(turns))
        parts = []
        if not self._origin.sent:
            parts.append(self.tr("From the messages as they are now."))
        if self._origin.left_out_turns or self._origin.left_out_tokens:
            parts.append(self._left_out())
        self._note.setText(" ".join(parts))
        current = self._models.current
        if current is not None and self._is_same(current.model_hash):
            run(
                self,
                self._models.ask.render(turns),
                tasks=self._tasks,
                name="render what was sent",
                on_success=self._on_rendered,
                on_error=self._on_not_rendered,
            )

    def _left_out(self) -> str:
        if not self._origin.sent:
            return self.tr("Not all of it fitted then; the facts say how much was left out.")
        if self._origin.parameters.get("context_policy") == "keep_ends":
            return self.tr("What did not fit is left out; a long message may have lost its middle as well.")
        return self.tr("What did not fit is left out.")

    def _on_rendered(self, prompt: RenderedPrompt) -> None:
        self._prompt = prompt.text
        self.context.set_text(prompt.text)
        exact = self.tr("The exact text, as the chat template of this model makes it.")
        self._note.setText(f"{exact} {self._note.text()}".strip())

    def _on_not_rendered(self, error: LocutionError) -> None:
        """The turns stay."""
        self._note.setText(f"{self._note.text()} {error.message}".strip())

    def _on_choices(self, choices: Iterable[ModelChoice]) -> None:
        current = self._models.current
        if current is None or not self._is_same(current.model_hash):
            named = [one for one in choices if one.name == self._origin.model_name and not one.problem]
            if named:
                self._ref = named[0].ref
            else:
                self._missing.setText(
                    self.tr("This model is not here any more: asking again would use the one in use.")
                )
                self._missing.show()
        self._again.setEnabled(True)

    def _is_same(self, model_hash: str) -> bool:
        return bool(model_hash) and model_hash == self._origin.model_hash

    def _on_again(self) -> None:
        self.again.emit(origin_facts.using(self._origin, self._ref))
        self.accept()
