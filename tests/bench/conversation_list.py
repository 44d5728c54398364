"""A list of 10,000 chats, some pinned and a third of them in nested folders: its first paint, and scrolling.

The app's own window on a screen of its own, in a process of its own. It is scrolled from top to bottom in
steps of about two lines, and back in leaps, as with the wheel and with the scroll bar. A frame is the time
from telling the scroll bar to the window being painted and the event loop having nothing left to do.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.domain.conversation import Conversation
from desktop.domain.folders import Folder
from desktop.storage.conversations import insert_conversation
from desktop.storage.database import Database
from desktop.storage.folders import FolderRepository
from tests.bench.measurement import Measurement
from tests.helpers.chats import TITLES
from tests.helpers.screen import Screen

if TYPE_CHECKING:
    import sqlite3

    from desktop.services.assembly import Services
    from desktop.ui.main_window import MainWindow

CHATS = 10_000
FOLDERS = 60
TIMES = 7
STEPS = 600
LEAPS = 120
PAINT_MS = 150.0
CHANGE_MS = 16.0
FRAME_MS = 16.0
WORST_MS = 33.0


def run(home: Path) -> list[Measurement]:
    data_dir = home / "list"
    data_dir.mkdir()
    asyncio.run(_store(data_dir / "locution.db"))
    with Screen() as screen:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.conversation_list", str(data_dir)],
            env=screen.quiet_environment,
            stdout=subprocess.PIPE,
            check=True,
        )
    found = json.loads(done.stdout.splitlines()[-1])
    return [
        Measurement("10,000 chats: first paint", found["paint_ms"], "ms", PAINT_MS, detail=found),
        Measurement("10,000 chats: one is renamed", found["rename_ms"], "ms", CHANGE_MS),
        Measurement("10,000 chats: one comes on top", found["move_ms"], "ms", CHANGE_MS),
        Measurement("10,000 chats: scrolling, p99", found["frame_p99_ms"], "ms", FRAME_MS),
        Measurement("10,000 chats: scrolling, worst", found["frame_worst_ms"], "ms", WORST_MS),
    ]


async def _store(path: Path) -> None:
    """Over the last years, a third of the chats in folders of three levels."""
    database = await Database.open(path)
    try:
        folders = FolderRepository(database)
        for at in range(FOLDERS):
            parent = f"folder-{at // 4}" if at >= FOLDERS // 4 else None
            await folders.create(Folder(f"folder-{at}", f"Project {at}", parent))
        now = time.time()

        def work(connection: sqlite3.Connection) -> None:
            for at, title in zip(range(CHATS), itertools.cycle(TITLES), strict=False):
                when = now - (CHATS - at) * 7_000
                folder = f"folder-{at % FOLDERS}" if at % 3 == 0 else None
                chat = Conversation(
                    f"chat-{at}", f"{title} {at}", when, when, preset_id="chatbot", folder_id=folder,
                    pinned=at % 500 == 0,
                )  # fmt: skip
                insert_conversation(connection, chat)

        await database.run(work)
    finally:
        await database.close()


def main() -> int:
    """In the process that is measured: one JSON line on standard output."""
    from desktop.engine.process import worker_command
    from desktop.main import run_window
    from desktop.services.tasks import Tasks
    from tests.helpers.scripted import scripted_file

    tasks = Tasks()

    def on_window(window: MainWindow, services: Services) -> None:
        tasks.start(_measure(window, services), "measure")

    return run_window(
        Path(sys.argv[1]),
        engine_command=worker_command("scripted"),
        inspect_file=scripted_file,
        on_window=on_window,
    )


async def _measure(window: MainWindow, services: Services) -> None:
    column = window.chat_pane.list
    await asyncio.sleep(2.0)
    paints = []
    for _ in range(TIMES):
        column.model.setStringList([])
        column.model.listing = type(column.model.listing)((), {})
        await asyncio.sleep(0.3)
        began = time.perf_counter()
        column.reload()
        # Looking all the time would take the interpreter from the thread that reads.
        while column.model.rowCount() < CHATS // 2:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        column.view.viewport().repaint()
        paints.append(1000 * (time.perf_counter() - began))
    renames: list[float] = []
    moves: list[float] = []
    for at in range(TIMES):
        await services.conversations.rename("chat-5000", f"Renamed {at}")
        renames.append(await _taken_over(window, services))
        await services.conversations.new(folder_id=f"folder-{at}")
        moves.append(await _taken_over(window, services))
    frames = await _scroll(window)
    found = {
        "paint_ms": _median(paints),
        "rename_ms": _median(renames),
        "move_ms": _median(moves),
        "rows": column.model.rowCount(),
        "frames": len(frames),
        "frame_median_ms": _median(frames),
        "frame_p99_ms": round(sorted(frames)[int(0.99 * len(frames))], 2),
        "frame_worst_ms": round(max(frames), 2),
        "frames_over_33_ms": sum(frame > WORST_MS for frame in frames),
    }
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    window.close()


async def _taken_over(window: MainWindow, services: Services) -> float:
    """Milliseconds of the loop's time that a change takes, reading aside, until it is painted."""
    from desktop.ui.conversations.reading import read_list

    column = window.chat_pane.list
    column._refresh.stop()
    read = await read_list(services, column.model.listing, column._closed())
    began = time.perf_counter()
    column._on_read(read)
    column.view.viewport().repaint()
    return 1000 * (time.perf_counter() - began)


async def _scroll(window: MainWindow) -> list[float]:
    bar = window.chat_pane.list.view.verticalScrollBar()
    line = window.chat_pane.list.view.sizeHintForRow(0)
    steps = [2 * line * at for at in range(STEPS)]
    leaps = [bar.maximum() * (LEAPS - at) // LEAPS for at in range(LEAPS)]
    return [await _frame(window, value) for value in (*steps, *leaps)]


async def _frame(window: MainWindow, value: int) -> float:
    view = window.chat_pane.list.view
    began = time.perf_counter()
    view.verticalScrollBar().setValue(value)
    view.viewport().repaint()
    # Whatever was posted meanwhile is done before this comes back.
    await asyncio.sleep(0)
    spent = 1000 * (time.perf_counter() - began)
    await asyncio.sleep(0.004)
    return spent


def _median(values: list[float]) -> float:
    return round(sorted(values)[len(values) // 2], 2)


if __name__ == "__main__":
    sys.exit(main())
