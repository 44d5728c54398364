"""The worker as a child process: how it is started, listened to, stopped, and what its end means in words.

Lives on the app's event loop. One thread reads the pipe in big blocks and wakes the loop once per block,
which works the same under plain asyncio, under Qt's loop, and on every platform; one writes, so that a
worker that does not read cannot hold the loop up; one keeps the last lines of standard error.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, TypeVar

from desktop.engine import protocol

_T = TypeVar("_T")

EXIT_GRACE_S = 3.0
TERMINATE_GRACE_S = 2.0
READ_SIZE = 1 << 18
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a worker ended. ``returncode`` is subprocess's: negative is a signal; ``None``: never started."""

    returncode: int | None
    last_words: str = ""

    @property
    def message(self) -> str:
        """One sentence for the user."""
        match self.returncode:
            case None:
                return "The engine could not be started."
            case 0:
                return "The engine ended."
            case code if code == -signal.SIGABRT:
                return "The engine gave up because of an internal error."
            case code if code == -signal.SIGSEGV:
                return "The engine crashed."
            case code if code == -signal.SIGILL:
                return "The engine uses instructions that this processor does not have."
            case code if code in (-9, -signal.SIGTERM):
                return "The engine was ended from outside; the system may have run out of memory."
            case code if code > 0 and ("No module named" in self.last_words or "OSError" in self.last_words):
                return "A part of the engine is missing on this machine."
            case _:
                return "The engine ended unexpectedly."

    @property
    def detail(self) -> str:
        return f"exit code {self.returncode}\n{self.last_words}".strip()


def worker_command(core: str = "llama") -> list[str]:
    """How to start a worker with this very executable."""
    base = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "desktop"]
    return [*base, protocol.WORKER_SWITCH, core]


class WorkerProcess:
    """A running worker. ``on_report`` and ``on_end`` are called on the loop; ``on_end`` once, as the last."""

    def __init__(
        self,
        command: Sequence[str],
        on_report: Callable[[protocol.Report], None],
        on_end: Callable[[Outcome], None],
    ) -> None:
        """Starts the process. Raises ``OSError`` if it cannot be."""
        self._loop = asyncio.get_running_loop()
        self._on_report = on_report
        self._on_end = on_end
        self._last_words: deque[str] = deque(maxlen=60)
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._ended = asyncio.Event()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        self.pid = self._process.pid
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin and stdout and stderr
        listener = threading.Thread(
            target=self._listen_to_log, args=(stderr,), name="engine log", daemon=True
        )
        listener.start()
        threading.Thread(
            target=self._read, args=(stdout, listener), name="engine reports", daemon=True
        ).start()
        threading.Thread(target=self._write, args=(stdin,), name="engine commands", daemon=True).start()

    def send(self, command: protocol.Command) -> None:
        """Never blocks. Silently dropped if the worker has ended; ``on_end`` tells."""
        self._outgoing.put(protocol.frame(command))

    async def stop(self) -> None:
        """The stop ladder: asked, then terminated, then killed. Returns when the process is gone."""
        self.send(protocol.Exit(0))
        for grace, harder in (
            (EXIT_GRACE_S, self._process.terminate),
            (TERMINATE_GRACE_S, self._process.kill),
        ):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), grace)
                return
            harder()
        await self._ended.wait()

    def kill(self) -> None:
        self._process.kill()

    # Threads

    def _read(self, stdout: IO[bytes], listener: threading.Thread) -> None:
        reader = protocol.FrameReader()
        try:
            while block := stdout.read(READ_SIZE):
                reports = [protocol.decode_report(body) for body in reader.feed(block)]
                if reports:
                    self._post(self._deliver, reports)
        except (protocol.ProtocolError, OSError, ValueError) as error:
            self._last_words.append(f"protocol: {error}")
            self._process.kill()
        try:
            code = self._process.wait(TERMINATE_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._outgoing.put(None)
        listener.join(1.0)
        stdout.close()
        self._post(self._finish, Outcome(code, "\n".join(self._last_words)))

    def _write(self, stdin: IO[bytes]) -> None:
        with contextlib.suppress(OSError), stdin:
            while (data := self._outgoing.get()) is not None:
                left = memoryview(data)
                while left:
                    left = left[stdin.write(left) :]

    def _listen_to_log(self, stderr: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), stderr:
            for line in iter(stderr.readline, b""):
                text = line.decode("utf-8", "replace").rstrip()
                self._last_words.append(text)
                _log.debug("engine: %s", text)

    def _post(self, call: Callable[[_T], None], value: _T) -> None:
        # The loop may be gone at the very end of the app.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, value)

    # On the loop

    def _deliver(self, reports: list[protocol.Report]) -> None:
        for report in reports:
            self._on_report(report)

    def _finish(self, outcome: Outcome) -> None:
        self._ended.set()
        self._on_end(outcome)
