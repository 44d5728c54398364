"""Settings' rows: a name and a JSON value each. The domain says which there are. For services; any task."""

from __future__ import annotations

import sqlite3

from desktop.storage.database import Database
from desktop.storage.encoding import AS_TEXT, json_value, read_json, text_value

_DAMAGED = object()


class SettingsRepository:
    __slots__ = ("_db",)

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> dict[str, object]:
        """Every value that was set. A damaged one is left out, which is its default."""

        def work(connection: sqlite3.Connection) -> dict[str, object]:
            rows = connection.execute("SELECT name, value FROM settings ORDER BY name")
            found = {name: read_json(value, f"setting {name}", _DAMAGED) for name, value in rows}
            return {name: value for name, value in found.items() if value is not _DAMAGED}

        return await self._db.read(work)

    async def set(self, key: str, value: object) -> None:
        """``value`` is anything that JSON can hold."""
        statement = f"""
            INSERT INTO settings (name, value) VALUES ({AS_TEXT}, {AS_TEXT})
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """
        values = (text_value(key), json_value(value))
        await self._db.run(lambda connection: connection.execute(statement, values))
