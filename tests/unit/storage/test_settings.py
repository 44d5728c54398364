"""Settings as the user left them."""

from pathlib import Path

import pytest

from desktop.storage.database import Database
from desktop.storage.settings import SettingsRepository
from tests.unit.storage.chats import opened

VALUES: dict[str, object] = {
    "theme": "dark",
    "text_scale": 120,
    "ratio": 0.25,
    "recent_models": ["/a/ü.gguf", "/b/\udcff.gguf"],
    "sizes": {"left": [1, 2], "none": None},
    "on": True,
}


async def test_settings_are_as_they_were_left_after_a_restart(path: Path) -> None:
    async with opened(path) as db:
        for key, value in VALUES.items():
            await SettingsRepository(db).set(key, "before")
            await SettingsRepository(db).set(key, value)

    async with opened(path) as db:
        assert await SettingsRepository(db).all() == VALUES


async def test_one_damaged_setting_does_not_hide_the_others(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    settings = SettingsRepository(db)
    await settings.set("theme", "dark")
    await settings.set("nothing", None)
    await settings.set("text_scale", 100)
    await db.run(lambda c: c.execute("UPDATE settings SET value = '{dark' WHERE name = 'theme'"))

    assert await settings.all() == {"nothing": None, "text_scale": 100}
    assert "setting theme" in caplog.text
