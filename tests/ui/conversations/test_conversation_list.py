"""The list of chats: grouped by day, searched by title, renamed and deleted in place."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton

from desktop.domain.conversation import Conversation
from desktop.ui.actions import ActionId
from desktop.ui.conversations.groups import Heading, When, entries, heading_of
from desktop.ui.conversations.model import ConversationModel, ListRole
from tests.helpers import chats
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
    view, model = chat.pane.list.view, chat.pane.list.model
    view.setCurrentIndex(model.index(model.row_of(conversation_id)))
    view.setFocus()


TODAY = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("days", "heading"),
    [
        (-3, Heading(When.TODAY)),
        (0, Heading(When.TODAY)),
        (1, Heading(When.YESTERDAY)),
        (6, Heading(When.WEEK)),
        (29, Heading(When.MONTH)),
        (90, Heading(When.OLDER, 2025, 12)),
    ],
)
def test_a_chat_stands_under_the_day_it_was_used(days, heading):
    assert heading_of(TODAY - timedelta(days=days), TODAY) == heading


def test_each_heading_comes_once_and_only_over_something():
    noon = datetime(2026, 3, 15, 12).timestamp()
    made = [Conversation(f"{n}", f"Title {n}", 0, noon - n * 86_400) for n in range(40)]
    headings = [entry for entry in entries(made, TODAY) if isinstance(entry, Heading)]
    assert [heading.when for heading in headings] == [
        When.TODAY, When.YESTERDAY, When.WEEK, When.MONTH, When.OLDER,
    ]  # fmt: skip
    found = list(entries(made, TODAY, "TITLE 39"))
    assert [entry.title for entry in found if isinstance(entry, Conversation)] == ["Title 39"]
    assert len(found) == 2


def test_ten_thousand_chats_are_listed_and_searched_quickly(qapp):
    model = ConversationModel()
    now = time.time()
    made = [
        Conversation(f"{n}", chats.TITLES[n % len(chats.TITLES)], 0, now - n * 3000) for n in range(10_000)
    ]
    start = time.process_time()
    model.set_conversations(made)
    model.set_matching("anagrams")
    assert time.process_time() - start < 1.0
    assert model.count() == len([one for one in made if "anagrams" in one.title])


async def test_new_chats_come_on_top_and_the_open_one_is_marked(chat):
    await chat.show()
    first, second = await named(chat, "Lighthouse", "Regex help")
    assert titles(chat).index("Regex help") < titles(chat).index("Lighthouse")
    assert titles(chat)[0] == "Today"
    await chat.show(first)
    assert chat.pane.list._delegate.open_id == first
    await chat.show(second)
    assert chat.pane.list._delegate.open_id == second


async def test_a_click_opens_a_chat(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    view, model = chat.pane.list.view, chat.pane.list.model
    place = view.visualRect(model.index(model.row_of(first))).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    await until(lambda: chat.pane.current().id == first, "the chat")
    assert chat.open.header.title() == "Lighthouse"


async def test_searching_shows_only_titles_with_these_words(chat):
    await chat.show()
    await named(chat, "Lighthouse story", "Regex help", "A story of regexes")
    chat.actions.action(ActionId.SEARCH).trigger()
    field = chat.pane.list.findChild(QLineEdit, "conversation-search")
    assert field.placeholderText() == "Search titles"
    QTest.keyClicks(field, "story")
    assert titles(chat) == ["Today", "A story of regexes", "Lighthouse story"]
    QTest.keyClicks(field, " reg")
    assert titles(chat) == ["Today", "A story of regexes"]
    QTest.keyClicks(field, "zzz")
    assert titles(chat) == []
    assert chat.pane.list._nothing.text() == "No chat has this in its title."
    assert chat.pane.list._nothing.isVisible()
    field.clear()
    assert "Regex help" in titles(chat)


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
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: "The keeper" in titles(chat), "the new title")
    assert (await chat.services.conversations.open(first)).conversation.title == "The keeper"


async def test_a_deleted_chat_is_gone_at_once_and_comes_back_by_undo(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    select(chat, first)
    QTest.keyClick(chat.pane.list.view, Qt.Key.Key_Delete)
    await until(lambda: "Lighthouse" not in titles(chat), "the deletion")
    bar = chat.pane.list.undo
    assert bar.isVisible()
    assert "Lighthouse" in bar.accessibleName()
    bar.findChild(QPushButton, "undo-button").click()
    await until(lambda: "Lighthouse" in titles(chat), "the way back")
    assert not bar.isVisible()
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


async def test_the_menu_of_a_chat_offers_what_can_be_done(chat):
    await chat.show()
    first, _ = await named(chat, "Lighthouse", "Regex help")
    view, model = chat.pane.list.view, chat.pane.list.model
    index = model.index(model.row_of(first))
    view.customContextMenuRequested.emit(view.visualRect(index).center())
    menu = chat.pane.list.findChild(QMenu, "conversation-menu")
    assert [action.text() for action in menu.actions() if action.text()] == ["Open", "Rename", "Delete"]
    menu.close()
    view.customContextMenuRequested.emit(QPoint(2, view.height() - 2))
    assert model.index(0).data(ListRole.CONVERSATION) is None
