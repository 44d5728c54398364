"""Files that commands are given."""

from __future__ import annotations

from pathlib import Path

from desktop.domain.errors import LocutionError

MAX_FILE = 64_000_000
"""Bytes; far more than any context holds."""


def read_text(path: Path) -> str:
    """A file of UTF-8. Raises :class:`LocutionError` in words, ``ValueError`` if it is no text."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise LocutionError(f"The file {path} is too large.", action=f"At most {MAX_FILE:,} bytes.")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise LocutionError(
            f"The file {path} cannot be read: {error.strerror}.", action="Check the path."
        ) from error
