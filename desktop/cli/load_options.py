"""How a model is put into memory, as options of every command that loads one."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any

from desktop.domain.errors import ParameterError
from desktop.domain.model import LOAD_RANGES, ROPE_RANGES, Adapter, CacheType, RopeScaling, Toggle

_AUTOMATIC = "0 chooses what suits"
_CACHE_TYPES = ", ".join(CacheType)


def add_load_options(parser: argparse.ArgumentParser) -> None:
    """What is not given is as it is set in the window."""
    group = parser.add_argument_group("how the model is loaded", "Without them, as it is set in the window.")
    for name, values in _OPTIONS.items():
        group.add_argument(f"--{name.replace('_', '-')}", default=None, **values)
    group.add_argument(
        "--adapter",
        type=_adapter,
        action="append",
        dest="adapters",
        metavar="PATH[=STRENGTH]",
        help="a LoRA adapter that changes the model, 1 being its full strength; may be repeated",
    )


def load_overrides(options: argparse.Namespace) -> dict[str, object]:
    """Those that were given, by the name of the load setting."""
    given = {name: getattr(options, name) for name in (*_OPTIONS, "adapters")}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in given.items()
        if value is not None
    }


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """For a number between ``least`` and ``most``."""

    def whole_number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"needs a whole number from {least:,} to {most:,}")
        return value

    return whole_number


def _number(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (value == 0 or least <= value <= most):
            raise argparse.ArgumentTypeError(f"needs 0 or a number from {least:g} to {most:g}")
        return value

    return number


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(share) for share in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError("needs numbers with commas between, as 3,1") from None


def _adapter(text: str) -> Adapter:
    """What follows the last ``=`` is a strength if it is a number; a file's name may have one, too."""
    path, equals, tail = text.rpartition("=")
    try:
        strength = float(tail) if equals and path else None
    except ValueError:
        strength = None
    try:
        return Adapter(text) if strength is None else Adapter(path, strength)
    except ParameterError as error:
        raise argparse.ArgumentTypeError(error.message) from error


def _whole(name: str, metavar: str, what: str) -> dict[str, Any]:
    return {"type": whole_number(*LOAD_RANGES[name]), "metavar": metavar, "help": what}


_OPTIONS: dict[str, dict[str, Any]] = {
    "context_length": _whole("context_length", "TOKENS", f"prompt and answer together; {_AUTOMATIC}"),
    "threads": _whole("threads", "N", "0 tries out what is fastest"),
    "batch": _whole("batch", "TOKENS", "most prompt tokens read in one step"),
    "gpu_layers": _whole("gpu_layers", "N", "layers kept on the GPU; -1 means all that fit"),
    "tensor_split": {
        "type": _shares,
        "metavar": "SHARES",
        "help": "each GPU's share, as 3,1; without it, by their free memory",
    },
    "main_gpu": _whole("main_gpu", "N", "the GPU for what cannot be split, counted from 0"),
    "cache_type_k": {
        "choices": [str(kind) for kind in CacheType],
        "metavar": "TYPE",
        "help": f"keys in the KV cache: {_CACHE_TYPES}",
    },
    "cache_type_v": {
        "choices": [str(kind) for kind in CacheType],
        "metavar": "TYPE",
        "help": "values in the KV cache: the same types",
    },
    "flash_attention": {
        "choices": [str(kind) for kind in Toggle],
        "help": "an attention that needs less memory",
    },
    "mmap": {"action": argparse.BooleanOptionalAction, "help": "map the file into memory"},
    "mlock": {"action": argparse.BooleanOptionalAction, "help": "keep the system from moving it out"},
    "rope_scaling": {
        "choices": [str(kind) for kind in RopeScaling],
        "help": "how positions beyond those of the training are read",
    },
    "rope_freq_base": {
        "type": _number(*ROPE_RANGES["rope_freq_base"]),
        "metavar": "NUMBER",
        "help": "0 is the model's own",
    },
    "rope_freq_scale": {
        "type": _number(*ROPE_RANGES["rope_freq_scale"]),
        "metavar": "NUMBER",
        "help": "0 is the model's own; 0.5 doubles the positions",
    },
}
"""By load setting; its option is spelled with dashes."""
