"""Settings take effect at once, are on disk soon after, and a bad one is its default."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop.domain.changes import Change, Kind
from desktop.domain.errors import StorageError
from desktop.domain.settings import Setting
from desktop.services.assembly import Services
from desktop.storage.settings import SettingsRepository
from desktop.system.paths import Locations
from tests.unit.services.scripted_app import opened, told


async def test_a_setting_has_its_default_until_it_is_set(services: Services) -> None:
    assert services.settings.text(Setting.THEME) == "system"
    assert services.settings.number(Setting.TEXT_SCALE) == 100
    assert services.settings.flag(Setting.ENTER_SENDS) is True
    assert services.settings.texts(Setting.RECENT_MODELS) == []
    assert services.settings.numbers(Setting.SPLITTER_SIZES) == []


async def test_what_is_set_holds_at_once_and_after_a_restart(data_dir: Path) -> None:
    async with opened(data_dir) as services:
        services.settings.put(Setting.THEME, "dark")
        services.settings.put(Setting.TEXT_SCALE, 120)
        services.settings.put(Setting.ENTER_SENDS, False)
        services.settings.put(Setting.SPLITTER_SIZES, [200, 600])
        assert services.settings.text(Setting.THEME) == "dark"

    async with opened(data_dir) as services:
        assert services.settings.text(Setting.THEME) == "dark"
        assert services.settings.number(Setting.TEXT_SCALE) == 120
        assert services.settings.flag(Setting.ENTER_SENDS) is False
        assert services.settings.numbers(Setting.SPLITTER_SIZES) == [200, 600]


async def test_of_many_changes_the_last_one_is_kept(data_dir: Path) -> None:
    async with opened(data_dir) as services:
        for scale in range(80, 150):
            services.settings.put(Setting.TEXT_SCALE, scale)
            services.settings.put(Setting.SIDEBAR_VISIBLE, scale % 2 == 0)
            # Some are made while an earlier one is on its way to the disk.
            await asyncio.sleep(0)

    async with opened(data_dir) as services:
        assert services.settings.number(Setting.TEXT_SCALE) == 149
        assert services.settings.flag(Setting.SIDEBAR_VISIBLE) is False


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (Setting.THEME, "purple"),
        (Setting.THEME, 1),
        (Setting.TEXT_SCALE, 79),
        (Setting.TEXT_SCALE, 10**400),
        (Setting.TEXT_SCALE, True),
        (Setting.ENTER_SENDS, 0),
        (Setting.RECENT_MODELS, "not a list"),
    ],
)
async def test_a_value_that_does_not_fit_is_the_default(
    services: Services, setting: Setting, value: object
) -> None:
    services.settings.put(setting, value)

    assert services.settings.get(setting) == setting.default


async def test_damaged_and_unknown_stored_settings_do_not_hide_the_others(data_dir: Path) -> None:
    async with opened(data_dir) as services:
        services.settings.put(Setting.TEXT_SCALE, 120)
    rows = [("theme", '"purple"'), ("enter_sends", "{broken"), ("from_a_later_version", "1")]
    with closing(sqlite3.connect(Locations.below(data_dir).database)) as connection, connection:
        connection.executemany("INSERT INTO settings (name, value) VALUES (?, ?)", rows)

    async with opened(data_dir) as services:
        assert services.settings.text(Setting.THEME) == "system"
        assert services.settings.flag(Setting.ENTER_SENDS) is True
        assert services.settings.number(Setting.TEXT_SCALE) == 120


async def test_lists_hold_only_what_they_are_asked_for(services: Services) -> None:
    services.settings.put(Setting.RECENT_MODELS, ["a", 1, None, "b"])
    services.settings.put(Setting.SPLITTER_SIZES, [1, "x", 2])

    assert services.settings.texts(Setting.RECENT_MODELS) == ["a", "b"]
    assert services.settings.numbers(Setting.SPLITTER_SIZES) == [1, 2]


async def test_views_are_told_of_a_change_and_not_of_none(services: Services) -> None:
    changes: list[Change] = []
    services.bus.subscribe(changes.append)
    view = object()

    services.settings.put(Setting.THEME, "dark", actor=view)
    services.settings.put(Setting.THEME, "dark")

    (change,) = changes
    assert (change.kind, change.ids, change.actor) == (Kind.SETTINGS, frozenset({"theme"}), view)


@pytest.mark.parametrize("when", ["with the next change", "at the end"])
async def test_what_could_not_be_written_holds_and_is_written_as_soon_as_that_works(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    full = True
    write = SettingsRepository.set

    async def set_unless_full(self: SettingsRepository, key: str, value: object) -> None:
        if full:
            raise StorageError("The disk is full.")
        await write(self, key, value)

    monkeypatch.setattr(SettingsRepository, "set", set_unless_full)
    async with opened(data_dir) as services:
        with told(services) as kinds:
            services.settings.put(Setting.THEME, "dark")
            services.settings.put(Setting.TEXT_SCALE, 120)
            await services.settings.aclose()
        assert services.settings.text(Setting.THEME) == "dark"
        assert kinds == [Kind.SETTINGS] * 2
        full = False
        if when == "with the next change":
            services.settings.put(Setting.ENTER_SENDS, False)

    async with opened(data_dir) as services:
        assert services.settings.text(Setting.THEME) == "dark"
        assert services.settings.number(Setting.TEXT_SCALE) == 120
        assert services.settings.flag(Setting.ENTER_SENDS) is (when == "at the end")
