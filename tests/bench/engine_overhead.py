"""What a step of an answer costs beside llama.cpp's own work, in microseconds.

The worker's real loop runs here in this process, with the starter model and a pipe that leads nowhere. The
two native calls of a step are timed; the rest of the time between two of them is the engine's own.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

import llama_cpp.llama_cpp as ll

from desktop.domain.conversation import Role
from desktop.domain.generation import GenerationRequest, Turn
from desktop.domain.model import LoadSettings
from desktop.domain.parameters import Parameters
from desktop.engine import protocol
from desktop.engine.framing import decode_report
from desktop.engine.worker.engine import NativeCore
from desktop.engine.worker.loop import Inbox, Loop
from desktop.engine.worker.reports import Outbox
from desktop.system.hardware import read_machine
from tests.bench.engine import BATCH, CONTEXT, ROUNDS, starter
from tests.bench.measurement import Measurement, median, rounded

TOKENS = 200
_NATIVE = ("llama_decode", "llama_sampler_sample")


class Stopwatch:
    """Seconds in the native calls of each step, and when each step began."""

    def __init__(self) -> None:
        self.begun: list[float] = []
        self.native: list[float] = []

    def watch(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        begins = name == "llama_decode"

        def timed(*arguments: Any) -> Any:
            start = time.perf_counter()
            if begins:
                self.begun.append(start)
                self.native.append(0.0)
            try:
                return call(*arguments)
            finally:
                self.native[-1] += time.perf_counter() - start

        return timed

    def own(self, steps: int) -> list[float]:
        """Microseconds of the last ``steps`` whole steps that were not native."""
        ends = self.begun[1:]
        spent = [
            (end - begin - native) * 1e6
            for begin, end, native in zip(self.begun, ends, self.native, strict=False)
        ]
        return spent[-steps:]


class Drain(RawIOBase):
    """Where reports go. The last one of a request ends the loop."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def write(self, data: Any) -> int:
        frame = bytes(data)
        if isinstance(decode_report(frame[4:]), protocol.Finished):
            self._inbox.put(protocol.Exit(0))
        return len(frame)


def run(_home: Path) -> list[Measurement]:
    core = NativeCore()
    core.load(
        str(starter()),
        LoadSettings(context_length=CONTEXT, batch=BATCH, threads=read_machine().usable_cores),
        None,
        lambda _fraction: True,
    )
    watch, calls = Stopwatch(), {name: getattr(ll, name) for name in _NATIVE}
    for name, call in calls.items():
        setattr(ll, name, watch.watch(name, call))
    try:
        rounds = [median(_round(core, watch)) for _ in range(ROUNDS)]
    finally:
        for name, call in calls.items():
            setattr(ll, name, call)
        core.close()
    detail = {"rounds": rounded(rounds, 1), "steps_per_round": TOKENS}
    return [Measurement("engine's own time a step", round(median(rounds), 1), "µs", 150.0, detail=detail)]


def _round(core: NativeCore, watch: Stopwatch) -> list[float]:
    inbox: Inbox = queue.SimpleQueue()
    loop = Loop(core, inbox, Outbox(cast(BinaryIO, Drain(inbox))))

    request = GenerationRequest(
        (Turn(Role.USER, "Tell me a long story about the sea."),),
        Parameters(max_tokens=TOKENS, ignore_eos=True),
    )
    inbox.put(protocol.Generate(1, request))
    loop.run()
    return watch.own(TOKENS - 10)
