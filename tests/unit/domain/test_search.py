"""What a line of the search field means."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.search import LONGEST, MOST_TERMS, SearchQuery, parse_search


def at(year: int, month: int, day: int) -> float:
    return datetime(year, month, day).timestamp()


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("", SearchQuery()),
        ("  \n", SearchQuery()),
        ("lamp", SearchQuery(("lamp",), prefix=True)),
        ("lamp ", SearchQuery(("lamp",))),
        ("the lamp", SearchQuery(("the", "lamp"), prefix=True)),
        ('"nine seconds"', SearchQuery(("nine seconds",))),
        ('"nine sec', SearchQuery(("nine sec",))),
        ("don't foo-bar!", SearchQuery(("don t", "foo bar"), prefix=True)),
        ("a", SearchQuery(("a",))),
        ("ö", SearchQuery(("ö",), prefix=True)),
        ("!!! ---", SearchQuery()),
        ("in:Work lamp", SearchQuery(("lamp",), True, folder="Work")),
        ('lamp in:"My work/Clients"', SearchQuery(("lamp",), True, folder="My work/Clients")),
        ("MODEL:SmolLM2-135M", SearchQuery(model="SmolLM2 135M")),
        ("is:pinned", SearchQuery(pinned=True)),
        ("before:2026-03-05", SearchQuery(before=at(2026, 3, 5))),
        ("after:2026-03 before:2027", SearchQuery(after=at(2026, 3, 1), before=at(2027, 1, 1))),
        ("before:2026-02-30", SearchQuery(("before 2026 02 30",))),
        ("after:yesterday", SearchQuery(("after yesterday",))),
        ("is:nice http://x.y in:", SearchQuery(("is nice", "http x y", "in"), prefix=True)),
    ],
)
def test_words_phrases_and_filters(line: str, query: SearchQuery) -> None:
    assert parse_search(line) == query


def test_a_pasted_book_is_not_looked_for_whole() -> None:
    assert len(parse_search("word " * 10_000).terms) == MOST_TERMS
    assert len(parse_search("x" * 10_000).terms[0]) == LONGEST


@given(st.text())
def test_every_line_means_something(line: str) -> None:
    query = parse_search(line)

    assert all(term and not set(term) & set('"*^(){}:\0') for term in query.terms)
