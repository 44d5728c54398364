"""What the engine's benchmarks share: the starter behind the real bridge, and an answer with its times."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.generation import Delta, Done, GenerationRequest, PromptProgress
from desktop.domain.model import LoadSettings, StateStore
from desktop.engine.bridge import EngineBridge
from desktop.library.local_models import starter_path

CONTEXT = 4096
BATCH = 512
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Heard:
    """``first_s``: seconds from the call to the first text, or to the end if there was none."""

    done: Done
    first_s: float
    reused: int


def starter() -> Path:
    model = starter_path()
    assert model is not None, "the starter model is missing"
    return model


@asynccontextmanager
async def opened(
    threads: int, *, context_length: int = CONTEXT, state: StateStore | None = None
) -> AsyncIterator[EngineBridge]:
    """A bridge that holds the starter model."""
    bridge = EngineBridge()
    try:
        settings = LoadSettings(context_length=context_length, threads=threads, batch=BATCH)
        await bridge.load(str(starter()), settings, state)
        yield bridge
    finally:
        await bridge.close()


async def answer(bridge: EngineBridge, request: GenerationRequest) -> Heard:
    start, first, reused = time.perf_counter(), 0.0, 0
    async with aclosing(bridge.generate(request)) as events:
        async for event in events:
            match event:
                case PromptProgress():
                    reused = event.reused
                case Delta():
                    first = first or time.perf_counter() - start
                case Done():
                    return Heard(event, first or time.perf_counter() - start, reused)
                case _:
                    pass
    raise AssertionError("the answer had no end")
