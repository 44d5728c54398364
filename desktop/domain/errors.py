"""Every failure the app can name, as one tree.

Adapters translate foreign exceptions into these at the edge; only process edges catch ``Exception``.
The words live here because both the window and the command line show them as they are.

    LocutionError                code            the one action that helps
    ├── ModelFileError           model-file      choose another file
    ├── ModelLoadError           model-load      change a load setting, choose a smaller model
    │   └── OutOfMemoryError     out-of-memory   a smaller context length or model
    ├── NoModelError             no-model        choose a model
    ├── ContextOverflowError     context-full    shorten the text, raise the context length
    ├── TemplateError            template        choose another model or template
    ├── ParameterError           parameter       correct the named value
    ├── EngineGoneError          engine-gone     send again: the model is loaded anew
    │   └── ModelUnloadedError   unloaded        send again: it was unloaded on purpose
    ├── EngineBusyError          engine-busy     wait or stop the running answer
    ├── StorageError             storage         free disk space, check the folder's permissions
    │   └── NewerDataError       newer-data      update the app
    ├── PresetError              preset          correct or remove the preset file
    └── NotFoundError            not-found       check the name
"""

from __future__ import annotations

from typing import ClassVar, Self


class LocutionError(Exception):
    """A failure in plain words.

    ``message`` is one sentence for the user; ``action`` the one thing that helps (may be empty);
    ``setting`` names the one setting to change, if there is one; ``detail`` is technical text for a report.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, action: str = "", setting: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.action = action
        self.setting = setting
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message} {self.action}".strip()


class ModelFileError(LocutionError):
    """The file is not a model that can be loaded: missing, empty, damaged, or of another kind."""

    code = "model-file"


class ModelLoadError(LocutionError):
    """A sound file that the engine could not load."""

    code = "model-load"


class OutOfMemoryError(ModelLoadError):
    """The model or its context does not fit into memory."""

    code = "out-of-memory"


class NoModelError(LocutionError):
    """Something was asked that needs a model, and none is loaded or named."""

    code = "no-model"


class ContextOverflowError(LocutionError):
    """The prompt alone does not fit into the context."""

    code = "context-full"

    @classmethod
    def of(cls, tokens: int, length: int, *, at_least: bool = False) -> Self:
        """For a prompt of ``tokens`` in a context of ``length``."""
        return cls(
            f"The prompt has {'more than ' if at_least else ''}{tokens:,} tokens, "
            f"and the context holds {length:,}.",
            action="Shorten the text, start a new chat, or raise the context length.",
            setting="context_length",
        )


class TemplateError(LocutionError):
    """The model's chat template is broken, refuses these messages, or ran too long."""

    code = "template"


class ParameterError(LocutionError):
    """A parameter's value is out of range or of the wrong type."""

    code = "parameter"


class EngineGoneError(LocutionError):
    """The engine process ended or stopped answering."""

    code = "engine-gone"


class ModelUnloadedError(EngineGoneError):
    """The model was unloaded on purpose, or another one was chosen, while this was running."""

    code = "unloaded"


class EngineBusyError(LocutionError):
    """The engine cannot take this request now."""

    code = "engine-busy"


class StorageError(LocutionError):
    """Reading or writing the user's data failed."""

    code = "storage"


class NewerDataError(StorageError):
    """The data was written by a newer version of the app."""

    code = "newer-data"


class PresetError(LocutionError):
    """A preset file that cannot be used."""

    code = "preset"


class NotFoundError(LocutionError):
    """A name or id that leads nowhere."""

    code = "not-found"


def _tree(root: type[LocutionError]) -> dict[str, type[LocutionError]]:
    found = {root.code: root}
    for child in root.__subclasses__():
        found |= _tree(child)
    return found


BY_CODE: dict[str, type[LocutionError]] = _tree(LocutionError)
"""Code to class, to rebuild an error that crossed a process boundary."""
