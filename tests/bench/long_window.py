"""A real window with a chat of 10,000 messages in it, in a process of its own, for what is measured inside.

python -m tests.bench.NAME DATA-DIR        one JSON line on standard output
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.domain.conversation import Message, Part, PartKind
from desktop.domain.settings import Setting
from tests.bench.pulse import Pulse
from tests.helpers.app_data import put_settings, put_steady_preset
from tests.helpers.chats import ANSWERS, store_chat, turns
from tests.helpers.screen import Screen
from tests.helpers.scripted import write_script

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractScrollArea

    from desktop.services.assembly import Services
    from desktop.ui.main_window import MainWindow

MESSAGES = 10_000
LONG = "long"
Measure = Callable[["MainWindow", "Services", Pulse], Awaitable[dict[str, Any]]]
_WIDTH, _HEIGHT = 1500, 900


def lay_out(home: Path, name: str, *, others: int = 0, tokens_per_s: float = 0.0) -> Path:
    """A data folder with the long chat, some short ones, and a model that writes at this speed."""
    data_dir = home / name
    data_dir.mkdir()
    database = data_dir / "locution.db"
    asyncio.run(store_chat(database, LONG, "A long chat", list(_unlike(LONG, MESSAGES))))
    for number in range(others):
        chat = f"other-{number}"
        asyncio.run(store_chat(database, chat, chat, list(turns(chat, 4))))
    reply = "\n\n".join(ANSWERS * 40)
    script = write_script(
        home / f"{name}.json",
        name="Steady",
        context_length=50_000_000,
        reply=reply,
        tokens_per_s=tokens_per_s,
    )
    put_steady_preset(data_dir, max_tokens=1_000_000)
    put_settings(data_dir, {Setting.LAST_MODEL: str(script), Setting.LAST_CONVERSATION: LONG})
    return data_dir


def measured(module: str, data_dir: Path, seconds: float = 240.0) -> dict[str, Any]:
    """Runs ``python -m module DATA-DIR`` on a screen and returns what it found."""
    with Screen() as screen:
        done = subprocess.run(
            [sys.executable, "-m", module, str(data_dir)],
            env=screen.quiet_environment,
            stdout=subprocess.PIPE,
            timeout=seconds,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_inside(measure: Measure, scrolled: Callable[[MainWindow], QAbstractScrollArea] | None = None) -> int:
    """In the measured process: opens the window, waits until it is at rest, measures and closes it.

    What is ``scrolled`` is the transcript unless it says otherwise.
    """
    from desktop.engine.process import worker_command
    from desktop.main import run_window
    from desktop.services.tasks import Tasks
    from tests.helpers.scripted import scripted_file

    tasks = Tasks()

    async def work(window: MainWindow, services: Services) -> None:
        window.setGeometry(0, 0, _WIDTH, _HEIGHT)
        while services.models.current is None or window.chat_pane.current() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await asyncio.sleep(2.0)
        found = await measure(window, services, Pulse(window, scrolled(window) if scrolled else None))
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
        window.close()

    def begin(window: MainWindow, services: Services) -> None:
        tasks.start(work(window, services), "measure")

    return run_window(
        Path(sys.argv[1]),
        engine_command=worker_command("scripted"),
        inspect_file=scripted_file,
        on_window=begin,
    )


def _unlike(name: str, count: int) -> Iterator[Message]:
    """No two texts are the same, so that nothing is spared by having been rendered before."""
    for number, message in enumerate(turns(name, count)):
        text = message.text.replace("the ", f"the {number} ", 2) + f"\n\nThat was number {number}."
        yield replace(message, parts=(Part(PartKind.TEXT, text),))
