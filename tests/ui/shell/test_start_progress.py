"""A start that takes long says what it is doing."""

import asyncio

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QProgressBar

from desktop.services.assembly import open_services
from desktop.system.paths import Locations
from desktop.ui.start_progress import StartProgress
from desktop.ui.theme import Theme
from tests.helpers.qt_loop import until
from tests.unit.storage.test_updates import first_version


def dialogs() -> list[QDialog]:
    found = QApplication.topLevelWidgets()
    return [one for one in found if isinstance(one, QDialog) and one.objectName() == "start-progress"]


def words(dialog: QDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


@pytest.fixture(autouse=True)
def _dressed(theme: Theme) -> None:
    """As the window would look."""


async def test_a_quick_start_shows_nothing() -> None:
    dressed: list[None] = []
    progress = StartProgress(lambda: dressed.append(None))
    progress.set(0.5)
    progress.end()
    await asyncio.sleep(0)

    assert not progress.was_shown and not dressed and dialogs() == []


async def test_a_long_start_says_what_it_does_and_how_far_it_is() -> None:
    dressed: list[None] = []
    progress = StartProgress(lambda: dressed.append(None), after_ms=0)
    await until(lambda: progress.was_shown, "the words")
    (dialog,) = dialogs()
    (bar,) = dialog.findChildren(QProgressBar)

    assert len(dressed) == 1
    assert "Opening your chats" in words(dialog)
    assert bar.maximum() == 0
    progress.set(0.25)
    assert "up to date" in words(dialog)
    assert bar.value() / bar.maximum() == 0.25
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.close()
    assert dialog.isVisible()
    progress.end()
    assert not dialog.isVisible()
    await until(lambda: not shiboken6.isValid(dialog), "its end")


async def test_what_was_told_before_it_is_shown_is_shown() -> None:
    progress = StartProgress(lambda: None, after_ms=0)
    progress.set(0.5)
    await until(lambda: progress.was_shown, "the words")
    (dialog,) = dialogs()

    assert "up to date" in words(dialog)
    progress.end()


async def test_an_older_versions_chats_are_brought_up_to_date_before_ones_eyes(locations: Locations) -> None:
    first_version(locations.database, 3)
    progress = StartProgress(lambda: None, after_ms=0)
    seen: list[str] = []

    def on_progress(share: float) -> None:
        progress.set(share)
        seen.extend(words(dialog) for dialog in dialogs())

    async with open_services(locations, on_progress=on_progress) as services:
        await until(lambda: seen, "how far it is")
        assert [hit.conversation_id for hit in await services.search.search("text wörd ")] == ["c1", "c0"]
    progress.end()

    assert "up to date" in seen[0]
