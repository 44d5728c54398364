"""Every kind of architecture remembers what it read: whatever was asked, stopped or restarted before, an
answer is the one that a core gives that has seen nothing else.

The models are tiny and random, and read a prompt in milliseconds: each question goes to a fresh core as well.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from desktop.domain.conversation import Role
from desktop.domain.generation import FinishReason, Turn
from tests.helpers.native_core import SMALL, Asked, Driven, driven, kept_in, written
from tests.helpers.tiny_models import TEXT, WINDOW, TinyModels

CHUNK = 64
NOTES = " ".join(f"On day {day} they made it to sea number {day * 37 % 91}." for day in range(14))
FIRST = Turn(Role.USER, f"Now look at this. {NOTES}")
MORE = Turn(Role.USER, "How many people did they see on day 7?")
OTHER = Turn(Role.USER, f"Write of the long way down to the oil. {NOTES[::-1]}")

# Those that read a prompt anew for an answer that must be exact: their cells would lie elsewhere.
ANEW = {"sliding-hybrid"}
ANEW_FROM_DISK = {"sliding", "sliding-hybrid"}

pytestmark = pytest.mark.parametrize("kind", TEXT)
in_both_ways = pytest.mark.parametrize("reproducible", [True, False], ids=["reproducible", "free"])


@pytest.fixture
def model(tiny_models: TinyModels, kind: str) -> Path:
    return tiny_models[kind]


def cold(model: Path, *turns: Turn, **values: object) -> Asked:
    """What a core says that has seen nothing else."""
    with driven(model) as fresh:
        return fresh.ask(*turns, **values)


def follow_up(answer: Asked) -> tuple[Turn, ...]:
    return (FIRST, Turn(Role.ASSISTANT, answer.text), MORE)


@in_both_ways
def test_the_next_turn_goes_on_where_the_first_ended(model: Path, kind: str, reproducible: bool) -> None:
    with driven(model) as core:
        first = core.ask(FIRST, reproducible=reproducible)
        second = core.ask(*follow_up(first), reproducible=reproducible)

    assert second.text == cold(model, *follow_up(first), reproducible=reproducible).text
    # Whole chunks alone; otherwise all that was read, or all but the prompt's last token.
    kept = (first.total - 1) // CHUNK * CHUNK if reproducible else first.total - 1
    assert second.reused >= kept > 2 * CHUNK or (reproducible and kind in ANEW)


@in_both_ways
def test_the_same_question_is_answered_again(model: Path, kind: str, reproducible: bool) -> None:
    with driven(model) as core:
        first = core.ask(FIRST, reproducible=reproducible)
        again = core.ask(FIRST, reproducible=reproducible)

    assert first.text == again.text == cold(model, FIRST, reproducible=reproducible).text
    assert again.reused >= 3 * CHUNK or (reproducible and kind in ANEW)


@in_both_ways
def test_another_chat_in_between_changes_nothing(model: Path, reproducible: bool) -> None:
    with driven(model) as core:
        core.ask(FIRST, reproducible=reproducible)
        other = core.ask(OTHER, n=3, reproducible=False)
        again = core.ask(FIRST, reproducible=reproducible)

    assert again.text == cold(model, FIRST, reproducible=reproducible).text
    assert len(other.done.responses) == 3


@in_both_ways
def test_another_ending_of_the_same_beginning(model: Path, reproducible: bool) -> None:
    """What cannot be cut back is read anew."""
    changed = Turn(Role.USER, FIRST.content.replace("day 9", "day 90"))
    with driven(model) as core:
        core.ask(FIRST, reproducible=reproducible)
        other = core.ask(changed, reproducible=reproducible)

    assert other.text == cold(model, changed, reproducible=reproducible).text


@in_both_ways
def test_a_restarted_engine_goes_on_from_disk(
    model: Path, tmp_path: Path, kind: str, reproducible: bool
) -> None:
    # One token: it is not in the cache yet when the answer ends.
    ask = partial(Driven.ask, key="a chat", reproducible=reproducible, alternatives=5)
    with driven(model, kept_in(tmp_path)) as core:
        first = ask(core, FIRST, max_tokens=1)
    with driven(model, kept_in(tmp_path)) as core:
        second = ask(core, *follow_up(first))
        third = ask(core, *follow_up(first))

    fresh = cold(model, *follow_up(first), reproducible=reproducible, alternatives=5)
    assert second.text == third.text == fresh.text
    if reproducible:
        # To the last bit.
        assert second.logprobs == third.logprobs == fresh.logprobs != []
    if reproducible and kind in ANEW_FROM_DISK:
        assert second.reused == 0
    else:
        assert second.reused >= (first.total - 1) // CHUNK * CHUNK > 2 * CHUNK


def test_an_answer_that_comes_back_differently_after_a_restart(model: Path, tmp_path: Path) -> None:
    """As when its thinking is left out: all up to the end of the prompt is still there."""
    ask = partial(Driven.ask, key="a chat", reproducible=False)
    turns = (FIRST, Turn(Role.ASSISTANT, "Another answer."), MORE)
    with driven(model, kept_in(tmp_path)) as core:
        first = ask(core, FIRST, max_tokens=2 * WINDOW)
    with driven(model, kept_in(tmp_path)) as core:
        second = ask(core, *turns)
        third = ask(core, FIRST, max_tokens=2 * WINDOW)

    assert second.reused >= first.total - 1
    assert second.text == cold(model, *turns, reproducible=False).text
    assert third.text == first.text


@in_both_ways
def test_what_made_way_in_memory_comes_back_from_disk(
    model: Path, tmp_path: Path, kind: str, reproducible: bool
) -> None:
    store = kept_in(tmp_path)
    with driven(model, store) as core:
        first = core.ask(FIRST, key="a chat", max_tokens=1, reproducible=reproducible)
        core.ask(OTHER, key="another chat", reproducible=True)
        written(store, "a chat")
        second = core.ask(*follow_up(first), key="a chat", reproducible=reproducible)

    assert second.text == cold(model, *follow_up(first), reproducible=reproducible).text
    assert (second.reused > 0) is not (reproducible and kind in ANEW_FROM_DISK)


@in_both_ways
def test_a_stop_inside_the_prompt_is_not_noticed_afterwards(model: Path, reproducible: bool) -> None:
    with driven(model) as core:
        stopped = core.put(FIRST, reproducible=reproducible, on_event=stop_after(2 * CHUNK, core))
        core.run()
        after = core.ask(FIRST, reproducible=reproducible)

    assert stopped.done.responses[0].finish_reason is FinishReason.CANCELLED
    assert stopped.progress[-1].done < stopped.total
    assert after.text == cold(model, FIRST, reproducible=reproducible).text


def has_ended(asked: Asked) -> bool:
    return asked.ended


def stop_after(tokens: int, core: Driven) -> Callable[[Asked], None]:
    """Stops a request while the chunk after its first so many tokens is computed."""

    def on_event(asked: Asked) -> None:
        if asked.progress and asked.progress[-1].done >= tokens:
            core.core.cancel(asked.id)

    return on_event


def test_no_answer_is_lost_when_others_are_stopped(model: Path) -> None:
    """Each is stopped in the very batch in which the neighbour's next token is computed."""
    alone = cold(model, FIRST, reproducible=False, max_tokens=48)
    with driven(model) as core:
        neighbour = core.put(FIRST, reproducible=False, max_tokens=48)
        core.run(until=lambda: len(neighbour.events) > len(neighbour.progress))
        for at in range(3):
            text = Turn(Role.USER, f"{at} {NOTES}")
            passer_by = core.put(text, reproducible=False, on_event=lambda asked: core.core.cancel(asked.id))
            core.run(until=partial(has_ended, passer_by))
        assert not neighbour.ended
        core.run()

    assert neighbour.done.responses[0].finish_reason is FinishReason.LENGTH
    assert neighbour.text == alone.text


