"""Texts that were sent before are not put into tokens again, and never mistaken for one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.engine.worker.prompts import known
from desktop.engine.worker.prompts.known import Counts, Runs
from desktop.engine.worker.prompts.traced import TEMPLATE, USER, Traced


class Asked(list[str]):
    """What had to be put into tokens: a character is a token here."""

    def count(self, text: str) -> int:
        self.append(text)
        return len(text)

    def encode(self, run: Traced) -> tuple[list[int], bytes]:
        self.append(str.__str__(run))
        return list(map(ord, str.__iter__(run))), run.origins


def test_a_text_is_counted_once() -> None:
    asked = Asked()
    counts = Counts(asked.count)

    assert [counts.of(text) for text in ("sea", "seas", "sea", "half \ud83d")] == [3, 4, 3, 6]
    assert asked == ["sea", "seas", "half \ud83d"]


def test_the_count_that_was_not_asked_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_COUNTS", 2)
    asked = Asked()
    counts = Counts(asked.count)

    for text in ("a", "b", "a", "c", "a", "b"):
        counts.of(text)

    assert asked == ["a", "b", "c", "b"]


def test_the_same_text_of_somebody_else_is_another_run() -> None:
    asked = Asked()
    runs = Runs(asked.encode)
    mine, theirs = Traced("sea", USER), Traced("sea", TEMPLATE)

    assert [runs.of(run) for run in (mine, theirs, mine)] == [
        ([115, 101, 97], bytes((USER,)) * 3),
        ([115, 101, 97], bytes((TEMPLATE,)) * 3),
        ([115, 101, 97], bytes((USER,)) * 3),
    ]
    assert asked == ["sea", "sea"]


def test_no_more_is_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_CHARACTERS", 10)
    asked = Asked()
    runs = Runs(asked.encode)

    for text in ("long enough", "abcd", "efgh", "abcd", "ijkl", "abcd", "efgh", "long enough"):
        runs.of(Traced(text, USER))

    assert asked == ["long enough", "abcd", "efgh", "ijkl", "efgh", "long enough"]


@given(st.lists(st.text(max_size=4), max_size=30))
def test_whatever_was_asked_before_the_tokens_are_right(texts: list[str]) -> None:
    runs, counts = Runs(Asked().encode), Counts(Asked().count)
    for text in texts:
        assert runs.of(Traced(text, USER)) == (list(map(ord, text)), bytes((USER,)) * len(text))
        assert counts.of(text) == len(text)
