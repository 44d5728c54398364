"""Where the app keeps its files: the platform's own places, or all below one folder (``--data-dir``).

Made once by the composition root and handed down. Nothing is created until someone asks for a folder by
``ready``, so ``--version`` leaves no trace. Any thread.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.errors import StorageError
from desktop.system.printable import one_line

DATABASE_NAME = "locution.db"


@dataclass(frozen=True, slots=True)
class Locations:
    """Absolute paths; folders may not exist yet. ``database`` is a file, everything else a folder."""

    data: Path
    config: Path
    cache: Path
    logs: Path
    models: Path
    presets: Path
    database: Path

    @property
    def states(self) -> Path:
        """What the engine has read, so that it need not read it again."""
        return self.cache / "states"

    @property
    def states_key(self) -> Path:
        """The file with the secret that states are authenticated with. Nothing else may hold it."""
        return self.data / "states.key"

    @classmethod
    def of_platform(cls) -> Locations:
        """The places the platform gives each app: XDG folders, ~/Library, AppData."""
        import platformdirs  # here because it costs start-up and --data-dir does without

        name = "locution" if sys.platform.startswith("linux") else "Locution"
        places = platformdirs.PlatformDirs(appname=name, appauthor=False)
        data = Path(places.user_data_dir)
        return cls(
            data=data,
            config=Path(places.user_config_dir),
            cache=Path(places.user_cache_dir),
            logs=Path(places.user_log_dir),
            models=data / "models",
            presets=data / "presets",
            database=data / DATABASE_NAME,
        )

    @classmethod
    def below(cls, folder: Path) -> Locations:
        """Everything in ``folder`` and nothing anywhere else."""
        try:
            data = folder.expanduser().absolute()
        except RuntimeError:  # ~name where no such user exists
            data = folder.absolute()
        return cls(
            data=data,
            config=data / "config",
            cache=data / "cache",
            logs=data / "logs",
            models=data / "models",
            presets=data / "presets",
            database=data / DATABASE_NAME,
        )

    @classmethod
    def choose(cls, data_dir: Path | None) -> Locations:
        """``below(data_dir)`` where one was given, otherwise ``of_platform()``."""
        return cls.of_platform() if data_dir is None else cls.below(data_dir)


def ready(folder: Path) -> Path:
    """Create ``folder`` where it is missing, private to the user, and return it once it can be written to.

    Raises ``StorageError`` that names the folder and the reason.
    """
    shown = one_line(str(folder), 300)
    try:
        # 0o700 holds for every folder made here, parents included: what people write to a model is private.
        _make(folder)
    except FileExistsError as error:
        raise StorageError(
            f"The folder {shown} cannot be used: {one_line(str(error.filename), 300)} is a file.",
            action="Move the file away, or start with another data folder.",
            detail=repr(error),
        ) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StorageError(
            f"The folder {shown} could not be created: {reason}.",
            action="Check the folder's permissions and free disk space, or start with another data folder.",
            detail=repr(error),
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(
            f"The folder {shown} cannot be written to.",
            action="Change its permissions, or start with another data folder.",
        )
    return folder


def _make(folder: Path) -> None:
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def resources_dir() -> Path:
    """The folder with icons, presets and translations that ships with the app.

    In an installed wheel it lies inside the package; in a checkout beside it.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"
