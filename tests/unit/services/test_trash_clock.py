"""The trash is kept 30 days, whatever the system's clock says."""

from pathlib import Path

import pytest

from desktop.services import trash
from desktop.services.assembly import Services
from desktop.services.trash import DAY_S, GAP_S, KEPT_S, TrashClock
from desktop.storage.database import Database
from desktop.storage.settings import SettingsRepository
from tests.unit.services.scripted_app import new_chat, opened

NOW = 1_800_000_000.0


class Times:
    """The system's clocks, as the test sets them."""

    def __init__(self) -> None:
        self.wall = NOW
        self.monotonic = 50.0


@pytest.fixture
async def settings(data_dir: Path):
    database = await Database.open(data_dir / "clock.db")
    yield SettingsRepository(database)
    await database.close()


async def started(settings: SettingsRepository, times: Times) -> TrashClock:
    clock = TrashClock(settings, lambda: times.wall, lambda: times.monotonic)
    await clock.start()
    return clock


async def test_it_goes_on_with_the_time_between_two_starts(settings: SettingsRepository) -> None:
    times = Times()
    clock = await started(settings, times)
    times.monotonic += 100
    times.wall += 100
    await clock.keep()
    times.wall += 3 * DAY_S

    assert clock.now == 100
    assert (await started(settings, times)).now == pytest.approx(100 + 3 * DAY_S)


@pytest.mark.parametrize(
    ("jump", "counts"), [(-20 * 365 * DAY_S, 0.0), (20 * 365 * DAY_S, GAP_S), (-1.0, 0.0)]
)
async def test_a_clock_that_jumps_does_not_age_the_trash(
    settings: SettingsRepository, jump: float, counts: float
) -> None:
    times = Times()
    clock = await started(settings, times)
    await clock.keep()
    times.wall += jump
    jumped = await started(settings, times)
    assert jumped.now == counts
    await jumped.keep()
    times.wall -= jump

    assert (await started(settings, times)).now <= counts + GAP_S < KEPT_S


@pytest.mark.parametrize(
    "stored", [None, "x", {"clock": "x"}, {"clock": -5.0, "seen": 0}, {"clock": 1e300, "seen": 1}]
)
async def test_a_damaged_clock_begins_anew(settings: SettingsRepository, stored: object) -> None:
    await settings.set("trash_clock", stored)

    assert (await started(settings, Times())).now == 0


async def test_the_trash_is_emptied_at_the_start_once_its_time_is_over(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def in_trash(services: Services) -> list[str]:
        await services.trash.purge()
        return [entry.conversation_id for entry in await services.trash.entries()]

    async with opened(data_dir) as services:
        old = await new_chat(services)
        await services.chat.trash(old)
        monkeypatch.setattr(trash, "KEPT_S", 0.2)
        await services.conversations.new()
        assert old not in {one.id for one in await services.conversations.list()}
        monkeypatch.undo()
        assert await in_trash(services) == [old]

    monkeypatch.setattr(trash, "KEPT_S", -1.0)
    async with opened(data_dir) as services:
        assert await in_trash(services) == []


async def test_emptying_the_trash_leaves_the_rest(services: Services) -> None:
    gone = await new_chat(services)
    await services.conversations.rename(gone, "to go")
    kept = await new_chat(services)
    await services.chat.trash(gone)

    await services.trash.empty()

    assert await services.trash.entries() == []
    assert [one.id for one in await services.conversations.list()] == [kept]
