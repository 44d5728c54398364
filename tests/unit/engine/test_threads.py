"""The choice of threads, on machines made of numbers."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count

import pytest

from desktop.engine.worker.loading.threads import BUDGET_S, ROUNDS, choose_threads


class Machine:
    """Its clock moves only while it computes. ``took`` says how long a step with so many threads takes."""

    def __init__(self, took: Callable[[int, int], float]) -> None:
        self.now = 0.0
        self.steps: list[int] = []
        self._took = took

    def step(self, threads: int) -> None:
        self.now += self._took(threads, len(self.steps))
        self.steps.append(threads)

    def choose(self, candidates: Sequence[int]) -> int:
        return choose_threads(candidates, self.step, lambda: self.now)


def test_the_fastest_number_wins() -> None:
    assert Machine(lambda threads, _: {2: 0.010, 4: 0.006, 8: 0.009}[threads]).choose((2, 4, 8)) == 4


def test_of_two_that_are_alike_the_lower_is_taken() -> None:
    assert Machine(lambda threads, _: {2: 0.0100, 4: 0.0097, 8: 0.0096}[threads]).choose((2, 4, 8)) == 2


def test_small_gains_may_add_up_to_a_real_one() -> None:
    assert Machine(lambda threads, _: {2: 0.0100, 4: 0.0097, 8: 0.0090}[threads]).choose((2, 4, 8)) == 8


def test_with_one_candidate_nothing_is_measured() -> None:
    machine = Machine(lambda *_: 1.0)

    assert machine.choose((3,)) == 3
    assert machine.steps == []


@pytest.mark.parametrize("busy", range(6))
def test_a_step_that_something_else_held_up_does_not_decide(busy: int) -> None:
    def took(threads: int, at: int) -> float:
        return 0.2 if at == busy else {2: 0.010, 4: 0.006}[threads]

    assert Machine(took).choose((2, 4)) == 4


def test_a_first_step_that_starts_threads_does_not_decide() -> None:
    first: Iterator[int] = count()

    def took(threads: int, _at: int) -> float:
        return 0.05 if next(first) < 2 else {1: 0.02, 2: 0.011}[threads]

    assert Machine(took).choose((1, 2)) == 2


def test_a_small_model_takes_no_more_time_than_is_given() -> None:
    machine = Machine(lambda *_: 0.005)
    machine.choose((1, 2, 4))

    assert len(machine.steps) == 3 * ROUNDS
    assert machine.now <= BUDGET_S


def test_a_large_model_is_tried_once_with_each() -> None:
    machine = Machine(lambda threads, _: 4.0 / threads)

    assert machine.choose((4, 8, 16)) == 16
    assert machine.steps == [4, 8, 16]
