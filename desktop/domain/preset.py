"""Presets: named instructions and parameters. The file format is TOML; see ``resources/presets``.

name = "Translation"
description = "One sentence for the menu."
order = 20                                  # place in the menu
system_prompt = \"\"\"…\"\"\"
placeholder = "What the empty composer says"
examples = ["A prompt to try", "Another"]   # shown on the empty chat's card
[parameters]                                # any of domain.parameters.NAMES
temperature = 0.2
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from desktop.domain.errors import LocutionError, PresetError
from desktop.domain.parameters import Parameters, make

DEFAULT_ID = "chatbot"
MAX_TEXT = 64 * 1024
"""Characters; a preset is a page, not a book."""
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KNOWN = {"name", "description", "order", "icon", "system_prompt", "placeholder", "examples", "parameters"}


@dataclass(frozen=True, slots=True)
class Preset:
    """``parameters`` are whole: what the file leaves out has the app's default."""

    id: str
    name: str
    description: str = ""
    order: int = 1000
    icon: str = "chat"
    system_prompt: str = ""
    placeholder: str = ""
    examples: tuple[str, ...] = ()
    parameters: Parameters = Parameters()  # noqa: RUF009 - frozen, so sharing it is safe


def from_mapping(preset_id: str, data: Mapping[str, object]) -> Preset:
    """A preset from a file's content, every field checked: the file may come from a stranger.

    Raises :class:`PresetError` that names the field.
    """
    if not _ID.fullmatch(preset_id):
        raise PresetError(
            f"“{preset_id}” cannot be a preset's id.",
            action="Rename the file, with small letters, digits and hyphens.",
        )
    if unknown := set(data) - _KNOWN:
        raise _wrong(preset_id, f"there is no field “{min(unknown)}”")
    values = data.get("parameters", {})
    if not isinstance(values, Mapping):
        raise _wrong(preset_id, "parameters must be a table")
    try:
        parameters = make({str(name): value for name, value in values.items()})
    except LocutionError as error:
        raise _wrong(preset_id, error.message.removesuffix("."), error.setting) from error
    order = data.get("order", 1000)
    if isinstance(order, bool) or not isinstance(order, int):
        raise _wrong(preset_id, "order must be a whole number")
    return Preset(
        id=preset_id,
        name=_text(preset_id, data, "name", required=True),
        description=_text(preset_id, data, "description"),
        order=order,
        icon=_text(preset_id, data, "icon") or "chat",
        system_prompt=_text(preset_id, data, "system_prompt"),
        placeholder=_text(preset_id, data, "placeholder"),
        examples=_texts(preset_id, data, "examples"),
        parameters=parameters,
    )


def _text(preset_id: str, data: Mapping[str, object], name: str, *, required: bool = False) -> str:
    value = data.get(name, "")
    if not isinstance(value, str) or len(value) > MAX_TEXT or (required and not value.strip()):
        raise _wrong(preset_id, f"{name} must be a text of at most {MAX_TEXT:,} characters")
    return value.strip()


def _texts(preset_id: str, data: Mapping[str, object], name: str) -> tuple[str, ...]:
    values = data.get(name, [])
    if not isinstance(values, list) or not all(
        isinstance(value, str) and len(value) <= MAX_TEXT for value in values
    ):
        raise _wrong(preset_id, f"{name} must be a list of texts")
    return tuple(values)


def _wrong(preset_id: str, what: str, setting: str = "") -> PresetError:
    return PresetError(
        f"Preset “{preset_id}”: {what}.", action="Correct the file, or remove it.", setting=setting
    )
