"""The model files there are to choose from, and which of them were used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.errors import LocutionError, NotFoundError
from desktop.domain.model import ModelFile
from desktop.domain.settings import Setting
from desktop.library.local_models import STARTER_ID, ModelLibrary
from desktop.services.settings import SettingsService

MAX_RECENT = 8
"""Files from elsewhere that are offered again."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One line of the model menu. ``problem`` says why it cannot be used, if it cannot."""

    ref: str
    name: str
    detail: str
    path: Path | None
    group: str
    """``starter``, ``recent`` or ``library``."""
    problem: str = ""
    current: bool = False


class KnownModels:
    """Those that ship with the app or lie in the library's folder, and files that were opened elsewhere."""

    def __init__(
        self, library: ModelLibrary, settings: SettingsService, inspect_file: Callable[[Path], ModelFile]
    ) -> None:
        self._library = library
        self._settings = settings
        self._inspect = inspect_file

    def usual_ref(self) -> str:
        """The model used last; the starter at first."""
        return self._settings.text(Setting.LAST_MODEL)

    def choices(self) -> list[ModelChoice]:
        """The starter, the library, then recent files. Reads files: not on the loop."""
        choices = []
        for entry in self._library.scan():
            group = "starter" if entry.id == STARTER_ID else "library"
            choices.append(_choice(entry.id, entry.path, group, entry.file, entry.error))
        listed = {choice.path for choice in choices}
        for recent in map(Path, self._settings.texts(Setting.RECENT_MODELS)):
            if recent not in listed:
                try:
                    choices.append(_choice(str(recent), recent, "recent", self._inspect(recent), None))
                except LocutionError as error:
                    choices.append(_choice(str(recent), recent, "recent", None, error))
        return choices

    def remember(self, path: Path) -> None:
        """As the one that is used from now on."""
        if self._is_starter(path):
            # Where it lies changes when the app is updated.
            self._settings.put(Setting.LAST_MODEL, STARTER_ID)
            return
        self._settings.put(Setting.LAST_MODEL, str(path))
        if not path.is_relative_to(self._library.models_dir.absolute()):
            older = [recent for recent in self._settings.texts(Setting.RECENT_MODELS) if recent != str(path)]
            self._settings.put(Setting.RECENT_MODELS, [str(path), *older][:MAX_RECENT])

    def _is_starter(self, path: Path) -> bool:
        try:
            return path == self._library.resolve(STARTER_ID)
        except NotFoundError:
            return False


def _choice(
    ref: str, path: Path, group: str, file: ModelFile | None, error: LocutionError | None
) -> ModelChoice:
    if file is None:
        return ModelChoice(ref, path.stem, "", path, group, problem=error.message if error else "")
    size = f"{file.size / 1e9:.1f} GB" if file.size >= 1e9 else f"{file.size / 1e6:.0f} MB"
    return ModelChoice(ref, file.name, " · ".join(filter(None, (file.quantization, size))), path, group)
