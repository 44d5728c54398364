"""Preset files: those that ship with the app, and the user's own beside them."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Sequence
from pathlib import Path

from desktop.domain.errors import PresetError
from desktop.domain.preset import DEFAULT_ID, Preset, from_mapping

MAX_FILE = 1_000_000
"""Bytes; larger files are not read."""
_log = logging.getLogger(__name__)


class PresetService:
    """Reads the folders once; a preset takes the place of one with its id in an earlier folder."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.problems: list[str] = []
        """One sentence for every file that could not be used."""
        found: dict[str, Preset] = {}
        for folder in folders:
            for path in sorted(folder.glob("*.toml")):
                try:
                    found[path.stem] = _read(path)
                except PresetError as error:
                    _log.warning("%s", error)
                    self.problems.append(str(error))
        if DEFAULT_ID not in found:
            found[DEFAULT_ID] = Preset(id=DEFAULT_ID, name="Chatbot", order=0)
        self._presets = dict(sorted(found.items(), key=lambda item: (item[1].order, item[1].name)))

    def all(self) -> list[Preset]:
        return list(self._presets.values())

    def get(self, preset_id: str) -> Preset:
        """The preset, or the default one if it is gone: a chat must not be lost with its preset."""
        return self._presets.get(preset_id) or self._presets[DEFAULT_ID]

    def require(self, preset_id: str) -> Preset:
        """Raises :class:`PresetError` that lists the known ids."""
        if preset_id not in self._presets:
            known = ", ".join(self._presets)
            raise PresetError(
                f"There is no preset “{preset_id}”.", action=f"Known: {known}.", setting="preset"
            )
        return self._presets[preset_id]


def _read(path: Path) -> Preset:
    try:
        if path.stat().st_size > MAX_FILE:
            raise PresetError(f"Preset “{path.stem}” is too large.", action=f"At most {MAX_FILE:,} bytes.")
        return from_mapping(path.stem, tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PresetError(f"Preset “{path.stem}” cannot be read: {error}", detail=str(path)) from error
