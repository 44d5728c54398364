"""The button that says which model is in use and how it is, and the menu to use another.

Main thread. Lists what the model service offers each time it opens; loading runs as an owned task and its
errors appear in the pane the button stands in.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import assert_never

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.engine_state import Busy, Failed, Loading, Ready, Unloaded
from desktop.domain.errors import LocutionError, ModelFileError
from desktop.services.known_models import ModelChoice
from desktop.ui import operation
from desktop.ui.actions import ActionId, native_keys
from desktop.ui.theme import Token
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.menu_button import MenuButton
from desktop.ui.widgets.plain import plain_name, plain_tip
from desktop.ui.words import filled, number

_GROUPS = ("starter", "recent", "library")


class ModelMenu(MenuButton):
    """Opens by click and by its action."""

    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(kit.theme, kit.icons, parent)
        self.setObjectName("model-menu")
        self._models = kit.services.models
        self._tasks = kit.tasks
        self._folder = str(Path.home())
        self._names: dict[str, str] = {}
        """By path, of models that were loaded: one that fails keeps its name."""
        self._given_up = False
        self._menu = QMenu(self)
        self._menu.setObjectName("model-menu-items")
        self._menu.setToolTipsVisible(True)
        self._open_file = kit.actions.action(ActionId.OPEN_MODEL)
        self._open_file.triggered.connect(self.choose_file)
        self._open_menu = kit.actions.action(ActionId.MODEL_MENU)
        self._open_menu.triggered.connect(self.open_menu)
        kit.actions.keys_changed.connect(self._show_tip)
        self.clicked.connect(self.open_menu)
        self._unsubscribe = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)
        self._show_state()

    def open_menu(self) -> None:
        """Asks for the choices, then shows them."""
        operation.run(
            self, self._models.choices(), tasks=self._tasks, name="list models", on_success=self._pop_up
        )

    def choose_file(self) -> None:
        """A file dialog for GGUF files; what is chosen is loaded."""
        dialog = QFileDialog(self, self.tr("Open a GGUF file"), self._folder)
        dialog.setObjectName("open-model-dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("GGUF models (*.gguf)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def use(self, ref: str | Path) -> None:
        """Loads a model; the error, if any, is shown where the button is."""
        self._given_up = False
        operation.run(
            self, self._models.use(ref), tasks=self._tasks, name="load model", on_error=self._on_load_failed
        )

    def reload(self) -> None:
        """Loads the model in use again, with the settings as they are now."""
        current = self._models.current
        if current is None:
            self.open_menu()
        else:
            self.use(current.path)

    def unload(self) -> None:
        """Frees the model, or gives up the one that is being loaded."""
        self._given_up = True
        operation.run(self, self._models.unload(), tasks=self._tasks, name="unload model")

    def _pop_up(self, choices: Iterable[ModelChoice]) -> None:
        self._menu.clear()
        for group, members in groupby(sorted(choices, key=_rank), key=lambda choice: choice.group):
            self._add_heading(self._group_title(group))
            for choice in members:
                self._add_choice(choice)
        if self._menu.isEmpty():
            self._add_heading(self.tr("No models found yet"))
        self._menu.addSeparator()
        self._menu.addAction(self._open_file)
        self._add_unload()
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _add_heading(self, text: str) -> None:
        if not self._menu.isEmpty():
            self._menu.addSeparator()
        heading = self._menu.addAction(text)
        heading.setEnabled(False)

    def _add_choice(self, choice: ModelChoice) -> None:
        detail = choice.problem or choice.detail
        action = QAction(self._menu)
        action.setText(plain_name(f"{choice.name}\t{detail}"))
        action.setToolTip(plain_tip("\n".join(filter(None, [choice.problem, str(choice.path or "")]))))
        action.setEnabled(not choice.problem)
        action.setCheckable(True)
        action.setChecked(choice.current)
        action.triggered.connect(lambda _checked, ref=choice.ref: self.use(ref))
        self._menu.addAction(action)

    def _add_unload(self) -> None:
        loading = isinstance(self._models.state, Loading)
        unload = self._menu.addAction(self.tr("Stop loading") if loading else self.tr("Unload the model"))
        unload.setToolTip(
            self.tr("Gives up the model that is being loaded")
            if loading
            else self.tr("Frees its memory; the next prompt loads it again")
        )
        unload.setEnabled(loading or self._models.current is not None)
        unload.triggered.connect(self.unload)

    def _group_title(self, group: str) -> str:
        match group:
            case "starter":
                return self.tr("Comes with the app")
            case "recent":
                return self.tr("Opened before")
            case _:
                return self.tr("Library")

    def _show_state(self) -> None:
        if (current := self._models.current) is not None:
            self._names[current.path] = current.name
        match self._models.state:
            case Unloaded():
                name, state, dot = self.tr("Choose a model"), self.tr("no model is loaded"), None
            case Loading(path, fraction):
                name = self._names.get(path) or Path(path).stem
                share = number(round(fraction * 100))
                state, dot = self.tr("loading %1 %").replace("%1", share), Token.WARNING
            case Ready(model):
                name, state, dot = model.name, self.tr("ready"), Token.SUCCESS
            case Busy(model):
                name, state, dot = model.name, self.tr("answering"), Token.ACCENT
            case Failed(_, path):
                known = self._names.get(path) or Path(path).stem
                name, state, dot = known or self.tr("Choose a model"), self.tr("failed"), Token.DANGER
            case state_:
                assert_never(state_)
        self.set_words(name if dot is None else f"{name}  ·  {state}", dot)
        self.setAccessibleName(filled(self.tr("Model %1, %2"), name, state))
        self._show_tip()

    def _show_tip(self) -> None:
        tip = self.tr("The model that answers, and how it is. Choose another here.")
        keys = native_keys(self._open_menu)
        self.setToolTip(f"{tip} ({keys})" if keys else tip)

    def _on_load_failed(self, error: LocutionError) -> None:
        if self._given_up:
            return
        if isinstance(error, ModelFileError):
            operation.show_error_near(self, error, self.tr("Choose another file"), self.choose_file)
        else:
            operation.show_error_near(self, error, self.tr("Choose another model"), self.open_menu)

    def _on_file_selected(self, path: str) -> None:
        self._folder = str(Path(path).parent)
        self.use(Path(path))

    def _on_changed(self, change: Change) -> None:
        if change.kind is Kind.MODEL:
            self._show_state()


def _rank(choice: ModelChoice) -> int:
    return _GROUPS.index(choice.group) if choice.group in _GROUPS else len(_GROUPS)
