"""A long answer that ends while the window is in the background is told of; nothing else is."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from shiboken6 import delete

from desktop.domain.settings import Setting
from desktop.ui.main_window import Pane
from desktop.ui.notifications import Desktop, Notifications
from desktop.ui.toolkit import Toolkit
from tests.helpers.qt_loop import until
from tests.helpers.scripted import write_script


class Recorder:
    """Remembers what would be shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self.cleared = 0
        self.click = lambda: None

    def show(self, title, text, on_click) -> None:
        self.shown.append((title, text))
        self.click = on_click

    def clear(self) -> None:
        self.cleared += 1


@pytest.fixture
def told(window, theme, icons, tasks, services) -> Recorder:
    recorder = Recorder()
    kit = Toolkit(services, tasks, theme, icons, window.actions_table)
    made = Notifications(kit, window, recorder, window._on_chat_called)
    made.long_s = 0.0
    recorder.notifications = made  # type: ignore[attr-defined]
    return recorder


async def use(services, folder, **fields) -> None:
    await services.models.use(write_script(folder / "Lantern.gguf", name="Lantern", **fields))


async def ask(services, window, **overrides) -> str:
    """In a chat of its own; returns that once it is answered."""
    chat = await services.conversations.new()
    await services.conversations.configure(chat.id, overrides=overrides)
    await services.chat.send(chat.id, "Tell me of the lamp")
    await until(lambda: not services.chat.running(chat.id), "the answer")
    await window._kit.tasks.settle()
    return chat.id


def leave(window) -> None:
    window.showMinimized()


def come_back(window) -> None:
    window.showNormal()
    window.activateWindow()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)


async def test_the_end_of_an_answer_is_told_and_a_click_opens_the_chat(window, services, told, tmp_path):
    await use(services, tmp_path, reply="It shines.")
    window.show_pane(Pane.SETTINGS)
    leave(window)
    chat_id = await ask(services, window)
    assert told.shown == [("Tell me of the lamp", "The answer is complete.")]
    told.click()
    await until(lambda: window.chat_pane.current() and window.chat_pane.current().id == chat_id, "the chat")
    assert window.isVisible() and window.chat_pane.isVisible()


async def test_nothing_is_told_to_someone_who_is_looking(window, services, told, tmp_path):
    await use(services, tmp_path, reply="It shines.")
    come_back(window)
    await ask(services, window)
    assert told.shown == []


async def test_a_short_answer_is_not_worth_it(window, services, told, tmp_path):
    await use(services, tmp_path, reply="It shines.")
    told.notifications.long_s = 60.0
    leave(window)
    await ask(services, window)
    assert told.shown == []


async def test_a_failure_is_told_with_its_words(window, services, told, tmp_path):
    await use(services, tmp_path, fail="The <b>lamp</b> is broken.")
    leave(window)
    await ask(services, window)
    assert told.shown == [("Tell me of the lamp", "The answer failed. The ‹b>lamp‹/b> is broken.")]


async def test_an_answer_that_was_cut_off_by_its_limit_is_told(window, services, told, tmp_path):
    await use(services, tmp_path, reply="on and on " * 200)
    leave(window)
    await ask(services, window, max_tokens=20)
    assert [text for _, text in told.shown] == ["The answer reached its limit."]


async def test_one_that_the_user_stopped_is_not_told(window, services, told, tmp_path, gate):
    await use(services, tmp_path, reply="on and on " * 200, gate=gate)
    chat = await services.conversations.new()
    await services.chat.send(chat.id, "Go on")
    leave(window)
    await services.chat.stop(chat.id)
    await until(lambda: not services.chat.running(chat.id), "the end")
    await window._kit.tasks.settle()
    assert told.shown == []


async def test_with_the_setting_off_nothing_is_told_and_what_was_shown_goes(window, services, told, tmp_path):
    await use(services, tmp_path, reply="It shines.")
    leave(window)
    services.settings.put(Setting.NOTIFY, False)
    assert told.cleared
    await ask(services, window)
    assert told.shown == []


async def test_what_was_shown_goes_when_the_user_comes_back(window, services, told, tmp_path):
    leave(window)
    before = told.cleared
    come_back(window)
    assert told.cleared > before


async def test_a_title_of_a_stranger_is_one_short_line(window, services, told, tmp_path):
    await use(services, tmp_path, reply="It shines.")
    leave(window)
    chat = await services.conversations.new()
    await services.chat.send(chat.id, "Tell me")
    await services.conversations.rename(chat.id, "lamp\u202e\x1b[0m" + "x" * 190)
    await until(lambda: told.shown, "the notification")
    title, _ = told.shown[0]
    assert title.isprintable() and len(title) <= 160


async def test_a_chat_that_is_deleted_for_good_meanwhile_is_no_trouble(
    window, services, told, tmp_path, gate
):
    await use(services, tmp_path, reply="on and on " * 100, gate=gate)
    leave(window)
    chat = await services.conversations.new()
    await services.chat.send(chat.id, "Go on")
    await services.trash.put((chat.id,))
    await services.trash.delete((chat.id,))
    await services.chat.stop(chat.id)
    await until(lambda: not services.chat.running(chat.id), "the end")
    await window._kit.tasks.settle()
    assert told.shown == []


async def test_the_desktops_own_leave_no_icon_behind(window):
    desktop = Desktop(window)
    clicked = []
    desktop.show("Lamp", "The answer is complete.", lambda: clicked.append(True))
    await asyncio.sleep(0)
    trays = desktop.findChildren(QSystemTrayIcon)
    assert len(trays) == int(QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages())
    desktop.clear()
    assert not any(tray.isVisible() for tray in trays)
    for tray in trays:
        tray.show()
        tray.messageClicked.emit()
        assert clicked and not tray.isVisible()
    delete(desktop)
