"""A list of 10,000 chats, some pinned and a third of them in nested folders, in a real window.

How long it takes to be there, what a change costs, and scrolling: by wheel, by page, and in leaps. Hands from
outside turn the wheel sixty times a second and press the keys. A frame is what ``pulse`` says.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.domain.conversation import Conversation
from desktop.domain.folders import Folder
from desktop.domain.settings import Setting
from desktop.storage.conversations import insert_conversation
from desktop.storage.database import Database
from desktop.storage.folders import FolderRepository
from tests.bench.hands import WHEEL_DOWN, WHEEL_UP, Scrolling, reach
from tests.bench.long_window import measured, run_inside
from tests.bench.measurement import Measurement, median
from tests.bench.pulse import Pulse
from tests.helpers.app_data import put_settings
from tests.helpers.chats import TITLES
from tests.helpers.scripted import write_script

if TYPE_CHECKING:
    import sqlite3

    from desktop.services.assembly import Services
    from desktop.ui.conversations.conversation_list import ConversationList
    from desktop.ui.main_window import MainWindow

CHATS = 10_000
FOLDERS = 60
TIMES = 7
PAINT_MS = 150.0
CHANGE_MS = 16.0
P99_MS = 16.0
WORST_MS = 33.0


def run(home: Path) -> list[Measurement]:
    data_dir = home / "list"
    data_dir.mkdir()
    asyncio.run(_store(data_dir / "locution.db"))
    script = write_script(home / "list.json", name="Steady")
    put_settings(data_dir, {Setting.LAST_MODEL: str(script), Setting.LAST_CONVERSATION: f"chat-{CHATS - 1}"})
    found = measured("tests.bench.conversation_list", data_dir)
    frames = found["all"]["frames"]
    return [
        Measurement("10,000 chats: first paint", found["paint_ms"], "ms", PAINT_MS, detail=found),
        Measurement("10,000 chats: one is renamed", found["rename_ms"], "ms", CHANGE_MS),
        Measurement("10,000 chats: one comes on top", found["move_ms"], "ms", CHANGE_MS),
        Measurement("10,000 chats: a frame, p99", frames["p99_ms"], "ms", P99_MS),
        Measurement("10,000 chats: the worst frame", frames["worst_ms"], "ms", WORST_MS),
        Measurement("10,000 chats: loop, p99", found["all"]["loop"]["p99_ms"], "ms", P99_MS),
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


async def _measure(window: MainWindow, services: Services, pulse: Pulse) -> dict[str, Any]:
    column = window.chat_pane.list
    paints = [await _painted(column) for _ in range(TIMES)]
    renames: list[float] = []
    moves: list[float] = []
    for at in range(TIMES):
        await services.conversations.rename("chat-5000", f"Renamed {at}")
        renames.append(await _taken_over(column, services))
        await services.conversations.new(folder_id=f"folder-{at}")
        moves.append(await _taken_over(column, services))
    found: dict[str, Any] = {
        "rows": column.model.rowCount(),
        "paint_ms": round(median(paints), 2),
        "rename_ms": round(median(renames), 2),
        "move_ms": round(median(moves), 2),
    }
    return found | await _scrolled(column, pulse)


async def _painted(column: ConversationList) -> float:
    """Milliseconds from nothing being listed to all that is seen being painted."""
    from desktop.ui.conversations.entries import NOTHING

    column.model.show(NOTHING)
    await asyncio.sleep(0.3)
    began = time.perf_counter()
    column.reload()
    # Looking all the time would take the interpreter from the thread that reads.
    while column.model.rowCount() < CHATS:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    column.view.viewport().repaint()
    return 1000 * (time.perf_counter() - began)


async def _taken_over(column: ConversationList, services: Services) -> float:
    """Milliseconds of the loop's time that a change takes, reading aside, until it is painted."""
    from desktop.ui.conversations.reading import read_list

    column._refresh.stop()
    read = await read_list(services, column.model.listing, column._closed())
    began = time.perf_counter()
    column._on_read(read)
    column.view.viewport().repaint()
    return 1000 * (time.perf_counter() - began)


async def _scrolled(column: ConversationList, pulse: Pulse) -> dict[str, Any]:
    await reach(column.view)
    scrolling = Scrolling(column.view, pulse)
    await scrolling.wheel("wheel down", WHEEL_DOWN)
    await scrolling.pages("page down", "Next")
    await scrolling.wheel("wheel up", WHEEL_UP)
    await scrolling.leaps()
    return scrolling.found()


if __name__ == "__main__":
    sys.exit(run_inside(_measure, lambda window: window.chat_pane.list.view))
