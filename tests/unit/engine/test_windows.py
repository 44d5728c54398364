"""In which windows a text is scored, against llama.cpp's perplexity tool written down a second time."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from desktop.engine.worker.measuring.windows import windows

SIZES = st.integers(0, 400)
WINDOWS = st.integers(2, 60)


def counted_by_the_tool(size: int, window: int, stride: int) -> list[list[int]]:
    """Indexes of the tokens that make the perplexity, window by window; texts of two windows and more."""
    if stride == window:
        return [
            [start + place + 1 for place in range(window // 2, window - 1)]
            for start in range(0, size // window * window, window)
        ]
    count = (size - window + stride - 1) // stride
    return [
        [at * stride + place + 1 for place in range(window - stride - 1, window - 1)] for at in range(count)
    ]


@given(st.data(), WINDOWS)
def test_the_tokens_that_count_are_those_of_the_tool(data: st.DataObject, window: int) -> None:
    stride = data.draw(st.integers(1, window))
    size = data.draw(st.integers(2 * window, 400))

    found = [list(one.counted) for one in windows(size, window, stride)]

    assert [counted for counted in found if counted] == [
        counted for counted in counted_by_the_tool(size, window, stride) if counted
    ]


@given(st.data(), SIZES, WINDOWS)
def test_every_token_but_the_first_is_scored_once_and_in_its_window(
    data: st.DataObject, size: int, window: int
) -> None:
    stride = data.draw(st.integers(1, window))

    found = list(windows(size, window, stride))

    assert [token for one in found for token in one.scored] == list(range(1, size))
    for one in found:
        assert 0 < one.size <= window
        assert one.start < one.scored.start
        assert set(one.counted) <= set(one.scored)
        # What predicts a token is read in its window.
        assert one.scored.stop - 1 <= one.end <= size


@pytest.mark.parametrize("size", [0, 1])
def test_a_text_in_which_nothing_can_be_predicted_has_no_window(size: int) -> None:
    assert list(windows(size, 16, 8)) == []


def test_a_text_that_fits_into_one_window_counts_as_a_whole() -> None:
    (one,) = windows(16, 16, 16)

    assert (one.start, one.end, one.counted) == (0, 16, range(1, 16))
