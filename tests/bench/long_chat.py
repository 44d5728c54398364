"""A chat of 10,000 messages of realistic Markdown: opening it, changing a message, and the memory it takes.

The app's own window, drawn off screen, in a process of its own: reading the chat, making rows of it and
laying them out, until everything that is seen has been painted. The same for a chat of 10 messages tells
what the length costs.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.measurement import Measurement
from tests.helpers.chats import store_chat, turns

if TYPE_CHECKING:
    from desktop.services.assembly import Services
    from desktop.ui.chat.open_chat import OpenChat
    from desktop.ui.main_window import MainWindow

MESSAGES = 10_000
TIMES = 7
OPEN_MS = 150.0
READ_MS = 100.0
CHANGE_MS = 16.0
MEMORY_MB = 60.0


def run(home: Path) -> list[Measurement]:
    data_dir = home / "long"
    data_dir.mkdir()
    database = data_dir / "locution.db"
    for name, count in (("short", 10), ("long", MESSAGES)):
        asyncio.run(store_chat(database, name, name, list(turns(name, count))))
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.long_chat", str(data_dir)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    detail = {"messages": MESSAGES, "short_chat": found["short"], "long_chat": found["long"]}
    long = found["long"]
    return [
        Measurement("10,000 messages: first paint", long["paint_ms"], "ms", OPEN_MS, detail=detail),
        Measurement("10,000 messages: read for it", long["read_ms"], "ms", READ_MS),
        Measurement("10,000 messages: one changes", long["change_ms"], "ms", CHANGE_MS),
        Measurement("10,000 messages: memory", found["memory_mb"], "MB", MEMORY_MB),
    ]


def main() -> int:
    """In the process that is measured: one JSON line on standard output."""
    from desktop.main import run_window
    from desktop.services.tasks import Tasks

    tasks = Tasks()

    def on_window(window: MainWindow, services: Services) -> None:
        tasks.start(_measure(window, services), "measure")

    from desktop.engine.process import worker_command
    from tests.helpers.scripted import scripted_file

    return run_window(
        Path(sys.argv[1]),
        engine_command=worker_command("scripted"),
        inspect_file=scripted_file,
        on_window=on_window,
    )


async def _measure(window: MainWindow, services: Services) -> None:
    import psutil

    pane = window.chat_pane.open_chat
    await asyncio.sleep(1.0)
    for _ in range(2):  # Fonts, widgets and the file are there from the second time on.
        await _opened(pane, "short")
    before = psutil.Process().memory_info().rss
    found: dict[str, object] = {}
    for name in ("short", "long"):
        paints, reads, changes = [], [], []
        for _ in range(TIMES):
            other = "long" if name == "short" else "short"
            await _opened(pane, other)
            began = time.perf_counter()
            await services.conversations.outline(name)
            reads.append(1000 * (time.perf_counter() - began))
            paints.append(await _opened(pane, name))
            changes.append(await _changed(pane, services, name))
        found[name] = {
            "paint_ms": round(sorted(paints)[TIMES // 2], 1),
            "read_ms": round(sorted(reads)[TIMES // 2], 1),
            "change_ms": round(sorted(changes)[TIMES // 2], 2),
            "paint_all_ms": [round(value, 1) for value in paints],
        }
    found["memory_mb"] = round((psutil.Process().memory_info().rss - before) / 1e6, 1)
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    window.close()


async def _opened(pane: OpenChat, name: str) -> float:
    """Milliseconds from the click to all that is seen being painted."""
    from PySide6.QtWidgets import QApplication

    began = time.perf_counter()
    pane.open(name)
    # Looking all the time would take the interpreter from the thread that reads.
    while pane.conversation is None or pane.conversation.id != name:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    pane.transcript.viewport().repaint()
    spent = 1000 * (time.perf_counter() - began)
    await asyncio.sleep(0.3)
    QApplication.processEvents()
    return spent


async def _changed(pane: OpenChat, services: Services, name: str) -> float:
    """Milliseconds of the loop's time that a change to one message takes, reading aside."""
    outline = pane.opened()
    assert outline is not None
    message_id = outline.path[-1].id
    refreshed = await services.conversations.refresh(outline, {message_id})
    began = time.perf_counter()
    pane._on_refreshed(outline, outline.conversation.leaf_id, refreshed)
    pane.transcript.viewport().repaint()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
