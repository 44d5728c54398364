"""Going to a message wherever it is: in another chat, on another branch, ten thousand messages up.

Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

from desktop.domain.errors import LocutionError, NotFoundError
from desktop.domain.outline import Outline
from desktop.ui.chat.finder import Finder
from desktop.ui.chat.transcript.transcript import Transcript
from desktop.ui.operation import run, show_error_near
from desktop.ui.toolkit import Toolkit


@dataclass(slots=True)
class _Aim:
    conversation_id: str
    message_id: str
    words: str
    switched: bool = False
    """The branch it is on was asked for."""


class Jump(QObject):
    """``opened`` gives the chat that is shown; ``place`` is where failures are shown."""

    def __init__(
        self,
        kit: Toolkit,
        transcript: Transcript,
        finder: Finder,
        opened: Callable[[], Outline | None],
        place: QWidget,
    ) -> None:
        super().__init__(place)
        self._chat = kit.services.chat
        self._tasks = kit.tasks
        self._transcript = transcript
        self._finder = finder
        self._opened = opened
        self._place = place
        self._aim: _Aim | None = None
        # After everybody who shows the chat has shown it, so that the keyboard stays where it goes here.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._try)
        transcript.path_changed.connect(lambda _: self._soon.start())

    def to(self, conversation_id: str, message_id: str, words: str = "") -> None:
        """As soon as that chat is open; with ``words`` these are found there."""
        self._aim = _Aim(conversation_id, message_id, words)
        self._soon.start()

    def give_up(self) -> None:
        """Something else is wanted now."""
        self._aim = None

    def _try(self) -> None:
        aim, chat = self._aim, self._opened()
        if aim is None or chat is None or chat.conversation.id != aim.conversation_id:
            return
        if chat.place(aim.message_id) is not None:
            self._aim = None
            self._arrive(aim)
        elif aim.message_id not in chat.tree:
            self._aim = None
            show_error_near(self._place, _gone())
        elif not aim.switched:
            aim.switched = True
            run(
                self._place,
                self._chat.show(aim.message_id, aim.conversation_id, actor=self),
                tasks=self._tasks,
                name="show a branch",
                on_error=self._fail,
            )

    def _arrive(self, aim: _Aim) -> None:
        self._transcript.setFocus(Qt.FocusReason.OtherFocusReason)
        self._transcript.go_to(aim.message_id)
        if aim.words:
            self._finder.find(aim.words, aim.message_id)

    def _fail(self, error: LocutionError) -> None:
        self._aim = None
        show_error_near(self._place, error)


def _gone() -> NotFoundError:
    return NotFoundError("This message is no longer there.", action="Search again.")
