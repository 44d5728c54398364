"""From the start of the process to a window that takes what is typed, with everything in the file cache.

Keys are pressed from the moment the window is listed until one has arrived in the composer, as an impatient
user does it. The engine loads its model meanwhile, as it always does.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench.app_on_screen import WatchedApp
from tests.bench.measurement import Measurement, median, rounded
from tests.helpers.screen import Screen, wait_for

STARTS = 7
TARGET_S = 1.0


def run(home: Path) -> list[Measurement]:
    with Screen() as screen:
        _start(screen, home / "warm-up")
        times = [_start(screen, home / f"start-{number}") for number in range(STARTS)]
    usable = [typed for _, typed in times]
    detail = {
        "all": rounded(usable),
        "best": round(min(usable), 3),
        "window_shown": round(median([shown for shown, _ in times]), 3),
        "starts": STARTS,
    }
    return [Measurement("start to usable window", round(median(usable), 3), "s", TARGET_S, detail=detail)]


def _start(screen: Screen, data_dir: Path) -> tuple[float, float]:
    """Seconds until the window was shown, and until a key had arrived."""
    with WatchedApp(screen, data_dir) as app:
        app.window()

        def typed() -> float | None:
            if (when := app.event("typed")) is None:
                screen.press("x")
            return when

        arrived = wait_for(typed, app.log, 30, every=0.02)
        shown = app.event("shown")
        assert shown is not None
        return shown - app.started, arrived - app.started
