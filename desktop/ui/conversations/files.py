"""Chats to files and back, in the window: three actions, their dialogs, and the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop.domain.conversation import Conversation
from desktop.domain.exchange import ImportReport
from desktop.system.file_names import safe_name
from desktop.ui import operation
from desktop.ui.actions import ActionId
from desktop.ui.conversations.pdf import write_pdf
from desktop.ui.toolkit import Toolkit

_SHOWN = 12
"""Lines of a report before the rest waits behind a button."""


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
    """Belongs to the pane; failures are shown there. ``current`` is the open chat."""

    def __init__(self, kit: Toolkit, pane: QWidget, current: Callable[[], Conversation | None]) -> None:
        super().__init__(pane)
        self._exchange = kit.services.exchange
        self._tasks = kit.tasks
        self._pane = pane
        self._current = current
        self._choices = (
            _Choice(self.tr("Markdown"), "markdown", "md"),
            _Choice(self.tr("Web page"), "html", "html"),
            _Choice(self.tr("PDF"), "pdf", "pdf"),
            _Choice(self.tr("Plain text"), "text", "txt"),
            _Choice(self.tr("Everything, to import again"), "json", "json"),
            _Choice(self.tr("Training data"), "sft", "jsonl"),
            _Choice(self.tr("Preference pairs"), "preferences", "jsonl"),
        )
        for action_id, choose in (
            (ActionId.EXPORT_CHAT, self.choose_export),
            (ActionId.EXPORT_ALL, self.choose_export_of_all),
            (ActionId.IMPORT_CHATS, self.choose_import),
        ):
            kit.actions.action(action_id).triggered.connect(lambda *_, choose=choose: choose())

    def choose_export(self) -> None:
        """Asks for a name and a format for the chat that is open; nothing happens while there is none."""
        if (chat := self._current()) is None:
            return
        self._ask(
            self.tr("Export this chat"),
            safe_name(chat.title, self.tr("Untitled chat")),
            self._choices,
            lambda out, format: self.export(chat.id, out, format),
        )

    def choose_export_of_all(self) -> None:
        """Asks for an archive's name, and for the format of the chats in it."""
        archives = [replace(choice, suffix="zip") for choice in self._choices if choice.format != "pdf"]
        self._ask(self.tr("Export all chats"), self.tr("Chats"), archives, self.export_all)

    def choose_import(self) -> None:
        """Asks for files; what they become is said in the end."""
        dialog = QFileDialog(self._pane, self.tr("Import chats"))
        dialog.setObjectName("import-chats-dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Exported chats (*.json *.jsonl *.zip)"), self.tr("All files (*)")])
        dialog.filesSelected.connect(lambda names: self.import_files([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export(self, conversation_id: str, out: Path, format: str) -> None:
        """Replaces what is there: the dialog has asked."""
        work = (
            self._pdf(conversation_id, out) if format == "pdf" else self._file(conversation_id, out, format)
        )
        operation.run(self._pane, work, tasks=self._tasks, name="export a chat")

    def export_all(self, out: Path, format: str) -> None:
        """Every chat, into one archive."""
        operation.run(self._pane, self._all(out, format), tasks=self._tasks, name="export all chats")

    def import_files(self, paths: list[Path]) -> None:
        operation.run(
            self._pane,
            self._exchange.import_files(paths),
            tasks=self._tasks,
            name="import chats",
            on_success=self._show,
        )

    async def _file(self, conversation_id: str, out: Path, format: str) -> None:
        await self._exchange.export([conversation_id], format, out, replace=True)

    async def _pdf(self, conversation_id: str, out: Path) -> None:
        pieces = [piece async for piece in self._exchange.pieces([conversation_id], "html")]
        await write_pdf("".join(pieces), out, self._pane.font())

    async def _all(self, out: Path, format: str) -> None:
        await self._exchange.export(await self._exchange.all_chats(), format, out, replace=True)

    def _ask(
        self, title: str, name: str, choices: Sequence[_Choice], then: Callable[[Path, str], None]
    ) -> None:
        dialog = QFileDialog(self._pane, title)
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

    def _show(self, report: ImportReport) -> None:
        lines = report.in_words().splitlines()
        box = QMessageBox(self._pane)
        box.setObjectName("import-report")
        box.setWindowTitle(self.tr("Import chats"))
        box.setText(lines[0])
        box.setInformativeText("\n".join(lines[1:_SHOWN]))
        if len(lines) > _SHOWN:
            box.setDetailedText("\n".join(lines[1:]))
        box.finished.connect(box.deleteLater)
        box.open()
