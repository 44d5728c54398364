"""What the app's process holds in memory with a long chat open; the engine's process is not counted."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psutil

from desktop.domain.settings import Setting
from desktop.system.paths import DATABASE_NAME
from tests.bench.app_on_screen import WatchedApp
from tests.bench.measurement import Measurement
from tests.helpers.app_data import put_settings
from tests.helpers.chats import store_chat, store_titles, turns
from tests.helpers.screen import Screen, wait_for

MESSAGES = 200
CHATS = 30
TARGET_MB = 160.0
_SETTLE_S = 2.0


def run(home: Path) -> list[Measurement]:
    data_dir = home / "memory"
    data_dir.mkdir()
    database = data_dir / DATABASE_NAME
    asyncio.run(store_titles(database, CHATS))
    asyncio.run(store_chat(database, "long", "A long chat", list(turns("long", MESSAGES))))
    put_settings(data_dir, {Setting.LAST_CONVERSATION: "long"})
    with Screen() as screen:
        with WatchedApp(screen, data_dir) as app:
            window = app.window()
            screen.resize(window, 1500, 900)
            wait_for(lambda: screen.windows(window.pid)[0].title.startswith("A long chat"), "the long chat")
            opened = _steady(app.process)
            # Through the whole chat and back: what is built on the way must be given up again.
            screen.press("shift+Tab", *["Prior"] * MESSAGES)
            scrolled = _steady(app.process)
        with WatchedApp(screen, home / "empty") as app:
            app.window()
            empty = _steady(app.process)
    detail = {"messages": MESSAGES, "after_scrolling_mb": scrolled, "empty_mb": empty}
    return [
        Measurement(f"app with a {MESSAGES}-message chat", opened, "MB resident", TARGET_MB, detail=detail)
    ]


def _steady(process: psutil.Process) -> float:
    """Resident megabytes once they have stopped changing."""
    before = 0.0

    def steady() -> float | None:
        nonlocal before
        now, last = process.memory_info().rss / 1e6, before
        before = now
        time.sleep(_SETTLE_S / 4)
        return now if abs(now - last) < 0.2 else None

    return round(wait_for(steady, "steady memory", 60), 1)
