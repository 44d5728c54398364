"""Runs the measurements that were admitted, in turn and a portion at a time."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable

from desktop.domain.errors import LocutionError, OutOfMemoryError
from desktop.domain.instruments import Measurement
from desktop.engine.worker.core import Emit
from desktop.engine.worker.kv.cache import Lease
from desktop.engine.worker.llama.interruption import Interruption
from desktop.engine.worker.measuring.task import Portion, Task


class Measuring:
    """``make_room`` frees cells of the cache, if it can; ``give_back`` takes a task's sequences back."""

    def __init__(
        self,
        make_room: Callable[[], bool] = lambda: False,
        give_back: Callable[[Task, Lease], None] = lambda _task, _lease: None,
    ) -> None:
        self._make_room = make_room
        self._give_back = give_back
        self._running: deque[RunningTask] = deque()

    @property
    def tasks(self) -> list[Task]:
        """Those that run."""
        return [running.task for running in self._running]

    def admit(self, task: Task, lease: Lease, room: Callable[[], int]) -> None:
        """``room()`` is how many tokens a portion may have now."""
        self._running.append(RunningTask(task, lease, room))

    def step(self) -> None:
        """Computes a portion of the task whose turn it is."""
        running = self._running[0]
        self._running.rotate(-1)
        try:
            measurement = running.step(self._make_room)
        except LocutionError as error:
            self._end(running, error)
        except MemoryError as error:
            self._end(running, _no_memory(error))
        else:
            if measurement is not None:
                self._end(running, measurement)

    def cancel(self, request_id: int) -> None:
        for running in [running for running in self._running if running.task.id == request_id]:
            self._end(running, LocutionError("It was stopped."))

    def close(self) -> None:
        """Frees what running tasks hold; nobody is told."""
        while self._running:
            self._running.pop().close()

    def _end(self, running: RunningTask, outcome: Measurement | LocutionError) -> None:
        self._running.remove(running)
        running.close()
        self._give_back(running.task, running.lease)
        running.task.emit(outcome)


class MeasuringAlone:
    """For a model that cannot write: runs measurements as the scheduler does, and nothing else."""

    def __init__(self) -> None:
        self.interruption = Interruption()
        self._measuring = Measuring()
        self._cancelled: deque[int] = deque()

    @property
    def active(self) -> bool:
        return bool(self._measuring.tasks)

    def measure(self, task: Task, emit: Emit) -> None:
        task.emit = emit
        self._measuring.admit(task, Lease([]), lambda: sys.maxsize)

    def cancel(self, request_id: int) -> None:
        """From any thread."""
        self._cancelled.append(request_id)
        self.interruption.set()

    def step(self) -> None:
        self.interruption.clear()
        while self._cancelled:
            self._measuring.cancel(self._cancelled.popleft())
        if self.active:
            self._measuring.step()

    def close(self) -> None:
        self._measuring.close()


class RunningTask:
    """A task that was admitted."""

    def __init__(self, task: Task, lease: Lease, room: Callable[[], int]) -> None:
        self.task = task
        self.lease = lease
        self._room = room
        self._run = task.run(lease, room)
        self._portion: Portion | None = None

    def step(self, make_room: Callable[[], bool]) -> Measurement | None:
        """Computes one portion; the measurement, if that was the last one.

        A portion that was interrupted for somebody else's sake is computed again the next time, and so is
        one that found the cache full, if ``make_room`` could do something about it. Raises LocutionError.
        """
        try:
            if self._portion is None:
                self._portion = next(self._run)
            match self._portion.compute():
                case 0:
                    self._portion = next(self._run)
                case 2:
                    self._undo(self._portion)
                case 1 if make_room():
                    self._undo(self._portion)
                case status:
                    raise LocutionError(
                        "The engine could not compute this.",
                        action="Try again; if it happens again, choose a smaller context length.",
                        setting="context_length",
                        detail=f"llama_decode returned {status}",
                    )
        except StopIteration as end:
            measurement: Measurement = end.value
            return measurement
        return None

    def close(self) -> None:
        """Frees what the task holds beside its sequences."""
        self._run.close()

    def _undo(self, portion: Portion) -> None:
        """Where the portion alone cannot be taken back, as with a recurrent state, all begins again."""
        if portion.undo():
            return
        self._run.close()
        self.task.kept = 0
        self.lease = Lease(self.lease.sequences)
        self._run = self.task.run(self.lease, self._room)
        self._portion = None


def _no_memory(error: MemoryError) -> OutOfMemoryError:
    return OutOfMemoryError(
        "There is not enough memory to measure this.",
        action="Measure a shorter text, or close other programs.",
        detail=str(error)[-2000:],
    )
