"""A context that cannot fit is refused before it is allocated: allocating may well succeed, and then kill."""

from types import SimpleNamespace

import psutil
import pytest

from desktop.domain.errors import OutOfMemoryError
from desktop.domain.model import LoadSettings
from desktop.engine.worker import engine, native

GIGABYTE = 10**9


class _Model(SimpleNamespace):
    trained_context_length = 131_072

    def kv_bytes_per_token(self) -> int:
        return 100_000


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two gigabytes of free memory, and no GPU."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2 * GIGABYTE))
    monkeypatch.setattr(native, "has_gpu", lambda: False)


def length(asked: int, **values: int) -> int:
    return engine._context_length(_Model(), LoadSettings(context_length=asked, **values))  # type: ignore[arg-type]


def test_what_fits_is_taken_as_asked() -> None:
    assert length(16_384) == 16_384


def test_without_a_wish_the_usual_length_is_taken() -> None:
    assert length(0) == engine.DEFAULT_CONTEXT


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    with pytest.raises(
        OutOfMemoryError, match=r"131,072 tokens needs 13\.4 GB more memory, and 2\.0 GB are free"
    ) as no:
        length(131_072)

    assert no.value.setting == "context_length"
    assert "at most 17,152" in no.value.action
    assert length(17_152) == 17_152


def test_a_graphics_card_has_its_own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "has_gpu", lambda: True)

    assert length(131_072) == 131_072
    with pytest.raises(OutOfMemoryError):
        length(131_072, gpu_layers=0)
