"""How fast the engine reads and writes, against llama.cpp's own server on the same file.

Both are processes beside this one and hold the model all the time; they take turns, so that what else the
machine does hits both alike. The same token ids are read, the same number of tokens is written, greedily;
neither may use a cache: every prompt begins differently. Ours is measured where the app stands, behind
bridge and worker, by the timing that comes with an answer.

Threads that wait for each other are slowed down out of proportion when another program takes a core for a
moment. So a round waits a while for a quiet machine, and rounds go on until enough of them were left alone
or time is up; then the quietest count.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from contextlib import aclosing, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil

from desktop.domain.conversation import Role
from desktop.domain.generation import Done, GenerationRequest, PromptProgress, Turn
from desktop.domain.model import LoadSettings
from desktop.domain.parameters import Parameters
from desktop.engine.bridge import EngineBridge
from desktop.library.local_models import starter_path
from desktop.system.hardware import default_threads
from tests.bench.measurement import Measurement, median, rounded
from tests.helpers.chats import FLAT, LISBON, REGEX, SKY, STORY

ROUNDS = 5
"""That count; one before them warms up."""
FEWEST = 3
"""When time is up before."""
MOST_S = 150.0
QUIET = 0.1
"""Cores that other programs may have taken on average in a round that was left alone."""
WAIT_S = 10.0
CONTEXT = 4096
BATCH = 512
ANSWER = 96
TARGET = 0.95
_TEXT = "\n\n".join((SKY, LISBON, REGEX, STORY, FLAT))


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second: of reading the prompt, and of writing after the first token."""

    reading: float
    writing: float


@dataclass(frozen=True, slots=True)
class Round:
    """Both speeds, one after the other, and how many cores other programs took meanwhile."""

    ours: Speed
    theirs: Speed
    disturbance: float


