"""Log-probabilities, ranks and the likeliest tokens, against the plainest way to compute them."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.engine.worker.sampling.logprobs import log_total, rank, top


@st.composite
def logits(draw: st.DrawFn) -> np.ndarray:
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = chance.normal(0, draw(st.floats(0.1, 30)), draw(st.integers(1, 3000)))
    # Rounded, so that some are equal.
    return values.round(draw(st.integers(0, 6))).astype(np.float32)


@given(logits(), st.integers(0, 60))
def test_the_likeliest_are_found_in_order_the_lower_id_first(values: np.ndarray, k: int) -> None:
    plain = sorted(range(len(values)), key=lambda token: (-values[token], token))[:k]

    assert top(values, k).tolist() == plain


@given(logits(), st.data())
def test_a_rank_is_the_place_in_that_order(values: np.ndarray, data: Any) -> None:
    token = data.draw(st.integers(0, len(values) - 1))

    assert top(values, len(values)).tolist()[rank(values, token)] == token


@given(logits())
def test_log_probabilities_are_those_of_a_distribution(values: np.ndarray) -> None:
    exact = [float(value) for value in values]
    total = math.log(math.fsum(math.exp(value - max(exact)) for value in exact)) + max(exact)

    assert log_total(values) == pytest.approx(total, abs=1e-4)


def test_what_cannot_come_is_left_out_of_the_sum() -> None:
    values = np.array([1.0, -np.inf, 1.0], np.float32)

    assert log_total(values) == pytest.approx(1 + math.log(2))
    assert top(values, 2).tolist() == [0, 2]
