"""What a user does in the composer of the open chat: writes, attaches, sends, lets the next message wait.

Asks the services; the change bus says what came of it. Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Message, Part
from desktop.domain.errors import LocutionError
from desktop.domain.outline import Outline
from desktop.domain.prompt import Prompt
from desktop.domain.settings import Setting
from desktop.services.undo import Act
from desktop.system.printable import one_line
from desktop.ui.actions import ActionId
from desktop.ui.chat.empty_chat import EmptyChat
from desktop.ui.chat.file_reading import choose_files, read_files, too_many
from desktop.ui.composer.composer import Composer
from desktop.ui.composer.file_drop import FileDrop
from desktop.ui.composer.prompt_history import PromptHistory
from desktop.ui.composer.spell_check import SpellCheck
from desktop.ui.operation import run
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.banner import Banner


class Asking(QObject):
    """``column`` takes dropped files; ``opened`` gives the chat that is shown, if there is one."""

    def __init__(
        self,
        kit: Toolkit,
        column: QWidget,
        banner: Banner,
        empty: EmptyChat,
        opened: Callable[[], Outline | None],
    ) -> None:
        super().__init__(column)
        self._kit = kit
        self._next = kit.services.next_message
        self._conversations = kit.services.conversations
        self._column = column
        self._banner = banner
        self._opened = opened
        self._shown = ""
        """The chat whose draft is in the composer."""
        self.composer = Composer(kit.theme, kit.icons, kit.actions, column)
        self._spell_check = SpellCheck(self.composer.edit, kit.services.spelling, kit.tasks, kit.theme)
        self.history = PromptHistory(self.composer.edit, opened, self._read_message)
        drop = FileDrop(kit.theme, column)
        drop.files_dropped.connect(self.attach_files)
        drop.text_dropped.connect(self._on_text_dropped)
        empty.preset_chosen.connect(self._on_preset_chosen)
        empty.example_chosen.connect(self._on_example_chosen)
        empty.load_requested.connect(self._on_load_requested)
        self._connect()
        self._unsubscribe = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)
        self._on_settings_changed()

    def show_chat(self, chat: Outline) -> None:
        """Another one is open: its draft, and what waits there."""
        self.composer.flush_draft()
        self._shown = chat.conversation.id
        self.composer.set_prompt(self._next.draft(chat.conversation))
        self._show_next()

    def show_head(self, chat: Outline, *, is_running: bool) -> None:
        placeholder = self._conversations.effective(chat.conversation).preset.placeholder
        self.composer.set_placeholder(placeholder or self.tr("Ask anything"))
        self.composer.set_running(is_running)

    def show_none(self) -> None:
        """The open chat is gone, with all that was typed in it."""
        self._shown = ""
        self.composer.clear()
        self.composer.next.show_prompt(None)

    def leave(self) -> None:
        """Before the app ends: saves the draft, and looks at nothing that happens from now on."""
        self._unsubscribe()
        self.composer.flush_draft()

    def attach_files(self, paths: list[Path]) -> None:
        """Reads them one after the other, and attaches them in this order to the chat that is open now."""
        if chat := self._opened():
            run(
                self._column,
                self._read_files(paths, chat),
                tasks=self._kit.tasks,
                name="read files",
            )

    def choose_files(self) -> None:
        """Asks for files."""
        choose_files(self._column, self.attach_files, self.composer.focus_edit)

    # -- Building

    def _connect(self) -> None:
        composer = self.composer
        composer.submitted.connect(self.submit)
        composer.draft_changed.connect(self._on_draft_changed)
        composer.attach_refused.connect(self._on_attach_refused)
        composer.edit.files_pasted.connect(self.attach_files)
        composer.attachments.removed.connect(self._on_attachment_removed)
        composer.attachments.opened.connect(self._on_attachment_opened)
        composer.next.edit_requested.connect(self._on_next_edited)
        composer.next.remove_requested.connect(self._on_next_removed)
        self._kit.actions.action(ActionId.ATTACH).triggered.connect(lambda: self.choose_files())
        self._kit.actions.action(ActionId.PREFILL).triggered.connect(lambda: composer.toggle_prefill())

    # -- Sending

    def submit(self, prompt: Prompt) -> None:
        """Sends it now, or when the running answer has ended."""
        if (chat := self._opened()) is None:
            return
        chat_id = chat.conversation.id
        self.composer.clear()
        self._banner.hide()
        if not chat.conversation.temporary:
            self.history.remember(chat_id, prompt.text)

        def give_back(error: LocutionError) -> None:
            if self._shown == chat_id:
                self.composer.put_before(prompt)
            self._banner.show_error(error)

        run(
            self._column,
            self._next.submit(chat_id, prompt, actor=self),
            tasks=self._kit.tasks,
            name="send",
            on_error=give_back,
        )

    def _show_next(self) -> None:
        """What waits in the open chat; what could not be sent comes back into the field."""
        waiting = self._next.of(self._shown)
        if waiting is not None and waiting.is_held:
            self._take_back()
            if waiting.error is not None:
                self._banner.show_error(waiting.error)
            return
        self.composer.next.show_prompt(waiting.prompt if waiting else None)

    def _take_back(self) -> None:
        self.composer.put_before(self._next.take_back(self._shown))
        self.composer.flush_draft()

    def _on_next_edited(self) -> None:
        self._take_back()
        self.composer.focus_edit()

    def _on_next_removed(self) -> None:
        chat_id = self._shown
        removed = self._next.take_back(chat_id)
        self._save(chat_id, self.composer.prompt)
        self.composer.focus_edit()

        async def undo() -> None:
            if self._shown == chat_id:
                self.composer.put_before(removed)
            else:
                await self._put_into_draft(chat_id, removed)

        self._offer_back(self.tr("The message will not be sent."), Act.REMOVE_NEXT, undo)

    def _offer_back(self, text: str, act: Act, undo: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Says what was taken away, with its way back, which is Ctrl+Z's too."""
        stack = self._kit.services.undo
        done = stack.add(act, undo)

        def at_once() -> None:
            if done is not None and stack.forget(done):
                run(self._column, undo(), tasks=self._kit.tasks, name="put back")

        self._banner.show_notice(text, self.tr("Undo"), at_once)

    async def _put_into_draft(self, chat_id: str, prompt: Prompt) -> None:
        """Of a chat that is not shown."""
        draft = self._next.draft(await self._conversations.head(chat_id))
        await self._next.keep(chat_id, prompt.joined(draft))

    # -- Beginning

    def _on_preset_chosen(self, preset_id: str) -> None:
        if (chat := self._opened()) is not None:
            run(
                self._column,
                self._conversations.configure(chat.conversation.id, preset_id=preset_id, actor=self),
                tasks=self._kit.tasks,
                name="choose a preset",
            )
            self.composer.focus_edit()

    def _on_example_chosen(self, preset_id: str, text: str) -> None:
        self._on_preset_chosen(preset_id)
        self.composer.edit.setPlainText(text)
        self.composer.edit.moveCursor(QTextCursor.MoveOperation.End)

    def _on_load_requested(self) -> None:
        models = self._kit.services.models
        run(self._column, models.use("starter"), tasks=self._kit.tasks, name="load the starter model")
        # The button goes with the offer; whoever pressed it wants to write next.
        self.composer.focus_edit()

    # -- Files

    async def _read_files(self, paths: list[Path], chat: Outline) -> None:
        async def take(part: Part) -> bool:
            if self._shown == chat.conversation.id:
                return self.composer.attach(part)
            # The user is in another chat by now.
            draft = self._next.draft(chat.conversation).joined(Prompt(attachments=(part,)))
            await self._next.keep(chat.conversation.id, draft)
            return True

        await read_files(paths, take)

    def _on_attach_refused(self) -> None:
        self._banner.show_error(too_many())

    def _on_attachment_removed(self, part: Part, at: int) -> None:
        chat_id = self._shown

        async def undo() -> None:
            if self._shown == chat_id:
                self.composer.attach(part, at)
            else:
                await self._put_into_draft(chat_id, Prompt(attachments=(part,)))

        text = self.tr("“%1” is no longer attached.").replace("%1", one_line(part.name, 60))
        self._offer_back(text, Act.DETACH, undo)

    def _on_attachment_opened(self, part: Part) -> None:
        from desktop.ui.widgets.text_viewer import TextViewer

        TextViewer(part.name, part.text, self._kit.theme, self._column).open()

    def _on_text_dropped(self, source: QMimeData) -> None:
        self.composer.edit.insertFromMimeData(source)
        self.composer.focus_edit()

    # -- What happened

    def _on_changed(self, change: Change) -> None:
        if change.kind is Kind.NEXT and self._shown in change.ids:
            self._show_next()
        elif change.kind is Kind.SETTINGS:
            self._on_settings_changed()

    def _on_settings_changed(self) -> None:
        settings = self._kit.services.settings
        self.composer.set_enter_sends(settings.flag(Setting.ENTER_SENDS))
        self._spell_check.set_on(settings.flag(Setting.SPELL_CHECK))

    def _on_draft_changed(self, prompt: Prompt) -> None:
        if self._shown:
            self._save(self._shown, prompt)

    def _save(self, chat_id: str, prompt: Prompt) -> None:
        run(self._column, self._next.keep(chat_id, prompt), tasks=self._kit.tasks, name="save draft")

    def _read_message(self, message_id: str, then: Callable[[str], None]) -> None:
        chat_id = self._shown

        def found(bodies: dict[str, Message]) -> None:
            if message_id in bodies and self._shown == chat_id:
                then(bodies[message_id].text)

        run(
            self._column,
            self._conversations.bodies(chat_id, [message_id]),
            tasks=self._kit.tasks,
            name="recall a prompt",
            on_success=found,
        )
