"""Chats to files and back, in the window: what is asked, how far it is, and the report. Main thread only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop.domain.conversation import Conversation
from desktop.domain.exchange import Fate, ImportReport, Progress
from desktop.services.exchange import Exported
from desktop.system.file_names import safe_name
from desktop.ui import operation
from desktop.ui.actions import ActionId
from desktop.ui.conversations.transfer_bar import TransferBar
from desktop.ui.toolkit import Toolkit
from desktop.ui.words import filled, number

T = TypeVar("T")
_SHOWN = 12
"""Lines of a report before the rest waits behind a button."""
PDF = "pdf"


@dataclass(frozen=True, slots=True)
class _Choice:
    """A row of the save dialog; ``format`` is the service's name for it, or ``pdf``."""

    words: str
    format: str
    suffix: str

    @property
    def filter(self) -> str:
        return f"{self.words} (*.{self.suffix})"


class ChatFiles(QObject):
    """Belongs to ``place``, near which failures are shown; ``current`` is the open chat."""

    began = Signal(object)
    """A :class:`TransferBar` that wants to be seen; it goes by itself."""
    said = Signal(str)
    """How an export went."""

    def __init__(self, kit: Toolkit, place: QWidget, current: Callable[[], Conversation | None]) -> None:
        super().__init__(place)
        self._exchange = kit.services.exchange
        self._conversations = kit.services.conversations
        self._tasks = kit.tasks
        self._place = place
        self._current = current
        self._choices = (
            _Choice(self.tr("Markdown"), "markdown", "md"),
            _Choice(self.tr("Web page"), "html", "html"),
            _Choice(self.tr("PDF"), PDF, "pdf"),
            _Choice(self.tr("Plain text"), "text", "txt"),
            _Choice(self.tr("Everything, to import again"), "json", "json"),
            _Choice(self.tr("Training data"), "sft", "jsonl"),
            _Choice(self.tr("Preference pairs"), "preferences", "jsonl"),
        )
        for action_id, choose in (
            (ActionId.EXPORT_CHAT, self.choose_export),
            (ActionId.EXPORT_ALL, self.choose_export_of_all),
            (ActionId.IMPORT_CHATS, self.choose_import),
            (ActionId.IMPORT_FOLDER, self.choose_import_of_folder),
        ):
            kit.actions.action(action_id).triggered.connect(lambda *_, choose=choose: choose())

    def formats(self) -> list[tuple[str, str]]:
        """What chats can be written as: words, and the name that :meth:`choose` takes."""
        return [(choice.words, choice.format) for choice in self._choices]

    def choose(
        self, conversation_ids: Sequence[str], name: str, format: str = "", *, archive: bool = False
    ) -> None:
        """Asks for a name, and for a format if none is given. Several chats go into an ``archive``."""
        several = archive or len(conversation_ids) != 1
        choices = [one for one in self._choices if format in ("", one.format)]
        if several:
            choices = [replace(choice, suffix="zip") for choice in choices]
        title = self.tr("Export chats") if several else self.tr("Export this chat")
        name = safe_name(name, self.tr("Chats") if several else self.tr("Untitled chat"))
        self._ask(title, name, choices, lambda out, format: self.export(conversation_ids, out, format))

    def choose_export(self) -> None:
        """For the chat that is open; nothing happens while there is none."""
        if (chat := self._current()) is not None:
            self.choose([chat.id], chat.title)

    def choose_export_of_all(self) -> None:
        operation.run(
            self._place,
            self._exchange.all_chats(),
            tasks=self._tasks,
            name="list chats to export",
            on_success=self._on_all_listed,
        )

    def _on_all_listed(self, conversation_ids: list[str]) -> None:
        if conversation_ids:
            self.choose(conversation_ids, self.tr("Chats"), archive=True)
        else:
            self.said.emit(self.tr("There is no chat to export."))

    def choose_import(self) -> None:
        """Asks for files; what they become is said in the end."""
        dialog = self._import_dialog(self.tr("Import chats"), QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Exported chats (*.json *.jsonl *.zip)"), self.tr("All files (*)")])
        dialog.open()

    def choose_import_of_folder(self) -> None:
        """Asks for a folder, and reads all that is in it."""
        title = self.tr("Import a folder of chats")
        self._import_dialog(title, QFileDialog.FileMode.Directory).open()

    def _import_dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._place.window(), title)
        dialog.setObjectName("import-chats-dialog")
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(lambda names: self.import_files([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def export(self, conversation_ids: Sequence[str], out: Path, format: str) -> None:
        """Replaces what is there: the dialog has asked."""
        bar = self._bar(self.tr("Exporting"))
        if format == PDF:
            work = self._pdf(conversation_ids, out, bar.show_progress)
        else:
            work = self._exchange.export(
                conversation_ids, format, out, replace=True, on_progress=bar.show_progress
            )
        task = self._run(bar, work, "export chats", lambda exported: self._show_exported(exported, out))
        bar.cancelled.connect(task.cancel)

    def import_files(self, paths: list[Path]) -> None:
        ending = asyncio.Event()
        bar = self._bar(self.tr("Importing"))
        bar.cancelled.connect(ending.set)
        work = self._exchange.import_files(paths, on_progress=bar.show_progress, ending=ending)
        self._run(bar, work, "import chats", self._show)

    async def _pdf(
        self, conversation_ids: Sequence[str], out: Path, on_progress: Callable[[Progress], None]
    ) -> Exported:
        from desktop.ui.conversations.pdf_files import write_pdfs

        await write_pdfs(
            self._exchange, self._conversations, conversation_ids, out, self._place.font(), on_progress
        )
        return Exported(len(conversation_ids))

    def _bar(self, what: str) -> TransferBar:
        bar = TransferBar(what, self._place)
        self.began.emit(bar)
        return bar

    def _run(
        self, bar: TransferBar, work: Coroutine[Any, Any, T], name: str, on_success: Callable[[T], None]
    ) -> asyncio.Task[None]:
        async def watched() -> T:
            try:
                return await work
            finally:
                bar.hide()
                bar.deleteLater()

        return operation.run(self._place, watched(), tasks=self._tasks, name=name, on_success=on_success)

    def _ask(
        self, title: str, name: str, choices: Sequence[_Choice], then: Callable[[Path, str], None]
    ) -> None:
        dialog = QFileDialog(self._place.window(), title)
        dialog.setObjectName("export-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        by_filter = {choice.filter: choice for choice in choices}
        dialog.setNameFilters(list(by_filter))
        dialog.setDefaultSuffix(choices[0].suffix)
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(by_filter[chosen].suffix))
        dialog.selectFile(name)
        dialog.fileSelected.connect(
            lambda out: then(Path(out), by_filter[dialog.selectedNameFilter()].format)
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _show_exported(self, exported: Exported, out: Path) -> None:
        """Also which chats had nothing in them for this format."""
        if not exported.empty:
            self.said.emit(self.tr("Saved as “%1”").replace("%1", out.name))
            return
        words = self.tr("Saved as “%1”. Chats with nothing in them for this format: %2.")
        self.said.emit(filled(words, out.name, number(len(exported.empty))))

    def _show(self, report: ImportReport) -> None:
        lines = report.in_words().splitlines()
        box = QMessageBox(self._place.window())
        box.setObjectName("import-report")
        box.setWindowTitle(self.tr("Import chats"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self._sum(report))
        box.setInformativeText("\n".join(lines[1:_SHOWN]))
        if len(lines) > _SHOWN:
            box.setDetailedText("\n".join(lines[1:]))
            box.buttons()[-1].setToolTip(self.tr("Says of every chat what became of it"))
        close = box.addButton(QMessageBox.StandardButton.Close)
        close.setToolTip(self.tr("Closes the report; the chats are in the list"))
        box.finished.connect(box.deleteLater)
        box.open()

    def _sum(self, report: ImportReport) -> str:
        words = (
            (Fate.IMPORTED, self.tr("Imported: %1")),
            (Fate.ALREADY_THERE, self.tr("already there: %1")),
            (Fate.FAILED, self.tr("could not be read: %1")),
        )
        counted = ((report.count(fate), text) for fate, text in words)
        return " · ".join(
            text.replace("%1", number(count)) for at, (count, text) in enumerate(counted) if count or not at
        )
