"""A walk through the whole window, with real content in it: each stop is a state that a user comes to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from desktop.domain.conversation import Part, PartKind, Rating
from desktop.domain.errors import LocutionError
from desktop.domain.exchange import Progress
from desktop.domain.prompt import Prompt
from desktop.domain.settings import Setting
from desktop.services.assembly import Services
from desktop.ui.actions import ActionId
from desktop.ui.chat.again_dialog import AgainDialog
from desktop.ui.chat.link_question import ask_to_open
from desktop.ui.chat.message.editor import MessageEditor
from desktop.ui.chat.message.rating_popover import RatingPopover
from desktop.ui.chat.origin_dialog import OriginDialog
from desktop.ui.command_palette import CommandPalette
from desktop.ui.conversations.transfer_bar import TransferBar
from desktop.ui.keys_page import KeysPage
from desktop.ui.main_window import MainWindow, Pane
from desktop.ui.widgets.section import Section
from desktop.ui.widgets.text_viewer import TextViewer
from tests.helpers.chats import ANAGRAMS, DATABASES
from tests.helpers.qt_loop import until
from tests.helpers.scripted import Gate, write_script

PANES = {
    "playground": Pane.PLAYGROUND,
    "models": Pane.MODELS,
    "presets": Pane.PRESETS,
    "settings": Pane.SETTINGS,
}
TITLES = ("Lighthouse story", "Regex help", "Three quiet days in Lisbon, with one good meal for each day", "")
QUESTION = "Write a Python function that groups a list of words into anagrams. Add a short test."

NEXT = "And then?"


@dataclass(frozen=True, slots=True)
class Names:
    """What comes from users and strangers, other than what is in the messages."""

    titles: tuple[str, ...] = TITLES
    model: str = "Lantern 7B Instruct"
    folder: str = "Work"
    file: str = "notes.txt"
    failure: str = "The lamp is broken."
    thrown_away: str = "Throw me away"


class Tour:
    """``async for name, root in tour``: ``root`` is what the stop is about, the window or a dialog of it."""

    def __init__(
        self, window: MainWindow, services: Services, folder: Path, names: Names | None = None
    ) -> None:
        self._window = window
        self._services = services
        self._folder = folder
        self._names = names or Names()

    async def stops(self) -> AsyncIterator[tuple[str, QWidget]]:
        window, services = self._window, self._services
        yield "no model", await self._settled()
        await self._fill()
        yield "empty chat", await self._settled()
        await self._ask(QUESTION, reply=f"{ANAGRAMS}\n\n{DATABASES}", thinking="What are anagrams? " * 20)
        chat_id = self._chat_id()
        head = await services.conversations.head(chat_id)
        await services.chat.regenerate(head.leaf_id or "", chat_id)
        await self._answered(chat_id)
        yield "versions", await self._settled()
        for action_id, kind in ((ActionId.REGENERATE_WITH, AgainDialog), (ActionId.ORIGIN, OriginDialog)):
            self._act(action_id)
            await until(lambda kind=kind: window.findChild(kind), action_id.value)  # type: ignore[misc]
            dialog = window.findChild(kind)
            assert dialog is not None
            yield action_id.value, await self._settled(dialog)
            dialog.reject()
            await until(lambda kind=kind: window.findChild(kind) is None, "its end")  # type: ignore[misc]
        for action_id in (ActionId.PREFILL, ActionId.LEDGER):
            self._act(action_id)
            yield action_id.value, await self._settled()
            self._act(action_id)
        self._act(ActionId.EDIT_LAST)
        editor = window.chat_pane.findChild(MessageEditor)
        assert editor is not None
        editor.attach(self._file())
        yield "edited message", await self._settled()
        self._press(Qt.Key.Key_Escape)
        await self._ask("And now?", fail=self._names.failure)
        yield "failed answer", await self._settled()
        for action_id in (ActionId.FIND, ActionId.TREE_MAP):
            self._act(action_id)
            yield action_id.value, await self._settled()
            await self._leave()
        window.chat_pane.list.search.setText("anagrams")
        await until(window.chat_pane.results.status, "what was found")
        yield "search", await self._settled()
        window.chat_pane.list.search.clear()
        self._act(ActionId.TRASH)
        yield "trash", await self._settled()
        await self._leave()
        window.chat_pane.show_error(
            LocutionError("Something failed.", action=self._names.failure, detail="All.")
        )
        window.show_error(LocutionError("Something else failed.", action="Do it again.", detail="All."))
        yield "errors", await self._settled()
        for section in window.sidebar.findChildren(Section):
            section.set_open(True)
        yield "parameters", await self._settled()
        for name, index in PANES.items():
            window.show_pane(index)
            yield name, await self._settled()
        window.show_pane(Pane.CHAT)
        async for stop in self._dialogs():
            yield stop
        gate = Gate(self._folder / "gate.json")
        gate.open_to(20)
        await self._ask("Go on", reply="on and on " * 300, gate=gate, waits=False)
        yield "running answer", await self._settled()
        composer = window.chat_pane.open_chat.composer
        window.chat_pane.open_chat.asking.submit(Prompt(NEXT, (self._file(),)))
        await until(composer.next.isVisible, "the waiting message")
        composer.attachments.set_parts([self._file(), self._file()])
        yield "waiting message and files", await self._settled()
        composer.next.remove_requested.emit()
        await until(lambda: not composer.next.isVisible(), "no waiting message")
        yield "notice", await self._settled()
        await services.chat.stop(self._chat_id())

    async def _dialogs(self) -> AsyncIterator[tuple[str, QWidget]]:
        self._act(ActionId.PALETTE)
        yield "palette", await self._settled(self._window.findChild(CommandPalette))
        await self._leave()
        self._services.settings.put(Setting.KEYS, {"stop": ["Ctrl+J"]})
        self._act(ActionId.KEYS)
        page = self._window.findChild(KeysPage)
        assert page is not None
        yield "keys", await self._settled(page)
        page.field.setText(self._window.actions_table.action(ActionId.REGENERATE).text())
        page.list.itemActivated.emit(page.list.currentItem())
        yield "keys wait", await self._settled(page)
        self._press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        yield "keys clash", await self._settled(page)
        page.reject()
        answer = await self._answer()
        self._window.chat_pane.open_chat.acts.rate(answer, Rating.DOWN)
        await until(lambda: self._window.findChild(RatingPopover), "why")
        popover = self._window.findChild(RatingPopover)
        assert popover is not None
        yield "rating", await self._settled(popover)
        popover.close()
        ask_to_open(self._window, "https://example.org/" + "a-long-way/" * 20)
        question = await self._box("link-question")
        yield "link", question
        question.close()
        async for stop in self._transfers():
            yield stop
        viewer = TextViewer(self._names.file, "seven boats\n" * 50, self._window._kit.theme, self._window)
        viewer.open()
        yield "text", await self._settled(viewer)
        viewer.reject()
        await asyncio.sleep(0)

    async def _transfers(self) -> AsyncIterator[tuple[str, QWidget]]:
        list_ = self._window.chat_pane.list
        bar = TransferBar(list_.tr("Importing"), list_)
        list_.files.began.emit(bar)
        bar.show_progress(Progress(0.3, 1200))
        yield "import", await self._settled()
        bar.hide()
        bar.deleteLater()
        path = self._folder / "chats.json"
        path.write_text(json.dumps([{"mapping": {}}] * 20), "utf-8")
        list_.files.import_files([path])
        report = await self._box("import-report")
        yield "import report", report
        report.close()

    async def _box(self, name: str) -> QWidget:
        await until(lambda: self._window.findChild(QMessageBox, name), name)
        box = self._window.findChild(QMessageBox, name)
        assert box is not None
        return await self._settled(box)

    async def _answer(self) -> str:
        head = await self._services.conversations.head(self._chat_id())
        return head.leaf_id or ""

    def _file(self) -> Part:
        return Part(PartKind.ATTACHMENT, "seven boats\n", self._names.file)

    async def _fill(self) -> None:
        """Chats in a folder, pinned, temporary and in the trash."""
        services = self._services
        await self._use(reply="Fine.")
        folder_id = (await services.folders.create(self._names.folder)).id
        for number, title in enumerate(self._names.titles):
            chat = await services.conversations.new(folder_id=folder_id if number == 1 else None)
            await services.chat.send(chat.id, QUESTION)
            await self._answered(chat.id)
            if title:
                await services.conversations.rename(chat.id, title)
            await services.conversations.pin(chat.id, pinned=number == 0)
        gone = await services.conversations.new()
        await services.chat.send(gone.id, self._names.thrown_away)
        await self._answered(gone.id)
        await services.chat.trash(gone.id)
        self._act(ActionId.NEW_CHAT)
        await until(lambda: self._chat_id() not in ("", gone.id), "a new chat")

    async def _use(self, **fields: object) -> None:
        path = write_script(self._folder / "Lantern.gguf", name=self._names.model, **fields)
        await self._services.models.use(path)

    async def _ask(self, text: str, *, waits: bool = True, **fields: object) -> None:
        await self._use(**fields)
        chat_id = self._chat_id()
        await self._services.chat.send(chat_id, text)
        if waits:
            await self._answered(chat_id)
        else:
            await until(lambda: (live := self._services.chat.running(chat_id)) and live.tokens > 5, "words")

    async def _answered(self, chat_id: str) -> None:
        await until(lambda: not self._services.chat.running(chat_id), "the answer")

    def _chat_id(self) -> str:
        current = self._window.chat_pane.current()
        return current.id if current is not None else ""

    def _act(self, action_id: ActionId) -> None:
        self._window.actions_table.action(action_id).trigger()

    async def _settled(self, root: QWidget | None = None) -> QWidget:
        """Once everything is read and laid out."""
        await self._window._kit.tasks.settle()
        await asyncio.sleep(0.1)
        return root or self._window

    async def _leave(self) -> None:
        self._press(Qt.Key.Key_Escape)
        await asyncio.sleep(0)

    def _press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        target = QApplication.focusWidget() or self._window
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(target, QKeyEvent(kind, key.value, modifiers))
