"""Places in a list as a short text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.spans import places, spans


@given(st.sets(st.integers(0, 300)))
def test_what_is_written_is_read_back(found: set[int]) -> None:
    assert places(spans(found), 301) == found


def test_neighbours_are_one_span() -> None:
    assert spans([3, 0, 1, 2, 7]) == "0-3 7"
    assert spans(range(10_000)) == "0-9999"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", set()),
        ("0-999999999", {0, 1, 2}),
        ("2-0 1 9 -1 x 1-2-3 \u0661", {1}),
        ("1" * 5000, set()),
        ("999999999", set()),
    ],
)
def test_a_strangers_text_names_no_place_that_is_not_there(text: str, found: set[int]) -> None:
    assert places(text, 3) == found
