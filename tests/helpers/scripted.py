"""A scripted model for tests: the file, and what stands in for the GGUF check, which would refuse it."""

from __future__ import annotations

import json
from pathlib import Path

from desktop.domain.errors import ModelFileError
from desktop.domain.model import FileKind, ModelFile


def write_script(path: Path, **fields: object) -> Path:
    """Writes a script; its fields are those of ``desktop.engine.fake``."""
    path.write_text(json.dumps(fields), encoding="utf-8")
    return path


def scripted_file(path: Path) -> ModelFile:
    """What the library would say of the script at ``path``."""
    if not path.is_file():
        raise ModelFileError(f"There is no file {path.name}.", action="Choose another file.")
    told = json.loads(path.read_text("utf-8"))
    kind, architecture = FileKind(told.get("kind", "model")), told.get("architecture", "scripted")
    size = path.stat().st_size
    return ModelFile(path, kind, told.get("name", "Scripted"), architecture, size, has_template=True)
