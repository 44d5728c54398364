"""Export and import in the window."""

import json
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop.ui.actions import ActionId
from tests.helpers.qt_loop import until
from tests.unit.storage.exchange import samples

FORMATS = {
    ".md": "# The tower",
    ".html": "<!DOCTYPE html>",
    ".txt": "The tower",
    ".json": "{",
    ".jsonl": '{"messages"',
}


@pytest.fixture
async def files(chat, services, tmp_path):
    """With the tower's chat imported, which is open."""
    report = await services.exchange.import_files(
        [samples.write(tmp_path / "tower.json", [samples.chatgpt()])]
    )
    await chat.show(report.chats[0].conversation_id)
    await until(lambda: chat.pane.list._current() is not None, "the list")
    return chat.pane.list.files


async def save_dialog(chat, action=ActionId.EXPORT_CHAT) -> QFileDialog:
    chat.actions.action(action).trigger()
    await until(lambda: chat.pane.window().findChild(QFileDialog, "export-dialog"), "the dialog")
    return chat.pane.window().findChild(QFileDialog, "export-dialog")


@pytest.mark.parametrize("suffix", FORMATS)
async def test_the_open_chat_is_saved_in_the_format_that_was_chosen(files, chat, tmp_path, suffix):
    out = tmp_path / f"out{suffix}"
    out.write_text("old")
    dialog = await save_dialog(chat)
    dialog.selectNameFilter(next(name for name in dialog.nameFilters() if f"(*{suffix})" in name))

    dialog.fileSelected.emit(str(out))
    dialog.close()

    await until(lambda: out.read_text("utf-8").startswith(FORMATS[suffix]), "the file")


async def test_the_open_chat_is_drawn_as_a_pdf(files, chat, tmp_path):
    out = tmp_path / "out.pdf"
    dialog = await save_dialog(chat)
    dialog.selectNameFilter(next(name for name in dialog.nameFilters() if "*.pdf" in name))
    dialog.fileSelected.emit(str(out))
    dialog.close()

    await until(out.exists, "the file")
    assert "tower" in PdfReader(out).pages[0].extract_text()


async def test_all_chats_are_saved_into_one_archive(files, chat, tmp_path):
    out = tmp_path / "all.zip"
    dialog = await save_dialog(chat, ActionId.EXPORT_ALL)
    assert all("(*.zip)" in name for name in dialog.nameFilters())
    dialog.selectNameFilter(next(name for name in dialog.nameFilters() if "Web page" in name))
    dialog.fileSelected.emit(str(out))
    dialog.close()

    await until(out.exists, "the archive")
    with zipfile.ZipFile(out) as archive:
        assert "The tower.html" in archive.namelist()


async def test_the_dialog_proposes_the_title_and_gives_each_format_its_suffix(files, chat):
    dialog = await save_dialog(chat)

    assert Path(dialog.selectedFiles()[0]).stem == "The tower"
    for name in dialog.nameFilters():
        dialog.filterSelected.emit(name)
        assert f"(*.{dialog.defaultSuffix()})" in name
    dialog.close()


async def test_a_place_that_cannot_be_written_is_said_in_the_chat(files, chat, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(type(chat.pane), "show_error", lambda self, error, *_: said.append(error.message))
    for format in ("markdown", "pdf"):
        files.export([chat.pane.current().id], tmp_path / "none" / "out", format)

    await until(lambda: len(said) == 2, "two errors")
    assert all("could not be written" in message for message in said)


async def test_what_was_imported_is_told_and_in_the_list(files, chat, services, tmp_path):
    path = samples.write(
        tmp_path / "many.json", [samples.share_gpt() | {"id": n} for n in range(20)] + [{"mapping": 1}]
    )
    chat.actions.action(ActionId.IMPORT_CHATS).trigger()
    dialog = chat.pane.window().findChild(QFileDialog, "import-chats-dialog")

    dialog.filesSelected.emit([str(path)])
    dialog.close()

    await until(lambda: chat.pane.window().findChild(QMessageBox, "import-report") is not None, "the report")
    box = chat.pane.window().findChild(QMessageBox, "import-report")
    assert box.text() == "Imported 20 chats."
    assert "1 × tool call" in box.informativeText()
    assert len(box.detailedText().splitlines()) == 21
    assert len(await services.conversations.list()) >= 21
    box.close()


async def test_the_file_that_was_saved_can_be_imported_again(files, chat, services, tmp_path):
    out = tmp_path / "out.json"
    files.export([chat.pane.current().id], out, "json")
    await until(out.exists, "the file")

    report = await services.exchange.import_files([out])

    assert [found.fate.value for found in report.chats] == ["already-there"]
    assert json.loads(out.read_text("utf-8"))["conversation"]["title"] == "The tower"
