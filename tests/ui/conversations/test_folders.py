"""Folders in the list: made, named, nested, closed and deleted, by key, menu and dragging."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu

from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.conversations.model import DRAGGED
from desktop.ui.widgets.notice import Notice
from tests.helpers.qt_loop import until
from tests.ui.conversations.test_conversation_list import menu_of, named, pick, press, titles, words

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
async def list_(chat):
    """Work with 2026 in it, Home, and three chats."""
    await chat.show()
    folders = chat.services.folders
    work = await folders.create("Work")
    await folders.create("2026", work.id)
    await folders.create("Home")
    await named(chat, "Lighthouse", "Regex help", "Entropy")
    await until(lambda: "Home" in titles(chat), "the folders")
    return chat.pane.list


def key_of(list_, name: str) -> str:
    return next(
        entry.key
        for row, entry in enumerate(list_.model.listing.entries)
        if list_.model.index(row).data() == name
    )


def choose(list_, *names: str) -> None:
    keys = [key_of(list_, name) for name in names]
    list_.view.select(keys, keys[0])
    list_.view.setFocus()


async def inside(chat, name: str) -> list[str]:
    """The titles of the chats in a folder."""
    tree = await chat.services.folders.tree()
    (folder_id,) = tree.named(name)
    heads = await chat.services.conversations.list()
    return sorted(head.title for head in heads if head.folder_id == folder_id)


async def test_a_new_folder_is_named_at_once(chat):
    await chat.show()
    chat.actions.action(ActionId.NEW_FOLDER).trigger()
    view = chat.pane.list.view
    await until(lambda: view.findChild(QLineEdit, "conversation-rename"), "the name is asked for")
    field = view.findChild(QLineEdit, "conversation-rename")
    assert field.text() == "New folder" and field.accessibleName() == "Name of the folder"
    field.setText("Recipes")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: "Recipes" in titles(chat) and not view.is_editing(), "the name")
    await until(lambda: chat.services.undo.next.act.value == "rename-folder", "it is written")
    assert [folder.name for folder in await chat.services.folders.tree()] == ["Recipes"]


async def test_chats_are_moved_by_the_keyboard_and_come_back_by_undo(chat, list_):
    choose(list_, "Lighthouse", "Entropy")
    QTest.keyClick(list_.view, Qt.Key.Key_M, CONTROL | Qt.KeyboardModifier.AltModifier)
    menu = list_.findChild(QMenu, "folders-menu")
    assert [text.strip() for text in words(menu)] == [
        "Top of the list", "Work", "2026", "Home", "New folder…",
    ]  # fmt: skip
    pick(menu, "2026")
    await until(lambda: Notice.over(list_).text(), "the way back")
    assert "2 chats" in Notice.over(list_).text() and "2026" in Notice.over(list_).text()
    assert await inside(chat, "2026") == ["Entropy", "Lighthouse"]
    await until(lambda: titles(chat).index("Lighthouse") < titles(chat).index("Home"), "the move")
    press(Notice.over(list_))
    await until(lambda: titles(chat).index("Home") < titles(chat).index("Lighthouse"), "back")


async def test_chats_are_moved_into_a_folder_that_is_made_for_them(chat, list_):
    choose(list_, "Lighthouse")
    menu = menu_of(chat)
    folders = menu.findChild(QMenu, "folders-menu")
    assert folders is not None
    pick(folders, "New folder…")
    menu.close()
    await until(lambda: list_.view.findChild(QLineEdit, "conversation-rename"), "its name")
    assert await inside(chat, "New folder") == ["Lighthouse"]


async def test_the_arrows_close_and_open_a_folder_and_go_up_to_it(chat, list_):
    await chat.services.folders.put([key_of(list_, "Lighthouse")], key_of(list_, "2026")[7:])
    await until(lambda: titles(chat).index("Lighthouse") < titles(chat).index("Home"), "the move")
    choose(list_, "Lighthouse")
    view = list_.view
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.currentIndex().data() == "2026"
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert "Lighthouse" not in titles(chat)
    assert view.currentIndex().data() == "2026", "the keyboard stays where it was"
    assert chat.services.settings.texts(Setting.CLOSED_FOLDERS) == [key_of(list_, "2026")[7:]]
    list_.reload()
    await chat.services.conversations.rename(key_of(list_, "Regex help"), "Patterns")
    await until(lambda: "Patterns" in titles(chat), "the list")
    assert "Lighthouse" not in titles(chat), "it stays closed"
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert "Lighthouse" in titles(chat)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert "Lighthouse" not in titles(chat)


async def test_a_screen_reader_is_told_what_is_a_folder(list_):
    index = list_.model.index(list_.model.row_of(key_of(list_, "Work")))
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Work, folder, open, 0"


async def test_a_folder_is_deleted_without_its_chats_and_comes_back(chat, list_):
    await chat.services.folders.put([key_of(list_, "Lighthouse")], key_of(list_, "Work")[7:])
    choose(list_, "Work")
    QTest.keyClick(list_.view, Qt.Key.Key_Delete)
    await until(lambda: "Work" not in titles(chat) and Notice.over(list_).text(), "the deletion")
    assert "Lighthouse" in titles(chat) and "2026" in titles(chat)
    press(Notice.over(list_))
    await until(lambda: "Work" in titles(chat), "the folder")
    assert await inside(chat, "Work") == ["Lighthouse"]


async def test_a_chat_is_begun_in_a_folder(chat, list_):
    choose(list_, "Work")
    pick(menu_of(chat, "folder-menu"), "New chat in it")
    await until(lambda: (now := chat.pane.current()) and now.folder_id is not None, "the chat")
    assert await inside(chat, "Work") == [""]


async def test_folders_change_their_order_and_their_parent_by_the_keyboard(chat, list_):
    choose(list_, "Home")
    QTest.keyClick(list_.view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    await until(lambda: titles(chat).index("Home") < titles(chat).index("Work"), "the order")
    await until(lambda: list_.view.currentIndex().data() == "Home", "the keyboard goes with it")
    menu = menu_of(chat, "folder-menu")
    folders = menu.findChild(QMenu, "folders-menu")
    assert folders is not None
    assert "Home" not in [text.strip() for text in words(folders)], "not into itself"
    pick(folders, "2026")
    menu.close()
    await until(lambda: titles(chat).index("2026") < titles(chat).index("Home"), "the move")


async def test_a_folders_name_is_shown_as_it_is(chat, list_):
    await chat.services.folders.create("A & B <b>" + "x" * 100)
    await until(lambda: any("A & B" in title for title in titles(chat)), "the folder")
    choose(list_, "Lighthouse")
    QTest.keyClick(list_.view, Qt.Key.Key_M, CONTROL | Qt.KeyboardModifier.AltModifier)
    menu = list_.findChild(QMenu, "folders-menu")
    assert any(text.startswith("A && B <b>") and len(text) < 50 for text in words(menu))
    menu.close()


# Dragging: Qt's own loop for it cannot run here, and Qt keeps whom it last dragged over, so the view is
# handed the events one by one.

_REST = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
_ACTIONS = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction


class Drag:
    """What is selected, or ``data`` from elsewhere, is moved over a line and let go of."""

    def __init__(self, list_, name: str, share: float = 0.5, data: QMimeData | None = None) -> None:
        self.view = list_.view
        self.data = data or list_.model.mimeData([])
        box = self.view.visualRect(list_.model.index(list_.model.row_of(key_of(list_, name))))
        self.place = QPoint(box.center().x(), box.top() + round(share * box.height()))
        enter = QDragEnterEvent(self.place, _ACTIONS, self.data, *_REST)
        self.view.dragEnterEvent(enter)
        self.accepted = enter.isAccepted()
        if self.accepted:
            move = QDragMoveEvent(self.place, _ACTIONS, self.data, *_REST)
            self.view.dragMoveEvent(move)
            self.accepted = move.isAccepted()
        self.view.viewport().repaint()

    def let_go(self) -> None:
        if self.accepted:
            self.view.dropEvent(QDropEvent(QPointF(self.place), _ACTIONS, self.data, *_REST))
        else:
            self.view.dragLeaveEvent(QDragLeaveEvent())


async def test_chats_are_dragged_into_a_folder_and_out_again(chat, list_):
    choose(list_, "Lighthouse", "Entropy")
    held = Drag(list_, "2026")
    assert held.accepted
    held.let_go()
    await until(lambda: titles(chat).index("Entropy") < titles(chat).index("Home"), "the move")
    assert await inside(chat, "2026") == ["Entropy", "Lighthouse"]
    assert len(list_.view.selected_chats()) == 2, "they stay selected"
    held = Drag(list_, "Regex help")
    assert held.accepted
    held.let_go()
    await until(lambda: titles(chat).index("Entropy") > titles(chat).index("Home"), "the way back")


async def test_a_folder_is_dragged_before_another_and_into_one(chat, list_):
    choose(list_, "Home")
    held = Drag(list_, "Work", 0.05)
    assert held.accepted
    held.let_go()
    await until(lambda: titles(chat).index("Home") < titles(chat).index("Work"), "the order")
    held = Drag(list_, "Work")
    held.let_go()
    await until(lambda: titles(chat).index("Work") < titles(chat).index("Home"), "the move")
    tree = await chat.services.folders.tree()
    assert len(tree.path(tree.named("Home")[0])) == 2
    choose(list_, "Work")
    held = Drag(list_, "2026")
    assert not held.accepted, "not into itself"
    held.let_go()
    assert len((await chat.services.folders.tree()).children(None)) == 1


async def test_a_closed_folder_opens_under_what_is_dragged(chat, list_):
    choose(list_, "Work")
    QTest.keyClick(list_.view, Qt.Key.Key_Left)
    assert "2026" not in titles(chat)
    choose(list_, "Lighthouse")
    held = Drag(list_, "Work")
    await until(lambda: "2026" in titles(chat), "it opens")
    held.let_go()


async def test_what_another_program_drags_is_not_taken(list_):
    choose(list_, "Lighthouse")
    data = QMimeData()
    data.setData(DRAGGED, b"not from here")
    held = Drag(list_, "Work", data=data)
    assert not held.accepted
    held.let_go()
    assert not Notice.over(list_).text()


async def test_exported_files_are_imported_by_dropping_them(chat, list_, tmp_path):
    from tests.unit.storage.exchange import samples

    path = samples.write(tmp_path / "tower.json", [samples.chatgpt()])
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    held = Drag(list_, "Work", data=data)
    assert held.accepted
    held.let_go()
    await until(lambda: "The tower" in titles(chat), "the chat")


async def test_a_folder_of_exports_is_imported_by_dropping_it(chat, list_, tmp_path):
    from tests.unit.storage.exchange import samples

    inner = tmp_path / "conversations" / "Poems"
    inner.mkdir(parents=True)
    samples.write(inner / "1.conversation.json", samples.lm_studio())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "conversations"))])
    held = Drag(list_, "Work", data=data)
    assert held.accepted
    held.let_go()
    await until(lambda: "Poem" in titles(chat) and "Poems" in titles(chat), "the chat in its folder")


async def test_other_files_are_not_taken(list_, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "picture.png")), QUrl("https://example.org/a.json")])
    held = Drag(list_, "Work", data=data)
    assert not held.accepted
    held.let_go()


@pytest.mark.parametrize("names", [["Lighthouse"], ["Lighthouse", "Entropy"]])
async def test_dragging_takes_no_line_away_by_itself(chat, list_, monkeypatch, names):
    dragged = []

    def end(drag: QDrag, *_: object) -> Qt.DropAction:
        dragged.append((drag.mimeData().hasFormat(DRAGGED), drag.pixmap().width()))
        return Qt.DropAction.MoveAction

    monkeypatch.setattr(QDrag, "exec", end)
    choose(list_, *names)
    before = titles(chat)
    list_.view.startDrag(Qt.DropAction.MoveAction)
    assert dragged and dragged[0][0] and 0 < dragged[0][1] < 250
    assert titles(chat) == before


async def test_the_keys_for_an_order_are_the_lists_only_at_a_folder(list_):
    key = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    choose(list_, "Lighthouse")
    assert list_.view._action_of(key) is None
    choose(list_, "Work")
    assert list_.view._action_of(key).text() == "Move up"
