"""The native library's words about a failed load, and what becomes of them."""

import pytest

from desktop.domain.errors import ModelLoadError, OutOfMemoryError
from desktop.domain.model import LoadSettings
from desktop.engine.worker.loading.load_errors import load_error, refuse_if_not_locked


@pytest.mark.parametrize(
    ("words", "setting"),
    [
        ("error loading model architecture: unknown model architecture: 'zebra'", ""),
        ("K cache type q8_0 with block size 32 does not divide n_embd_head_k=80", "cache_type_k"),
        ("V cache type q8_0 with block size 32 does not divide n_embd_head_v=80", "cache_type_v"),
        ("quantized V cache was requested, but this requires Flash Attention", "cache_type_v"),
        ("flash_attn is not compatible with this model", "flash_attention"),
        ("invalid value for main_gpu: 3 (available devices: 1)", "tensor_split"),
        ("tensor 'blk.0' is not within the file bounds", ""),
    ],
)
def test_a_refusal_names_the_setting(words: str, setting: str) -> None:
    error = load_error(ValueError(f"llama: loading\n{words}\n"), LoadSettings(), 0)

    assert type(error) is ModelLoadError
    assert error.setting == setting
    assert error.action
    assert words in error.detail


@pytest.mark.parametrize(
    ("settings", "gpu_layers", "setting"),
    [
        (LoadSettings(), 0, "context_length"),
        (LoadSettings(mlock=True), 0, "mlock"),
        (LoadSettings(gpu_layers=20), 20, "gpu_layers"),
    ],
)
def test_what_did_not_fit_names_the_setting(settings: LoadSettings, gpu_layers: int, setting: str) -> None:
    error = load_error(MemoryError("failed to allocate buffer"), settings, gpu_layers)

    assert type(error) is OutOfMemoryError
    assert error.setting == setting
    assert error.action


def test_a_system_that_does_not_lock_memory_is_told() -> None:
    refuse_if_not_locked("all went well")
    with pytest.raises(ModelLoadError, match="does not let the model be locked") as no:
        refuse_if_not_locked("warning: failed to mlock 4096-byte buffer (after previously locking 0 bytes)")
    assert no.value.setting == "mlock"
