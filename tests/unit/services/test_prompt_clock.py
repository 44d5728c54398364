"""How long a prompt will still be read."""

import pytest

from desktop.services.prompt_clock import PromptClock


def test_before_a_piece_was_read_nothing_is_said() -> None:
    clock = PromptClock()

    clock.take(0, 1000, 0, 5.0)

    assert clock.left_s(9.0) is None


def test_the_rest_takes_as_long_as_what_was_read_and_counts_down() -> None:
    clock = PromptClock()
    clock.take(0, 1000, 0, 5.0)

    clock.take(200, 1000, 0, 7.0)

    assert clock.left_s(7.0) == pytest.approx(8.0)
    assert clock.left_s(10.0) == pytest.approx(5.0)
    assert clock.left_s(60.0) == 0


def test_what_was_reused_is_not_taken_for_read() -> None:
    clock = PromptClock()
    clock.take(800, 1000, 800, 5.0)
    assert clock.left_s(5.0) is None

    clock.take(900, 1000, 800, 7.0)

    assert clock.left_s(7.0) == pytest.approx(2.0)


def test_one_slow_piece_does_not_turn_the_estimate_over() -> None:
    clock = PromptClock()
    for second in range(5):
        clock.take(100 * second, 1000, 0, float(second))
    steady = clock.left_s(4.0)

    clock.take(450, 1000, 0, 5.0)

    slower = clock.left_s(5.0)
    assert steady == pytest.approx(6.0)
    assert slower is not None
    assert 550 / 100 < slower < 550 / 50


def test_being_told_the_same_again_changes_nothing() -> None:
    clock = PromptClock()
    clock.take(0, 1000, 0, 0.0)
    clock.take(0, 1000, 0, 3.0)

    clock.take(400, 1000, 0, 4.0)

    assert clock.left_s(4.0) == pytest.approx(6.0)


def test_a_prompt_that_is_read_anew_is_measured_anew() -> None:
    clock = PromptClock()
    clock.take(0, 1000, 0, 0.0)
    clock.take(500, 1000, 0, 1.0)

    clock.take(0, 1000, 0, 2.0)
    assert clock.left_s(2.0) is None
    clock.take(100, 1000, 0, 3.0)

    assert clock.left_s(3.0) == pytest.approx(9.0)
