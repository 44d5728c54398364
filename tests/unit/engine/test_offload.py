"""How many layers go to GPUs, on machines made of numbers."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.engine.worker.loading.offload import RESERVE, Demand, layers_that_fit

GIB = 2**30
SEVEN_B = Demand(layers=32, weights=4 * GIB, cache=1 * GIB, vocabulary=32_000, batch=512)
"""160 MiB a layer, with its part of the cache."""


def roomy(layers: float) -> int:
    """Free memory for that many layers of the model, and for what must stay free."""
    return int(layers * 5 * GIB / 32) + RESERVE + SEVEN_B.compute


def test_a_model_that_fits_goes_there_as_a_whole_with_its_output_layer() -> None:
    assert layers_that_fit(SEVEN_B, [24 * GIB]) == 33
    assert layers_that_fit(SEVEN_B, [roomy(32.01)]) == 33


def test_of_a_larger_one_as_many_layers_as_fit() -> None:
    assert layers_that_fit(SEVEN_B, [roomy(31.9)]) == 31
    assert layers_that_fit(SEVEN_B, [roomy(10.5)]) == 10


def test_a_gpu_that_is_full_gets_nothing() -> None:
    assert layers_that_fit(SEVEN_B, [RESERVE]) == 0
    assert layers_that_fit(SEVEN_B, [0]) == 0
    assert layers_that_fit(SEVEN_B, []) == 0


def test_layers_are_not_divided_between_two() -> None:
    assert layers_that_fit(SEVEN_B, [roomy(10.6), roomy(10.6)]) == 20
    assert layers_that_fit(SEVEN_B, [roomy(20), roomy(20)]) == 33


def test_a_longer_context_leaves_room_for_fewer() -> None:
    long = Demand(layers=32, weights=4 * GIB, cache=16 * GIB, vocabulary=32_000, batch=512)

    assert layers_that_fit(long, [roomy(16)]) < layers_that_fit(SEVEN_B, [roomy(16)]) == 16


def test_the_shares_the_user_wants_are_kept() -> None:
    assert layers_that_fit(SEVEN_B, [roomy(10), roomy(30)], (1, 1)) == 20
    assert layers_that_fit(SEVEN_B, [roomy(10), roomy(30)], (0, 1)) == 30
    assert layers_that_fit(SEVEN_B, [roomy(10), roomy(30)], (1,)) == 10
    assert layers_that_fit(SEVEN_B, [roomy(10), roomy(30)], (1, 3)) == 33


@given(
    free=st.lists(st.integers(0, 200 * GIB), max_size=8),
    layers=st.integers(0, 200),
    weights=st.integers(0, 400 * GIB),
    cache=st.integers(0, 100 * GIB),
)
def test_what_is_chosen_fits(free: list[int], layers: int, weights: int, cache: int) -> None:
    demand = Demand(layers, weights, cache, 100_000, 512)
    chosen = layers_that_fit(demand, free)

    assert 0 <= chosen <= layers + 1
    on_gpus = min(chosen, layers) * (weights + cache) / max(1, layers)
    assert on_gpus <= sum(free) + 1