def test_no_prompt_is_read_again_when_others_are_stopped(model: Path) -> None:
    """Those who still wait are told so just before the next chunk is computed, and stopped at that moment."""
    with driven(model) as core:
        reading = core.put(FIRST)
        core.run(until=lambda: len(reading.progress) > 2)
        for _ in range(2):
            waiting = core.put(OTHER, on_event=lambda asked: core.core.cancel(asked.id))
            core.run(until=partial(has_ended, waiting))
        core.run()

    done = [progress.done for progress in reading.progress]
    assert done == sorted(done)
    assert reading.text == cold(model, FIRST).text


def test_an_ordinary_neighbour_leaves_a_reproducible_answer_alone(model: Path) -> None:
    with driven(model) as core:
        neighbour = core.put(OTHER, reproducible=False, n=2, max_tokens=24)
        core.run(until=lambda: len(neighbour.events) > len(neighbour.progress))
        asked = core.put(FIRST)
        late = core.put(OTHER, reproducible=False, max_tokens=8)
        core.run()

    assert asked.text == cold(model, FIRST).text
    assert len(neighbour.done.responses) == 2
    assert late.text


def test_a_long_answer_moves_the_window_on(model: Path) -> None:
    """Far beyond the window, and then back to the prompt's end."""
    with driven(model) as core:
        core.ask(FIRST, max_tokens=4 * WINDOW, reproducible=False)
        core.ask(OTHER, max_tokens=4 * WINDOW, reproducible=False)
        again = core.ask(FIRST, max_tokens=24, reproducible=False)

    assert again.text == cold(model, FIRST, max_tokens=24, reproducible=False).text


def test_a_full_cache_makes_room(model: Path) -> None:
    """Many chats after each other in a context that holds few of them."""
    texts = [f"{at} {NOTES} {NOTES[at:200]}" for at in range(5)]
    small = replace(SMALL, context_length=768)
    with driven(model, settings=small) as core:
        for text in texts:
            core.ask(Turn(Role.USER, text), max_tokens=4, reproducible=False)
        answers = [core.ask(Turn(Role.USER, text), max_tokens=8, reproducible=False) for text in texts[::-1]]

    for text, answer in zip(texts[::-1], answers, strict=True):
        assert answer.text == cold(model, Turn(Role.USER, text), max_tokens=8, reproducible=False).text
    assert sum(answer.total for answer in answers[:4]) > small.context_length
