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


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """How a model is put into memory. 0 means: choose what suits the model and the machine.

    Raises :class:`ParameterError` for a number out of the range in :data:`LOAD_RANGES`.
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
