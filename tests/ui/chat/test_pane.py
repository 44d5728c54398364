"""The chat pane as a whole: what an empty chat teaches, columns that fold, what is remembered."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.chat.empty_chat import ExampleButton, ModeCard
from tests.helpers.qt_loop import until


async def test_an_empty_chat_offers_the_four_modes_with_examples(chat):
    await chat.show()
    cards = [card for card in chat.open.empty.findChildren(ModeCard) if card.isVisible()]
    names = [card.findChild(QToolButton).text() for card in cards]
    assert names == ["Chatbot", "Translation", "Summarization", "Code assist"]
    assert all(len(card.findChildren(ExampleButton)) == 2 for card in cards)


async def test_a_card_chooses_its_preset(chat):
    conversation = await chat.show()
    card = (
        chat.open.empty.findChild(ModeCard, "mode-code-assist") or chat.open.empty.findChildren(ModeCard)[3]
    )
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    await until(lambda: chat.pane.current().preset_id == card._preset.id, "the preset")
    assert (await chat.services.conversations.open(conversation)).conversation.preset_id == card._preset.id
    assert chat.composer.edit.placeholderText() == card._preset.placeholder
    assert card._marked


async def test_an_example_is_put_into_the_composer_and_not_sent(chat):
    await chat.show()
    card = chat.open.empty.findChildren(ModeCard)[1]
    card.findChildren(ExampleButton)[0].click()
    assert chat.composer.text == card._preset.examples[0]
    await until(lambda: chat.pane.current().preset_id == card._preset.id, "its preset")
    assert chat.composer.text == card._preset.examples[0]
    assert chat.messages() == []


async def test_without_a_model_one_button_loads_the_starter(chat, model, monkeypatch):
    await chat.show()
    box = chat.open.empty.findChild(QFrame, "empty-model")
    assert box.isVisible()
    used = []

    async def use(ref: str) -> None:
        used.append(ref)

    monkeypatch.setattr(chat.services.models, "use", use)
    box.findChild(QPushButton, "load-starter").click()
    await until(lambda: used == ["starter"], "the starter is asked for")
    assert chat.composer.edit.hasFocus(), "the button goes; the keyboard stays where one writes"
    monkeypatch.undo()
    await model()
    await until(lambda: not box.isVisible(), "no need for it any more")


async def test_the_columns_fold_and_stay_folded(chat):
    await chat.show()
    chat.actions.action(ActionId.TOGGLE_LIST).trigger()
    assert not chat.pane.list.isVisible()
    assert chat.services.settings.flag(Setting.LIST_VISIBLE) is False
    chat.open.header.findChild(QToolButton, "header-toggle-list").click()
    assert chat.pane.list.isVisible()
    chat.actions.action(ActionId.TOGGLE_SIDEBAR).trigger()
    assert not chat.pane._sidebar.isVisible()
    assert chat.services.settings.flag(Setting.SIDEBAR_VISIBLE) is False


async def test_searching_brings_a_folded_list_back(chat):
    await chat.show()
    window = chat.pane.window()
    window.activateWindow()
    await until(window.isActiveWindow, "the keyboard")
    chat.actions.action(ActionId.TOGGLE_LIST).trigger()
    chat.actions.action(ActionId.SEARCH).trigger()
    assert chat.pane.list.isVisible()
    assert window.focusWidget().objectName() == "conversation-search"


async def test_a_new_title_and_preset_are_shown_without_reading_the_messages_again(chat, model, monkeypatch):
    await model(reply="Fine.")
    conversation = await chat.show()
    await chat.ask_and_wait("Go")
    read = []
    monkeypatch.setattr(chat.open, "_reload", lambda _: read.append(True))
    await chat.services.conversations.rename(conversation, "Another title")
    await until(lambda: chat.open.header.title() == "Another title", "the title")
    await chat.services.conversations.configure(conversation, preset_id="translation")
    await until(lambda: chat.pane.current().preset_id == "translation", "the preset")
    assert read == []
    assert chat.texts() == ["Go", "Fine."]


async def test_a_narrow_window_shows_one_side_at_a_time(chat):
    await chat.show()
    chat.pane._sidebar.setMinimumWidth(280)
    chat.pane.resize(810, 560)
    await asyncio.sleep(0)
    assert chat.pane.list.isVisible()
    assert not chat.pane._sidebar.isVisible()
    chat.actions.action(ActionId.TOGGLE_SIDEBAR).trigger()
    assert chat.pane._sidebar.isVisible()
    assert not chat.pane.list.isVisible()
    chat.pane.resize(1200, 800)
    await asyncio.sleep(0)
    assert chat.pane.list.isVisible()
    assert chat.pane._sidebar.isVisible()


async def test_a_chat_that_is_gone_opens_an_empty_one_instead(chat):
    await chat.show()
    chat.open.close_chat(chat.pane.current().id)
    chat.pane.open_conversation("there-is-no-such-chat")
    await until(lambda: chat.pane.current() is not None, "an empty chat")
    assert chat.messages() == []


async def test_what_is_opened_while_a_new_chat_is_made_stays_open(chat, services, monkeypatch):
    first = await chat.show()
    await services.conversations.save_draft(first, "not empty")
    other = (await services.conversations.new()).id
    make, opened = services.conversations.new, asyncio.Event()

    async def slow():
        await opened.wait()
        return await make(temporary=True)

    monkeypatch.setattr(services.conversations, "new", slow)
    chat.open.new()
    await chat.show(other)
    opened.set()
    await chat.kit.tasks.settle()
    assert chat.pane.current().id == other


async def test_everything_that_can_be_used_has_a_name_for_screen_readers(chat, model):
    await model(reply="**Hi** there\n\n```python\nprint(1)\n```")
    await chat.show()
    await chat.ask_and_wait("Go")
    kinds = (QAbstractButton, QAbstractItemView, QLineEdit, QPlainTextEdit)
    used = [widget for kind in kinds for widget in chat.pane.findChildren(kind)]
    assert len(used) > 15
    nameless = {
        widget.objectName() or type(widget).__name__
        for widget in used
        if not widget.accessibleName()
        and not getattr(widget, "text", lambda: "")()
        and not isinstance(widget.parentWidget(), QLineEdit)
    }
    assert nameless == set()
    buttons = [widget for widget in chat.pane.findChildren(QToolButton) if not widget.toolTip()]
    assert {button.objectName() for button in buttons if not isinstance(button.parent(), QLineEdit)} <= {
        "code-unfold"
    }


async def test_tab_reaches_the_list_the_messages_and_the_composer(chat, model):
    await model(reply="Fine.")
    await chat.show()
    await chat.ask_and_wait("Go")
    await until(chat.pane.list.view.isVisible, "the list")
    window: QWidget = chat.pane.window()
    window.activateWindow()
    await until(window.isActiveWindow, "the keyboard")
    chat.pane.list.findChild(QPushButton, "new-chat").setFocus()
    reached = []
    for _ in range(24):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.append(window.focusWidget().objectName())
        if reached[-1] == "composer-text":
            break
    wanted = ["conversation-search", "conversations", "transcript", "message-copy", "composer-text"]
    found = [name for name in reached if name in wanted]
    assert found == wanted


async def test_large_text_needs_more_room_for_both_sides(chat, theme):
    await chat.show()
    chat.pane.resize(1000, 800)
    assert chat.pane._sidebar.isVisible() and chat.pane.list.isVisible()
    theme.set_scale(200)
    assert chat.pane.list.isVisible() and not chat.pane._sidebar.isVisible()
    theme.set_scale(100)
    assert chat.pane._sidebar.isVisible()
