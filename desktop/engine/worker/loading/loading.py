"""From a file and its settings to a model that is ready to decode."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.domain.errors import LocutionError, ModelLoadError, ParameterError
from desktop.domain.model import LoadSettings
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.context import Context, NoMemoryOfText
from desktop.engine.worker.llama.model import Model
from desktop.engine.worker.loading.adapters import Adapters
from desktop.engine.worker.loading.load_errors import load_error, refuse_if_not_locked
from desktop.engine.worker.loading.memory_plan import choose_gpu_layers, choose_length, refuse_if_too_large
from desktop.engine.worker.loading.threads import choose_threads
from desktop.system.hardware import thread_candidates


@dataclass(frozen=True, slots=True)
class Opened:
    """A model with its context. ``device`` is where its layers are, in words."""

    model: Model
    any_context: Context | None
    """None if the model can only embed."""
    adapters: Adapters
    threads: int
    device: str

    @property
    def context(self) -> Context:
        """Of a model that can write."""
        assert self.any_context is not None
        return self.any_context

    def close(self) -> None:
        if self.any_context is not None:
            self.any_context.close()
        self.model.close()


def open_model(path: str, settings: LoadSettings, progress: Callable[[float], bool]) -> Opened:
    """``progress`` is told the fraction, and returns False to give up. Raises LocutionError."""
    gpus = native.gpus()
    _check_gpus(settings, gpus)
    refuse_if_too_large(path, settings, gpus)
    gpu_layers = 0
    model: Model | None = None
    context: Context | None = None
    try:
        gpu_layers = choose_gpu_layers(path, settings, gpus, progress)
        model = Model(path, gpu_layers=gpu_layers, progress=progress, settings=settings)
        if settings.mlock:
            refuse_if_not_locked("\n".join(native.log_lines))
        if model.is_encoder_decoder or model.vocabulary.size == 0:
            raise ModelLoadError("This model cannot write text.", action="Choose a chat or text model.")
        candidates = (settings.threads,) if settings.threads else thread_candidates()
        threads = candidates[0]
        if not model.only_encodes:
            length = choose_length(model, settings, gpu_layers, path)
            with contextlib.suppress(NoMemoryOfText):
                context = Context(
                    model,
                    length=length,
                    batch=settings.batch,
                    sequences=settings.sequences,
                    threads=threads,
                    settings=settings,
                )
        if context is not None:
            threads = _warm_up(context, max(0, model.vocabulary.bos), candidates)
        adapters = Adapters(model, context)
        adapters.use(settings.adapters)
    except (MemoryError, ValueError, LocutionError) as error:
        if context is not None:
            context.close()
        if model is not None:
            model.close()
        if isinstance(error, LocutionError):
            raise
        raise load_error(error, settings, gpu_layers) from error
    return Opened(model, context, adapters, threads, device_in_words(gpus, gpu_layers, model.layers))


def _warm_up(context: Context, token: int, candidates: Sequence[int]) -> int:
    """Returns the number of threads that is used from then on."""
    context.warm_up(token)
    threads = choose_threads(candidates, lambda count: context.try_threads(count, token))
    context.use_threads(threads)
    return threads


def _check_gpus(settings: LoadSettings, gpus: tuple[native.Device, ...]) -> None:
    """Raises :class:`ParameterError` for a GPU that is not there; native code takes any number."""
    # The first GPU is the main one without being named.
    named = {
        "tensor_split": len(settings.tensor_split),
        "main_gpu": settings.main_gpu and settings.main_gpu + 1,
    }
    for name, count in named.items():
        if count > len(gpus):
            raise ParameterError(
                f"This names {count} GPUs, and the engine sees {len(gpus)}.",
                action="Leave it to the engine.",
                setting=name,
            )


def device_in_words(gpus: tuple[native.Device, ...], gpu_layers: int, layers: int) -> str:
    """Where a model's ``layers`` are computed; ``gpu_layers`` counts the output layer as one more."""
    if not gpus or not gpu_layers:
        return "CPU"
    names = ", ".join(dict.fromkeys(gpu.description for gpu in gpus))
    return names if gpu_layers > layers else f"{names} ({gpu_layers} of {layers} layers) and CPU"
