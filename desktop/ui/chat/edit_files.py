"""The files of a message that is being edited: added, taken off, looked at, and what each costs.

Main thread, on the loop.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.domain.conversation import Part
from desktop.domain.errors import LocutionError
from desktop.system.printable import one_line
from desktop.ui.chat.file_reading import choose_files, read_files, too_many
from desktop.ui.chat.message.editor import MessageEditor
from desktop.ui.composer.context_meter import COUNTED_WHOLE
from desktop.ui.operation import run, show_error_near
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.notice import Notice


class EditFiles(QObject):
    """Lives as long as ``editor``; ``place`` is where failures are shown."""

    def __init__(self, kit: Toolkit, editor: MessageEditor, place: QWidget) -> None:
        super().__init__(editor)
        self._kit = kit
        self._editor = editor
        self._place = place
        editor.attach_requested.connect(lambda: choose_files(place, self._attach, self._take_focus))
        editor.files_pasted.connect(self._attach)
        editor.attach_refused.connect(self._on_refused)
        editor.attachments.added.connect(self._count)
        editor.attachments.removed.connect(self._on_removed)
        editor.attachments.opened.connect(self._on_opened)
        for part in editor.attachments.parts:
            self._count(part)

    def _attach(self, paths: list[Path]) -> None:
        async def take(part: Part) -> bool:
            # An edit that has ended meanwhile wants no more files.
            return not isValid(self._editor) or self._editor.attach(part)

        run(self._place, read_files(paths, take), tasks=self._kit.tasks, name="read files")

    def _take_focus(self) -> None:
        if isValid(self._editor):
            self._editor.take_focus()

    def _count(self, part: Part) -> None:
        run(self._place, self._show_count(part), tasks=self._kit.tasks, name="count a file")

    async def _show_count(self, part: Part) -> None:
        try:
            count = await self._kit.services.ledger.count_file(part)
        except LocutionError:
            return  # without a model the chip says how long the text is
        model = self._kit.services.models.current
        total = model.context_length if model else 0
        if isValid(self._editor):
            about, is_too_large = len(part.text) > COUNTED_WHOLE, 0 < total <= count
            self._editor.attachments.show_tokens(part, count, about=about, is_too_large=is_too_large)

    def _on_refused(self) -> None:
        show_error_near(self._place, too_many())

    def _on_removed(self, part: Part, at: int) -> None:
        notice, text = Notice.over(self._place), self.tr("“%1” is no longer attached.")
        text = text.replace("%1", one_line(part.name, 60))
        notice.say(text, self.tr("Undo"), lambda: self._put_back(part, at))

        def withdraw() -> None:
            """There is nothing to put it back into once the edit has ended."""
            if isValid(notice) and notice.text() == text:
                notice.end()

        self._editor.destroyed.connect(withdraw)

    def _put_back(self, part: Part, at: int) -> None:
        if isValid(self._editor):
            self._editor.attach(part, at)

    def _on_opened(self, part: Part) -> None:
        from desktop.ui.widgets.text_viewer import TextViewer

        TextViewer(part.name, part.text, self._kit.theme, self._place).open()
