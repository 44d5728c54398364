"""Scrolling through a chat of 10,000 messages in a real window: by wheel, by page, and after a leap.

Hands from outside turn the wheel sixty times a second and press the keys; no two messages are the same. A
frame is what ``pulse`` says; the loop's delay counts also what is prepared between two frames.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.hands import WHEEL_DOWN, WHEEL_UP, Scrolling, hands, reach
from tests.bench.long_window import lay_out, measured, run_inside
from tests.bench.measurement import Measurement
from tests.bench.pulse import Pulse

if TYPE_CHECKING:
    from desktop.services.assembly import Services
    from desktop.ui.main_window import MainWindow

P99_MS = 16.0
WORST_MS = 33.0


def run(home: Path) -> list[Measurement]:
    found = measured("tests.bench.scrolling", lay_out(home, "scrolling"))
    frames = found["all"]["frames"]
    return [
        Measurement("10,000 messages: a frame, p99", frames["p99_ms"], "ms", P99_MS, detail=found),
        Measurement("10,000 messages: the worst frame", frames["worst_ms"], "ms", WORST_MS),
        Measurement("10,000 messages: loop, p99", found["all"]["loop"]["p99_ms"], "ms", P99_MS),
    ]


async def _measure(window: MainWindow, services: Services, pulse: Pulse) -> dict[str, Any]:
    transcript = window.chat_pane.open_chat.transcript
    await reach(transcript)
    await hands("key", "--repeat", "5", "--delay", "50", "Prior")
    scrolling, bar = Scrolling(transcript, pulse), transcript.verticalScrollBar()
    await scrolling.wheel("wheel up", WHEEL_UP)
    await scrolling.pages("page up", "Prior")
    bar.setValue(bar.maximum() // 2)
    await asyncio.sleep(1.0)
    await scrolling.wheel("wheel down from the middle", WHEEL_DOWN)
    await scrolling.pages("page down", "Next")
    await scrolling.leaps()
    return scrolling.found()


if __name__ == "__main__":
    sys.exit(run_inside(_measure))
