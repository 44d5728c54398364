"""How a model is put into memory: what the settings do, what of them is refused, and with which words."""

import gc
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as ll
import numpy as np
import psutil
import pytest

from desktop.domain.errors import LocutionError, ModelLoadError, OutOfMemoryError, ParameterError
from desktop.domain.model import CacheType, LoadSettings, RopeScaling, Toggle
from desktop.engine.bridge import EngineBridge
from desktop.engine.process import worker_command
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.load_params import context_params, model_params
from desktop.engine.worker.llama.model import Model
from desktop.engine.worker.loading.loading import Opened, device_in_words, open_model
from desktop.engine.worker.loading.memory_plan import cache_size, choose_gpu_layers, planned_cache_size
from desktop.system.hardware import thread_candidates
from tests.helpers.tiny_models import TEXT, TinyModels

SMALL = LoadSettings(context_length=512, batch=64, threads=1, sequences=2)
PROMPT = [3, 14, 15, 92, 65, 35, 89, 79, 32, 38, 46, 26]


@pytest.fixture(scope="module", autouse=True)
def library() -> None:
    native.start()


@contextmanager
def opened(path: Path, settings: LoadSettings = SMALL) -> Iterator[Opened]:
    model = open_model(str(path), settings, lambda _fraction: True)
    try:
        yield model
    finally:
        model.close()


def logits(model: Opened) -> np.ndarray:
    """Of the token after `PROMPT`."""
    context, size = model.context, len(PROMPT)
    context.clear()
    context.tokens[:size], context.positions[:size] = PROMPT, np.arange(size)
    context.sequences[:size], context.outputs[:size] = 0, 0
    context.outputs[size - 1] = 1
    assert context.decode(size) == 0
    pointer = ll.llama_get_logits_ith(context.handle, size - 1)
    return np.ctypeslib.as_array(pointer, (model.model.vocabulary.size,)).copy()


def refusal(path: Path, settings: LoadSettings) -> LocutionError:
    with pytest.raises(LocutionError) as failure, opened(path, settings):
        pass
    return failure.value


@pytest.mark.parametrize("name", TEXT)
def test_every_kind_of_model_is_loaded(tiny_models: TinyModels, name: str) -> None:
    with opened(tiny_models[name]) as model:
        assert model.context.length == 512
        assert model.threads == 1
        assert model.device == "CPU"
        assert np.isfinite(logits(model)).all()


def test_every_pair_of_cache_types_works_or_is_refused_by_name(starter_model: Path) -> None:
    with opened(starter_model) as model:
        plain = logits(model)
    for keys, values in itertools.product((CacheType.F32, CacheType.Q8_0, CacheType.Q4_0), CacheType):
        with opened(starter_model, replace(SMALL, cache_type_k=keys, cache_type_v=values)) as model:
            found = logits(model)
        assert np.isfinite(found).all()
        alike = float(np.corrcoef(plain, found)[0, 1])
        assert alike > (0.99 if keys is CacheType.F32 and not values.quantized else 0.9), (keys, values)


def test_a_type_that_does_not_divide_the_heads_names_its_setting(tiny_models: TinyModels) -> None:
    for name in ("cache_type_k", "cache_type_v"):
        changed: dict[str, Any] = {name: CacheType.Q8_0}
        error = refusal(tiny_models["llama"], replace(SMALL, **changed))

        assert isinstance(error, ModelLoadError)
        assert error.setting == name
        assert "f16" in error.action


@pytest.mark.parametrize("flash", Toggle)
def test_flash_attention_changes_nothing_but_roundings(tiny_models: TinyModels, flash: Toggle) -> None:
    with opened(tiny_models["llama"]) as model:
        plain = logits(model)
    with opened(tiny_models["llama"], replace(SMALL, flash_attention=flash)) as model:
        np.testing.assert_allclose(logits(model), plain, atol=0.05)


