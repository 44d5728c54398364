"""The trash: what is in it comes back for ``KEPT_S``, then it is deleted for good.

Its age is told by a clock of its own. The system's may be wrong for a while, and a jump of a year must not
empty the trash: time in which the app did not run counts at most ``GAP_S``, and time that runs backwards
counts nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from desktop.domain.changes import Kind
from desktop.domain.errors import LocutionError
from desktop.services.bus import ChangeBus
from desktop.services.models import ModelService
from desktop.services.stores import Stores
from desktop.services.tasks import Tasks
from desktop.services.undo import Act, UndoStack
from desktop.storage.settings import SettingsRepository
from desktop.storage.trash import Trashed, TrashRepository

__all__ = ["DAY_S", "KEPT_S", "TrashClock", "TrashService", "Trashed"]

DAY_S = 86_400.0
KEPT_S = 30 * DAY_S
GAP_S = 7 * DAY_S
_KEY = "trash_clock"
_log = logging.getLogger(__name__)


class TrashClock:
    """Seconds that the trash has been in use; it never runs backwards."""

    def __init__(
        self,
        repository: SettingsRepository,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._repository = repository
        self._wall = wall
        self._monotonic = monotonic
        self._clock = 0.0
        self._since = monotonic()

    @property
    def now(self) -> float:
        return self._clock + self._monotonic() - self._since

    async def start(self) -> None:
        """Goes on from where it was when the app last ran."""
        stored = (await self._repository.all()).get(_KEY)
        clock, seen = (stored.get("clock"), stored.get("seen")) if isinstance(stored, dict) else (None, None)
        if isinstance(clock, int | float) and isinstance(seen, int | float) and 0 <= clock < 1e12:
            self._clock = clock + min(max(self._wall() - seen, 0.0), GAP_S)
        self._since = self._monotonic()

    async def keep(self) -> None:
        """Writes down how late it is."""
        await self._repository.set(_KEY, {"clock": self.now, "seen": self._wall()})


class TrashService:
    """Deleting and bringing back chats, several at once too."""

    def __init__(
        self, stores: Stores, clock: TrashClock, models: ModelService, undo: UndoStack, bus: ChangeBus
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._models = models
        self._undo = undo
        self._bus = bus
        self._tasks = Tasks()

    async def start(self) -> None:
        """Deletes what is over, now and once a day from then on."""
        await self._clock.start()
        self._tasks.start(self._purge_daily(), "empty the trash")

    async def entries(self) -> list[Trashed]:
        """The last deletion first; temporary chats are not listed."""
        return await self._stores.disk.trash.entries()

    def left_s(self, entry: Trashed) -> float:
        """Seconds until a deletion is one for good, if the app runs until then."""
        return max(0.0, KEPT_S - (self._clock.now - entry.stamp))

    async def put(self, conversation_ids: Sequence[str], actor: object = None) -> None:
        """Out of the list. Raises :class:`NotFoundError` if one is not there."""
        moved: list[str] = []
        for trash, ids in self._by_store(conversation_ids):
            moved += await trash.put_chats(ids, time.time(), self._clock.now)
        for identity in moved:
            await self._models.forget_state(identity)
        if moved:
            self._undo.add(Act.DELETE, lambda: self.restore(moved), len(moved))
        self._bus.publish(Kind.CONVERSATIONS, *conversation_ids, actor=actor)

    async def restore(self, conversation_ids: Sequence[str], actor: object = None) -> None:
        """Back to where they were. Raises :class:`NotFoundError` for one that was deleted for good."""
        for trash, ids in self._by_store(conversation_ids):
            await trash.restore_chats(ids)
        self._bus.publish(Kind.CONVERSATIONS, *conversation_ids, actor=actor)

    async def put_branch(self, conversation_id: str, message_id: str, actor: object = None) -> None:
        """A message and all that follows it. Raises :class:`NotFoundError`."""
        trash = self._stores.of(conversation_id).trash
        await trash.put_branch(conversation_id, message_id, time.time(), self._clock.now)
        await self._models.forget_state(conversation_id)
        self._undo.add(Act.DELETE_BRANCH, lambda: self.restore_branch(conversation_id, message_id))
        self._bus.publish(Kind.MESSAGES, conversation_id, actor=actor)

    async def restore_branch(self, conversation_id: str, message_id: str, actor: object = None) -> None:
        """Raises :class:`NotFoundError` if it was deleted for good."""
        await self._stores.of(conversation_id).trash.restore_branch(conversation_id, message_id)
        self._bus.publish(Kind.MESSAGES, conversation_id, actor=actor)

    async def delete(self, conversation_ids: Sequence[str], actor: object = None) -> None:
        """Chats that are in the trash: for good, with all that the engine keeps of them."""
        deleted = await self._stores.disk.trash.delete(conversation_ids)
        await self._forget(deleted, actor)

    async def empty(self, actor: object = None) -> None:
        """Everything in it, for good."""
        await self._forget(await self._stores.disk.trash.empty(), actor)

    async def purge(self) -> None:
        """What has been in it for ``KEPT_S``, for good."""
        deleted = await self._stores.disk.trash.purge(self._clock.now - KEPT_S)
        await self._forget(deleted, None)

    async def aclose(self) -> None:
        await self._tasks.aclose()

    def _by_store(self, conversation_ids: Sequence[str]) -> list[tuple[TrashRepository, list[str]]]:
        temporary = [identity for identity in conversation_ids if self._stores.is_temporary(identity)]
        kept = [identity for identity in conversation_ids if not self._stores.is_temporary(identity)]
        return [(self._stores.of(ids[0]).trash, ids) for ids in (kept, temporary) if ids]

    async def _forget(self, deleted: Sequence[str], actor: object) -> None:
        for identity in deleted:
            await self._models.forget_state(identity)
        if deleted:
            self._bus.publish(Kind.CONVERSATIONS, *deleted, actor=actor)

    async def _purge_daily(self) -> None:
        while True:
            try:
                await self.purge()
                await self._clock.keep()
            except LocutionError as error:
                _log.warning("The trash could not be emptied: %s %s", error, error.detail)
            await asyncio.sleep(DAY_S)
