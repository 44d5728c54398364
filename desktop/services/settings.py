"""The user's settings: read from memory, written behind."""

from __future__ import annotations

import asyncio

from desktop.domain.changes import Kind
from desktop.domain.settings import Setting
from desktop.services.bus import ChangeBus
from desktop.services.tasks import Tasks
from desktop.storage.settings import SettingsRepository


class SettingsService:
    """Knows every setting from the start; ``put`` takes effect at once and is on disk soon after."""

    def __init__(self, repository: SettingsRepository, bus: ChangeBus) -> None:
        self._repository = repository
        self._bus = bus
        self._values: dict[Setting, object] = {}
        self._unwritten: dict[Setting, object] = {}
        self._tasks = Tasks()
        self._writer: asyncio.Task[None] | None = None

    async def read(self) -> None:
        """Once, before anything else. What does not fit its definition is left at the default."""
        stored = await self._repository.all()
        self._values = {
            setting: setting.accept(stored[setting.key]) for setting in Setting if setting.key in stored
        }

    def get(self, setting: Setting) -> object:
        return self._values.get(setting, setting.default)

    def text(self, setting: Setting) -> str:
        return str(self.get(setting))

    def number(self, setting: Setting) -> int:
        value = self.get(setting)
        return value if isinstance(value, int) else 0

    def flag(self, setting: Setting) -> bool:
        return bool(self.get(setting))

    def texts(self, setting: Setting) -> list[str]:
        value = self.get(setting)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def table(self, setting: Setting) -> dict[str, object]:
        value = self.get(setting)
        return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}

    def numbers(self, setting: Setting) -> list[int]:
        value = self.get(setting)
        return [item for item in value if isinstance(item, int)] if isinstance(value, list) else []

    def put(self, setting: Setting, value: object, actor: object = None) -> None:
        accepted = setting.accept(value)
        if self.get(setting) == accepted:
            return
        self._values[setting] = accepted
        self._unwritten[setting] = accepted
        self._write_soon()
        self._bus.publish(Kind.SETTINGS, setting.key, actor=actor)

    async def aclose(self) -> None:
        """Waits for what is not written yet; what failed to be is tried once more."""
        await self._tasks.settle()
        self._write_soon()
        await self._tasks.settle()

    def _write_soon(self) -> None:
        if self._unwritten and (self._writer is None or self._writer.done()):
            self._writer = self._tasks.start(self._write(), "write settings")

    async def _write(self) -> None:
        """Ends at the first failure: the rest is in force, and written with the next change or at the end."""
        while self._unwritten:
            setting, value = next(iter(self._unwritten.items()))
            await self._repository.set(setting.key, value)
            # Changed again meanwhile: then it is written once more.
            if self._unwritten[setting] is value:
                del self._unwritten[setting]
