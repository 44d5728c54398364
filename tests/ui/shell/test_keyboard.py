"""The keyboard alone: a day with the window in which nothing but keys is used."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop.domain.conversation import Status
from desktop.domain.settings import Setting
from desktop.ui.chat.find_bar import FindBar
from desktop.ui.keys_page import KeysPage
from desktop.ui.main_window import MainWindow
from tests.helpers.qt_loop import until
from tests.helpers.scripted import write_script

CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier


def has_keyboard(name: str) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and focused.objectName() == name


class User:
    """Has no mouse: everything goes to whatever has the keyboard."""

    def __init__(self, window: MainWindow, services) -> None:
        self.window = window
        self.services = services

    async def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        await until(lambda: self._focused() is not None, "something that has the keyboard")
        if (focused := self._focused()) is not None:
            QTest.keyClick(focused, key, modifiers)

    async def write(self, text: str) -> None:
        await until(lambda: self._focused() is not None, "something that has the keyboard")
        if (focused := self._focused()) is not None:
            QTest.keyClicks(focused, text)

    @staticmethod
    def _focused() -> QWidget | None:
        return QApplication.activePopupWidget() or QApplication.focusWidget()

    @property
    def composer(self) -> QWidget:
        return self.window.chat_pane.open_chat.composer.edit

    async def at_the_composer(self) -> None:
        await until(self.composer.hasFocus, "the keyboard in the composer")

    async def ask(self, text: str) -> None:
        """Writes, sends, and waits for the whole answer."""
        before = len(await self.texts())
        await self.at_the_composer()
        await self.write(text)
        await self.press(Qt.Key.Key_Return)
        await self.answered(before + 2)

    async def answered(self, count: int) -> None:
        """Until the chat has so many messages and nothing is written."""

        async def are_there() -> bool:
            await self.settled()
            return len(await self.texts()) >= count and not self.is_running()

        await until(are_there, f"{count} messages")
        assert len(await self.texts()) == count
        await self.settled()  # The window shows it now.

    async def settled(self) -> None:
        await self.window._kit.tasks.settle()

    def is_running(self) -> bool:
        return self.services.chat.is_busy(self.chat_id)

    @property
    def chat_id(self) -> str:
        current = self.window.chat_pane.current()
        return current.id if current is not None else ""

    async def path(self) -> list:
        return (await self.services.conversations.open(self.chat_id)).path

    async def texts(self) -> list[str]:
        return [message.text for message in await self.path()]

    async def title(self) -> str:
        return (await self.services.conversations.head(self.chat_id)).title


@pytest.fixture
async def user(window, services, tmp_path) -> User:
    await use(services, tmp_path, reply="{prompt}, indeed.")
    window.activateWindow()
    await until(window.isActiveWindow, "the window in front")
    window.chat_pane.focus_composer()
    return User(window, services)


async def use(services, folder, **fields) -> None:
    await services.models.use(write_script(folder / "Lantern.gguf", name="Lantern", **fields))


async def test_a_question_is_asked_again_looked_at_in_versions_and_edited(user):
    await user.ask("One")
    assert await user.texts() == ["One", "One, indeed."]
    first = (await user.path())[1].id
    await user.press(Qt.Key.Key_R, CONTROL)
    await user.settled()
    await user.answered(2)
    second = (await user.path())[1].id
    assert second != first
    await user.press(Qt.Key.Key_Left, ALT)
    await shows(user, first)
    await user.press(Qt.Key.Key_Right, ALT)
    await shows(user, second)
    await user.press(Qt.Key.Key_Up, CONTROL)
    await until(lambda: has_keyboard("message-edit-text"), "the editor")
    await user.press(Qt.Key.Key_A, CONTROL)
    await user.write("Two")
    await user.press(Qt.Key.Key_Return)
    await says(user, ["Two", "Two, indeed."])


async def shows(user, message_id) -> None:
    async def is_shown() -> bool:
        await user.settled()
        return (await user.path())[-1].id == message_id

    await until(is_shown, "another version")


async def says(user, texts) -> None:
    async def are_said() -> bool:
        await user.settled()
        return await user.texts() == texts and not user.is_running()

    await until(are_said, repr(texts))


async def test_words_of_an_answer_are_selected_and_copied(user):
    await user.ask("One two")
    await user.press(Qt.Key.Key_M, CONTROL)
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "the menu")
    await user.press(Qt.Key.Key_S)
    await until(lambda: has_keyboard("text-viewer-text"), "the text")
    await user.press(Qt.Key.Key_Home, CONTROL)
    await user.press(Qt.Key.Key_Right, CONTROL)
    await user.press(Qt.Key.Key_End, SHIFT)
    await user.press(Qt.Key.Key_C, CONTROL)
    assert QApplication.clipboard().text() == "two, indeed."
    await user.press(Qt.Key.Key_Escape)
    await until(lambda: not has_keyboard("text-viewer-text"), "its end")


async def test_an_answer_is_stopped(user, services, tmp_path, gate):
    await use(services, tmp_path, reply="on and on " * 500, gate=gate)
    gate.open_to(5)
    await user.at_the_composer()
    await user.write("Go on")
    await user.press(Qt.Key.Key_Return)
    await until(lambda: (live := services.chat.running(user.chat_id)) and live.tokens > 3, "some words")
    await user.press(Qt.Key.Key_Escape)
    await until(lambda: not user.is_running(), "the end")
    assert (await user.path())[-1].status is Status.CANCELLED


async def test_a_chat_is_renamed_deleted_and_brought_back(user, services):
    await user.ask("Lighthouse")
    first = user.chat_id
    await user.press(Qt.Key.Key_N, CONTROL)
    await until(lambda: user.chat_id not in ("", first), "a new chat")
    await user.ask("Harbour")
    harbour = user.chat_id
    view = await at_the_list(user)
    await choose(user, view, "Lighthouse")
    await user.press(Qt.Key.Key_Return)
    await until(lambda: user.chat_id == first, "the first chat")
    await at_the_list(user)
    await user.press(Qt.Key.Key_F2)
    await until(view.is_editing, "a field for the name")
    await user.press(Qt.Key.Key_A, CONTROL)
    await user.write("Lamps")
    await user.press(Qt.Key.Key_Return)
    await named(user, first, "Lamps")
    await choose(user, view, "Harbour")
    await user.press(Qt.Key.Key_Delete)
    await gone(user, harbour, is_gone=True)
    await user.press(Qt.Key.Key_Z, CONTROL)
    await gone(user, harbour, is_gone=False)


async def at_the_list(user):
    """By Ctrl+K to the search field, and from there down."""
    view = user.window.chat_pane.list.view
    await user.press(Qt.Key.Key_K, CONTROL)
    await until(user.window.chat_pane.list.search.hasFocus, "the search field")
    await user.press(Qt.Key.Key_Down)
    await until(view.hasFocus, "the list")
    return view


async def choose(user, view, title) -> None:
    """With the arrows."""
    model = view.model()
    await until(
        lambda: any(title in str(model.index(row, 0).data()) for row in range(model.rowCount())), title
    )
    await until(view.hasFocus, "the list")
    await user.press(Qt.Key.Key_Home)
    for _ in range(model.rowCount()):
        if title in str(view.currentIndex().data()):
            return
        await user.press(Qt.Key.Key_Down)
    assert title in str(view.currentIndex().data())


async def named(user, chat_id, title) -> None:
    async def is_named() -> bool:
        await user.settled()
        return (await user.services.conversations.head(chat_id)).title == title

    await until(is_named, f"the name {title}")


async def gone(user, chat_id, *, is_gone) -> None:
    async def is_so() -> bool:
        await user.settled()
        listed = {chat.id for chat in await user.services.conversations.list()}
        return (chat_id not in listed) is is_gone

    await until(is_so, "the chat's end" if is_gone else "the chat's return")


async def test_a_word_is_found_in_all_chats_and_in_one(user):
    await user.ask("Lighthouse")
    first = user.chat_id
    await user.press(Qt.Key.Key_N, CONTROL)
    await until(lambda: user.chat_id not in ("", first), "a new chat")
    await user.press(Qt.Key.Key_K, CONTROL)
    await user.write("lighthouse")
    await until(lambda: user.window.findChild(QWidget, "search-found") is not None, "what was found")
    found = user.window.findChild(QWidget, "search-found")
    await until(lambda: found.isVisible() and found.model().rowCount() > 0, "the chat")
    await user.press(Qt.Key.Key_Down)
    await user.press(Qt.Key.Key_Return)
    await until(lambda: user.chat_id == first, "the chat that was found")
    await user.press(Qt.Key.Key_F, CONTROL)
    await until(lambda: has_keyboard("find-field"), "the find bar")
    await user.press(Qt.Key.Key_A, CONTROL)
    await user.write("indeed")
    bar = user.window.findChild(FindBar)
    await until(lambda: "1" in bar.count_text(), "the match")
    await user.press(Qt.Key.Key_Escape)
    await until(lambda: not bar.isVisible(), "the end of the search")
    await user.at_the_composer()


async def test_the_settings_are_reached_and_changed(user, services):
    await user.press(Qt.Key.Key_Comma, CONTROL)
    await until(lambda: not user.window.chat_pane.isVisible(), "the settings")
    for _ in range(60):
        focused = QApplication.focusWidget()
        if focused is not None and focused.objectName() == "notify":
            break
        QTest.keyClick(focused or user.window, Qt.Key.Key_Tab)
    await user.press(Qt.Key.Key_Space)
    assert services.settings.flag(Setting.NOTIFY) is False
    await user.press(Qt.Key.Key_1, CONTROL)
    await until(user.window.chat_pane.isVisible, "the chat")
    await user.at_the_composer()


async def test_a_command_is_run_by_its_name_and_a_key_looked_up(user):
    await user.press(Qt.Key.Key_P, CONTROL | SHIFT)
    await until(lambda: has_keyboard("palette-field"), "the palette")
    await user.write("keyboard short")
    await user.press(Qt.Key.Key_Return)
    await until(lambda: user.window.findChild(KeysPage) is not None, "the keys page")
    page = user.window.findChild(KeysPage)
    await until(page.field.hasFocus, "its search")
    await user.write("quit")
    assert page.list.currentItem().text() == "Quit"
    await user.press(Qt.Key.Key_Escape)
    await until(lambda: user.window.findChild(KeysPage) is None, "its end")
    user.window.activateWindow()  # as a window manager does
    await user.at_the_composer()


async def test_a_model_is_chosen_from_its_menu(user, services, tmp_path):
    write_script(tmp_path / "Other.gguf", name="Other")
    await services.models.use(tmp_path / "Other.gguf")
    await user.press(Qt.Key.Key_L, CONTROL)
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "the menu")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    for _ in range(len(menu.actions()) + 1):
        if menu.activeAction() is not None and "Lantern" in menu.activeAction().text():
            break
        await user.press(Qt.Key.Key_Down)
    await user.press(Qt.Key.Key_Return)
    await until(lambda: services.models.current and services.models.current.name == "Lantern", "the model")
