"""The headless commands as a script runs them: a process, its output, its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left. ``out`` and ``err`` are whole."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON objects, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one plain line that a failed command leaves, without the program's name."""
        assert self.code == 1, self
        (line,) = self.err.splitlines()
        assert line.startswith("locution: "), self
        return line.removeprefix("locution: ")


@contextmanager
def started(
    data_dir: Path,
    *arguments: str | bytes,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.PIPE,
    environment: Mapping[str, str] | None = None,
    memory: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A running command in a process group of its own, as a shell starts one; killed in the end.

    Its output is not buffered here: what a test does not read is there for :func:`ended`.
    ``memory`` limits the address space of each of its processes, in bytes.
    """
    command: list[str | bytes] = [sys.executable, "-m", "desktop", "--data-dir", str(data_dir), *arguments]
    if memory is not None:
        command = ["/bin/sh", "-c", f'ulimit -v {memory // 1024}; exec "$@"', "sh", *command]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        bufsize=0,
        process_group=0,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[bytes], stdin: bytes | None = None) -> Result:
    """Waits for the end of a started command. Whatever happened, nobody is shown a traceback."""
    out, err = process.communicate(stdin, timeout=TIMEOUT_S)
    result = Result(process.returncode, (out or b"").decode(), err.decode())
    assert "Traceback" not in result.err, result.err
    return result


def run(
    data_dir: Path,
    *arguments: str | bytes,
    stdin: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    memory: int | None = None,
) -> Result:
    """Runs a command to its end."""
    source = subprocess.DEVNULL if stdin is None else subprocess.PIPE
    with started(data_dir, *arguments, stdin=source, environment=environment, memory=memory) as process:
        return ended(process, stdin)
