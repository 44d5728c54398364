"""``kill -9`` while somebody chats, edits, deletes and imports: what was done is there, the file is sound.

``KILL_ROUNDS=300 make test-unit ARGS="tests/unit/services/test_kill_anywhere.py -s"`` does it that often.
"""

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from desktop.storage.encoding import configure_text
from desktop.system.paths import Locations
from tests.helpers.starvation import own_time
from tests.unit.services.busy_app import REPLY, SCRIPT
from tests.unit.services.scripted_app import opened, script
from tests.unit.storage.test_updates import assert_index_is_whole

ROOT = Path(__file__).parents[3]
ROUNDS = int(os.environ.get("KILL_ROUNDS", "6"))
LOST_S = 0.25
"""Seconds of an answer that may be lost."""

QUERIES = {
    "title": "SELECT title FROM conversations WHERE id = ?",
    "place": "SELECT folder_id FROM conversations WHERE id = ?",
    "trashed": "SELECT trashed_at IS NOT NULL FROM conversations WHERE id = ?",
    "chat": "SELECT count(*) FROM conversations WHERE id = ?",
    "imported": "SELECT count(*) FROM messages WHERE conversation_id = ?",
    "folder": "SELECT name FROM folders WHERE id = ?",
    "hidden": "SELECT trash_key IS NOT NULL FROM messages WHERE id = ?",
    "said": """
        SELECT coalesce(group_concat(text, ''), '') FROM (
            SELECT text FROM parts WHERE kind = 'text'
            AND message_key = (SELECT key FROM messages WHERE id = ?) ORDER BY position
        )
    """,
}


@dataclass
class Known:
    """What the journals say: for each fact what it is, and what it may have become since; and answers."""

    allowed: dict[str, list[Any]] = field(default_factory=dict)
    streamed: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    """For each message the characters it had, and when."""

    def take(self, lines: Iterable[str]) -> None:
        for line in lines:
            kind, what = json.loads(line)
            if kind == "live":
                moment, name, length = what
                self.streamed.setdefault(name, []).append((moment, length))
                continue
            for name, value in what.items():
                if kind == "is":
                    self.allowed[name] = [value]
                else:
                    self.allowed.setdefault(name, [_nothing(name)]).append(value)


def _nothing(name: str) -> Any:
    """What a fact is before anything was said about it."""
    return {"draft": ["", []], "imported": 0, "chat": True, "title": "", "rating": [0, ""]}.get(
        name.partition(":")[0], False if name.startswith(("trashed", "hidden")) else None
    )


def found(connection: sqlite3.Connection, name: str) -> Any:
    kind, _, identity = name.partition(":")
    identity = identity.rpartition("/")[2]
    if kind == "draft":
        query = "SELECT draft FROM conversations WHERE id = ?"
        (text,) = connection.execute(query, (identity,)).fetchone()
        query = "SELECT name, text FROM draft_parts WHERE conversation_id = ? ORDER BY position"
        return [text, [list(row) for row in connection.execute(query, (identity,))]]
    if kind == "rating":
        query = "SELECT rating, comment FROM messages WHERE id = ?"
        return list(connection.execute(query, (identity,)).fetchone())
    row = connection.execute(QUERIES[kind], (identity,)).fetchone()
    return None if row is None else row[0]


def killed(folder: Path, model: str, journal: Path, rng: random.Random) -> float:
    """Runs the app and kills it at some moment; when that was."""
    command = [sys.executable, "-W", "error", "-m", "tests.unit.services.busy_app"]
    with subprocess.Popen(
        [*command, str(folder), model, str(journal), str(rng.random())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        try:
            if rng.random() < 0.1:
                time.sleep(rng.uniform(0, 1.0))  # Still starting.
            else:
                assert process.stdout is not None and process.stdout.readline() == "ready\n"
                time.sleep(rng.uniform(0, 2.5))
            at = own_time(process.pid)
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
        finally:
            process.kill()
    return at


def check(connection: sqlite3.Connection, known: Known) -> None:
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert_index_is_whole(connection)
    assert connection.execute("SELECT count(*) FROM deltas").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM messages WHERE status = 'streaming'").fetchone() == (0,)
    chats = {identity for (identity,) in connection.execute("SELECT id FROM conversations")}
    for name, allowed in known.allowed.items():
        kind, _, identity = name.partition(":")
        chat = identity.partition("/")[0]
        if kind not in ("folder", "imported", "chat") and chat not in chats:
            assert False in known.allowed.get(f"chat:{chat}", ()), f"{name}: the chat is gone"
            continue
        there = found(connection, name)
        assert there in allowed, f"{name} is {there!r:.300}, not {allowed!r:.300}"


def lost(connection: sqlite3.Connection, known: Known, killed_at: float) -> list[int]:
    """Of each answer that was being written, how many characters older than ``LOST_S`` are missing."""
    missing = []
    for name, moments in known.streamed.items():
        text = found(connection, f"said:{name}")
        if f"said:{name}" not in known.allowed:
            assert REPLY.startswith(text), f"{name}: {text!r:.300}"
            due = max((length for moment, length in moments if moment < killed_at - LOST_S), default=0)
            missing.append(max(0, due - len(text)))
    return missing


@pytest.mark.timeout(120 + 20 * ROUNDS)
async def test_everything_that_was_done_is_there_after_kill_9_at_random_moments(
    calm_dir: Path, tmp_path: Path
) -> None:
    model = script(tmp_path, **SCRIPT)
    known = Known()
    missing: list[int] = []
    rng = random.Random()
    for number in range(ROUNDS):
        journal = tmp_path / f"journal-{number}"
        killed_at = killed(calm_dir, model, journal, rng)
        lines = journal.read_text().splitlines() if journal.exists() else []
        known.streamed.clear()
        known.take(lines)

        async with opened(calm_dir) as services:
            assert services.notice == ""
        with contextlib.closing(sqlite3.connect(Locations.below(calm_dir).database)) as connection:
            configure_text(connection)
            check(connection, known)
            missing += lost(connection, known, killed_at)

    late = [characters for characters in missing if characters]
    sys.stdout.write(
        f"\n{ROUNDS} kills, {len(known.allowed)} facts, {len(missing)} answers cut short, "
        f"{len(late)} by more than {LOST_S} s {late}\n"
    )
    assert any(name.startswith("said") for name in known.allowed)
    assert late == []
