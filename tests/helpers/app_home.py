"""A throwaway home for programs that are no tests: screenshots and benchmarks leave the user's own alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOLDERS = {
    "HOME": ".",
    "XDG_DATA_HOME": "share",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "XDG_RUNTIME_DIR": "run",
}


@contextmanager
def throwaway_home() -> Iterator[Path]:
    """Leads this process and its children into an empty folder, which is removed at the end."""
    before = {name: os.environ.get(name) for name in _FOLDERS}
    with tempfile.TemporaryDirectory(prefix="locution-") as name:
        home = Path(name)
        (home / "run").mkdir(mode=0o700)
        os.environ.update({variable: str(home / folder) for variable, folder in _FOLDERS.items()})
        try:
            yield home
        finally:
            for variable, value in before.items():
                if value is None:
                    os.environ.pop(variable, None)
                else:
                    os.environ[variable] = value
