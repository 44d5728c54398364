"""How fast the engine reads and writes, against llama.cpp's own server on the same file.

The same token ids are read, the same number of tokens is written, greedily; neither may use a cache: every
prompt begins differently. Ours is measured where the app stands, behind bridge and worker, by the timing that
comes with an answer.

A machine's speed drifts from second to second, so each side is measured twice in a round: one, the other, the
other, the one. Threads that wait for each other are slowed down out of proportion when another program takes
a core for a moment. So a round waits a while for a quiet machine, and rounds go on until enough of them were
left alone or time is up; then the quietest count.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.conversation import Role
from desktop.domain.generation import GenerationRequest, Turn
from desktop.domain.parameters import Parameters
from desktop.engine.bridge import EngineBridge
from desktop.system.hardware import read_machine
from tests.bench.engine import BATCH, CONTEXT, answer, opened, starter
from tests.bench.measurement import Measurement, median, rounded
from tests.bench.peer import NAME, QUIET, Others, Peer, Speed
from tests.helpers.chats import FLAT, LISBON, REGEX, SKY, STORY

ROUNDS = 5
"""That count; one before them warms up."""
FEWEST = 3
"""When time is up before."""
MOST_S = 150.0
ANSWER = 96
TARGET = 1.0
_TEXT = "\n\n".join((SKY, LISBON, REGEX, STORY, FLAT))


@dataclass(frozen=True, slots=True)
class Round:
    """Both speeds, one after the other, and how many cores other programs took meanwhile."""

    ours: Speed
    theirs: Speed
    disturbance: float


def run(_home: Path) -> list[Measurement]:
    return asyncio.run(_run())


async def _run() -> list[Measurement]:
    threads = read_machine().usable_cores
    async with opened(threads) as bridge:
        with closing(Peer(starter(), threads=threads, context_length=CONTEXT, batch=BATCH)) as peer:
            rounds, tokens = await _take_turns(bridge, peer)
    counted = sorted(rounds, key=lambda entry: entry.disturbance)[:ROUNDS]
    common = {
        "peer": NAME,
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
    others = Others(bridge.pid, peer.pid)
    rounds: list[Round] = []
    size, end = 0, time.monotonic() + MOST_S
    for number in itertools.count():
        turns = _turns(number)
        prompt = [token.id for token in (await bridge.render(turns)).tokens]
        size = len(prompt)
        await others.wait_for_quiet()
        others.begin()
        ours: list[Speed] = []
        theirs: list[Speed] = []
        for is_ours in (True, False, False, True) if number % 2 else (False, True, True, False):
            if is_ours:
                ours.append(await _measure(bridge, _turns(number, len(ours))))
            else:
                theirs.append(await asyncio.to_thread(peer.measure, prompt, ANSWER))
        if number:
            rounds.append(Round(Speed.together(ours), Speed.together(theirs), others.cores()))
        quiet = sum(entry.disturbance <= QUIET for entry in rounds)
        if quiet >= ROUNDS or (len(rounds) >= FEWEST and time.monotonic() > end):
            break
    return rounds, size


def _turns(number: int, again: int = 0) -> tuple[Turn, ...]:
    """A prompt of about 650 tokens that shares only the template's beginning with any other."""
    return (
        Turn(Role.SYSTEM, f"{again}{number} is the number of this request."),
        Turn(Role.USER, f"{_TEXT}\n\nGo on with the story of Tomás, at length. Write at least ten pages."),
    )


async def _measure(bridge: EngineBridge, turns: tuple[Turn, ...]) -> Speed:
    """As a chat is answered: not alone, which is for runs that must be repeated to the letter."""
    parameters = Parameters(
        max_tokens=ANSWER,
        temperature=0.0,
        repeat_penalty=1.0,
        min_p=0.0,
        top_p=1.0,
        top_k=0,
        ignore_eos=True,
    )
    heard = await answer(bridge, GenerationRequest(turns, parameters, reproducible=False))
    assert heard.reused < 16, "the engine reused a part of the prompt"
    response, timing = heard.done.responses[0], heard.done.timing
    assert response.completion_tokens == ANSWER
    return Speed(response.prompt_tokens / timing.prompt_s, timing.tokens_per_s)
