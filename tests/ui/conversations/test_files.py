"""Export and import in the window."""

import json
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QProgressBar, QPushButton
from shiboken6 import isValid

from desktop.domain.exchange import Progress
from desktop.ui.actions import ActionId
from desktop.ui.conversations.transfer_bar import TransferBar
from desktop.ui.widgets.notice import Notice
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
    assert box.textFormat() is Qt.TextFormat.PlainText, "titles come from strangers"
    assert box.text() == "Imported: 20"
    assert "1 × tool call" in box.informativeText()
    assert len(box.detailedText().splitlines()) == 21
    assert len(await services.conversations.list()) >= 21
    box.close()


async def test_a_folder_is_chosen_and_all_in_it_imported(files, chat, services, tmp_path):
    from tests.unit.storage.exchange import samples

    folder = tmp_path / "threads" / "t-1"
    folder.mkdir(parents=True)
    samples.write(folder / "thread.json", samples.jan_thread())
    samples.write_lines(folder / "messages.jsonl", *samples.jan_messages())
    chat.actions.action(ActionId.IMPORT_FOLDER).trigger()
    dialog = chat.pane.window().findChild(QFileDialog, "import-chats-dialog")
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.filesSelected.emit([str(tmp_path / "threads")])
    dialog.close()
    await until(lambda: chat.pane.window().findChild(QMessageBox, "import-report"), "the report")
    assert "Bread" in {head.title for head in await services.conversations.list()}
    chat.pane.window().findChild(QMessageBox, "import-report").close()


async def test_the_file_that_was_saved_can_be_imported_again(files, chat, services, tmp_path):
    out = tmp_path / "out.json"
    files.export([chat.pane.current().id], out, "json")
    await until(out.exists, "the file")

    report = await services.exchange.import_files([out])

    assert [found.fate.value for found in report.chats] == ["already-there"]
    assert json.loads(out.read_text("utf-8"))["conversation"]["title"] == "The tower"


async def test_a_folder_is_drawn_as_an_archive_of_pdfs(files, chat, services, tmp_path):
    work = await services.folders.create("Work")
    first = chat.pane.current().id
    second = await services.conversations.duplicate(first)
    await services.folders.put([first, second.id], work.id)
    await until(
        lambda: work.id in chat.pane.list.view.folders and len(chat.pane.list._chats_in(work.id)) == 2,
        "the list",
    )
    view = chat.pane.list.view
    view.select([f"folder {work.id}"])
    chat.pane.list.menus._on_export("pdf")
    dialog = chat.pane.window().findChild(QFileDialog, "export-dialog")
    assert [Path(name).stem for name in dialog.selectedFiles()] == ["Work"]
    out = tmp_path / "out.zip"
    dialog.fileSelected.emit(str(out))
    dialog.close()

    await until(out.exists, "the archive")
    with zipfile.ZipFile(out) as archive:
        assert sorted(archive.namelist()) == ["The tower (2).pdf", "The tower.pdf"]
        archive.extract("The tower (2).pdf", tmp_path)
    assert "tower" in PdfReader(tmp_path / "The tower (2).pdf").pages[0].extract_text()
    await until(lambda: "out.zip" in Notice.over(chat.pane).text(), "it is said")


async def test_an_archive_of_pdfs_that_cannot_be_written_is_said(files, chat, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(type(chat.pane), "show_error", lambda self, error, *_: said.append(error.message))
    files.export([chat.pane.current().id], tmp_path / "none" / "out.zip", "pdf")

    await until(lambda: said, "the error")
    assert "could not be written" in said[0]


async def cancel_on_the_way(bar: TransferBar) -> None:
    shown, button = bar.findChild(QProgressBar), bar.findChild(QPushButton, "transfer-cancel")
    assert shown is not None and button is not None
    # At once: what is looked at every now and then may be over before it is seen.
    shown.valueChanged.connect(button.click)
    await until(lambda: not isValid(bar) or not button.isEnabled(), "progress")


async def test_an_export_says_how_far_it_is_and_can_be_cancelled(files, chat, services, tmp_path):
    first = chat.pane.current().id
    ids = [first, *[(await services.conversations.duplicate(first)).id for _ in range(30)]]
    bars: list[TransferBar] = []
    files.began.connect(bars.append)
    out = tmp_path / "out.zip"
    out.write_bytes(b"what was there")
    files.export(ids, out, "html")
    (bar,) = bars
    await cancel_on_the_way(bar)
    await until(lambda: not isValid(bar) or not bar.isVisible(), "the end")
    assert out.read_bytes() == b"what was there"
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".zip") == ["out.zip"]


async def test_an_import_can_be_ended_and_tells_what_it_did(files, chat, services, tmp_path):
    many = [samples.share_gpt() | {"id": n} for n in range(200)]
    path = samples.write(tmp_path / "many.json", many)
    bars: list[TransferBar] = []
    files.began.connect(bars.append)
    files.import_files([path])
    await cancel_on_the_way(bars[0])

    await until(lambda: chat.pane.window().findChild(QMessageBox, "import-report"), "the report")
    box = chat.pane.window().findChild(QMessageBox, "import-report")
    assert "You ended it" in box.informativeText()
    box.close()


async def test_chats_with_nothing_in_them_for_a_format_are_counted(files, chat, tmp_path):
    files.export([chat.pane.current().id], tmp_path / "pairs.jsonl", "preferences")
    await until(lambda: Notice.over(chat.pane).text(), "it is said")
    assert Notice.over(chat.pane).text().endswith("nothing in them for this format: 1.")


async def test_where_there_is_no_chat_nothing_is_asked(chat, services):
    await chat.show()
    for head in await services.conversations.list():
        await services.chat.trash(head.id)
    chat.pane.list.files._on_all_listed([])
    assert Notice.over(chat.pane).text() == "There is no chat to export."


async def test_a_format_of_the_menu_is_the_one_that_is_asked_for(files, chat):
    chat.pane.list.view.select([chat.pane.current().id])
    chat.pane.list.menus._on_export("html")
    dialog = chat.pane.window().findChild(QFileDialog, "export-dialog")
    assert dialog.nameFilters() == ["Web page (*.html)"]
    dialog.close()


def test_a_long_transfer_says_how_long_it_will_be(theme):
    bar = TransferBar("Importing chats")
    bar._began -= 30
    bar.show_progress(Progress(0.5, 1200))
    assert "1,200" in bar._text.toolTip() and "30 s left" in bar._text.toolTip()


async def test_what_takes_longer_is_shown_also_if_the_column_was_folded(files, chat):
    chat.actions.action(ActionId.TOGGLE_LIST).trigger()
    bar = files._bar("Importing")
    assert not bar.isVisible()
    await until(bar.isVisible, "progress")
    assert chat.pane.list.isVisible()
