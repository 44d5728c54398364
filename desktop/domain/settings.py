"""Every setting there is: its key, its default and what may be stored under it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Definition:
    """``choices`` limits a text, ``limits`` a number; a stored value that does not fit gives the default."""

    key: str
    default: object
    choices: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None


class Setting(Enum):
    THEME = Definition("theme", "system", choices=("system", "light", "dark"))
    TEXT_SCALE = Definition("text_scale", 100, limits=(80, 200))
    """Per cent of the normal text size."""
    ENTER_SENDS = Definition("enter_sends", True)
    """Otherwise Ctrl+Enter sends and Enter starts a new line."""
    LAST_MODEL = Definition("last_model", "starter")
    """A REF: ``starter``, a path, or a library id."""
    RECENT_MODELS = Definition("recent_models", [])
    """Paths, newest first."""
    LAST_CONVERSATION = Definition("last_conversation", "")
    LAST_PRESET = Definition("last_preset", "chatbot")
    CONTEXT_LENGTH = Definition("context_length", 0, limits=(0, 1_048_576))
    THREADS = Definition("threads", 0, limits=(0, 256))
    WINDOW_GEOMETRY = Definition("window_geometry", "")
    """Base64 of what Qt saves."""
    SPLITTER_SIZES = Definition("splitter_sizes", [])
    SIDEBAR_VISIBLE = Definition("sidebar_visible", True)
    LIST_VISIBLE = Definition("list_visible", True)
    OPEN_SECTIONS = Definition("open_sections", ["instructions", "sampling"])

    @property
    def key(self) -> str:
        return self.value.key

    @property
    def default(self) -> object:
        return self.value.default

    def accept(self, value: object) -> object:
        """``value`` if it may be stored here, else the default."""
        definition = self.value
        fits = type(value) is type(definition.default)
        if fits and definition.choices:
            fits = value in definition.choices
        if fits and definition.limits and isinstance(value, int | float):
            fits = definition.limits[0] <= value <= definition.limits[1]
        return value if fits else definition.default
