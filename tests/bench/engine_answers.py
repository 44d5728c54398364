"""What several answers at once, and log-probabilities, do to the speed of writing.

Both are ratios of runs that follow each other. A machine's speed drifts from second to second, so each side
is measured twice in a round: one, the other, the other, the one; who begins changes from round to round.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from statistics import harmonic_mean

from desktop.domain.conversation import Role
from desktop.domain.generation import GenerationRequest, Turn
from desktop.domain.parameters import Parameters
from desktop.engine.bridge import EngineBridge
from desktop.system.hardware import read_machine
from tests.bench.engine import ROUNDS, answer, opened
from tests.bench.measurement import Measurement, median, rounded
from tests.bench.peer import Others

TOKENS = 96
TOGETHER = 8
ALTERNATIVES = 10
_ONE = GenerationRequest(
    (Turn(Role.USER, "Tell me a long story about the sea."),),
    Parameters(max_tokens=TOKENS, ignore_eos=True),
)


def run(_home: Path) -> list[Measurement]:
    return asyncio.run(_run())


async def _run() -> list[Measurement]:
    async with opened(read_machine().usable_cores) as bridge:
        await _speed(bridge, _ONE)
        together = await _compare(
            bridge,
            f"{TOGETHER} answers at once, to one",
            replace(_ONE, n=TOGETHER),
            target=1.4,
        )
        observed = await _compare(
            bridge,
            f"speed with top-{ALTERNATIVES} log-probabilities",
            replace(_ONE, alternatives=ALTERNATIVES),
            target=0.95,
        )
    return [together, observed]


async def _compare(
    bridge: EngineBridge, name: str, request: GenerationRequest, *, target: float
) -> Measurement:
    """``request``'s tokens a second, of all answers together, to those of one plain answer."""
    others, pairs, taken = Others(bridge.pid), [], []
    for number in range(ROUNDS):
        await others.wait_for_quiet()
        others.begin()
        outer, inner = (request, _ONE) if number % 2 else (_ONE, request)
        speeds: dict[GenerationRequest, list[float]] = {request: [], _ONE: []}
        for asked in (outer, inner, inner, outer):
            speeds[asked].append(await _speed(bridge, asked))
        pairs.append((harmonic_mean(speeds[request]), harmonic_mean(speeds[_ONE])))
        taken.append(others.cores())
    ratios = [these / one for these, one in pairs]
    detail = {
        "tokens_per_s": round(median([these for these, _ in pairs]), 1),
        "one_answer_tokens_per_s": round(median([one for _, one in pairs]), 1),
        "ratios": rounded(ratios),
        "cores_taken_by_others": rounded(taken, 2),
        "completion_tokens": TOKENS,
    }
    return Measurement(name, round(median(ratios), 3), "", target, at_least=True, detail=detail)


async def _speed(bridge: EngineBridge, request: GenerationRequest) -> float:
    return (await answer(bridge, request)).done.timing.tokens_per_s
