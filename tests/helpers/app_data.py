"""What the app keeps in its data folder: laid out before it starts, and looked at while it runs."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.domain.settings import Setting
from desktop.storage.database import Database
from desktop.storage.settings import SettingsRepository
from desktop.system.paths import DATABASE_NAME

STEADY_PRESET = """\
name = "Steady"
description = "The same answer each time."
order = 1
icon = "chat"
placeholder = "Ask anything"
examples = []
system_prompt = "You are a helpful assistant."

[parameters]
temperature = 0.7
seed = 7
repeat_penalty = 1.05
max_tokens = {max_tokens}
"""
_MESSAGES = """
    SELECT key, conversation_id, role, status, error,
        (SELECT coalesce(group_concat(text, ''), '') FROM
            (SELECT text FROM parts WHERE message_key = messages.key AND kind = 'text' ORDER BY position))
        || (SELECT coalesce(group_concat(text, ''), '') FROM
            (SELECT text FROM deltas WHERE message_key = messages.key AND kind = 'text' ORDER BY key))
    FROM messages ORDER BY key
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as the database has it now. ``text`` is also that of an answer which is being written."""

    key: int
    conversation_id: str
    role: str
    status: str
    error: str
    text: str


def stored(data_dir: Path) -> list[Stored]:
    """All messages, in the order they were added; none before there is a database."""
    return [Stored(*row) for row in _rows(data_dir, _MESSAGES)]


def stored_drafts(data_dir: Path) -> list[str]:
    """What is typed and not sent, in whatever chats."""
    return [draft for (draft,) in _rows(data_dir, "SELECT draft FROM conversations WHERE draft <> ''")]


def _rows(data_dir: Path, query: str) -> list[Any]:
    path = data_dir / DATABASE_NAME
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
        return connection.execute(query).fetchall()


def stored_answers(data_dir: Path) -> list[Stored]:
    return [message for message in stored(data_dir) if message.role == "assistant"]


def put_settings(data_dir: Path, values: dict[Setting, object]) -> None:
    """As if the user had set them; no app may have the folder open."""

    async def put() -> None:
        database = await Database.open(data_dir / DATABASE_NAME)
        try:
            for setting, value in values.items():
                await SettingsRepository(database).set(setting.key, value)
        finally:
            await database.close()

    asyncio.run(put())


def put_steady_preset(data_dir: Path, max_tokens: int = 400) -> None:
    """New chats use a preset with a fixed seed, so that a test sees the same answer each time.

    The engine gets one thread: several wait for each other actively, and on a machine that does other work
    as well, such as running tests side by side, that is slower by far.
    """
    presets = data_dir / "presets"
    presets.mkdir(exist_ok=True)
    (presets / "steady.toml").write_text(STEADY_PRESET.format(max_tokens=max_tokens), encoding="utf-8")
    put_settings(data_dir, {Setting.LAST_PRESET: "steady", Setting.THREADS: 1})
