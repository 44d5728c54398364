"""An error is plain words with one thing to do, where the user was looking."""

from __future__ import annotations

import asyncio
from inspect import CORO_CLOSED, getcoroutinestate

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.domain.errors import LocutionError, ModelLoadError
from desktop.ui import operation
from desktop.ui.widgets.banner import Banner


@pytest.fixture
def banner(theme, qtbot):
    made = Banner(theme)
    qtbot.addWidget(made)
    return made


def part(banner, name) -> QPushButton:
    return banner.findChild(QPushButton, f"banner-{name}")


def test_it_is_silent_until_there_is_something_to_say(banner):
    assert not banner.isVisible()


def test_an_error_shows_its_words_and_the_one_action(banner):
    done = []
    error = ModelLoadError("The model does not fit.", action="Choose a smaller one.")
    banner.show_error(error, "Choose a model", lambda: done.append(True))
    assert banner.isVisible()
    assert banner.text() == "The model does not fit. Choose a smaller one."
    assert banner.accessibleName() == banner.text()
    part(banner, "action").click()
    assert done and not banner.isVisible()


def test_details_can_be_copied_only_if_there_are_any(banner):
    banner.show_error(LocutionError("Something failed."))
    assert not part(banner, "copy").isVisible() and not part(banner, "action").isVisible()
    banner.show_error(LocutionError("Something failed.", detail="errno 28"))
    part(banner, "copy").click()
    copied = QGuiApplication.clipboard().text()
    assert "Something failed." in copied and "errno 28" in copied


def test_it_goes_away_when_dismissed(banner):
    banner.show_error(LocutionError("Something failed."))
    part(banner, "dismiss").click()
    assert not banner.isVisible()


def test_markup_in_an_error_stays_text(banner):
    banner.show_error(LocutionError("<b>bold</b> file.gguf"))
    assert banner.text() == "<b>bold</b> file.gguf"
    label = next(child for child in banner.children() if child.objectName() == "banner-message")
    assert label.textFormat().name == "PlainText"


class Place(QWidget):
    """A pane with an inner widget that starts work."""

    def __init__(self):
        super().__init__()
        self.shown = []
        self.inner = QWidget(self)
        self.button = QPushButton(self.inner)

    def show_error(self, error, action_label="", on_action=None):
        self.shown.append(" | ".join(filter(None, [str(error), action_label])))


@pytest.fixture
def place(qtbot):
    made = Place()
    qtbot.addWidget(made)
    return made


async def fail():
    await asyncio.sleep(0)
    raise LocutionError("It failed.", action="Do this.")


async def test_failed_work_shows_in_the_nearest_pane_and_frees_the_button(place, tasks):
    task = operation.run(place.button, fail(), tasks=tasks, name="fail", busy=place.button)
    assert not place.button.isEnabled()
    await task
    assert place.shown == ["It failed. Do this."]
    assert place.button.isEnabled()


async def test_what_helps_goes_along_with_the_error(place):
    operation.show_error_near(place.inner, LocutionError("It failed."), "Choose another", lambda: None)
    assert place.shown == ["It failed. | Choose another"]


async def test_an_error_without_a_place_is_raised(qtbot):
    alone = QWidget()
    qtbot.addWidget(alone)
    with pytest.raises(LocutionError, match="It failed"):
        operation.show_error_near(alone, LocutionError("It failed."))


async def test_finished_work_hands_its_result_over(place, tasks):
    async def work():
        return 42

    results: list[int] = []
    await operation.run(place.button, work(), tasks=tasks, name="work", on_success=results.append)
    assert results == [42] and place.shown == []


async def test_work_that_outlives_its_pane_calls_nobody(place, tasks):
    import shiboken6

    called: list[LocutionError] = []
    task = operation.run(place.inner, fail(), tasks=tasks, name="fail", on_error=called.append)
    shiboken6.delete(place.inner)
    await task
    assert called == []


def test_where_it_is_narrow_the_buttons_stand_under_the_words(banner, qtbot):
    banner.show_error(ModelLoadError("The model does not fit into memory.", action="", detail="why"))
    message, dismiss = banner.findChild(QWidget, "banner-message"), part(banner, "dismiss")
    banner.resize(800, 60)
    qtbot.waitUntil(lambda: dismiss.x() > message.geometry().right(), timeout=60_000)
    banner.resize(banner.minimumSizeHint().width() // 2 + 150, 200)
    qtbot.waitUntil(lambda: dismiss.y() > message.geometry().bottom(), timeout=60_000)


async def test_work_that_is_ended_before_it_began_is_put_away(place, tasks):
    await tasks.aclose()
    work = fail()
    task = operation.run(place.inner, work, tasks=tasks, name="fail")
    await tasks.settle()
    assert task.cancelled() and getcoroutinestate(work) == CORO_CLOSED
    assert place.shown == []
