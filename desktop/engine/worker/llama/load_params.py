"""Load settings as the native library's own structures."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import replace

import llama_cpp.llama_cpp as ll

from desktop.domain.model import CacheType, LoadSettings, RopeScaling, Toggle

DEFAULTS = LoadSettings()

GGML_TYPES = {
    CacheType.F32: 0,
    CacheType.F16: 1,
    CacheType.BF16: 30,
    CacheType.Q8_0: 8,
    CacheType.Q5_1: 7,
    CacheType.Q5_0: 6,
    CacheType.Q4_1: 3,
    CacheType.Q4_0: 2,
}
"""``enum ggml_type``; the numbers are part of the file format and do not change."""
BITS = {
    CacheType.F32: 32.0,
    CacheType.F16: 16.0,
    CacheType.BF16: 16.0,
    CacheType.Q8_0: 8.5,
    CacheType.Q5_1: 6.0,
    CacheType.Q5_0: 5.5,
    CacheType.Q4_1: 5.0,
    CacheType.Q4_0: 4.5,
}
"""A value's bits, its part of the block's scale included."""
_FLASH = {
    Toggle.AUTO: ll.LLAMA_FLASH_ATTN_TYPE_AUTO,
    Toggle.ON: ll.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    Toggle.OFF: ll.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}
_ROPE = {
    RopeScaling.MODEL: ll.LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED,
    RopeScaling.NONE: ll.LLAMA_ROPE_SCALING_TYPE_NONE,
    RopeScaling.LINEAR: ll.LLAMA_ROPE_SCALING_TYPE_LINEAR,
    RopeScaling.YARN: ll.LLAMA_ROPE_SCALING_TYPE_YARN,
}
_LOAD_MODES = {
    (True, False): ll.LLAMA_LOAD_MODE_MMAP,
    (True, True): ll.LLAMA_LOAD_MODE_MMAP_MLOCK,
    (False, False): ll.LLAMA_LOAD_MODE_NONE,
    (False, True): ll.LLAMA_LOAD_MODE_MLOCK,
}
"""By (mmap, mlock)."""


def model_params(
    settings: LoadSettings, gpu_layers: int, progress: Callable[[float], bool]
) -> ll.llama_model_params:
    """The structure keeps the callback and the split alive; they are read while a model is loaded."""
    params: ll.llama_model_params = ll.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    params.main_gpu = settings.main_gpu
    params.load_mode = _LOAD_MODES[settings.mmap, settings.mlock]
    params.progress_callback = ll.llama_progress_callback(lambda fraction, _user_data: progress(fraction))
    if settings.tensor_split:
        params.tensor_split = (ctypes.c_float * ll.llama_max_devices())(*settings.tensor_split)
    return params


def outline_params(progress: Callable[[float], bool]) -> ll.llama_model_params:
    """For a model of which everything is known and nothing in memory."""
    params = model_params(replace(DEFAULTS, mmap=False), 0, progress)
    params.no_alloc = True
    return params


def context_params(
    settings: LoadSettings, *, length: int, batch: int, sequences: int, threads: int
) -> ll.llama_context_params:
    params: ll.llama_context_params = ll.llama_context_default_params()
    params.n_ctx = length
    params.n_batch = params.n_ubatch = batch
    params.n_seq_max = sequences
    params.n_threads = params.n_threads_batch = threads
    params.kv_unified = True
    params.no_perf = True
    params.type_k = GGML_TYPES[settings.cache_type_k]
    params.type_v = GGML_TYPES[settings.cache_type_v]
    params.flash_attn_type = _FLASH[settings.flash_attention]
    params.rope_scaling_type = _ROPE[settings.rope_scaling]
    params.rope_freq_base = settings.rope_freq_base
    params.rope_freq_scale = settings.rope_freq_scale
    return params
