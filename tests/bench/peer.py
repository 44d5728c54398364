"""llama.cpp's own server as the peer: a process beside this one that holds the same model.

Both take turns, so that what else the machine does hits both alike; a round that other programs disturbed
can be told from one that was left alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil

NAME = "llama.cpp's server (xllamacpp)"
QUIET = 0.1
"""Cores that other programs may have taken on average in a round that was left alone."""
WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second: of reading the prompt, and of writing after the first token."""

    reading: float
    writing: float

    @classmethod
    def together(cls, speeds: Sequence[Speed]) -> Speed:
        """Of equal amounts of work that were done one after the other."""
        return cls(
            statistics.harmonic_mean([speed.reading for speed in speeds]),
            statistics.harmonic_mean([speed.writing for speed in speeds]),
        )


class Peer:
    """One request at a time."""

    def __init__(
        self, model: Path, *, threads: int, context_length: int, batch: int, cache: bool = False
    ) -> None:
        """``cache`` is the server's prompt cache."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.peer_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.pid = self._process.pid
        self._cache = cache
        configuration = {
            "model": str(model),
            "context_length": context_length,
            "batch": batch,
            "threads": threads,
            "cache": cache,
        }
        self.build: dict[str, Any] = self._ask(configuration)["build"]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def __enter__(self) -> Self:
        return self

    def measure(self, prompt: list[int], tokens: int) -> Speed:
        """Writes exactly ``tokens`` tokens, past an end that the model would make."""
        answer = self._ask(
            {
                "prompt": prompt,
                "max_tokens": tokens,
                "temperature": 0,
                "ignore_eos": True,
                "cache_prompt": False,
                "stream": False,
            }
        )
        timing = answer["timings"]
        assert timing["prompt_n"] == len(prompt), "the server reused a part of the prompt"
        assert timing["predicted_n"] == tokens
        # The first token comes with the prompt; the server's own rate counts it to the writing.
        writing = (tokens - 1) / timing["predicted_ms"] * 1000 if tokens > 1 else 0.0
        return Speed(len(prompt) / timing["prompt_ms"] * 1000, writing)

    def chat(self, messages: list[dict[str, str]], tokens: int) -> tuple[str, int]:
        """An answer to ``messages``, and how many prompt tokens the server had to read for it."""
        answer = self._ask(
            {
                "messages": messages,
                "max_tokens": tokens,
                "temperature": 0,
                "cache_prompt": self._cache,
                "stream": False,
            }
        )
        return answer["choices"][0]["message"]["content"], answer["timings"]["prompt_n"]

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return answer


class Others:
    """Processor time of everybody but some processes, which are given by their ids."""

    def __init__(self, *own: int | None) -> None:
        self._own = [psutil.Process(pid) for pid in (*own, os.getpid()) if pid is not None]
        self._busy, self._since = 0.0, 0.0

    def begin(self) -> None:
        self._busy, self._since = self._seconds(), time.monotonic()

    def cores(self) -> float:
        """Taken on average since :meth:`begin`."""
        return max(0.0, self._seconds() - self._busy) / (time.monotonic() - self._since)

    async def wait_for_quiet(self) -> None:
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            self.begin()
            await asyncio.sleep(1)
            if self.cores() <= QUIET:
                return

    def _seconds(self) -> float:
        every = psutil.cpu_times()
        own = sum(sum(process.cpu_times()[:2]) for process in self._own)
        return float(sum(every) - every.idle - getattr(every, "iowait", 0.0) - own)
