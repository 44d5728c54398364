"""What a user does with the messages of the open chat, by their buttons and by keys.

Asks the services; the transcript shows what the change bus says came of it. Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.domain.conversation import Node, Role
from desktop.domain.outline import Outline
from desktop.ui.actions import ActionId
from desktop.ui.chat.link_question import ask_to_open
from desktop.ui.chat.transcript import Transcript
from desktop.ui.operation import run
from desktop.ui.toolkit import Toolkit

T = TypeVar("T")


class MessageActs(QObject):
    """``place`` is where failures are shown; ``opened`` gives the chat that is shown, if there is one."""

    finished = Signal()
    """The user is done with a message: the keyboard belongs to the composer again."""

    def __init__(
        self, kit: Toolkit, transcript: Transcript, opened: Callable[[], Outline | None], place: QWidget
    ) -> None:
        super().__init__(place)
        self._chat = kit.services.chat
        self._tasks = kit.tasks
        self._transcript = transcript
        self._opened = opened
        self._place = place
        transcript.regenerated.connect(self.regenerate)
        transcript.edit_submitted.connect(self.edit)
        transcript.stepped.connect(self.step)
        transcript.link_chosen.connect(lambda address: ask_to_open(place, address))
        for action_id, slot in (
            (ActionId.STOP, self.stop),
            (ActionId.REGENERATE, self._regenerate_last),
            (ActionId.EDIT_LAST, self.edit_last),
            (ActionId.PREVIOUS_VERSION, lambda: self._step_last(-1)),
            (ActionId.NEXT_VERSION, lambda: self._step_last(1)),
        ):
            kit.actions.action(action_id).triggered.connect(slot)

    @property
    def is_running(self) -> bool:
        """Whether an answer is being written in the open chat."""
        return (chat := self._opened()) is not None and bool(self._chat.running(chat.conversation.id))

    def stop(self) -> None:
        if (chat := self._opened()) is not None and self.is_running:
            self._run(self._chat.stop(chat.conversation.id), "stop the answer")

    def regenerate(self, message_id: str) -> None:
        """Another answer beside this one."""
        if (chat := self._opened()) is not None:
            self._run(
                self._chat.regenerate(message_id, chat.conversation.id, actor=self),
                "answer again",
                lambda _: self._transcript.scroll_to_end(),
            )

    def edit(self, message_id: str, text: str) -> None:
        """Another version of a message; the editor stays open if that fails."""

        def done(_: str | None) -> None:
            self._transcript.end_edit(message_id)
            self.finished.emit()

        if (chat := self._opened()) is not None:
            work = self._chat.edit(message_id, chat.conversation.id, text, actor=self)
            self._run(work, "edit a message", done)

    def edit_last(self) -> None:
        """Opens the editor on the user's last message."""
        if (last := self._last(Role.USER)) and not self.is_running:
            self._transcript.edit(last.id)

    def step(self, message_id: str, step: int) -> None:
        """Shows the version that is so many further."""
        chat = self._opened()
        if chat is None or message_id not in chat.tree:
            return
        versions = [message.id for message in chat.tree.siblings(message_id)]
        at = versions.index(message_id) + step
        if 0 <= at < len(versions):
            self._run(self._chat.show(versions[at], chat.conversation.id, actor=self), "show a version")

    def _regenerate_last(self) -> None:
        if (last := self._last(Role.ASSISTANT)) and not self.is_running:
            self.regenerate(last.id)

    def _step_last(self, step: int) -> None:
        if not self.is_running:
            self.step(self._transcript.current_message() or (last.id if (last := self._last()) else ""), step)

    def _last(self, role: Role | None = None) -> Node | None:
        path = chat.path if (chat := self._opened()) is not None else []
        return next((message for message in reversed(path) if role in (None, message.role)), None)

    def _run(
        self, work: Coroutine[Any, Any, T], name: str, on_success: Callable[[T], None] | None = None
    ) -> None:
        run(self._place, work, tasks=self._tasks, name=name, on_success=on_success)
