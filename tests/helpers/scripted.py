"""A scripted model for tests: its file, its gate, and what stands in for the check that would refuse it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from desktop.domain.errors import ModelFileError
from desktop.domain.model import FileKind, ModelFile


def write_script(path: Path, **fields: object) -> Path:
    """Writes a script; its fields are those of ``desktop.engine.fake``."""
    path.write_text(json.dumps(fields, default=os.fspath), encoding="utf-8")
    return path


class Gate:
    """Holds a scripted model where a test wants it: a script's field `gate`.

    Closed when it is made: models load and prompts are read, but no answer gets its first token.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.open_to(0)

    def __fspath__(self) -> str:
        return str(self._path)

    def load_to(self, share: float) -> None:
        """Lets a model load up to `share`, from 0 to 1."""
        self._hold(loaded=share)

    def read_to(self, tokens: int) -> None:
        """Lets each prompt be read up to its `tokens`-th token."""
        self._hold(read=tokens)

    def open_to(self, tokens: int) -> None:
        """Lets each answer be written up to its `tokens`-th token, thinking included."""
        self._hold(written=tokens)

    def open(self) -> None:
        """Holds nothing back any more."""
        self._hold()

    def _hold(self, **limits: float) -> None:
        # Replaced, so that the model never reads half a file.
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(limits), encoding="utf-8")
        new.replace(self._path)


def scripted_file(path: Path) -> ModelFile:
    """What the library would say of the script at ``path``."""
    if not path.is_file():
        raise ModelFileError(f"There is no file {path.name}.", action="Choose another file.")
    told = json.loads(path.read_text("utf-8"))
    kind, architecture = FileKind(told.get("kind", "model")), told.get("architecture", "scripted")
    size = path.stat().st_size
    return ModelFile(path, kind, told.get("name", "Scripted"), architecture, size, has_template=True)
