"""Models as values: where a file is, what is known about it, how it is loaded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Any

from desktop.domain.errors import ParameterError


class FileKind(StrEnum):
    """What a GGUF file is for. Only ``MODEL`` can be chatted with."""

    MODEL = "model"
    EMBEDDING = "embedding"
    ENCODER_DECODER = "encoder-decoder"
    PROJECTOR = "projector"
    ADAPTER = "adapter"
    VOCABULARY = "vocabulary"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A GGUF file whose header has been read and found sound. ``size`` in bytes, all shards together."""

    path: Path
    kind: FileKind
    name: str
    architecture: str
    size: int
    quantization: str = ""
    context_length: int = 0
    """What the model was trained for; 0 if the file does not say."""
    parameter_count: int = 0
    has_template: bool = False
    license: str = ""


class CacheType(StrEnum):
    """How a value of the KV cache is kept. Fewer bits take less memory and are less exact."""

    F32 = "f32"
    F16 = "f16"
    BF16 = "bf16"
    Q8_0 = "q8_0"
    Q5_1 = "q5_1"
    Q5_0 = "q5_0"
    Q4_1 = "q4_1"
    Q4_0 = "q4_0"

    @property
    def quantized(self) -> bool:
        """Whether values are kept in blocks that share a scale."""
        return self.value.startswith("q")


class Toggle(StrEnum):
    AUTO = "auto"
    ON = "on"
    OFF = "off"


class RopeScaling(StrEnum):
    """How positions beyond those the model was trained on are brought into its range."""

    MODEL = "model"
    NONE = "none"
    LINEAR = "linear"
    YARN = "yarn"


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA file and how strongly it changes the model. Raises :class:`ParameterError`."""

    path: str
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not self.path:
            raise ParameterError("An adapter needs a file.", setting="adapters")
        if not _is_number(self.strength) or not -10 <= self.strength <= 10:
            raise ParameterError("An adapter's strength must be between -10 and 10.", setting="adapters")


@dataclass(frozen=True, slots=True)
class StateStore:
    """Where the engine keeps what it has read, so that it need not read it again.

    ``folder`` is the app's own. ``secret`` authenticates the files; ``model_hash`` ties them to the model's
    content; ``limit`` is in bytes, 0 keeps nothing.
    """

    folder: str
    secret: bytes
    model_hash: str
    limit: int

    def name_of(self, key: str) -> str:
        """What the names of the files begin with that belong to ``key``. It does not give the key away."""
        return blake2b(key.encode("utf-8", "surrogatepass"), key=self.secret, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """How a model is put into memory. 0 means: choose what suits the model and the machine.

    Raises :class:`ParameterError` for a number out of the range in :data:`LOAD_RANGES`, and for two settings
    that exclude each other.
    """

    context_length: int = 0
    """Tokens that prompt and answer may use together."""
    threads: int = 0
    batch: int = 512
    """Most prompt tokens read in one step; a stop takes effect after at most that many."""
    sequences: int = 8
    """Answers that can run at once."""
    gpu_layers: int = -1
    """Layers kept on the GPU; -1 means all that fit."""
    tensor_split: tuple[float, ...] = ()
    """The share of each GPU, in the order the engine lists them; empty follows their free memory."""
    main_gpu: int = 0
    """The GPU, by the engine's list, that holds what cannot be split."""
    cache_type_k: CacheType = CacheType.F16
    cache_type_v: CacheType = CacheType.F16
    flash_attention: Toggle = Toggle.AUTO
    mmap: bool = True
    """Maps the file into memory, so that the system can share and drop its pages."""
    mlock: bool = False
    """Keeps the system from moving the model out of memory."""
    rope_scaling: RopeScaling = RopeScaling.MODEL
    rope_freq_base: float = 0.0
    """0 is the model's own."""
    rope_freq_scale: float = 0.0
    """0 is the model's own; 0.5 doubles the positions a model can tell apart."""
    adapters: tuple[Adapter, ...] = ()

    def __post_init__(self) -> None:
        for name, (least, most) in LOAD_RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise ParameterError(
                    f"{load_label(name)} must be between {least:,} and {most:,}.", setting=name
                )
        for name, (low, high) in ROPE_RANGES.items():
            number = getattr(self, name)
            if not _is_number(number) or (number != 0 and not low <= number <= high):
                raise ParameterError(
                    f"{load_label(name)} must be 0 or between {low:g} and {high:g}.", setting=name
                )
        for name, kind in _LOAD_KINDS.items():
            if not isinstance(getattr(self, name), kind):
                words = ", ".join(kind) if issubclass(kind, StrEnum) else "on or off"
                raise ParameterError(f"{load_label(name)} must be one of: {words}.", setting=name)
        self._check_split()
        self._check_adapters()
        if self.cache_type_v.quantized and self.flash_attention is Toggle.OFF:
            raise ParameterError(
                f"Values of type {self.cache_type_v} in the KV cache need flash attention.",
                action="Switch flash attention on, or keep values as f16.",
                setting="flash_attention",
            )

    def _check_split(self) -> None:
        if len(self.tensor_split) > MAX_DEVICES:
            raise ParameterError(f"At most {MAX_DEVICES} GPUs can share a model.", setting="tensor_split")
        if not all(_is_number(share) and 0 <= share <= MAX_SHARE for share in self.tensor_split):
            raise ParameterError(
                f"A GPU's share must be between 0 and {MAX_SHARE:,}.", setting="tensor_split"
            )
        if self.tensor_split and not any(self.tensor_split):
            raise ParameterError("At least one GPU needs a share of the model.", setting="tensor_split")

    def _check_adapters(self) -> None:
        if len(self.adapters) > MAX_ADAPTERS:
            raise ParameterError(f"At most {MAX_ADAPTERS} adapters can be used.", setting="adapters")
        check_adapters(self.adapters)


