"""Says that a long answer has ended while the window is in the background. Main thread, on the loop.

:class:`Notifications` decides what is said and when; :class:`Desktop` shows it, as well as this desktop can.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation, Message, Status
from desktop.domain.settings import Setting
from desktop.services.live_answer import LiveAnswer
from desktop.system.printable import one_line
from desktop.ui.operation import run
from desktop.ui.toolkit import Toolkit

LONG_S = 10.0
"""An answer that took longer is one that people leave alone."""
_LONGEST = 160


class Notifier(Protocol):
    """Where it is shown."""

    def show(self, title: str, text: str, on_click: Callable[[], None]) -> None:
        """``on_click`` when the user follows it."""

    def clear(self) -> None:
        """Leaves nothing behind."""


class Notifications(QObject):
    """``on_open`` is called with the chat that the user wants to see."""

    def __init__(
        self, kit: Toolkit, window: QWidget, notifier: Notifier, on_open: Callable[[str], None]
    ) -> None:
        super().__init__(window)
        self.long_s = LONG_S
        self._window = window
        self._chat = kit.services.chat
        self._conversations = kit.services.conversations
        self._settings = kit.services.settings
        self._tasks = kit.tasks
        self._notifier = notifier
        self._on_open = on_open
        self._running: dict[str, LiveAnswer] = {}
        """By chat."""
        unsubscribe = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(unsubscribe)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._on_state_changed)

    def _on_changed(self, change: Change) -> None:
        match change.kind:
            case Kind.MESSAGES:
                for conversation_id in change.ids:
                    self._look(conversation_id)
            case Kind.SETTINGS if not self._settings.flag(Setting.NOTIFY):
                self._notifier.clear()
            case _:
                pass

    def _look(self, conversation_id: str) -> None:
        """Whether an answer began or ended there."""
        live = self._chat.running(conversation_id)
        ended = self._running.pop(conversation_id, None)
        if live is not None:
            self._running[conversation_id] = live
        if ended is None or ended is live or time.monotonic() - ended.started < self.long_s:
            return
        if self._settings.flag(Setting.NOTIFY) and not _is_in_front():
            run(
                self._window,
                self._read(ended),
                tasks=self._tasks,
                name="tell of an answer's end",
                on_success=self._tell,
                on_error=lambda _error: None,  # the chat is gone: there is nothing to tell
            )

    async def _read(self, ended: LiveAnswer) -> tuple[Conversation, Message | None]:
        head = await self._conversations.head(ended.conversation_id)
        found = await self._conversations.bodies(ended.conversation_id, (ended.message_id,))
        return head, found.get(ended.message_id)

    def _tell(self, read: tuple[Conversation, Message | None]) -> None:
        """In words that may stand on a locked screen: what was asked and answered stays in the window."""
        conversation, message = read
        match message.status if message is not None else Status.CANCELLED:
            case Status.COMPLETE:
                text = self.tr("The answer is complete.")
            case Status.LENGTH:
                text = self.tr("The answer reached its limit.")
            case Status.FAILED | Status.INTERRUPTED:
                text = self.tr("The answer failed.")
                if message is not None and message.error:
                    text = f"{text} {message.error}"
            case _:
                return
        title = conversation.title or self.tr("New chat")
        self._notifier.show(
            one_line(title, _LONGEST),
            one_line(text, _LONGEST).replace("<", "‹"),  # some desktops read marks in it
            lambda: self._on_open(conversation.id),
        )

    def _on_state_changed(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self._notifier.clear()


class Desktop(QObject):
    """The system's own notifications, and a mark on the window where there are none.

    They need an icon in the tray: it is there only as long as a notification may be clicked.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        self._on_click: Callable[[], None] = lambda: None

    def show(self, title: str, text: str, on_click: Callable[[], None]) -> None:
        QApplication.alert(self._window)
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.messageClicked.connect(self._on_clicked)
            self._tray.activated.connect(lambda _reason: self._on_clicked())
        self._on_click = on_click
        self._tray.setToolTip(title)
        self._tray.show()
        self._tray.showMessage(title, text, self._window.windowIcon())

    def clear(self) -> None:
        if self._tray is not None:
            self._tray.hide()

    def _on_clicked(self) -> None:
        self.clear()
        self._on_click()


def _is_in_front() -> bool:
    """Whether the user looks at the app, be it at the window or at a dialog of it."""
    active = QApplication.activeWindow()
    return active is not None and active.isVisible() and not active.isMinimized()
