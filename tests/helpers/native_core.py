"""The native core in this process: tests drive it step by step, and decide what happens between two steps."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop.domain.errors import LocutionError
from desktop.domain.generation import Delta, Done, GenerationRequest, PromptProgress, TokenLogprob, Turn
from desktop.domain.model import LoadSettings, StateStore
from desktop.domain.parameters import Parameters
from desktop.engine.worker.core import Event
from desktop.engine.worker.engine import NativeCore
from tests.helpers.waiting import PATIENCE_S

SMALL = LoadSettings(threads=1, context_length=2048, batch=64, sequences=4)
SECRET = b"only this test knows" * 2


@dataclass(eq=False)
class Asked:
    """A request and what came of it so far."""

    id: int
    events: list[Event | LocutionError] = field(default_factory=list)

    @property
    def progress(self) -> list[PromptProgress]:
        return [event for event in self.events if isinstance(event, PromptProgress)]

    @property
    def reused(self) -> int:
        """Tokens that were not read anew."""
        return self.progress[0].reused

    @property
    def total(self) -> int:
        return self.progress[0].total

    @property
    def ended(self) -> bool:
        return bool(self.events) and isinstance(self.events[-1], Done | LocutionError)

    @property
    def done(self) -> Done:
        assert isinstance(self.events[-1], Done), self.events[-1]
        return self.events[-1]

    @property
    def logprobs(self) -> list[TokenLogprob]:
        return [each for event in self.events if isinstance(event, Delta) for each in event.logprobs]

    @property
    def text(self) -> str:
        """The first answer, whole."""
        return self.done.responses[0].text


class Driven:
    """A loaded core."""

    def __init__(self, core: NativeCore) -> None:
        self.core = core
        self._ids = itertools.count(1)

    def put(
        self,
        *turns: Turn,
        key: str = "",
        n: int = 1,
        reproducible: bool | None = None,
        alternatives: int | None = None,
        on_event: Callable[[Asked], None] = lambda _asked: None,
        **values: Any,
    ) -> Asked:
        """Puts a request in line, greedy unless `values` say otherwise; `on_event` may act at once."""
        chosen = {"temperature": 0.0, "repeat_penalty": 1.0, "max_tokens": 16, **values}
        parameters = dataclasses.replace(Parameters(), **chosen)
        request = GenerationRequest(
            turns, parameters, n, reproducible, alternatives=alternatives, state_key=key
        )
        asked = Asked(next(self._ids))

        def take(event: Event | LocutionError) -> None:
            asked.events.append(event)
            on_event(asked)

        self.core.prepare(asked.id, request)(take)
        return asked

    def ask(self, *turns: Turn, **values: Any) -> Asked:
        """A request, answered to its end."""
        asked = self.put(*turns, **values)
        self.run()
        return asked

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Steps until nothing is left to do, or until a condition holds."""
        while self.core.active and not until():
            self.core.step()

    def rest(self) -> None:
        """Lets the core do all that it does when nobody wants anything."""
        while (wait := self.core.rest()) is not None:
            time.sleep(wait)


@contextmanager
def driven(path: Path, store: StateStore | None = None, settings: LoadSettings = SMALL) -> Iterator[Driven]:
    """A core with a model, closed at the end as in a worker that is told to exit."""
    core = NativeCore()
    core.load(str(path), settings, store, lambda _fraction: True)
    try:
        yield Driven(core)
    finally:
        core.close()


def kept_in(folder: Path, **values: Any) -> StateStore:
    """A place for states in a folder."""
    store = StateStore(str(folder), SECRET, "a hash of the model", 100_000_000)
    return dataclasses.replace(store, **values)


def written(store: StateStore, key: str) -> Path:
    """Waits for the state of `key` to be on disk."""
    end = time.monotonic() + PATIENCE_S
    while not (found := list(Path(store.folder).glob(f"{store.name_of(key)}-*.state"))):
        assert time.monotonic() < end, "the state was not written"
        time.sleep(0.01)
    return found[0]
