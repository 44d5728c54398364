"""How fast the engine is, as last seen."""

import pytest

from desktop.engine.worker.scheduling.pace import MIN_CHUNK, Pace


def test_before_anything_was_read_nothing_is_known_and_chunks_are_short() -> None:
    pace = Pace()

    assert (pace.reading, pace.step, pace.chunk(512)) == (0, 0, MIN_CHUNK)


def test_the_newest_prompt_and_the_newest_step_count() -> None:
    pace = Pace()

    pace.saw_batch(0, 0.5)
    pace.saw_batch(0, 0.25)
    pace.saw_prompt(1000, 4.0)
    pace.saw_prompt(1000, 2.0)

    assert pace.reading == pytest.approx(500)
    assert pace.step == pytest.approx(0.25)


def test_a_few_tokens_say_nothing_of_the_speed_and_a_batch_with_some_nothing_of_a_step() -> None:
    pace = Pace()

    pace.saw_batch(MIN_CHUNK - 1, 0.001)
    pace.saw_prompt(MIN_CHUNK - 1, 0.001)

    assert (pace.reading, pace.step, pace.chunk(512)) == (0, 0, MIN_CHUNK)


def test_chunks_are_as_long_as_can_be_read_in_a_moment() -> None:
    pace = Pace()

    pace.saw_batch(100, 0.1)

    assert pace.chunk(512) == 250
    assert pace.chunk(128) == 128
