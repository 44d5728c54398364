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
from pathlib import Path
from typing import IO, TypeVar

import desktop
from desktop.engine import framing, protocol

_T = TypeVar("_T")

EXIT_GRACE_S = 3.0
"""Seconds to end in, for a worker that was asked to."""
TERMINATE_GRACE_S = 2.0
"""Seconds more, for one that was then told to."""
READ_SIZE = 1 << 18
"""Bytes."""
MAX_LINE = 2000
"""Characters kept of a line of the worker's standard error."""
SEND_AGAIN = "Send it again: the model is loaded anew."
_CRASHED = {-signal.SIGSEGV, -getattr(signal, "SIGBUS", 10), 0xC0000005, 0xC00000FD}
_NO_INSTRUCTION = {-signal.SIGILL, 0xC000001D}
_ABORTED = {-signal.SIGABRT, 0xC0000409}
_KILLED = {-9, -signal.SIGTERM}
_MISSING_PART = {0xC0000135, 0xC0000139}
"""Exit codes: a signal's number below zero; the others are Windows' statuses for the same."""
_MISSING_WORDS = (
    "No module named",
    "ImportError",
    "OSError",
    "FileNotFoundError",
    "Failed to load",
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a worker ended. ``returncode`` is subprocess's: negative is a signal; ``None``: never started.

    ``reason`` is why the app itself ended it, in one sentence, and ``remedy`` what helps; empty otherwise.
    """

    returncode: int | None
    last_words: str = ""
    reason: str = ""
    remedy: str = ""

    @property
    def message(self) -> str:
        """One sentence for the user."""
        code = self.returncode
        if self.reason:
            return self.reason
        if code is None:
            return "The engine could not be started."
        if code == 0:
            return "The engine ended."
        if code in _ABORTED:
            return "The engine gave up because of an internal error."
        if code in _CRASHED:
            return "The engine crashed."
        if code in _NO_INSTRUCTION:
            return "The engine uses instructions that this processor does not have."
        if code in _KILLED:
            return "The engine was ended from outside; the system may have run out of memory."
        if self._part_is_missing:
            return "A part of the engine is missing on this machine."
        return "The engine ended unexpectedly."

    @property
    def action(self) -> str:
        """What helps: another try, unless it would only end in the same way."""
        if self.remedy:
            return self.remedy
        if self.returncode in _NO_INSTRUCTION or self._part_is_missing:
            return "Install Locution again."
        return SEND_AGAIN

    @property
    def _part_is_missing(self) -> bool:
        code = self.returncode or 0
        said = any(words in self.last_words for words in _MISSING_WORDS)
        return not self.reason and (code in _MISSING_PART or (code > 0 and said))

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
        self._reason = self._remedy = ""
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._ended = asyncio.Event()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            # Where this very package is found first, whatever lies in the folder the app was started from.
            cwd=None if getattr(sys, "frozen", False) else Path(desktop.__file__).parents[1],
            # No console window beside the app's.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
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
        """Never blocks. Silently dropped if the worker has ended; ``on_end`` tells.

        Raises :class:`ProtocolError` if the command is too long for one message.
        """
        self._outgoing.put(framing.frame(command))

    async def stop(self) -> None:
        """The stop ladder: asked, then terminated, then killed. Returns when the process is gone.

        If the caller is cancelled, the process is killed at once.
        """
        self.send(protocol.Exit(0))
        try:
            for grace, harder in (
                (EXIT_GRACE_S, self._process.terminate),
                (TERMINATE_GRACE_S, self._process.kill),
            ):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._ended.wait(), grace)
                    return
                harder()
            await self._ended.wait()
        except asyncio.CancelledError:
            self._process.kill()
            raise

    def kill(self, reason: str = "", remedy: str = "") -> None:
        """Ends it at once; ``reason`` is the sentence that tells the user why, ``remedy`` what helps."""
        if not self._reason:
            self._reason, self._remedy = reason, remedy
        self._process.kill()

    # Threads

    def _read(self, stdout: IO[bytes], listener: threading.Thread) -> None:
        reader = framing.FrameReader()
        try:
            while block := stdout.read(READ_SIZE):
                reports = [framing.decode_report(body) for body in reader.feed(block)]
                if reports:
                    self._post(self._deliver, reports)
        except (framing.ProtocolError, OSError, ValueError) as error:
            self._last_words.append(f"protocol: {error}"[:MAX_LINE])
            self.kill("The engine said something that makes no sense, and was ended.")
        try:
            code = self._process.wait(TERMINATE_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._outgoing.put(None)
        listener.join(1.0)
        stdout.close()
        self._post(self._finish, Outcome(code, "\n".join(self._last_words), self._reason, self._remedy))

    def _write(self, stdin: IO[bytes]) -> None:
        with contextlib.suppress(OSError), stdin:
            while (data := self._outgoing.get()) is not None:
                left = memoryview(data)
                while left:
                    left = left[stdin.write(left) :]

    def _listen_to_log(self, stderr: IO[bytes]) -> None:
        unfinished = b""
        with contextlib.suppress(OSError, ValueError), stderr:
            while block := stderr.read(READ_SIZE):
                *lines, unfinished = (unfinished + block).split(b"\n")
                # Of a flood, what fits into the last words is enough.
                self._keep_lines(lines[-(self._last_words.maxlen or 1) :])
                unfinished = unfinished[:MAX_LINE]
            self._keep_lines([unfinished] if unfinished else [])

    def _keep_lines(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            text = line[:MAX_LINE].decode("utf-8", "replace").rstrip()
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