class Peer:
    """llama.cpp's server, one request at a time."""

    def __init__(self, model: Path, threads: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.peer_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.pid = self._process.pid
        configuration = {"model": str(model), "context_length": CONTEXT, "batch": BATCH, "threads": threads}
        self.build: dict[str, Any] = self._ask(configuration)["build"]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def __enter__(self) -> Self:
        return self

    def measure(self, prompt: list[int], tokens: int) -> Speed:
        """Writes exactly ``tokens`` tokens, past an end that the model would make."""
        answer = self._ask(
            {
                "prompt": prompt,
                "max_tokens": tokens,
                "temperature": 0,
                "ignore_eos": True,
                "cache_prompt": False,
                "stream": False,
            }
        )
        timing = answer["timings"]
        assert timing["prompt_n"] == len(prompt), "the server reused a part of the prompt"
        assert timing["predicted_n"] == tokens
        # The first token comes with the prompt; the server's own rate counts it to the writing.
        writing = (tokens - 1) / timing["predicted_ms"] * 1000 if tokens > 1 else 0.0
        return Speed(len(prompt) / timing["prompt_ms"] * 1000, writing)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return answer


def run(_home: Path) -> list[Measurement]:
    return asyncio.run(_run())


async def _run() -> list[Measurement]:
    model, threads = starter_path(), default_threads()
    assert model is not None, "the starter model is missing"
    bridge = EngineBridge()
    try:
        await bridge.load(str(model), LoadSettings(context_length=CONTEXT, threads=threads, batch=BATCH))
        with closing(Peer(model, threads)) as peer:
            rounds, tokens = await _take_turns(bridge, peer)
    finally:
        await bridge.close()
    counted = sorted(rounds, key=lambda entry: entry.disturbance)[:ROUNDS]
    common = {
        "peer": "llama.cpp's server (xllamacpp)",
        "threads": threads,
        "context_length": CONTEXT,
        "cores_taken_by_others": rounded([entry.disturbance for entry in counted], 2),
        "rounds_in_all": len(rounds),
    }
    reading = [(entry.ours.reading, entry.theirs.reading) for entry in counted]
    writing = [(entry.ours.writing, entry.theirs.writing) for entry in counted]
    return [
        _compare("prompt speed, ours to theirs", reading, common | {"prompt_tokens": tokens}),
        _compare("decode speed, ours to theirs", writing, common | {"completion_tokens": ANSWER}),
    ]


def _compare(name: str, pairs: list[tuple[float, float]], detail: dict[str, object]) -> Measurement:
    ours, theirs = [our for our, _ in pairs], [their for _, their in pairs]
    ratios = [our / their for our, their in pairs]
    speeds = {
        "ours_tokens_per_s": round(median(ours), 1),
        "theirs_tokens_per_s": round(median(theirs), 1),
        "ratios": rounded(ratios),
    }
    return Measurement(name, round(median(ratios), 3), "", TARGET, at_least=True, detail=speeds | detail)


async def _take_turns(bridge: EngineBridge, peer: Peer) -> tuple[list[Round], int]:
    """The rounds after the one that warms up; who begins changes. Also: the prompt's length."""
    assert bridge.pid is not None
    others = _Others((bridge.pid, peer.pid, os.getpid()))
    rounds: list[Round] = []
    size, end = 0, time.monotonic() + MOST_S
    for number in itertools.count():
        turns = _turns(number)
        prompt = [token.id for token in (await bridge.render(turns)).tokens]
        size = len(prompt)
        await others.wait_for_quiet()
        others.begin()
        if number % 2:
            our, tokens = await _measure(bridge, turns)
            their = await asyncio.to_thread(peer.measure, prompt, tokens)
        else:
            their = await asyncio.to_thread(peer.measure, prompt, ANSWER)
            our, tokens = await _measure(bridge, turns)
        if number:
            rounds.append(Round(our, their, others.cores()))
        quiet = sum(entry.disturbance <= QUIET for entry in rounds)
        if quiet >= ROUNDS or (len(rounds) >= FEWEST and time.monotonic() > end):
            break
    return rounds, size


class _Others:
    """Processor time of everybody but these processes."""

    def __init__(self, own: tuple[int, ...]) -> None:
        self._own = [psutil.Process(pid) for pid in own]
        self._busy, self._since = 0.0, 0.0

    def begin(self) -> None:
        self._busy, self._since = self._seconds(), time.monotonic()

    def cores(self) -> float:
        """Taken on average since :meth:`begin`."""
        return max(0.0, self._seconds() - self._busy) / (time.monotonic() - self._since)

    async def wait_for_quiet(self) -> None:
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            self.begin()
            await asyncio.sleep(1)
            if self.cores() <= QUIET:
                return

    def _seconds(self) -> float:
        every = psutil.cpu_times()
        own = sum(sum(process.cpu_times()[:2]) for process in self._own)
        return float(sum(every) - every.idle - getattr(every, "iowait", 0.0) - own)


def _turns(number: int) -> tuple[Turn, ...]:
    """A prompt of about 650 tokens that shares only the template's beginning with any other."""
    return (
        Turn(Role.SYSTEM, f"{number} is the number of this request."),
        Turn(Role.USER, f"{_TEXT}\n\nGo on with the story of Tomás, at length. Write at least ten pages."),
    )


async def _measure(bridge: EngineBridge, turns: tuple[Turn, ...]) -> tuple[Speed, int]:
    """Our speed, and how many tokens were written: fewer than asked for if the model came to an end."""
    parameters = Parameters(
        max_tokens=ANSWER, temperature=0.0, repeat_penalty=1.0, min_p=0.0, top_p=1.0, top_k=0
    )
    async with aclosing(bridge.generate(GenerationRequest(turns, parameters))) as events:
        async for event in events:
            match event:
                case PromptProgress(_, _, reused):
                    assert reused < 16, "the engine reused a part of the prompt"
                case Done(responses=(response,), timing=timing):
                    reading = response.prompt_tokens / timing.prompt_s
                    return Speed(reading, timing.tokens_per_s), response.completion_tokens
                case _:
                    pass
    raise AssertionError("the answer had no end")
