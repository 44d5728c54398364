"""How measurements take turns, are undone and end, whatever native code says of their batches."""

from collections.abc import Callable, Iterator

import pytest

from desktop.domain.errors import LocutionError, OutOfMemoryError
from desktop.domain.instruments import Beams
from desktop.engine.worker.core import Event
from desktop.engine.worker.kv.cache import Lease
from desktop.engine.worker.measuring.embedding import plan
from desktop.engine.worker.measuring.embedding_context import Piece
from desktop.engine.worker.measuring.measuring import Measuring, MeasuringAlone
from desktop.engine.worker.measuring.task import Run, Task

RESULT = Beams((), 1)


class Scripted:
    """A portion to which native code says these things in turn."""

    def __init__(self, statuses: Iterator[int], undoes: bool) -> None:
        self._statuses = statuses
        self._undoes = undoes

    def compute(self) -> int:
        return next(self._statuses)

    def undo(self) -> bool:
        return self._undoes


class Work(Task):
    """Two portions each time it runs."""

    def __init__(self, request_id: int, *statuses: int, undoes: bool = True) -> None:
        super().__init__(request_id)
        self.heard: list[Event | LocutionError] = []
        self.emit = self.heard.append
        self.log: list[str] = []
        self._statuses = iter(statuses)
        self._undoes = undoes

    def run(self, lease: Lease, room: Callable[[], int]) -> Run:
        self.log.append(f"begins with {lease.reused} of {lease.sequences}")
        try:
            for at in range(2):
                yield Scripted(self._statuses, self._undoes)
                self.log.append(f"has {at}")
                self.kept = at + 1
        finally:
            self.log.append("is over")
        return RESULT


class Desk:
    """Runs tasks and notes what comes back."""

    def __init__(self, rooms: int = 0) -> None:
        self.back: list[tuple[int, Lease]] = []
        self._rooms = rooms
        self.measuring = Measuring(self._make_room, lambda task, lease: self.back.append((task.id, lease)))

    def _make_room(self) -> bool:
        self._rooms -= 1
        return self._rooms >= 0

    def run(self, *works: Work) -> None:
        for work in works:
            self.measuring.admit(work, Lease([work.id], 7, 7), lambda: 1)
        while self.measuring.tasks:
            self.measuring.step()


def test_a_measurement_is_computed_portion_by_portion() -> None:
    work, desk = Work(1, 0, 0), Desk()

    desk.run(work)

    assert work.log == ["begins with 7 of [1]", "has 0", "has 1", "is over"]
    assert work.heard == [RESULT]
    assert desk.back == [(1, Lease([1], 7, 7))]


def test_two_measurements_take_turns() -> None:
    first, second, desk = Work(1, 0, 0), Work(2, 0, 0), Desk()
    log: list[str] = []
    first.log = second.log = log

    desk.run(first, second)

    assert log == [
        *("begins with 7 of [1]", "has 0", "begins with 7 of [2]", "has 0"),
        *("has 1", "is over", "has 1", "is over"),
    ]


def test_what_was_interrupted_for_somebody_else_is_computed_again() -> None:
    work, desk = Work(1, 0, 2, 2, 0), Desk()

    desk.run(work)

    assert work.log == ["begins with 7 of [1]", "has 0", "has 1", "is over"]
    assert work.heard == [RESULT]


def test_what_cannot_be_undone_begins_again_from_nothing() -> None:
    work, desk = Work(1, 0, 2, 0, 0, undoes=False), Desk()

    desk.run(work)

    assert work.log == [
        *("begins with 7 of [1]", "has 0", "is over"),
        *("begins with 0 of [1]", "has 0", "has 1", "is over"),
    ]
    # What its sequence had before is gone, and must not be taken for what a cold run leaves.
    assert desk.back == [(1, Lease([1], 0, 0))]


def test_a_full_cache_makes_room_and_then_fails_in_words() -> None:
    roomy, tight, desk = Work(1, 1, 0, 0), Work(2, 0, 1), Desk(rooms=1)

    desk.run(roomy)
    desk.run(tight)

    assert roomy.heard == [RESULT]
    (error,) = tight.heard
    assert isinstance(error, LocutionError)
    assert (error.setting, error.detail) == ("context_length", "llama_decode returned 1")
    assert tight.log[-1] == "is over"
    assert [task for task, _ in desk.back] == [1, 2]


@pytest.mark.parametrize(
    ("raised", "heard"), [(MemoryError("no"), OutOfMemoryError), (LocutionError("no"), LocutionError)]
)
def test_a_task_that_fails_frees_what_it_has(raised: Exception, heard: type[LocutionError]) -> None:
    class Failing(Work):
        def run(self, lease: Lease, room: Callable[[], int]) -> Run:
            yield Scripted(iter([0]), True)
            raise raised

    work, desk = Failing(1), Desk()

    desk.run(work)

    assert [type(event) for event in work.heard] == [heard]
    assert desk.back == [(1, Lease([1], 7, 7))]


def test_a_cancelled_task_ends_at_once() -> None:
    work, other, desk = Work(1, 0), Work(2, 0, 0), Desk()
    for one in (work, other):
        desk.measuring.admit(one, Lease([one.id]), lambda: 1)
    desk.measuring.step()

    desk.measuring.cancel(1)

    assert work.log[-1] == "is over"
    assert [str(event) for event in work.heard] == ["It was stopped."]
    assert desk.measuring.tasks == [other]
    desk.measuring.close()
    assert (desk.measuring.tasks, other.heard) == ([], [])


def test_without_a_scheduler_a_cancel_takes_effect_at_the_next_step() -> None:
    runner, work = MeasuringAlone(), Work(1, 2, 2, 2, 2)
    runner.measure(work, work.heard.append)
    runner.step()
    assert runner.active

    runner.cancel(1)
    runner.step()

    assert not runner.active
    assert [str(event) for event in work.heard] == ["It was stopped."]
    runner.step()


# What is embedded together


def test_short_texts_share_a_batch_and_long_ones_are_read_in_chunks() -> None:
    assert list(plan([3, 4, 9, 2], lambda: 8)) == [
        [Piece(0, 0, 3), Piece(1, 0, 4)],
        [Piece(2, 0, 8)],
        [Piece(2, 8, 9)],
        [Piece(3, 0, 2)],
    ]


def test_no_batch_has_more_texts_than_there_are_sequences() -> None:
    assert [len(batch) for batch in plan([1] * 20, lambda: 512)] == [8, 8, 4]


def test_batches_follow_what_there_is_room_for() -> None:
    """A text that was begun in chunks is ended in chunks."""
    rooms = iter([8, 2, 4, 9, 9])

    assert list(plan([3, 9, 4], lambda: next(rooms))) == [
        [Piece(0, 0, 3)],
        [Piece(1, 0, 2)],
        [Piece(1, 2, 6)],
        [Piece(1, 6, 9)],
        [Piece(2, 0, 4)],
    ]