def make_load_settings(values: Mapping[str, object]) -> LoadSettings:
    """From plain values, as they are stored and typed; what is not named is left open.

    Raises :class:`ParameterError`.
    """
    kept: dict[str, Any] = dict(values)
    for name, kind in _LOAD_KINDS.items():
        if issubclass(kind, StrEnum) and name in kept:
            try:
                kept[name] = kind(kept[name])
            except ValueError:
                raise ParameterError(
                    f"{load_label(name)} must be one of: {', '.join(kind)}.", setting=name
                ) from None
    return LoadSettings(**kept)


def check_adapters(adapters: tuple[Adapter, ...]) -> None:
    """Raises :class:`ParameterError` for a file that is named twice: its strength would be unclear."""
    if len({adapter.path for adapter in adapters}) < len(adapters):
        raise ParameterError("An adapter is named twice.", action="Name each once.", setting="adapters")


LOAD_RANGES = {
    "context_length": (0, 1_048_576),
    "threads": (0, 256),
    "batch": (64, 4096),
    "sequences": (1, 64),
    "gpu_layers": (-1, 10_000),
    "main_gpu": (0, 15),
}
ROPE_RANGES = {"rope_freq_base": (1.0, 1e9), "rope_freq_scale": (0.001, 10.0)}
"""Where they are not 0, which leaves them to the model."""
MAX_DEVICES = 16
"""As many as llama.cpp knows."""
MAX_SHARE = 1_000_000
"""Shares are relative: a larger one says nothing that a smaller one could not."""
MAX_ADAPTERS = 16
_LOAD_KINDS: dict[str, type] = {
    "cache_type_k": CacheType,
    "cache_type_v": CacheType,
    "flash_attention": Toggle,
    "rope_scaling": RopeScaling,
    "mmap": bool,
    "mlock": bool,
}
_LABELS = {
    "gpu_layers": "GPU layers",
    "main_gpu": "Main GPU",
    "cache_type_k": "The KV cache's type for keys",
    "cache_type_v": "The KV cache's type for values",
    "mmap": "Mapping the file",
    "mlock": "Locking memory",
    "rope_scaling": "RoPE scaling",
    "rope_freq_base": "RoPE base",
    "rope_freq_scale": "RoPE scale",
}


def load_label(name: str) -> str:
    """What a load setting is called in a sentence's beginning."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What the engine says about the model it holds. ``memory`` in bytes, of the engine process."""

    name: str
    path: str
    architecture: str
    quantization: str
    size: int
    context_length: int
    trained_context_length: int
    threads: int
    device: str
    has_template: bool
    engine_build: str
    template_hash: str = ""
    model_hash: str = ""
    memory: int = 0
    can_switch_thinking: bool = False
    """Whether its template can be told to think or not to."""
    speaks_of_thinking: bool = False
    """Whether its template knows blocks of thinking: one that is empty keeps a model from it, too."""
    adapters: tuple[Adapter, ...] = ()
