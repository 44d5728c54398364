"""The chat pane in a window, and what a test does to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QMenu, QPlainTextEdit, QPushButton, QTextBrowser, QToolButton, QWidget

from desktop.domain.conversation import Message
from desktop.ui.chat.message.act import MessageAct
from desktop.ui.chat.message.widget import MessageWidget
from desktop.ui.chat.pane import ChatPane
from desktop.ui.toolkit import Toolkit
from tests.helpers.qt_loop import until


class Pane:
    """A chat pane in a window, with what a test does to it."""

    def __init__(self, pane: ChatPane, kit: Toolkit) -> None:
        self.pane = pane
        self.kit = kit
        self.services = kit.services
        self.actions = kit.actions
        self.open = pane.open_chat
        self.transcript = pane.open_chat.transcript
        self.composer = pane.open_chat.composer

    async def show(self, conversation_id: str = "") -> str:
        """Opens a conversation, a new one if none is named."""
        self.pane.open_conversation(conversation_id)
        await until(
            lambda: (now := self.pane.current()) and (not conversation_id or now.id == conversation_id),
            "open",
        )
        current = self.pane.current()
        assert current is not None
        return current.id

    async def ask(self, text: str) -> None:
        """Asks a model that is held at its gate, or with something else; then both messages are there."""
        self.composer.edit.setPlainText(text)
        self.composer.edit.submitted.emit()
        await until(lambda: self.running() and self.composer._running, "the answer's start")

    async def ask_and_wait(self, text: str) -> None:
        before = len(self.messages())
        self.composer.edit.setPlainText(text)
        self.composer.edit.submitted.emit()
        await until(lambda: len(self.messages()) >= before + 2, "the question")
        await self.answered()

    async def answered(self) -> None:
        """Waits until the answer that runs is over, and everything shows it so."""
        await until(lambda: not self.running(), "the answer's end")
        await until(lambda: not self.messages()[-1].row.streaming, "the answer is shown as finished")
        await until(lambda: not self.composer._running, "the composer takes the next one")

    def running(self) -> bool:
        current = self.pane.current()
        return bool(current and self.services.chat.running(current.id))

    def messages(self) -> list:
        """The message widgets that are there, from the top down."""
        live = [widget for widget in self.transcript._live if widget.row is not None]
        return sorted(live, key=lambda widget: self.transcript._live.index(widget.row.key) or 0)

    def texts(self) -> list[str]:
        """What can be read of each message."""
        return [shown_text(widget) for widget in self.messages()]


def shown_text(message: QWidget) -> str:
    """The words a message shows, without its buttons."""
    parts = [w for w in message.findChildren(QWidget) if isinstance(w, QTextBrowser | QPlainTextEdit)]
    shown = sorted((w for w in parts if w.isVisibleTo(message)), key=lambda w: w.mapTo(message, w.pos()).y())
    return "\n".join(w.toPlainText() for w in shown)


def press(parent: QWidget, name: str) -> None:
    """A button that is seen."""
    found = parent.findChild(QToolButton, name) or parent.findChild(QPushButton, name)
    assert found is not None and found.isVisibleTo(parent), name
    found.click()


def choose(message: MessageWidget, act: MessageAct) -> None:
    """From the message's menu."""
    message.open_menu()
    menu = message.findChild(QMenu, "message-menu")
    assert menu is not None
    next(one for one in menu.actions() if one.objectName() == f"message-act-{act.value}").trigger()
    menu.close()


async def stored(chat: Pane) -> list:
    """The branch that is shown, from disk."""
    current = chat.pane.current()
    assert current is not None
    return (await chat.services.conversations.open(current.id)).path


async def talked(chat: Pane, model: Callable[..., Awaitable[object]], reply: str = "Fine.") -> Any:
    """A question and its answer; returns the answer's widget."""
    await model(reply=reply)
    await chat.show()
    await chat.ask_and_wait("Go")
    return chat.messages()[-1]


async def settled(chat: Pane) -> None:
    """Once what was asked for is done, and its answer is shown as finished."""
    await chat.kit.tasks.settle()
    await chat.answered()


async def with_messages(chat: Pane, *messages: Message) -> None:
    """A chat with these, which is then open."""
    made = await chat.services.conversations.new()
    own = [replace(message, conversation_id=made.id) for message in messages]
    await chat.services.chat._stores.of(made.id).messages.add(*own, leaf_id=own[-1].id, title="A chat")
    await chat.show(made.id)
    await until(lambda: chat.messages(), "the messages")
