"""Models as values: where a file is, what is known about it, how it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

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
        if not -10 <= self.strength <= 10:
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
                label = name.replace("_", " ").capitalize()
                raise ParameterError(f"{label} must be between {least:,} and {most:,}.", setting=name)


LOAD_RANGES = {
    "context_length": (0, 1_048_576),
    "threads": (0, 256),
    "batch": (64, 4096),
    "sequences": (1, 64),
    "gpu_layers": (-1, 10_000),
}


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
    adapters: tuple[Adapter, ...] = ()
