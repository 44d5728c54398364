"""The time that a process had: a promise in seconds is not its to keep while others have the processors."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path


def own_time(pid: int) -> float:
    """A clock that stands still while a thread of the process could run and no processor is free for it.

    Seconds since some moment, the same one for whoever asks. It goes like every other clock on a machine
    that has nothing else to do, and on systems that do not tell (not Linux).
    """
    waited = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # It has ended.
            waited += int(thread.read_text("ascii").split()[1])
    return time.monotonic() - waited / 1e9
