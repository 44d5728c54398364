"""What the context ledger costs while somebody types: how long it takes, and how long the event loop is held.

Chats of realistic messages, none said twice, with the starter model. The first look reads the chat and counts
what may be sent of it; then there is one more word in the composer, again and again. Garbage is collected at
other times, as in the window.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from desktop.domain.conversation import Conversation, Message, Part, PartKind
from desktop.domain.model import LoadSettings
from desktop.services.assembly import Services, open_services
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from desktop.system.paths import Locations, ready
from tests.bench.measurement import Measurement, median
from tests.helpers.chats import turns

CONTEXT = 4096
KEYS = 30
TARGETS_S = {10: 0.1, 1_000: 0.1, 10_000: 0.1}
"""For a word typed, by messages of the chat: it is asked for a moment after the last key."""
FIRST_TARGETS_S = {10: 0.25, 1_000: 0.5, 10_000: 1.0}
MAX_HELD_MS = 16.0


@dataclass(slots=True)
class _Beat:
    delays_ms: list[float] = field(default_factory=list)

    @property
    def longest_ms(self) -> float:
        return max(self.delays_ms)

    @property
    def p99_ms(self) -> float:
        return sorted(self.delays_ms)[len(self.delays_ms) * 99 // 100]


def run(_home: Path) -> list[Measurement]:
    with tempfile.TemporaryDirectory(prefix="locution-") as folder:
        return asyncio.run(_run(Locations.below(Path(folder))))


async def _run(locations: Locations) -> list[Measurement]:
    ids = await _write(locations)
    async with open_services(locations) as services:
        await services.models.use("starter", LoadSettings(context_length=CONTEXT))
        return [each for count, id_ in ids.items() for each in await _chat(services, id_, count)]


async def _write(locations: Locations) -> dict[int, str]:
    """The chats' ids by their number of messages."""
    database = await Database.open(ready(locations.data) / locations.database.name)
    try:
        ids = {}
        for count in TARGETS_S:
            id_ = ids[count] = f"chat-{count}"
            policy = {"context_policy": "drop_oldest"}
            await ConversationRepository(database).create(Conversation(id_, "", 0.0, 0.0, overrides=policy))
            messages = [_unlike_others(at, message) for at, message in enumerate(turns(id_, count))]
            await MessageRepository(database).add(*messages, leaf_id=messages[-1].id)
        return ids
    finally:
        await database.close()


def _unlike_others(at: int, message: Message) -> Message:
    return replace(message, parts=(Part(PartKind.TEXT, f"{at}. {message.text}"),))


async def _chat(services: Services, conversation_id: str, count: int) -> list[Measurement]:
    async def ask(words: int) -> float:
        started = time.perf_counter()
        assert await services.ledger.of(conversation_id, "And what then? " * words) is not None
        return time.perf_counter() - started

    async with _watched() as beat:
        first = await ask(1)
        started = time.process_time()
        typed = [await ask(at) for at in range(2, 2 + KEYS)]
        spent = time.process_time() - started
    detail = {"typed_s": [round(each, 4) for each in typed], "app_cpu_s": round(spent / KEYS, 4)}
    return [
        Measurement(f"first look, {count:,} messages", round(first, 4), "s", FIRST_TARGETS_S[count]),
        Measurement(
            f"ledger, {count:,} messages", round(median(typed), 4), "s", TARGETS_S[count], detail=detail
        ),
        Measurement(
            f"loop held, {count:,} messages",
            round(beat.longest_ms, 1),
            "ms",
            MAX_HELD_MS,
            detail={"p99_ms": round(beat.p99_ms, 1)},
        ),
    ]


@asynccontextmanager
async def _watched() -> AsyncIterator[_Beat]:
    """Measures how long the loop is held."""
    beat, step = _Beat(), 0.001

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(step)
            beat.delays_ms.append((time.perf_counter() - before - step) * 1000)

    gc.collect()
    gc.disable()
    watching = asyncio.ensure_future(watch())
    try:
        yield beat
    finally:
        watching.cancel()
        gc.enable()
