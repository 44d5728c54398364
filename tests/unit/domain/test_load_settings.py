"""Load settings as values: nothing that native code could stumble over gets through."""

from dataclasses import fields
from typing import Any

import pytest

from desktop.domain.errors import ParameterError
from desktop.domain.model import (
    LOAD_RANGES,
    MAX_ADAPTERS,
    MAX_DEVICES,
    ROPE_RANGES,
    Adapter,
    CacheType,
    LoadSettings,
    RopeScaling,
    Toggle,
    load_label,
)

NOT_NUMBERS = [float("nan"), float("inf"), -float("inf"), True, "1", None]


def refused(**values: Any) -> ParameterError:
    with pytest.raises(ParameterError) as failure:
        LoadSettings(**values)
    assert str(failure.value)
    return failure.value


@pytest.mark.parametrize(("name", "limits"), LOAD_RANGES.items())
def test_a_whole_number_is_held_to_its_range(name: str, limits: tuple[int, int]) -> None:
    least, most = limits
    taken: list[Any] = [least, most]
    for value in taken:
        assert getattr(LoadSettings(**{name: value}), name) == value
    wrong: list[Any] = [least - 1, most + 1, 2**70, -(2**70), 1.5, *NOT_NUMBERS]
    for value in wrong:
        assert refused(**{name: value}).setting == name


@pytest.mark.parametrize(("name", "limits"), ROPE_RANGES.items())
def test_a_figure_of_rope_is_the_models_or_in_its_range(name: str, limits: tuple[float, float]) -> None:
    low, high = limits
    taken: list[Any] = [0, low, high]
    for value in taken:
        assert getattr(LoadSettings(**{name: value}), name) == value
    wrong: list[Any] = [low / 2, high * 2, -1.0, 1e300, *NOT_NUMBERS]
    for value in wrong:
        assert refused(**{name: value}).setting == name


@pytest.mark.parametrize("name", ["cache_type_k", "cache_type_v", "flash_attention", "rope_scaling"])
def test_only_known_words_are_taken(name: str) -> None:
    for value in ("f17", "", 1, None, Toggle.AUTO if name != "flash_attention" else CacheType.F16):
        assert refused(**{name: value}).setting == name
    assert LoadSettings(rope_scaling=RopeScaling.YARN).rope_scaling == "yarn"


@pytest.mark.parametrize("name", ["mmap", "mlock"])
def test_a_switch_is_on_or_off(name: str) -> None:
    assert refused(**{name: 1}).setting == name


def test_shares_of_gpus_are_sensible() -> None:
    assert LoadSettings(tensor_split=(0.0, 3, 1.5)).tensor_split == (0.0, 3, 1.5)
    for split in ((0.0,), (0, 0), (-1.0, 2.0), (float("nan"),), (float("inf"), 1), (1e9,), (True,)):
        assert refused(tensor_split=split).setting == "tensor_split"
    assert refused(tensor_split=(1.0,) * (MAX_DEVICES + 1)).setting == "tensor_split"


def test_values_in_blocks_need_flash_attention() -> None:
    for kind in CacheType:
        assert LoadSettings(cache_type_k=kind, flash_attention=Toggle.OFF).cache_type_k is kind
        assert LoadSettings(cache_type_v=kind).cache_type_v is kind
        if kind.quantized:
            error = refused(cache_type_v=kind, flash_attention=Toggle.OFF)
            assert error.setting == "flash_attention"
            assert "flash attention on" in error.action


def test_an_adapter_names_a_file_and_a_bounded_strength() -> None:
    assert Adapter("a.gguf", -10).strength == -10
    for strength in (10.5, -11, *NOT_NUMBERS):
        with pytest.raises(ParameterError, match="between -10 and 10"):
            Adapter("a.gguf", strength)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="needs a file"):
        Adapter("")


def test_adapters_are_few_and_each_is_named_once() -> None:
    many = tuple(Adapter(f"{number}.gguf") for number in range(MAX_ADAPTERS + 1))
    assert len(LoadSettings(adapters=many[:-1]).adapters) == MAX_ADAPTERS
    assert refused(adapters=many).setting == "adapters"
    assert refused(adapters=(Adapter("a", 1), Adapter("a", 2))).setting == "adapters"


def test_every_setting_has_a_name_for_people() -> None:
    labels = [load_label(field.name) for field in fields(LoadSettings)]

    assert len(set(labels)) == len(labels)
    assert all(label[0].isupper() and "_" not in label for label in labels)
