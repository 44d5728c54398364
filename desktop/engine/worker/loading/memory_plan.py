"""What a model and its context will need, before any of it is allocated.

Systems promise more memory than there is and end the process that believes them, so what does not fit is
refused here, in words. Sizes in bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desktop.domain.errors import OutOfMemoryError
from desktop.domain.model import LoadSettings
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.load_params import BITS
from desktop.engine.worker.llama.model import Model
from desktop.engine.worker.loading.offload import LOGIT_BYTES, Demand, layers_that_fit
from desktop.system.hardware import memory_now

DEFAULT_CONTEXT = 8192
"""Tokens, where the user chose none and the model was trained for as many."""
LEAST_CONTEXT = 1024
"""Tokens: shorter is never chosen for the user."""
SPARE_MEMORY = 256 * 1024 * 1024
"""For small buffers and for everybody else on the machine."""
_PART = re.compile(r"-00001-of-(\d{5})\.gguf$", re.IGNORECASE)
_CACHE_SIZE = re.compile(r"^\w+: size = +([\d.]+) MiB", re.MULTILINE)
"""A line about a cache in the library's log; those about other buffers name them before the size."""


def refuse_if_too_large(path: str, settings: LoadSettings, gpus: tuple[native.Device, ...]) -> None:
    """Raises :class:`OutOfMemoryError` for weights that fit nowhere.

    A mapped file need not be in memory as a whole at once; one that is read or locked has to be.
    """
    total, available = memory_now()
    on_gpus = sum(gpu.total for gpu in gpus) if settings.gpu_layers else 0
    needed = file_size(path)
    if needed > total + on_gpus:
        raise OutOfMemoryError(
            f"This model has {needed / 1e9:.1f} GB, and this computer has "
            f"{(total + on_gpus) / 1e9:.1f} GB of memory.",
            action="Choose a smaller model.",
        )
    if needed > available + on_gpus and (settings.mlock or not settings.mmap):
        setting, words = ("mlock", "memory lock off") if settings.mlock else ("mmap", "memory mapping on")
        raise OutOfMemoryError(
            f"This model has {needed / 1e9:.1f} GB, and {available / 1e9:.1f} GB of memory are free.",
            action=f"Switch {words}, or choose a smaller model.",
            setting=setting,
        )


def file_size(path: str) -> int:
    """Of all parts of a model; 0 for what is not there, which the loading itself will say."""
    first = Path(path)
    if (part := _PART.search(path)) is None:
        files = [first]
    else:
        stem = path[: part.start()]
        files = [
            Path(f"{stem}-{number:05}-of-{part[1]}{first.suffix}") for number in range(1, int(part[1]) + 1)
        ]
    return sum(file.stat().st_size for file in files if file.is_file())


def choose_gpu_layers(
    path: str, settings: LoadSettings, gpus: tuple[native.Device, ...], progress: Callable[[float], bool]
) -> int:
    """As many layers as were asked for, or as fit; none where there is no GPU. Raises what a load does."""
    if not gpus or settings.gpu_layers >= 0:
        return settings.gpu_layers if gpus else 0
    # The fraction that is shown belongs to the load that follows.
    outline = Model.outline(path, lambda _fraction: progress(0.0))
    try:
        length = settings.context_length or usual_length(outline)
        demand = Demand(
            layers=outline.layers,
            weights=outline.size,
            cache=cache_size(outline, settings, length),
            vocabulary=outline.vocabulary.size,
            batch=settings.batch,
        )
    finally:
        outline.close()
    return layers_that_fit(demand, [gpu.free for gpu in gpus], settings.tensor_split)


def choose_length(model: Model, settings: LoadSettings, gpu_layers: int, path: str) -> int:
    """The context length asked for; else the usual one, or less where that does not fit.

    Raises :class:`OutOfMemoryError`.
    """
    length = settings.context_length or usual_length(model)
    on_cpu = max(0, model.layers - gpu_layers) / max(1, model.layers)
    # A step's largest buffer are the scores of a whole batch.
    scores = settings.batch * model.vocabulary.size * LOGIT_BYTES
    room = max(0, memory_now()[1] - SPARE_MEMORY - scores)
    needed = cache_size(model, settings, length) * on_cpu
    if needed > room:
        # The figure is an upper bound where layers differ; the library's own plan is not.
        needed = planned_cache_size(path, settings, length, at_most=needed / on_cpu) * on_cpu
    if needed <= room:
        return length
    fitting = int(room / needed * length) // 256 * 256
    if not settings.context_length and fitting >= LEAST_CONTEXT:
        return fitting
    raise OutOfMemoryError(
        f"A context of {length:,} tokens needs {needed / 1e9:.1f} GB more memory, "
        f"and {room / 1e9:.1f} GB are free.",
        action=f"Choose a context length of at most {fitting:,}, a smaller type for the KV cache, "
        "or a smaller model.",
        setting="context_length",
    )


def usual_length(model: Model) -> int:
    return min(model.trained_context_length or DEFAULT_CONTEXT, DEFAULT_CONTEXT)


def cache_size(model: Model, settings: LoadSettings, length: int) -> int:
    """Of a KV cache for ``length`` tokens, if every layer kept all of them."""
    keys, values = model.cache_values
    bits = keys * BITS[settings.cache_type_k] + values * BITS[settings.cache_type_v]
    return int(length * bits / 8)


def planned_cache_size(path: str, settings: LoadSettings, length: int, *, at_most: float) -> float:
    """What the library's own plan of this context takes: layers with a sliding window keep fewer tokens, and
    recurrent ones none. ``at_most`` where the plan cannot be read."""
    model = Model.outline(path)
    try:
        plain = replace(settings, adapters=())
        native.log_lines.clear()
        Context(
            model,
            length=length,
            batch=settings.batch,
            sequences=settings.sequences,
            threads=1,
            settings=plain,
        ).close()
        sizes = [float(size) for size in _CACHE_SIZE.findall("\n".join(native.log_lines))]
    except (MemoryError, ValueError):
        return at_most
    finally:
        model.close()
    return sum(sizes) * 2**20 if sizes else at_most
