"""What one token costs the app on its way from the engine's pipe to the screen: bridge, services, window.

The scripted engine writes 500 tokens a second, many times what a person's machine does; realistic Markdown,
one answer that grows for the whole time. Measured is the processor time of the app's process alone, less
what it takes when idle.
"""

from __future__ import annotations

import time
from pathlib import Path

from desktop.domain.settings import Setting
from tests.bench.app_on_screen import WatchedApp
from tests.bench.measurement import Measurement
from tests.helpers.app_data import put_settings, put_steady_preset, stored_answers
from tests.helpers.chats import ANSWERS
from tests.helpers.screen import Screen, wait_for
from tests.helpers.scripted import write_script

TOKENS_PER_S = 500
STREAM_S = 20.0
IDLE_S = 5.0
TARGET_PERCENT = 15.0


def run(home: Path) -> list[Measurement]:
    data_dir = home / "streaming"
    data_dir.mkdir()
    reply = "\n\n".join(ANSWERS * 40)
    script = write_script(
        home / "fast.json", name="Fast", context_length=1_000_000, reply=reply, tokens_per_s=TOKENS_PER_S
    )
    put_steady_preset(data_dir, max_tokens=1_000_000)
    put_settings(data_dir, {Setting.LAST_MODEL: str(script)})
    with Screen() as screen, WatchedApp(screen, data_dir, "scripted") as app:
        screen.resize(app.window(), 1500, 900)
        idle = _share_when_idle(app)
        screen.type("Go on")
        screen.press("Return")
        wait_for(lambda: any(answer.text for answer in stored_answers(data_dir)), app.log)
        quarters = [_share(app, STREAM_S / 4) for _ in range(4)]
        written = len(stored_answers(data_dir)[0].text)
    share = 100 * (sum(quarters) / 4 - idle)
    detail = {
        "tokens_per_s": TOKENS_PER_S,
        "microseconds_per_token": round(share / 100 / TOKENS_PER_S * 1e6, 1),
        "idle_percent": round(100 * idle, 2),
        "percent_by_quarter": [round(100 * quarter, 1) for quarter in quarters],
        "characters_written": written,
    }
    return [
        Measurement("app at 500 tokens/s, of one core", round(share, 2), "%", TARGET_PERCENT, detail=detail)
    ]


def _share_when_idle(app: WatchedApp) -> float:
    """Of one core, once the start is over."""
    wait_for(app.has_worker, "a worker")
    return wait_for(lambda: _settled(app), "an idle app", 60)[0]


def _settled(app: WatchedApp) -> tuple[float] | None:
    share = _share(app, IDLE_S)
    return (share,) if share < 0.05 else None


def _share(app: WatchedApp, seconds: float) -> float:
    """Processor time over real time for so many seconds, which are the measurement itself."""
    start, before = time.monotonic(), app.cpu_seconds()
    time.sleep(seconds)
    return (app.cpu_seconds() - before) / (time.monotonic() - start)
