"""What a user does with the messages of the open chat, by their buttons and by keys.

Asks the services; the transcript shows what the change bus says came of it. Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.domain.conversation import InContext, Node, Part, Rating, Role
from desktop.domain.outline import Outline
from desktop.domain.prompt import Prompt
from desktop.services.effective import Using
from desktop.ui.actions import ActionId
from desktop.ui.chat.edit_files import EditFiles
from desktop.ui.chat.link_question import ask_to_open
from desktop.ui.chat.message.act import MessageAct
from desktop.ui.chat.transcript.transcript import Transcript
from desktop.ui.operation import run
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.notice import Notice

T = TypeVar("T")
_ACTIONS = {
    ActionId.REGENERATE: MessageAct.AGAIN,
    ActionId.REGENERATE_WITH: MessageAct.AGAIN_WITH,
    ActionId.CONTINUE: MessageAct.CONTINUE,
    ActionId.BRANCH: MessageAct.BRANCH,
    ActionId.RATE_UP: MessageAct.RATE_UP,
    ActionId.RATE_DOWN: MessageAct.RATE_DOWN,
    ActionId.ORIGIN: MessageAct.ORIGIN,
}
"""Done with the message the keyboard is at, otherwise with the last answer."""


class MessageActs(QObject):
    """``place`` is where failures are shown; ``opened`` gives the chat that is shown, if there is one."""

    finished = Signal()
    """The user is done with a message: the keyboard belongs to the composer again."""
    branched = Signal(str)
    """The id of a chat that was made from this one, to go on in."""

    def __init__(
        self, kit: Toolkit, transcript: Transcript, opened: Callable[[], Outline | None], place: QWidget
    ) -> None:
        super().__init__(place)
        self._kit = kit
        self._chat = kit.services.chat
        self._tasks = kit.tasks
        self._transcript = transcript
        self._opened = opened
        self._place = place
        self._doing: dict[MessageAct, Callable[[str], None]] = {
            MessageAct.EDIT: transcript.edit,
            MessageAct.RAW: transcript.toggle_raw,
            MessageAct.SELECT: self.show_text,
            MessageAct.AGAIN: self.regenerate,
            MessageAct.AGAIN_WITH: self.regenerate_with,
            MessageAct.CONTINUE: self.go_on,
            MessageAct.RATE_UP: lambda message_id: self.rate(message_id, Rating.UP),
            MessageAct.RATE_DOWN: lambda message_id: self.rate(message_id, Rating.DOWN),
            MessageAct.COMMENT: self.comment,
            MessageAct.ORIGIN: self.show_origin,
            MessageAct.PIN: lambda message_id: self.mark(message_id, InContext.PINNED),
            MessageAct.EXCLUDE: lambda message_id: self.mark(message_id, InContext.EXCLUDED),
            MessageAct.BRANCH: self.branch,
            MessageAct.DELETE: self.delete,
        }
        transcript.acted.connect(lambda act, message_id: self._doing[act](message_id))
        transcript.edit_submitted.connect(self.edit)
        transcript.editor_opened.connect(lambda editor: EditFiles(kit, editor, place))
        transcript.stepped.connect(self.step)
        transcript.file_chosen.connect(self.show_file)
        transcript.link_chosen.connect(lambda address: ask_to_open(place, address))
        for action_id, slot in (
            (ActionId.STOP, self.stop),
            (ActionId.EDIT_LAST, self.edit_last),
            (ActionId.PREVIOUS_VERSION, lambda: self._step_shown(-1)),
            (ActionId.NEXT_VERSION, lambda: self._step_shown(1)),
            (ActionId.COPY_CHAT, self.copy_all),
            (ActionId.MESSAGE_MENU, lambda: self._transcript.open_menu(self._at())),
            *((action_id, partial(self._act_here, act)) for action_id, act in _ACTIONS.items()),
        ):
            # Without what the signal carries: a slot of Qt's own may be called with fewer arguments.
            kit.actions.action(action_id).triggered.connect(lambda _=False, slot=slot: slot())

    @property
    def is_running(self) -> bool:
        """Whether an answer is being written in the open chat."""
        return (chat := self._opened()) is not None and bool(self._chat.running(chat.conversation.id))

    def stop(self) -> None:
        if self.is_running:
            self._run(self._chat.stop, "stop the answer")

    def regenerate(self, message_id: str, using: Using | None = None, prefill: str = "") -> None:
        """Another answer beside this one, or to this question."""
        self._run(
            lambda chat_id: self._chat.regenerate(message_id, chat_id, self, using=using, prefill=prefill),
            "answer again",
            lambda _: self._transcript.scroll_to_end(),
        )

    def regenerate_with(self, message_id: str) -> None:
        """The same, with something else than the chat's own for this once."""
        from desktop.ui.chat.again_dialog import AgainDialog

        if (chat := self._opened()) is not None:
            dialog = AgainDialog(self._kit, chat.conversation, self._place)
            dialog.asked.connect(lambda using, prefill: self.regenerate(message_id, using, prefill))
            dialog.open()

    def go_on(self, message_id: str) -> None:
        """Lets the model continue an answer."""
        self._run(
            lambda chat_id: self._chat.continue_answer(message_id, chat_id, self),
            "continue an answer",
            lambda _: self._transcript.scroll_to_end(),
        )

    def edit(self, message_id: str, prompt: Prompt, ask: bool = True) -> None:
        """Another version of a message; the editor stays open if that fails."""

        def done(_: str | None) -> None:
            self._transcript.end_edit(message_id)
            self.finished.emit()

        self._run(
            lambda chat_id: self._chat.edit(
                message_id, chat_id, prompt.text, self, attachments=prompt.attachments, ask=ask
            ),
            "edit a message",
            done,
        )

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
            self._run(lambda chat_id: self._chat.show(versions[at], chat_id, self), "show a version")

    def rate(self, message_id: str, rating: Rating) -> None:
        """Good or bad, with a field to say why; the same once more takes it back."""
        if (message := self._transcript.body(message_id)) is None:
            return
        if message.rating is rating:
            self._save_rating(message_id, Rating.NONE, "")
        else:
            self._save_rating(message_id, rating, "", then=lambda: self.comment(message_id, rating))

    def comment(self, message_id: str, rating: Rating | None = None) -> None:
        """Asks why a message was rated as it was."""
        from desktop.ui.chat.message.rating_popover import RatingPopover

        message = self._transcript.body(message_id)
        widget = self._transcript.foot_of(message_id)
        if message is None or widget is None or not (given := rating or message.rating):
            return
        act = MessageAct.RATE_UP if given is Rating.UP else MessageAct.RATE_DOWN
        said = "" if rating is not None else message.comment
        popover = RatingPopover(given, said, self._place)
        popover.commented.connect(lambda text: self._save_rating(message_id, given, text))
        popover.show_at(widget.place_of(act))

    def mark(self, message_id: str, context: InContext) -> None:
        """Whether the model is sent a message always or never; the same once more takes it back."""
        message = self._transcript.body(message_id)
        wanted = InContext.AUTO if message is not None and message.context is context else context
        self._run(lambda chat_id: self._chat.set_context(message_id, chat_id, wanted, self), "mark a message")

    def branch(self, message_id: str) -> None:
        """What leads to a message, as a chat of its own, which is opened."""
        chat = self._opened()
        title = chat.conversation.title if chat is not None else ""
        named = self.tr("%1 (branch)").replace("%1", title) if title else None
        self._run(
            lambda chat_id: self._kit.services.conversations.branch(message_id, chat_id, named, self),
            "branch a chat",
            lambda made: self.branched.emit(made.id),
        )

    def delete(self, message_id: str) -> None:
        """A message and what follows it."""
        self._run(lambda chat_id: self._chat.delete_branch(message_id, chat_id, self), "delete a branch")

    def show_origin(self, message_id: str) -> None:
        """How an answer was made."""
        from desktop.ui.chat.origin_dialog import OriginDialog

        chat, message = self._opened(), self._transcript.body(message_id)
        if chat is not None and message is not None and message.origin is not None:
            dialog = OriginDialog(self._kit, message, self._place)
            dialog.again.connect(lambda using: self.regenerate(message_id, using))
            dialog.open()

    def show_text(self, message_id: str) -> None:
        """A message to select words in: among the messages only the pointer can."""
        from desktop.ui.widgets.text_viewer import TextViewer

        if (message := self._transcript.body(message_id)) is not None:
            name = self.tr("Your message") if message.role is Role.USER else self.tr("Answer")
            TextViewer(name, message.text, self._kit.theme, self._place, wrap=True).open()

    def show_file(self, file: Part) -> None:
        """What is in a file that belongs to a message."""
        from desktop.ui.widgets.text_viewer import TextViewer

        TextViewer(file.name, file.text, self._kit.theme, self._place).open()

    def copy_all(self) -> None:
        """The whole chat to the clipboard, as Markdown."""
        if (chat := self._opened()) is not None and chat.path:
            self._run(self._as_markdown, "copy a chat", self._on_copied)

    async def _as_markdown(self, conversation_id: str) -> str:
        pieces = self._kit.services.exchange.pieces((conversation_id,), "markdown")
        return "".join([piece async for piece in pieces])

    def _on_copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        Notice.over(self._place).say(self.tr("The chat is on the clipboard, as Markdown"))

    def _save_rating(
        self, message_id: str, rating: Rating, comment: str, then: Callable[[], None] | None = None
    ) -> None:
        self._run(
            lambda chat_id: self._chat.rate(message_id, chat_id, rating, comment, self),
            "rate a message",
            (lambda _: then()) if then is not None else None,
        )

    def _act_here(self, act: MessageAct) -> None:
        """On the message the keyboard is at, or on the last answer; a last question is what is answered."""
        role = None if act in (MessageAct.AGAIN, MessageAct.AGAIN_WITH) else Role.ASSISTANT
        if not self.is_running and (message_id := self._at(role)):
            self._transcript.act(act, message_id)

    def _at(self, role: Role | None = None) -> str:
        return self._transcript.current_message() or (last.id if (last := self._last(role)) else "")

    def _step_shown(self, step: int) -> None:
        """At the message the keyboard is at, or at the last one that has versions."""
        chat = self._opened()
        if chat is None or self.is_running:
            return
        several = (node.id for node in reversed(chat.path) if len(chat.tree.siblings(node.id)) > 1)
        if message_id := self._transcript.current_message() or next(several, ""):
            self.step(message_id, step)

    def _last(self, role: Role | None = None) -> Node | None:
        path = chat.path if (chat := self._opened()) is not None else []
        return next((message for message in reversed(path) if role in (None, message.role)), None)

    def _run(
        self,
        work: Callable[[str], Coroutine[Any, Any, T]],
        name: str,
        on_success: Callable[[T], None] | None = None,
    ) -> None:
        """Asks for ``work`` on the open chat, whose id it is handed."""
        if (chat := self._opened()) is not None:
            run(
                self._place,
                work(chat.conversation.id),
                tasks=self._tasks,
                name=name,
                on_success=on_success,
            )
