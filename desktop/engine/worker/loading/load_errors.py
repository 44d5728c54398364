"""What the native library says of a failed load, as an error that names the setting to change."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desktop.domain.errors import LocutionError, ModelLoadError, OutOfMemoryError
from desktop.domain.model import LoadSettings

DETAIL = 2000
"""Characters of the library's last words that go into a report."""


@dataclass(frozen=True, slots=True)
class _Reason:
    """``sign`` is searched in the library's words, without regard to case."""

    sign: str
    message: str
    action: str
    setting: str = ""


_REASONS = (
    _Reason(
        "unknown model architecture",
        "This version of the engine does not know this kind of model.",
        "Choose another model.",
    ),
    _Reason(
        r"K cache type .* does not divide",
        "This model's heads cannot be kept with this type of keys in the KV cache.",
        "Keep keys as f16.",
        "cache_type_k",
    ),
    _Reason(
        r"V cache type .* does not divide",
        "This model's heads cannot be kept with this type of values in the KV cache.",
        "Keep values as f16.",
        "cache_type_v",
    ),
    _Reason(
        "quantized V cache",
        "This model cannot keep values in the KV cache with fewer bits: that needs flash attention, which it "
        "does not have here.",
        "Keep values as f16.",
        "cache_type_v",
    ),
    _Reason(
        "flash_attn|flash attention",
        "This model does not work with flash attention as it is set.",
        "Set flash attention to automatic.",
        "flash_attention",
    ),
    _Reason(
        "main_gpu|tensor_split",
        "The model cannot be spread over the GPUs in this way.",
        "Leave the split to the engine.",
        "tensor_split",
    ),
)
_CANNOT_LOCK = "failed to mlock"


def load_error(error: Exception, settings: LoadSettings, gpu_layers: int) -> LocutionError:
    """``error`` holds the library's words: a ``MemoryError`` or a ``ValueError``."""
    detail = str(error)[-DETAIL:]
    if isinstance(error, MemoryError):
        return _out_of_memory(detail, settings, gpu_layers)
    for reason in _REASONS:
        if re.search(reason.sign, detail, re.IGNORECASE):
            return ModelLoadError(reason.message, action=reason.action, setting=reason.setting, detail=detail)
    return ModelLoadError(
        "The engine could not load this file.", action="Choose another file.", detail=detail
    )


def refuse_if_not_locked(words: str) -> None:
    """Raises :class:`ModelLoadError` if the model was to be locked in memory, and the system did not let it.

    The library takes it for a warning; but who asks for it means it.
    """
    if _CANNOT_LOCK in words:
        raise ModelLoadError(
            "The system does not let the model be locked in memory.",
            action="Switch memory lock off, or raise the system's limit for locked memory.",
            setting="mlock",
            detail=words[-DETAIL:],
        )


def _out_of_memory(detail: str, settings: LoadSettings, gpu_layers: int) -> OutOfMemoryError:
    if gpu_layers > 0:
        return OutOfMemoryError(
            "There is not enough memory on the GPU for this model and its context.",
            action=f"Choose fewer GPU layers than {gpu_layers:,}, or a smaller context length.",
            setting="gpu_layers",
            detail=detail,
        )
    if settings.mlock:
        return OutOfMemoryError(
            "There is not enough memory to lock this model in it.",
            action="Switch memory lock off, or choose a smaller model.",
            setting="mlock",
            detail=detail,
        )
    return OutOfMemoryError(
        "There is not enough memory for this model and its context.",
        action="Choose a smaller context length or a smaller model.",
        setting="context_length",
        detail=detail,
    )
