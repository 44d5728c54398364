"""Load settings as they are typed."""

import argparse
from dataclasses import fields

import pytest

from desktop.cli.arguments import parse_arguments
from desktop.cli.load_options import load_overrides
from desktop.domain.model import Adapter, LoadSettings, make_load_settings

TYPED = {
    "context_length": (["--context-length", "0"], 0),
    "threads": (["--threads", "2"], 2),
    "batch": (["--batch", "128"], 128),
    "gpu_layers": (["--gpu-layers", "-1"], -1),
    "tensor_split": (["--tensor-split", "3,1.5"], (3.0, 1.5)),
    "main_gpu": (["--main-gpu", "1"], 1),
    "cache_type_k": (["--cache-type-k", "q8_0"], "q8_0"),
    "cache_type_v": (["--cache-type-v=bf16"], "bf16"),
    "flash_attention": (["--flash-attention", "off"], "off"),
    "mmap": (["--no-mmap"], False),
    "mlock": (["--mlock"], True),
    "rope_scaling": (["--rope-scaling", "yarn"], "yarn"),
    "rope_freq_base": (["--rope-freq-base", "1e6"], 1e6),
    "rope_freq_scale": (["--rope-freq-scale", "0.5"], 0.5),
    "adapters": (
        ["--adapter", "a.gguf", "--adapter", "b=c.gguf=-0.5", "--adapter", "d=e.gguf", "--adapter", "=1"],
        (Adapter("a.gguf"), Adapter("b=c.gguf", -0.5), Adapter("d=e.gguf"), Adapter("=1")),
    ),
}


def overrides(*typed: str) -> dict[str, object]:
    options: argparse.Namespace = parse_arguments(["tokenize", "--model", "starter", *typed, "text"])
    return load_overrides(options)


def test_every_load_setting_can_be_typed_but_the_number_of_sequences() -> None:
    assert set(TYPED) == {field.name for field in fields(LoadSettings)} - {"sequences"}


@pytest.mark.parametrize("name", TYPED)
def test_what_is_typed_is_the_setting(name: str) -> None:
    typed, value = TYPED[name]

    found = overrides(*typed)

    assert found == {name: value}
    assert getattr(make_load_settings(found), name) == value


def test_what_is_not_typed_is_left_as_it_is_set() -> None:
    assert overrides() == {}


@pytest.mark.parametrize(
    "typed",
    [
        ["--gpu-layers", "-2"],
        ["--batch", "1"],
        ["--tensor-split", "3;1"],
        ["--cache-type-k", "q9"],
        ["--flash-attention", "maybe"],
        ["--rope-freq-scale", "-1"],
        ["--rope-freq-scale", "nan"],
        ["--rope-freq-base", "x"],
        ["--adapter", ""],
        ["--adapter", "a=11"],
        ["--adapter", "a=nan"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_wrong_use(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        overrides(*typed)

    assert end.value.code == 2
    assert typed[0] in capsys.readouterr().err.splitlines()[-1]
