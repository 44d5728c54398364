"""The list of chats: opened, renamed, pinned, copied and deleted in place, several at once too."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QMenu, QPushButton

from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.widgets.notice import Notice
from tests.helpers.chats import turns
from tests.helpers.qt_loop import until


def titles(chat) -> list[str]:
    """The lines of the list, headings included."""
    model = chat.pane.list.model
    return [str(model.data(model.index(row))) for row in range(model.rowCount())]


async def named(chat, *names: str) -> list[str]:
    """Chats with these titles, the last on top; their ids."""
    made = []
    for name in names:
        conversation = await chat.services.conversations.new()
        await chat.services.conversations.save_draft(conversation.id, "draft")
        await chat.services.conversations.rename(conversation.id, name)
        made.append(conversation.id)
    await until(lambda: all(name in titles(chat) for name in names), "the list")
    return made


def select(chat, conversation_id: str) -> None:
    chat.pane.list.view.select((conversation_id,), conversation_id)
    chat.pane.list.view.setFocus()


async def test_new_chats_come_on_top_and_the_open_one_is_marked(chat):
    await chat.show()
    first, second = await named(chat, "Lighthouse", "Regex help")
    assert titles(chat).index("Regex help") < titles(chat).index("Lighthouse")
    assert titles(chat)[0] == "Today"
    await chat.show(first)
    assert chat.pane.list.view.delegate.open_id == first
    await chat.show(second)
    assert chat.pane.list.view.delegate.open_id == second


async def test_a_click_opens_a_chat(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    view, model = chat.pane.list.view, chat.pane.list.model
    place = view.visualRect(model.index(model.row_of(first))).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    await until(lambda: chat.pane.current().id == first, "the chat")
    assert chat.open.header.title() == "Lighthouse"


async def test_the_chat_that_is_opened_is_seen_in_the_list(chat):
    await chat.show()
    ids = await named(chat, *(f"Chat {n}" for n in range(60)))
    view, model = chat.pane.list.view, chat.pane.list.model

    def seen(chat_id: str) -> bool:
        row = model.row_of(chat_id)
        return row >= 0 and view.viewport().rect().contains(view.visualRect(model.index(row)))

    await chat.show(ids[1])
    await until(lambda: seen(ids[1]), "an old one")
    chat.pane.list.search.setText("Chat")
    chat.actions.action(ActionId.NEW_CHAT).trigger()
    await until(lambda: (now := chat.pane.current()) and now.id not in ids, "the new chat")
    new = chat.pane.current().id
    await until(lambda: seen(new), "the new chat in the list")
    assert view.verticalScrollBar().value() == 0
    view.scrollToBottom()
    chat.pane.list.search.setText("Chat")
    chat.pane.list.search.clear()
    assert seen(new)


async def test_the_open_chat_stays_in_sight_when_it_goes_up(chat):
    await chat.show()
    ids = await named(chat, *(f"Chat {n}" for n in range(60)))
    view, model = chat.pane.list.view, chat.pane.list.model
    await chat.show(ids[1])
    await until(lambda: view.is_seen(ids[1]) and view.verticalScrollBar().value() > 0, "an old one")
    await chat.services.chat._stores.disk.messages.add(
        *turns(ids[1], 2), leaf_id=f"{ids[1]}-1", title="Chat 1"
    )
    await chat.services.conversations.rename(ids[1], "Now on top")
    await until(lambda: 0 <= model.row_of(ids[1]) < 3, "the new order")
    assert view.is_seen(ids[1])
    view.scrollToBottom()
    await chat.services.conversations.rename(ids[2], "Another")
    await until(lambda: "Another" in titles(chat), "the title")
    assert not view.is_seen(ids[1])


async def test_f2_renames_a_chat_in_place(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    select(chat, first)
    view = chat.pane.list.view
    QTest.keyClick(view, Qt.Key.Key_F2)
    field = view.findChild(QLineEdit, "conversation-rename")
    assert field is not None
    assert field.text() == "Lighthouse"
    field.setText("The keeper")
    before = chat.services.undo.next
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: "The keeper" in titles(chat), "the new title")
    await until(lambda: chat.services.undo.next is not before, "the new title is written")
    assert (await chat.services.conversations.open(first)).conversation.title == "The keeper"


async def test_the_open_chat_is_renamed_from_where_one_writes_and_the_keyboard_comes_back(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    inner = await chat.services.folders.create("Work")
    await chat.services.folders.put([first], inner.id)
    chat.services.settings.put(Setting.CLOSED_FOLDERS, [inner.id])
    await chat.show(first)
    await until(lambda: "Lighthouse" not in titles(chat), "the closed folder")
    chat.pane.list.search.setText("words")
    chat.composer.edit.setFocus()
    chat.actions.action(ActionId.RENAME_CHAT).trigger()
    assert chat.pane.list.search.text() == ""
    field = chat.pane.list.view.findChild(QLineEdit, "conversation-rename")
    assert field.text() == "Lighthouse"
    field.setText("The keeper")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: chat.open.header.title() == "The keeper", "the new title")
    assert chat.composer.edit.hasFocus()


async def test_the_open_chat_is_deleted_from_where_one_writes_and_comes_back(chat):
    first = await chat.show()
    await named(chat, "Lighthouse")
    chat.actions.action(ActionId.DELETE_CHAT).trigger()
    await until(lambda: "Lighthouse" not in titles(chat), "the deletion")
    await until(lambda: (now := chat.pane.current()) and now.id != first, "another chat")
    chat.actions.action(ActionId.UNDO).trigger()
    await until(lambda: (now := chat.pane.current()) and now.id == first, "the chat is open again")


async def test_a_deleted_chat_is_gone_at_once_and_comes_back_by_undo(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    select(chat, first)
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_Delete)
    await until(lambda: "Lighthouse" not in titles(chat), "the deletion")
    bar = Notice.over(chat.pane)
    assert bar.isVisible()
    assert "Lighthouse" in bar.text()
    press(bar)
    await until(lambda: "Lighthouse" in titles(chat), "the way back")
    assert bar.text() == "Undone: deleting a chat"
    await until(lambda: (now := chat.pane.current()) and now.id == first, "the chat is open again")


async def test_deleting_the_open_chat_leaves_an_empty_one(chat, model):
    await model(reply="Fine.")
    first = await chat.show()
    await chat.ask_and_wait("Go")
    await until(lambda: "Go" in titles(chat), "the list")
    select(chat, first)
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_Delete)
    await until(lambda: chat.pane.current() and chat.pane.current().id != first, "another chat")
    assert chat.messages() == []


def press(notice: Notice) -> None:
    """Its button: the way back."""
    button = notice.findChild(QPushButton, "notice-button")
    assert button is not None
    button.click()


def menu_of(chat, name: str = "conversation-menu") -> QMenu:
    """The menu that the keyboard asked for."""
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    found = chat.pane.list.findChild(QMenu, name)
    assert found is not None
    return found


def words(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def pick(menu: QMenu, text: str) -> None:
    """Chooses a line of a menu, or of a menu in it, as the keyboard does."""
    action = next(action for action in menu.actions() if action.text().strip() == text)
    action.trigger()
    menu.close()


async def test_the_menu_of_a_chat_offers_what_can_be_done(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    select(chat, first)
    menu = menu_of(chat)
    assert words(menu) == [
        "Open", "Rename", "Pin", "Duplicate", "Move to folder", "Export as", "Delete",
    ]  # fmt: skip
    keys = {action.text(): action.shortcut().toString() for action in menu.actions()}
    assert keys["Rename"] == "F2" and keys["Delete"] == "Del" and keys["Open"] == "Return"
    menu.close()


async def test_a_place_without_a_chat_offers_what_is_new(chat):
    await chat.show()
    view = chat.pane.list.view
    below = QPoint(2, view.viewport().height() - 2)
    where = view.viewport().mapToGlobal(below)
    QApplication.sendEvent(view.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, below, where))
    menu = chat.pane.list.findChild(QMenu, "list-menu")
    assert words(menu)[:3] == ["New chat", "New temporary chat", "New folder"]
    menu.close()


async def test_a_pinned_chat_stands_on_top_and_comes_back_down(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    select(chat, first)
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: titles(chat)[:3] == ["Pinned", "Lighthouse", "Today"], "the pin")
    assert chat.pane.list.view.selected_chats()[0].id == first, "what was selected stays so"
    menu = menu_of(chat)
    assert "Unpin" in words(menu)
    pick(menu, "Unpin")
    await until(lambda: "Pinned" not in titles(chat), "no pin")


async def test_a_copy_of_a_chat_is_opened(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    select(chat, first)
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: "Lighthouse (copy)" in titles(chat), "the copy")
    await until(lambda: chat.pane.current().title == "Lighthouse (copy)", "the copy is open")


async def test_several_chats_are_deleted_at_once_and_come_back_by_one_undo(chat):
    await chat.show()
    names = ["Lighthouse", "Regex help", "Entropy"]
    *_, last = await named(chat, *names)
    view = chat.pane.list.view
    opened = chat.pane.current().id
    view.setFocus()
    select(chat, last)
    for _ in range(2):
        QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert len(view.selected_chats()) == 3
    assert chat.pane.current().id == opened, "selecting opens nothing"
    menu = menu_of(chat)
    assert "Open" not in words(menu) and "Delete 3 chats" in words(menu)
    pick(menu, "Delete 3 chats")
    await until(lambda: not set(names) & set(titles(chat)), "the deletion")
    bar = Notice.over(chat.pane)
    await until(lambda: "3 chats" in bar.text(), "the way back")
    press(bar)
    await until(lambda: set(names) <= set(titles(chat)), "all three")


async def test_a_click_with_control_selects_and_opens_nothing(chat):
    await chat.show()
    first, second = await named(chat, "Lighthouse", "Regex help")
    await chat.show(second)
    view, model = chat.pane.list.view, chat.pane.list.model
    place = view.visualRect(model.index(model.row_of(first))).center()
    held = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, held, place)
    assert {one.id for one in view.selected_chats()} == {first, second}
    await chat.services.conversations.rename(second, "Patterns")
    await until(lambda: "Patterns" in titles(chat), "the list")
    assert {one.id for one in view.selected_chats()} == {first, second}
    assert chat.pane.current().id == second


async def test_control_a_selects_every_chat(chat):
    await chat.show()
    await named(chat, "Lighthouse", "Regex help", "Entropy")
    view = chat.pane.list.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(view.selected_chats()) == len(await chat.services.conversations.list())


async def test_the_way_back_goes_once_it_would_take_back_something_else(chat):
    await chat.show()
    first, second = await named(chat, "Lighthouse", "Regex help")
    select(chat, first)
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_Delete)
    await until(Notice.over(chat.pane).text, "the way back")
    await chat.services.conversations.rename(second, "Patterns")
    assert not Notice.over(chat.pane).text()


async def test_a_chat_that_goes_elsewhere_is_not_left_open(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    await chat.show(first)
    await chat.services.trash.put((first,))
    await until(lambda: (now := chat.pane.current()) and now.id != first, "another chat")


async def test_a_temporary_chat_is_marked_and_never_written(chat, model, data_dir):
    await model(reply="Fine.")
    await chat.show()
    chat.actions.action(ActionId.NEW_TEMPORARY_CHAT).trigger()
    await until(lambda: (now := chat.pane.current()) and now.temporary, "a temporary chat")
    assert chat.open.header.findChild(QLabel, "chat-temporary").isVisible()
    await chat.ask_and_wait("The xylophone is secret")
    await until(lambda: titles(chat)[:2] == ["Not kept", "The xylophone is secret"], "the list")
    view = chat.pane.list.view
    assert view.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole).endswith("not kept")
    select(chat, chat.pane.current().id)
    menu = menu_of(chat)
    assert not {"Pin", "Move to folder", "Duplicate"} & set(words(menu)) and "Keep a copy" in words(menu)
    menu.close()
    assert not any(b"xylophone" in path.read_bytes() for path in data_dir.rglob("*") if path.is_file())
    sign = chat.open.header.findChild(QLabel, "chat-temporary")
    chat.actions.action(ActionId.NEW_CHAT).trigger()
    await until(lambda: not sign.isVisible(), "a chat that is kept")


async def test_typing_in_the_search_shows_what_is_found_in_the_place_of_the_chats(chat):
    await chat.show()
    found = QListWidget()
    chat.pane.list.set_results(found)
    said: list[str] = []
    chat.pane.list.search.searched.connect(said.append)
    chat.actions.action(ActionId.SEARCH).trigger()
    field = chat.pane.list.findChild(QLineEdit, "conversation-search")
    QTest.keyClicks(field, "sea ")
    assert said == ["s", "se", "sea"]
    assert found.isVisible() and not chat.pane.list.view.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert chat.pane.list.view.isVisible() and field.text() == ""


async def test_the_keyboard_goes_on_with_the_next_chat_after_a_deletion(chat):
    await chat.show()
    bottom, middle, _ = await named(chat, "Lighthouse", "Regex help", "Entropy")
    chat.pane.window().activateWindow()
    await until(chat.pane.window().isActiveWindow, "the keyboard")
    select(chat, middle)
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_Delete)
    await until(lambda: "Regex help" not in titles(chat), "the deletion")
    assert [one.id for one in chat.pane.list.view.selected_chats()] == [bottom]
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_Delete)
    await until(lambda: "Lighthouse" not in titles(chat), "the next one")


async def test_several_pins_are_one_act(chat):
    await chat.show()
    ids = await named(chat, "Lighthouse", "Regex help")
    chat.pane.list.view.select(ids)
    chat.pane.list.view.setFocus()
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: titles(chat)[0] == "Pinned", "the pins")
    await chat.services.undo.undo()
    await until(lambda: "Pinned" not in titles(chat), "no pin")


async def test_what_the_column_has_to_show_unfolds_it(chat):
    await chat.show()
    chat.actions.action(ActionId.TOGGLE_LIST).trigger()
    assert not chat.pane.list.isVisible()
    chat.actions.action(ActionId.TRASH).trigger()
    assert chat.pane.list.isVisible()


async def test_a_new_day_has_other_headings(chat):
    await chat.show()
    await named(chat, "Lighthouse")
    list_ = chat.pane.list
    list_._today -= timedelta(days=1)
    before = list_.model.listing
    list_._on_calendar()
    await until(lambda: list_._today == date.today() and list_.model.listing is not before, "the list")


async def test_the_menu_beside_new_chat_offers_what_else_is_new(chat):
    await chat.show()
    button = chat.pane.list.findChild(QPushButton, "new-more")
    button.click()
    menu = chat.pane.list.findChild(QMenu, "list-menu")
    assert words(menu)[1:3] == ["New temporary chat", "New folder"]
    pick(menu, "New temporary chat")
    await until(lambda: (now := chat.pane.current()) and now.temporary, "a temporary chat")


async def test_a_name_can_be_typed_while_the_list_changes(chat):
    await chat.show()
    first, second = await named(chat, "Lighthouse", "Regex help")
    select(chat, first)
    view = chat.pane.list.view
    QTest.keyClick(view, Qt.Key.Key_F2)
    field = view.findChild(QLineEdit, "conversation-rename")
    field.setText("The kee")
    await chat.services.conversations.rename(second, "Patterns")
    chat.pane.list.reload()
    refresh = chat.pane.list._refresh
    await until(refresh.isActive, "the change")
    refresh.timeout.emit()
    await chat.kit.tasks.settle()
    assert view.is_editing() and "Patterns" not in titles(chat)
    QTest.keyClicks(field, "per")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: {"The keeper", "Patterns"} <= set(titles(chat)), "both names")


async def test_an_older_reading_of_the_list_never_comes_after_a_newer_one(chat, services, monkeypatch):
    await chat.show()
    (first,) = await named(chat, "Lighthouse")
    await chat.kit.tasks.settle()
    read, held, begun = services.folders.tree, asyncio.Event(), []

    async def slow():
        begun.append(True)
        await held.wait()
        return await read()

    monkeypatch.setattr(services.folders, "tree", slow)
    chat.pane.list.reload()
    await until(lambda: begun, "what is read now is out of date soon")
    await services.conversations.rename(first, "Patterns")
    chat.pane.list._refresh.timeout.emit()
    assert len(begun) == 1 and chat.pane.list._refresh.isActive(), "it waits for its turn"
    held.set()
    await until(lambda: "Patterns" in titles(chat), "the new title")


async def test_a_chat_that_is_answering_has_a_dot_until_it_is_done(chat, model, gate):
    await model(reply="word " * 300, gate=gate)
    first = await chat.show()
    await chat.ask("Tell me a story")
    lines = chat.pane.list.model
    await until(lambda: lines.row_of(first) >= 0 and lines.answering == {first}, "the chat is marked")

    def spoken() -> str:
        return str(lines.data(lines.index(lines.row_of(first)), Qt.ItemDataRole.AccessibleTextRole))

    await until(lambda: spoken() == "Tell me a story, answering", "that is told, too")
    row = chat.pane.list.view.visualRect(lines.index(lines.row_of(first)))
    marked = chat.pane.list.view.viewport().grab(row).toImage()

    await chat.services.chat.stop(first)

    await until(lambda: not lines.answering, "the mark is gone")
    assert chat.pane.list.view.viewport().grab(row).toImage() != marked
