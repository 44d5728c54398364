"""Preset files: those that ship with the app, and the user's own beside them."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Sequence
from pathlib import Path

from desktop.domain.errors import PresetError
from desktop.domain.preset import DEFAULT_ID, Preset, from_mapping
from desktop.system.printable import one_line

MAX_FILE = 1_000_000
"""Bytes; larger files are not read."""
_MEND = "Correct the file, or remove it."
_log = logging.getLogger(__name__)


class PresetService:
    """Reads the folders once; a preset takes the place of one with its id in an earlier folder."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.problems: list[str] = []
        """One sentence for every file that could not be used."""
        self._broken: dict[str, PresetError] = {}
        found: dict[str, Preset] = {}
        for folder in folders:
            for path in sorted(folder.glob("*.toml")):
                try:
                    found[path.stem] = _read(path)
                except PresetError as error:
                    _log.warning("%s", error)
                    self.problems.append(str(error))
                    self._broken[path.stem] = error
        if DEFAULT_ID not in found:
            found[DEFAULT_ID] = Preset(id=DEFAULT_ID, name="Chatbot", order=0)
        self._presets = dict(sorted(found.items(), key=lambda item: (item[1].order, item[1].name)))

    def all(self) -> list[Preset]:
        return list(self._presets.values())

    def get(self, preset_id: str) -> Preset:
        """The preset, or the default one if it is gone: a chat must not be lost with its preset."""
        return self._presets.get(preset_id) or self._presets[DEFAULT_ID]

    def require(self, preset_id: str) -> Preset:
        """Raises :class:`PresetError` that says what is wrong with its file, or lists the known ids."""
        if preset_id in self._presets:
            return self._presets[preset_id]
        known = ", ".join(self._presets)
        raise self._broken.get(preset_id) or PresetError(
            f"There is no preset “{preset_id}”.", action=f"Known: {known}.", setting="preset"
        )


def _read(path: Path) -> Preset:
    name = one_line(path.stem)
    try:
        if not path.is_file():
            raise PresetError(f"Preset “{name}” is no file.", action=_MEND, detail=str(path))
        if path.stat().st_size > MAX_FILE:
            raise PresetError(f"Preset “{name}” is too large.", action=f"At most {MAX_FILE:,} bytes.")
        return from_mapping(path.stem, tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise PresetError(
            f"Preset “{name}” cannot be read: {error.strerror}.", action=_MEND, detail=str(path)
        ) from error
    except (ValueError, RecursionError) as error:
        # Broken TOML, no text, a number of thousands of digits, or tables nested without end.
        raise PresetError(
            f"Preset “{name}” cannot be read: {one_line(str(error))}.", action=_MEND, detail=str(path)
        ) from error
