"""The search for the likeliest answers, on made-up models of a few tokens."""

import itertools

import numpy as np
import pytest

from desktop.engine.worker.measuring.beams import Hypothesis, Search

TOKENS = 5
ENDS = 4


class TableModel:
    """Random logits for whatever tokens came before."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._known: dict[tuple[int, ...], np.ndarray] = {}

    def logits(self, before: tuple[int, ...]) -> np.ndarray:
        if before not in self._known:
            chance = np.random.default_rng([self._seed, *(token + 1 for token in before)])
            self._known[before] = (2 * chance.standard_normal(TOKENS)).astype(np.float32)
        return self._known[before]

    def logprobs(self, before: tuple[int, ...]) -> np.ndarray:
        exact = self.logits(before).astype(np.float64)
        return exact - np.log(np.exp(exact).sum())


def searched(model: TableModel, width: int, limit: int) -> list[Hypothesis]:
    search = Search(width, limit, lambda token: token == ENDS)
    while not search.done:
        live = search.live
        parents = search.extend([model.logits(one.tokens) for one in live])
        for parent, one in zip(parents, search.live, strict=True):
            assert one.tokens[:-1] == live[parent].tokens
    return search.best


def all_answers(model: TableModel, limit: int) -> list[Hypothesis]:
    """Every answer there is, best first."""
    found = []
    for size in range(1, limit + 1):
        for tokens in itertools.product(range(TOKENS), repeat=size):
            ended = tokens[-1] == ENDS
            if ENDS in tokens[:-1] or not (ended or size == limit):
                continue
            logprob = sum(model.logprobs(tokens[:at])[token] for at, token in enumerate(tokens))
            found.append(Hypothesis(tokens, float(logprob), ended))
    return sorted(found, key=lambda one: -one.score)


@pytest.mark.parametrize("seed", range(8))
def test_a_wide_search_finds_what_trying_everything_finds(seed: int) -> None:
    model = TableModel(seed)
    everything = all_answers(model, 4)

    found = searched(model, len(everything), 4)

    assert [one.tokens for one in found] == [one.tokens for one in everything]
    for one, expected in zip(found, everything, strict=True):
        assert one.logprob == pytest.approx(expected.logprob, abs=1e-5)
        assert one.finished == expected.finished


@pytest.mark.parametrize("seed", range(8))
def test_the_narrowest_search_is_greedy(seed: int) -> None:
    model = TableModel(seed)
    tokens: tuple[int, ...] = ()
    while len(tokens) < 6 and ENDS not in tokens:
        tokens += (int(model.logits(tokens).argmax()),)

    (found,) = searched(model, 1, 6)

    assert found.tokens == tokens
    assert found.finished == (tokens[-1] == ENDS)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("width", [2, 3])
def test_answers_come_best_first_and_are_what_they_say(seed: int, width: int) -> None:
    model = TableModel(seed)

    found = searched(model, width, 5)

    assert len({one.tokens for one in found}) == len(found) == width
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        own = [model.logprobs(one.tokens[:at])[token] for at, token in enumerate(one.tokens)]
        assert one.logprob == pytest.approx(sum(own), abs=1e-5)
        assert one.score == pytest.approx(sum(own) / len(own), abs=1e-5)
        assert one.finished == (one.tokens[-1] == ENDS) or len(one.tokens) == 5


def test_an_answer_that_ended_is_not_lost_when_others_go_on() -> None:
    """Token 0 ends; the first step prefers token 1 to it, and all that follows 1 is unlikely."""
    first = np.log(np.array([0.4, 0.6], np.float32))
    later = np.zeros(2, np.float32)
    search = Search(2, 8, lambda token: token == 0)
    search.extend([first])
    while not search.done:
        search.extend([later] * len(search.live))

    assert [(one.tokens, one.finished) for one in search.best] == [((1, 0), True), ((0,), True)]
    assert [one.logprob for one in search.best] == pytest.approx(np.log([0.3, 0.4]))


def test_a_token_without_any_chance_is_not_taken() -> None:
    search = Search(3, 2, lambda _token: False)

    search.extend([np.array([0.0, -np.inf, 1.0], np.float32)])

    assert [one.tokens for one in search.live] == [(2,), (0,)]


@pytest.mark.parametrize("logit", [0.1, 3.3, 17.0, 60.7])
def test_rounding_makes_no_answer_likelier_than_sure(logit: float) -> None:
    search = Search(1, 9, lambda _token: False)
    while not search.done:
        search.extend([np.array([logit, logit - 90.0], np.float32)])

    assert search.best[0].logprob <= 0