@pytest.mark.parametrize(
    "changed",
    [
        {"rope_freq_base": 500_000.0},
        {"rope_freq_scale": 0.5, "rope_scaling": RopeScaling.LINEAR},
        {"rope_freq_scale": 0.25, "rope_scaling": RopeScaling.YARN},
    ],
    ids=str,
)
def test_rope_moves_positions(tiny_models: TinyModels, changed: dict[str, Any]) -> None:
    with opened(tiny_models["llama"]) as model:
        plain = logits(model)
    with opened(tiny_models["llama"], replace(SMALL, **changed)) as model:
        assert np.abs(logits(model) - plain).max() > 0.01


@pytest.mark.parametrize(("mmap", "mlock"), list(itertools.product((True, False), repeat=2)))
def test_the_way_into_memory_does_not_change_what_is_said(
    tiny_models: TinyModels, mmap: bool, mlock: bool
) -> None:
    with opened(tiny_models["llama"]) as model:
        plain = logits(model)
    with opened(tiny_models["llama"], replace(SMALL, mmap=mmap, mlock=mlock)) as model:
        assert np.array_equal(logits(model), plain)


UNPRIVILEGED = """
import ctypes, os, resource, sys
ctypes.CDLL(None).prctl(24, 14, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_IPC_LOCK: not even an administrator may
resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="takes rights away as Linux does")
async def test_a_system_that_does_not_lock_memory_is_told(tiny_models: TinyModels) -> None:
    bridge = EngineBridge([sys.executable, "-c", UNPRIVILEGED, *worker_command()])
    try:
        with pytest.raises(ModelLoadError, match="does not let the model be locked") as no:
            await bridge.load(str(tiny_models["llama"]), replace(SMALL, mlock=True))
        assert no.value.setting == "mlock"
        await bridge.load(str(tiny_models["llama"]), SMALL)
    finally:
        await bridge.close()


def test_gpus_that_are_not_there_are_refused(tiny_models: TinyModels) -> None:
    if native.gpus():
        pytest.skip("this machine has a GPU")
    wrong: dict[str, Any] = {"tensor_split": (1.0, 1.0), "main_gpu": 1}
    for name, value in wrong.items():
        error = refusal(tiny_models["llama"], replace(SMALL, **{name: value}))
        assert isinstance(error, ParameterError)
        assert error.setting == name
        assert "sees 0" in error.message


def test_without_a_gpu_layers_stay_where_they_are(tiny_models: TinyModels) -> None:
    if native.gpus():
        pytest.skip("this machine has a GPU")
    with opened(tiny_models["llama"], replace(SMALL, gpu_layers=99)) as model:
        assert model.device == "CPU"


@pytest.mark.parametrize(
    ("free", "asked", "chosen"), [(4 * 2**30, -1, 4), (0, -1, 0), (0, 2, 2), (4 * 2**30, 0, 0)]
)
def test_with_a_gpu_as_many_layers_go_there_as_fit_or_are_asked_for(
    tiny_models: TinyModels, free: int, asked: int, chosen: int
) -> None:
    gpu = native.Device("GPU0", "A card", True, free, 8 * 2**30)
    settings = replace(SMALL, gpu_layers=asked)

    found = choose_gpu_layers(str(tiny_models["llama"]), settings, (gpu,), lambda _fraction: True)

    # Its three layers, and the output layer.
    assert found == chosen
    assert "4.3 of 8.6 GB free" in str(gpu) if free else "0.0 of 8.6 GB free" in str(gpu)


def test_without_a_gpu_no_memory_of_one_is_counted_on(starter_model: Path) -> None:
    assert choose_gpu_layers(str(starter_model), SMALL, (), lambda _fraction: True) == 0
    huge = replace(SMALL, gpu_layers=99, context_length=1_048_576, cache_type_k=CacheType.F32)
    if psutil.virtual_memory().available < 30 * 10**9:
        error = refusal(starter_model, huge)
        assert isinstance(error, OutOfMemoryError)
        assert error.setting == "context_length"


def test_all_settings_reach_native_code() -> None:
    settings = replace(
        SMALL,
        tensor_split=(3.0, 1.0),
        main_gpu=1,
        mmap=False,
        mlock=True,
        cache_type_k=CacheType.BF16,
        cache_type_v=CacheType.Q5_1,
        flash_attention=Toggle.ON,
        rope_scaling=RopeScaling.YARN,
        rope_freq_base=5e5,
        rope_freq_scale=0.25,
    )

    model = model_params(settings, 7, lambda _fraction: True)
    context = context_params(settings, length=512, batch=64, sequences=2, threads=3)

    assert (model.n_gpu_layers, model.main_gpu, model.load_mode) == (7, 1, ll.LLAMA_LOAD_MODE_MLOCK)
    assert [model.tensor_split[at] for at in range(2)] == [3.0, 1.0]
    assert (context.type_k, context.type_v) == (30, ll.GGML_TYPE_Q5_1)
    assert context.flash_attn_type == ll.LLAMA_FLASH_ATTN_TYPE_ENABLED
    assert context.rope_scaling_type == ll.LLAMA_ROPE_SCALING_TYPE_YARN
    assert (context.rope_freq_base, context.rope_freq_scale) == (5e5, 0.25)
    assert (context.n_ctx, context.n_ubatch, context.n_seq_max, context.n_threads) == (512, 64, 2, 3)


def test_the_device_is_where_the_layers_are() -> None:
    cards = tuple(native.Device(f"GPU{at}", "A card", True, 0, 0) for at in range(2))

    assert device_in_words((), 99, 32) == "CPU"
    assert device_in_words(cards, 0, 32) == "CPU"
    assert device_in_words(cards, 33, 32) == "A card"
    assert device_in_words(cards, 20, 32) == "A card (20 of 32 layers) and CPU"


def test_the_number_of_threads_is_tried_out(tiny_models: TinyModels) -> None:
    with opened(tiny_models["llama"], replace(SMALL, threads=0)) as model:
        assert model.threads in thread_candidates()
        assert np.isfinite(logits(model)).all()


def test_a_context_shorter_than_a_batch_takes_no_more_than_it_holds(tiny_models: TinyModels) -> None:
    with opened(tiny_models["llama"], replace(SMALL, context_length=100, batch=4096)) as model:
        assert len(PROMPT) < model.context.capacity <= model.context.length


# Memory


@pytest.mark.parametrize("name", TEXT)
def test_the_estimate_is_no_less_than_the_plan(tiny_models: TinyModels, name: str) -> None:
    path, length = str(tiny_models[name]), 65_536
    outline = Model.outline(path)
    try:
        estimate = cache_size(outline, SMALL, length)
    finally:
        outline.close()
    plan = planned_cache_size(path, SMALL, length, at_most=-1.0)

    if name == "recurrent":
        assert estimate == 0
    elif name in ("hybrid", "sliding-hybrid"):
        assert 0 < plan < estimate
    else:
        assert plan == pytest.approx(estimate, rel=0.01)


def test_fewer_bits_take_less_memory(starter_model: Path) -> None:
    few = replace(SMALL, cache_type_k=CacheType.Q8_0, cache_type_v=CacheType.Q4_0)
    outline = Model.outline(str(starter_model))
    try:
        estimates = [cache_size(outline, settings, 8192) for settings in (SMALL, few)]
    finally:
        outline.close()
    plans = [planned_cache_size(str(starter_model), settings, 8192, at_most=0) for settings in (SMALL, few)]

    assert plans == pytest.approx(estimates, rel=0.01)
    assert estimates[1] / estimates[0] == pytest.approx((8.5 + 4.5) / 32)


def test_an_outline_has_the_figures_and_no_weights(starter_model: Path) -> None:
    before = psutil.Process().memory_info().rss
    outline = Model.outline(str(starter_model))
    held = psutil.Process().memory_info().rss - before
    figures = (outline.layers, outline.size, outline.vocabulary.size, outline.cache_values)
    outline.close()
    with opened(starter_model) as loaded:
        model = loaded.model
        assert figures == (model.layers, model.size, model.vocabulary.size, model.cache_values)
    assert held < figures[1] / 2


def test_twenty_loads_in_one_process_leave_nothing_behind(tiny_models: TinyModels) -> None:
    path = tiny_models["llama"]
    for _ in range(3):
        with opened(path) as model:
            logits(model)
    gc.collect()
    before = psutil.Process().memory_info().rss
    for _ in range(20):
        with opened(path) as model:
            logits(model)
    gc.collect()
    assert psutil.Process().memory_info().rss - before < 8_000_000
