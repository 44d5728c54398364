"""Every setting there is: its key, its default and what may be stored under it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from desktop.domain.model import LOAD_RANGES, ROPE_RANGES, CacheType, RopeScaling, Toggle

CACHE_CHOICES = (CacheType.F16, CacheType.Q8_0, CacheType.Q5_0, CacheType.Q4_0)
"""Of all types those that differ much; the command line takes every one."""


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
    AUTO_TITLES = Definition("auto_titles", "capable", choices=("never", "capable", "always"))
    """Titles from the model; ``capable``: only from one that is large enough to write good ones."""
    NOTIFY = Definition("notify", True)
    """Of a long answer's end while the window is in the background."""
    KEYS = Definition("keys", {})
    """Keys that the user chose: an action's id to key texts in Qt's portable form."""
    SPELL_CHECK = Definition("spell_check", True)
    """Where the system offers a dictionary."""
    LAST_MODEL = Definition("last_model", "starter")
    """A REF: ``starter``, a path, or a library id."""
    RECENT_MODELS = Definition("recent_models", [])
    """Paths, newest first."""
    LAST_CONVERSATION = Definition("last_conversation", "")
    LAST_PRESET = Definition("last_preset", "chatbot")
    CONTEXT_LENGTH = Definition("context_length", 0, limits=LOAD_RANGES["context_length"])
    THREADS = Definition("threads", 0, limits=LOAD_RANGES["threads"])
    GPU_LAYERS = Definition("gpu_layers", -1, limits=LOAD_RANGES["gpu_layers"])
    CACHE_TYPE_K = Definition("cache_type_k", "f16", choices=CACHE_CHOICES)
    CACHE_TYPE_V = Definition("cache_type_v", "f16", choices=CACHE_CHOICES)
    FLASH_ATTENTION = Definition("flash_attention", "auto", choices=tuple(Toggle))
    MMAP = Definition("mmap", True)
    MLOCK = Definition("mlock", False)
    ROPE_SCALING = Definition("rope_scaling", "model", choices=tuple(RopeScaling))
    ROPE_FREQ_BASE = Definition("rope_freq_base", 0.0, limits=(0.0, ROPE_RANGES["rope_freq_base"][1]))
    ROPE_FREQ_SCALE = Definition("rope_freq_scale", 0.0, limits=(0.0, ROPE_RANGES["rope_freq_scale"][1]))
    KEPT_STATES = Definition("kept_states", 2000, limits=(0, 1_000_000))
    """Megabytes of disk for what the engine has read of chats; 0 keeps nothing."""
    WINDOW_GEOMETRY = Definition("window_geometry", "")
    """Base64 of what Qt saves."""
    SPLITTER_SIZES = Definition("splitter_sizes", [])
    SIDEBAR_VISIBLE = Definition("sidebar_visible", True)
    LIST_VISIBLE = Definition("list_visible", True)
    CLOSED_FOLDERS = Definition("closed_folders", [])
    """Ids of folders in the list of chats of which only the line is shown."""
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


LOAD_SETTINGS = (
    Setting.CONTEXT_LENGTH,
    Setting.THREADS,
    Setting.GPU_LAYERS,
    Setting.CACHE_TYPE_K,
    Setting.CACHE_TYPE_V,
    Setting.FLASH_ATTENTION,
    Setting.MMAP,
    Setting.MLOCK,
    Setting.ROPE_SCALING,
    Setting.ROPE_FREQ_BASE,
    Setting.ROPE_FREQ_SCALE,
)
"""Those that a model is loaded with; each has the name of a field of :class:`LoadSettings`."""
