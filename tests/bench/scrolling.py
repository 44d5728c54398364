"""Scrolling through a chat of 10,000 messages in a real window: by wheel, by page, and after a leap.

Hands from outside turn the wheel sixty times a second and press the keys; no two messages are the same. A
frame is what ``pulse`` says; the loop's delay counts also what is prepared between two frames.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.long_window import lay_out, measured, run_inside
from tests.bench.measurement import Measurement
from tests.bench.pulse import Pulse, Whole

if TYPE_CHECKING:
    from desktop.services.assembly import Services
    from desktop.ui.main_window import MainWindow

P99_MS = 16.0
WORST_MS = 33.0
TURNS = 400
PAGES = 60
LEAPS = 40


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
    bar = transcript.verticalScrollBar()
    middle = transcript.viewport().mapToGlobal(transcript.viewport().rect().center())
    await _hands("mousemove", str(middle.x()), str(middle.y()))
    transcript.setFocus()
    await _hands("key", "--repeat", "5", "--delay", "50", "Prior")
    found: dict[str, Any] = {}
    whole = Whole()

    async def watch(name: str, *hands: str) -> None:
        with pulse.beating():
            await _hands(*hands)
            await asyncio.sleep(0.3)
        found[name] = whole.add(pulse)

    await watch("wheel up", "click", "--repeat", str(TURNS), "--delay", "16", "4")
    await watch("page up", "key", "--repeat", str(PAGES), "--delay", "60", "Prior")
    bar.setValue(bar.maximum() // 2)
    await asyncio.sleep(1.0)
    await watch("wheel down from the middle", "click", "--repeat", str(TURNS), "--delay", "16", "5")
    await watch("page down", "key", "--repeat", str(PAGES), "--delay", "60", "Next")
    with pulse.beating():
        for leap in range(LEAPS):
            bar.setValue(bar.maximum() * (leap * 7 % LEAPS) // LEAPS)
            await asyncio.sleep(0.1)
    found["leaps"] = whole.add(pulse)
    return found | {"all": whole.found()}


async def _hands(*words: str) -> None:
    await asyncio.to_thread(subprocess.run, ["xdotool", *words], check=True)


if __name__ == "__main__":
    sys.exit(run_inside(_measure))
