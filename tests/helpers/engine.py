"""Both cores behind the real bridge: what tests of the engine load, ask and look at."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from desktop.domain.conversation import Role
from desktop.domain.engine_state import Busy, EngineState, Failed, Loading, Ready, Unloaded
from desktop.domain.generation import (
    Delta,
    Done,
    GenerationEvent,
    GenerationRequest,
    PromptProgress,
    Turn,
)
from desktop.domain.model import LoadSettings
from desktop.domain.parameters import Parameters
from desktop.engine.bridge import EngineBridge, Generation
from desktop.engine.process import worker_command
from tests.helpers.scripted import write_script
from tests.helpers.waiting import PATIENCE_S

# One thread: two that wait for each other crawl on a machine that has other things to do.
SETTINGS = LoadSettings(threads=1, context_length=2048, batch=64)

# Every change of state that `domain.engine_state` draws.
DRAWN = {
    (Unloaded, Loading),
    (Loading, Loading),
    (Loading, Ready),
    (Loading, Failed),
    (Loading, Unloaded),
    (Ready, Busy),
    (Busy, Busy),
    (Busy, Ready),
    (Ready, Unloaded),
    (Busy, Unloaded),
    (Ready, Failed),
    (Busy, Failed),
    (Failed, Loading),
    (Failed, Unloaded),
}


@dataclass(frozen=True)
class Subject:
    """One core, and a model for it."""

    core: str
    path: Path
    settings: LoadSettings = SETTINGS

    def command(self) -> list[str]:
        return worker_command(self.core)


@dataclass
class Journal:
    """All states a bridge was in, in order."""

    states: list[EngineState] = field(default_factory=lambda: [Unloaded()])

    @property
    def kinds(self) -> list[type[EngineState]]:
        """The states' types, repetitions left out."""
        kinds = [type(state) for state in self.states]
        return [kind for at, kind in enumerate(kinds) if at == 0 or kind is not kinds[at - 1]]

    def undrawn(self) -> set[tuple[type[EngineState], type[EngineState]]]:
        kinds = [type(state) for state in self.states]
        return set(itertools.pairwise(kinds)) - DRAWN


@dataclass
class Heard:
    """What a request was answered, event by event."""

    events: list[GenerationEvent] = field(default_factory=list)

    @property
    def progress(self) -> list[PromptProgress]:
        return [event for event in self.events if isinstance(event, PromptProgress)]

    @property
    def deltas(self) -> list[Delta]:
        return [event for event in self.events if isinstance(event, Delta)]

    @property
    def tokens(self) -> int:
        """Of the answer so far."""
        return self.deltas[-1].tokens if self.deltas else 0

    @property
    def done(self) -> Done:
        last = self.events[-1]
        assert isinstance(last, Done)
        return last

    @property
    def text(self) -> str:
        """The first answer, whole."""
        return self.done.responses[0].text

    def streamed(self, index: int = 0) -> str:
        return "".join(delta.text for delta in self.deltas if delta.index == index)


def request(
    text: str = "Tell me about the sea.",
    *,
    n: int = 1,
    reproducible: bool | None = None,
    system: str = "",
    **values: Any,
) -> GenerationRequest:
    """A request with greedy sampling and no penalty, unless `values` say otherwise."""
    chosen = {"temperature": 0.0, "repeat_penalty": 1.0, "max_tokens": 24, **values}
    turns = [Turn(Role.SYSTEM, system)] if system else []
    parameters = dataclasses.replace(Parameters(), **chosen)
    return GenerationRequest((*turns, Turn(Role.USER, text)), parameters, n, reproducible)


async def hear(generation: Generation, until: Callable[[GenerationEvent], bool] | None = None) -> Heard:
    """Listens to the end, or until an event that is waited for."""
    heard = Heard()
    async with asyncio.timeout(PATIENCE_S):
        async for event in generation:
            heard.events.append(event)
            if until is not None and until(event):
                break
    return heard


async def ask(bridge: EngineBridge, text: str = "Tell me about the sea.", **values: Any) -> Heard:
    return await hear(bridge.generate(request(text, **values)))


def is_running(pid: int | None) -> bool:
    """Whether a process is there and alive, zombies not counted."""
    try:
        return pid is not None and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@asynccontextmanager
async def opened(subject: Subject, *, load: bool = True) -> AsyncIterator[tuple[EngineBridge, Journal]]:
    """A bridge, closed at the end, that was only ever in states that may follow each other."""
    journal = Journal()
    bridge = EngineBridge(subject.command(), on_state=journal.states.append)
    try:
        if load:
            await bridge.load(str(subject.path), subject.settings)
        yield bridge, journal
    finally:
        await bridge.close()
    assert journal.undrawn() == set()


def scripted(folder: Path, **fields: object) -> Subject:
    """The scripted core, with a model that goes on for long if it is let."""
    script = {
        "reply": "You said: {prompt} " + "and so on " * 300,
        "tokens_per_s": 150,
        "prompt_tokens_per_s": 10_000,
        "context_length": SETTINGS.context_length,
        "load_s": 0.15,
    }
    return Subject("scripted", write_script(folder / "scripted.json", **{**script, **fields}))


def native(model: Path) -> Subject:
    return Subject("llama", model)


def is_delta(event: GenerationEvent) -> bool:
    return isinstance(event, Delta)


async def works(bridge: EngineBridge, subject: Subject) -> None:
    """Loads the model and has it answer."""
    await bridge.load(str(subject.path), subject.settings)
    heard = await ask(bridge, max_tokens=4)
    assert heard.streamed() == heard.text != ""
