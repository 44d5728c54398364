"""What cannot fit is refused before it is allocated: allocating may well succeed, and then kill."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop.domain.errors import OutOfMemoryError
from desktop.domain.model import CacheType, LoadSettings
from desktop.engine.worker.llama.native import Device
from desktop.engine.worker.loading import memory_plan
from desktop.engine.worker.loading.memory_plan import choose_length, file_size, refuse_if_too_large

GIGABYTE = 10**9
GPU = Device("GPU0", "A card", True, 20 * GIGABYTE, 24 * GIGABYTE)


@dataclass
class _Model:
    """100,000 bytes a token at 16 bits, in four layers."""

    trained_context_length: int = 131_072
    layers: int = 4
    cache_values: tuple[int, int] = (25_000, 25_000)
    vocabulary: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(size=0))


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two gigabytes of free memory of four; the library's plan knows no better."""
    monkeypatch.setattr(
        memory_plan, "memory_now", lambda: (4 * GIGABYTE, 2 * GIGABYTE + memory_plan.SPARE_MEMORY)
    )
    monkeypatch.setattr(memory_plan, "planned_cache_size", lambda *_args, at_most: at_most)


def length(asked: int, *, gpu_layers: int = 0, model: _Model | None = None, **values: CacheType) -> int:
    settings = LoadSettings(context_length=asked, **values)  # type: ignore[arg-type]
    return choose_length(model or _Model(), settings, gpu_layers, "")  # type: ignore[arg-type]


def test_what_fits_is_taken_as_asked() -> None:
    assert length(16_384) == 16_384


def test_without_a_wish_the_usual_length_is_taken() -> None:
    assert length(0) == memory_plan.DEFAULT_CONTEXT
    assert length(0, model=_Model(trained_context_length=2048)) == 2048


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    with pytest.raises(
        OutOfMemoryError, match=r"131,072 tokens needs 13\.1 GB more memory, and 2\.0 GB are free"
    ) as no:
        length(131_072)

    assert no.value.setting == "context_length"
    assert "at most 19,968" in no.value.action
    assert length(19_968) == 19_968


def test_without_a_wish_less_is_taken_where_the_usual_length_does_not_fit() -> None:
    assert length(0, model=_Model(cache_values=(250_000, 250_000))) == 1792
    with pytest.raises(OutOfMemoryError):
        length(0, model=_Model(cache_values=(2_500_000, 2_500_000)))


def test_a_smaller_type_for_the_cache_makes_room() -> None:
    with pytest.raises(OutOfMemoryError):
        length(32_768)

    assert length(32_768, cache_type_k=CacheType.Q8_0, cache_type_v=CacheType.Q8_0) == 32_768
    with pytest.raises(OutOfMemoryError):
        length(16_384, cache_type_k=CacheType.F32, cache_type_v=CacheType.F32)


def test_room_is_left_for_the_scores_of_a_batch() -> None:
    large = _Model(vocabulary=SimpleNamespace(size=250_000))

    with pytest.raises(OutOfMemoryError, match=r"1\.5 GB are free"):
        length(19_968, model=large)
    assert length(14_848, model=large) == 14_848


def test_a_model_that_keeps_no_cache_takes_any_length() -> None:
    assert length(1_000_000, model=_Model(cache_values=(0, 0))) == 1_000_000


def test_the_librarys_plan_is_asked_where_the_upper_bound_does_not_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory_plan, "planned_cache_size", lambda *_args, at_most: GIGABYTE)

    assert length(131_072) == 131_072


def test_layers_on_a_graphics_card_keep_their_part_there() -> None:
    assert length(131_072, gpu_layers=5) == 131_072
    assert length(32_768, gpu_layers=2) == 32_768
    with pytest.raises(OutOfMemoryError):
        length(131_072, gpu_layers=2)


def big(folder: Path, size: int, name: str = "big.gguf") -> str:
    """A file that takes no room on the disk."""
    path = folder / name
    with path.open("wb") as file:
        file.truncate(size)
    return str(path)


def test_weights_larger_than_all_memory_are_refused(tmp_path: Path) -> None:
    path = big(tmp_path, 40 * GIGABYTE)

    with pytest.raises(OutOfMemoryError, match=r"40\.0 GB, and this computer has 4\.0 GB") as no:
        refuse_if_too_large(path, LoadSettings(), ())
    assert no.value.action == "Choose a smaller model."
    with pytest.raises(OutOfMemoryError, match=r"has 28\.0 GB"):
        refuse_if_too_large(path, LoadSettings(), (GPU,))


def test_weights_that_need_not_be_in_memory_at_once_are_let_through(tmp_path: Path) -> None:
    path = big(tmp_path, 3 * GIGABYTE)

    refuse_if_too_large(path, LoadSettings(), ())
    refuse_if_too_large(path, LoadSettings(mmap=False), (GPU,))
    for settings, name in ((LoadSettings(mmap=False), "mmap"), (LoadSettings(mlock=True), "mlock")):
        with pytest.raises(OutOfMemoryError, match=r"2\.3 GB of memory are free") as no:
            refuse_if_too_large(path, settings, ())
        assert no.value.setting == name
    with pytest.raises(OutOfMemoryError):
        refuse_if_too_large(path, LoadSettings(mmap=False, gpu_layers=0), (GPU,))


def test_a_model_in_parts_is_as_large_as_all_of_them(tmp_path: Path) -> None:
    parts = [big(tmp_path, number * 1000, f"m-{number:05}-of-00003.gguf") for number in (1, 2, 3)]

    assert file_size(parts[0]) == 6000
    assert file_size(str(tmp_path / "missing.gguf")) == 0
