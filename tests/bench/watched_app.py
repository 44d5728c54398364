"""What ``python -m desktop`` runs, with a line on standard output for what happens in the window.

    python -m tests.bench.watched_app llama|scripted DATA-DIR

Lines are ``EVENT UNIX-TIME``: ``shown`` when the window was told to appear, ``typed`` when the first key has
arrived in the composer.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.services.assembly import Services
    from desktop.ui.main_window import MainWindow


def main() -> int:
    engine, folder = sys.argv[1:3]
    from desktop.main import run_window

    if engine == "llama":
        return run_window(Path(folder), on_window=_watch)
    from desktop.engine.process import worker_command
    from tests.helpers.scripted import scripted_file

    return run_window(
        Path(folder),
        engine_command=worker_command("scripted"),
        inspect_file=scripted_file,
        on_window=_watch,
    )


def _watch(window: MainWindow, _services: Services) -> None:
    def on_text_changed() -> None:
        edit.textChanged.disconnect(on_text_changed)
        _say("typed")

    edit = window.chat_pane.open_chat.composer.edit
    edit.textChanged.connect(on_text_changed)
    _say("shown")


def _say(event: str) -> None:
    sys.stdout.write(f"{event} {time.time()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
