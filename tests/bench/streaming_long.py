"""Streaming at 200 tokens a second into a chat of 10,000 messages, then into four chats at once.

Measured is by how much the window's loop is late, and the processor time of the app alone, in the real
window while the answer is followed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from tests.bench.long_window import LONG, lay_out, measured, run_inside
from tests.bench.measurement import Measurement
from tests.bench.pulse import Pulse

if TYPE_CHECKING:
    from desktop.services.assembly import Services
    from desktop.ui.main_window import MainWindow

TOKENS_PER_S = 200
STREAM_S = 15.0
P99_MS = 16.0
ONE_PERCENT = 25.0
FOUR_PERCENT = 40.0
OTHERS = 3


def run(home: Path) -> list[Measurement]:
    data_dir = lay_out(home, "long-streaming", others=OTHERS, tokens_per_s=TOKENS_PER_S)
    found = measured("tests.bench.streaming_long", data_dir)
    one, four = found["one"], found["four"]
    return [
        Measurement("200 tokens/s, long: loop, p99", one["loop"]["p99_ms"], "ms", P99_MS, detail=found),
        Measurement("200 tokens/s, long: of one core", one["percent"], "%", ONE_PERCENT),
        Measurement("4 streams at once: loop, p99", four["loop"]["p99_ms"], "ms", P99_MS),
        Measurement("4 streams at once: of one core", four["percent"], "%", FOUR_PERCENT),
    ]


async def _measure(window: MainWindow, services: Services, pulse: Pulse) -> dict[str, Any]:
    idle = await _watched(pulse, 4.0)
    await _ask(services, LONG)
    before = len(_text(services, LONG))
    one = await _watched(pulse, STREAM_S)
    one["characters"] = len(_text(services, LONG)) - before
    for number in range(OTHERS):
        await _ask(services, f"other-{number}")
    every = [LONG, *(f"other-{number}" for number in range(OTHERS))]
    four = await _watched(pulse, STREAM_S)
    four["streams"] = sum(services.chat.running(name) is not None for name in every)
    return {"idle": idle, "one": one, "four": four}


def _text(services: Services, chat_id: str) -> str:
    live = services.chat.running(chat_id)
    assert live is not None, "the answer goes on for longer than this takes"
    return live.text


async def _ask(services: Services, chat_id: str) -> None:
    await services.conversations.configure(chat_id, overrides={"max_tokens": 1_000_000})
    await services.chat.send(chat_id, "Go on")
    while not ((live := services.chat.running(chat_id)) and live.text):  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def _watched(pulse: Pulse, seconds: float) -> dict[str, Any]:
    process = psutil.Process()
    with pulse.beating():
        started, before = time.monotonic(), process.cpu_times()
        await asyncio.sleep(seconds)
        after, spent = process.cpu_times(), time.monotonic() - started
    share = (after.user + after.system - before.user - before.system) / spent
    return {"percent": round(100 * share, 1), "loop": pulse.found()["loop"]}


if __name__ == "__main__":
    sys.exit(run_inside(_measure))
