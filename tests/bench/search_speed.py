"""How long a search over a million messages takes, and how long indexing them took.

The texts are made of words drawn as language draws them: few very often, most of them rarely. The queries mix
what people type: rare and common words, phrases, a word that is being typed, filters.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from desktop.domain.search import parse_search
from desktop.storage.database import Database
from desktop.storage.reader import Reader
from desktop.storage.search import SearchRepository
from tests.bench.measurement import Measurement, rounded

MESSAGES = 1_000_000
CHATS = 10_000
FOLDERS = 20
VOCABULARY = 50_000
HITS = 50
TARGET_MS = 100.0
_LETTERS = "etaoinshrdlucmfwypvbgk"
_DAY_S = 86_400.0
_START = 1_700_000_000.0
_SPAN_DAYS = 700


def run(home: Path) -> list[Measurement]:
    path = home / "million.db"
    words = _vocabulary()
    spent = asyncio.run(_fill(path, words))
    times, processor = asyncio.run(_ask(path, words))
    path.unlink()
    every = sorted(itertools.chain.from_iterable(times.values()))
    p95 = every[int(0.95 * len(every))]
    detail = {
        "messages": MESSAGES,
        "queries": len(every),
        "median_ms": round(every[len(every) // 2], 2),
        "worst_ms": round(every[-1], 1),
        "processor_p95_ms": round(sorted(processor)[int(0.95 * len(processor))], 1),
        "by_kind_worst_ms": {kind: round(max(spent_ms), 1) for kind, spent_ms in times.items()},
        "by_kind_median_ms": {
            kind: rounded(sorted(ms)[len(ms) // 2 : len(ms) // 2 + 1], 2)[0] for kind, ms in times.items()
        },
        "write_and_index_s": round(spent, 1),
    }
    return [Measurement("search in 1,000,000 messages, p95", round(p95, 1), "ms", TARGET_MS, detail=detail)]


def _vocabulary() -> list[str]:
    rng = random.Random(1)
    return [
        "".join(rng.choice(_LETTERS) for _ in range(rng.randint(2, 10))) + str(number % 7 or "")
        for number in range(VOCABULARY)
    ]


async def _fill(path: Path, words: list[str]) -> float:
    """Seconds that writing took, the index included."""
    database = await Database.open(path)
    began = time.perf_counter()
    for first in range(0, MESSAGES, 50_000):
        rows = list(_messages(words, first, first + 50_000))
        await database.run(lambda connection, rows=rows: _write(connection, rows))  # type: ignore[misc]
    spent = time.perf_counter() - began
    await database.run(_file_away)
    await database.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return spent


def _messages(words: list[str], first: int, last: int) -> Iterator[tuple[int, str, str, float, str, str]]:
    rng = random.Random(first)
    weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(words))))
    for number in range(first, last):
        text = " ".join(rng.choices(words, cum_weights=weights, k=rng.randint(10, 90)))
        at = _START + number / MESSAGES * _SPAN_DAYS * _DAY_S
        model = "SmolLM2 135M Instruct" if number % 2 else ""
        yield number + 1, f"m{number}", f"chat{number * CHATS // MESSAGES}", at, text, model


def _write(connection: sqlite3.Connection, rows: list[tuple[int, str, str, float, str, str]]) -> None:
    connection.executemany(
        """
        INSERT OR IGNORE INTO conversations
            (id, title, created_at, updated_at, activity, preset_id, overrides, draft)
        VALUES (?, ?, ?, ?, ?, '', '{}', '')
        """,
        ((row[2], " ".join(row[4].split()[:5]), row[3], row[3], row[0]) for row in rows),
    )
    connection.executemany(
        """
        INSERT INTO messages (key, id, conversation_id, position, role, status, created_at, error, owner)
        VALUES (?, ?, ?, ?, 'user', 'complete', ?, '', '')
        """,
        ((key, identity, chat, key, at) for key, identity, chat, at, _, _ in rows),
    )
    connection.executemany(
        """
        INSERT INTO parts (message_key, position, kind, text, name, chat, model)
        VALUES (?, 0, 'text', ?, '', ?, ?)
        """,
        ((key, text, chat, model) for key, _, chat, _, text, model in rows),
    )


def _file_away(connection: sqlite3.Connection) -> None:
    """Half of the chats into folders of very different sizes."""
    for number in range(FOLDERS):
        connection.execute(
            "INSERT INTO folders (id, name, position) VALUES (?, ?, ?)",
            (f"f{number}", f"Folder{number}", number),
        )
        connection.execute(
            "UPDATE conversations SET folder_id = ? WHERE key % 4096 BETWEEN ? AND ?",
            (f"f{number}", 10 * 2 ** (number // 2), 20 * 2 ** (number // 2) - 1 - number),
        )


async def _ask(path: Path, words: list[str]) -> tuple[dict[str, list[float]], list[float]]:
    """Milliseconds of each search, by kind, and of the processor's time for each.

    The first of each kind meets a cold cache.
    """
    database = await Database.open(path)
    reader = Reader(path)
    repository = SearchRepository(reader, database)
    times: dict[str, list[float]] = {}
    processor: list[float] = []
    for kind, line in _queries(words):
        began, worked = time.perf_counter(), time.process_time()
        await repository.search(parse_search(line), HITS)
        times.setdefault(kind, []).append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - worked))
    await reader.close()
    await database.close()
    return times, processor


def _queries(words: list[str]) -> Iterator[tuple[str, str]]:
    rng = random.Random(7)

    def common() -> str:
        return words[rng.randrange(20)]

    def usual() -> str:
        return words[rng.randrange(100, 3000)]

    def rare() -> str:
        return words[rng.randrange(10_000, VOCABULARY)]

    for _ in range(20):
        yield "one common word", f"{common()} "
        yield "one usual word", f"{usual()} "
        yield "one rare word", f"{rare()} "
        yield "two words", f"{common()} {usual()} "
        yield "three words", f"{common()} {usual()} {common()} "
        yield "phrase", f'"{common()} {common()}"'
        yield "being typed", f"{common()} {usual()[:3]}"
        yield "a common word being typed", common()[:2]
        yield "nothing found", "nowhere at all "
        yield "in a folder", f"{common()} in:folder{rng.randrange(FOLDERS)} "
        yield "of a model", f"{usual()} model:smollm2 "
        month = 1 + rng.randrange(12)
        yield "in a month", f"{common()} after:2024-{month:02} before:2024-{month:02}-28 "
