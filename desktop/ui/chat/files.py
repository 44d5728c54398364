"""Chats to files and back, in the window: two actions, two dialogs, and the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop.domain.exchange import ImportReport
from desktop.services.exchange import ExchangeService
from desktop.services.tasks import Tasks
from desktop.system.file_names import safe_name
from desktop.ui import operation
from desktop.ui.actions import ActionId, Actions
from desktop.ui.chat.pane import ChatPane
from desktop.ui.chat.pdf import write_pdf

_SHOWN = 12
"""Lines of a report before the rest waits behind a button."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A row of the save dialog; ``format`` is the service's name for it, or ``pdf``."""

    filter: str
    format: str
    suffix: str


class ChatFiles(QObject):
    """Belongs to the pane; failures are shown there."""

    def __init__(self, exchange: ExchangeService, tasks: Tasks, actions: Actions, pane: ChatPane) -> None:
        super().__init__(pane)
        self._exchange = exchange
        self._tasks = tasks
        self._pane = pane
        self._choices = (
            _Choice(self.tr("Markdown (*.md)"), "markdown", "md"),
            _Choice(self.tr("Web page (*.html)"), "html", "html"),
            _Choice(self.tr("PDF (*.pdf)"), "pdf", "pdf"),
            _Choice(self.tr("Plain text (*.txt)"), "text", "txt"),
            _Choice(self.tr("Everything, to import again (*.json)"), "json", "json"),
            _Choice(self.tr("Training data (*.jsonl)"), "sft", "jsonl"),
            _Choice(self.tr("Preference pairs (*.jsonl)"), "preferences", "jsonl"),
        )
        actions.action(ActionId.EXPORT_CHAT).triggered.connect(lambda: self.choose_export())
        actions.action(ActionId.IMPORT_CHATS).triggered.connect(lambda: self.choose_import())

    def choose_export(self) -> None:
        """Asks for a name and a format for the chat that is open; nothing happens while there is none."""
        if (chat := self._pane.current()) is None:
            return
        dialog = QFileDialog(self._pane, self.tr("Export this chat"))
        dialog.setObjectName("export-chat-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([choice.filter for choice in self._choices])
        dialog.setDefaultSuffix(self._choices[0].suffix)
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(self._choice(chosen).suffix))
        dialog.selectFile(safe_name(chat.title, self.tr("Untitled chat")))
        dialog.fileSelected.connect(
            lambda name: self.export(chat.id, Path(name), self._choice(dialog.selectedNameFilter()).format)
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

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

    def _choice(self, chosen: str) -> _Choice:
        return next((choice for choice in self._choices if choice.filter == chosen), self._choices[0])

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
