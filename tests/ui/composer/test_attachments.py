"""Files that go with a message: dropped, pasted or chosen, and what is on their chips."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QToolButton, QWidget

from desktop.domain.conversation import Part, PartKind
from desktop.ui.actions import ActionId
from desktop.ui.composer.attachments import MOST
from desktop.ui.composer.composer import LONG_PASTE
from desktop.ui.widgets.text_viewer import TextViewer
from tests.helpers.qt_loop import until

ACTIONS = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction


def files_of(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def text_of(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def enter(place: QWidget, data: QMimeData) -> bool:
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(50, 50), ACTIONS, data, buttons, keys)
    QApplication.sendEvent(place, event)
    return event.isAccepted()


def drop(place: QWidget, data: QMimeData) -> Qt.DropAction:
    assert enter(place, data)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(50, 50), ACTIONS, data, buttons, keys)
    event.setDropAction(Qt.DropAction.MoveAction)
    QApplication.sendEvent(place, event)
    return event.dropAction()


def paste(chat, data: QMimeData) -> None:
    QGuiApplication.clipboard().setMimeData(data)
    chat.composer.edit.paste()


def names(chat) -> list[str]:
    return [chip.name for chip in chat.composer.attachments.chips]


def chip_button(chat, at: int, name: str) -> QToolButton | QPushButton:
    chip = chat.composer.attachments.chips[at]
    found = chip.findChild(QToolButton, name) or chip.findChild(QPushButton, name)
    assert found is not None
    return found


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    file = tmp_path / "notes.md"
    file.write_text("one two three", encoding="utf-8")
    return file


@pytest.fixture
def code(tmp_path: Path) -> Path:
    file = tmp_path / "main.py"
    file.write_text("print('hello')\n", encoding="utf-16")
    return file


async def test_files_dropped_anywhere_in_the_column_are_attached_in_order(chat, notes, code):
    await chat.show()
    hint = chat.open.findChild(QWidget, "drop-hint")
    assert enter(chat.open, files_of(code, notes))
    assert hint.isVisible()
    assert hint.size() == chat.open.size()
    QApplication.sendEvent(chat.open, QDragLeaveEvent())
    assert not hint.isVisible()

    action = drop(chat.open, files_of(code, notes))

    assert action is Qt.DropAction.CopyAction, "the other program must not delete the file"
    assert not hint.isVisible()
    await until(lambda: names(chat) == ["main.py", "notes.md"], "both files")
    assert [part.text for part in chat.composer.prompt.attachments] == ["print('hello')\n", "one two three"]


async def test_dropped_text_goes_into_the_field_and_other_things_are_refused(chat):
    await chat.show()
    drop(chat.open, text_of("some words"))
    assert chat.composer.text == "some words"
    web = QMimeData()
    web.setUrls([QUrl("https://example.org/a.txt")])
    assert names(chat) == []
    assert not enter(chat.open, QMimeData())


async def test_pasted_files_are_attached_and_sent_and_shown_with_the_message(chat, model, notes):
    await model(reply="Fine.")
    conversation = await chat.show()
    paste(chat, files_of(notes))
    await until(lambda: names(chat) == ["notes.md"], "the file")
    assert chat.composer.text == ""
    QTest.keyClick(chat.composer.edit, Qt.Key.Key_Return)
    await until(lambda: len(chat.messages()) == 2 and not chat.running(), "the answer")
    question = (await chat.services.conversations.open(conversation)).path[0]
    assert question.parts == (Part(PartKind.ATTACHMENT, "one two three", "notes.md"),)
    assert names(chat) == []
    assert not chat.composer.attachments.isVisible()


async def test_the_dialog_attaches_what_is_chosen_in_it(chat, notes):
    await chat.show()
    chat.actions.action(ActionId.ATTACH).trigger()
    dialog = chat.open.findChild(QFileDialog, "attach-dialog")
    dialog.filesSelected.emit([str(notes)])
    dialog.reject()
    await until(lambda: names(chat) == ["notes.md"], "the file")


async def test_what_cannot_be_attached_is_said_and_the_rest_is_attached(chat, notes, tmp_path):
    await chat.show()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\0\0")
    drop(chat.open, files_of(tmp_path / "picture.png", notes))
    await until(lambda: names(chat) == ["notes.md"], "the text file")
    await until(lambda: "“picture.png” is not text." in chat.open.banner.text(), "why")
    drop(chat.open, files_of(tmp_path, tmp_path / "gone.txt"))
    await until(lambda: "2 files could not be attached" in chat.open.banner.text(), "both")
    assert "is a folder" in chat.open.banner.text()
    assert names(chat) == ["notes.md"]


async def test_more_files_than_there_can_be_are_refused_in_words(chat, tmp_path):
    await chat.show()
    paths = []
    for at in range(MOST + 3):
        paths.append(tmp_path / f"{at:03}.txt")
        paths[-1].write_text(f"file {at}")
    drop(chat.open, files_of(*paths))
    await until(lambda: f"at most {MOST} files" in chat.open.banner.text(), "the limit")
    assert len(names(chat)) == MOST
    assert chat.composer.attachments.height() < 200, "they scroll"
    paste(chat, text_of("z" * (LONG_PASTE + 1)))
    assert len(names(chat)) == MOST


async def test_a_chip_tells_its_tokens_as_soon_as_they_can_be_counted(chat, model, notes):
    await chat.show()
    drop(chat.open, files_of(notes))
    await until(lambda: names(chat) == ["notes.md"], "the file")
    chip = chat.composer.attachments.chips[0]
    assert chip.tokens_text == "13 characters" or chip.tokens_text.startswith("about")
    await model(context_length=4096)
    await until(lambda: chip.tokens_text.endswith("tokens") and "about" not in chip.tokens_text, "a count")
    assert chip_button(chat, 0, "attachment-open").accessibleName() == f"notes.md, {chip.tokens_text}"


async def test_a_file_larger_than_the_context_says_what_to_do(chat, model, tmp_path):
    await model(context_length=256)
    await chat.show()
    (tmp_path / "book.txt").write_text("word " * 3000)
    drop(chat.open, files_of(tmp_path / "book.txt"))
    await until(lambda: chat.composer.attachments.chips, "the chip")
    chip = chat.composer.attachments.chips[0]
    await until(lambda: chip.is_too_large, "its size")
    await until(lambda: "book.txt" in chat.composer.hint.text, "the hint")
    assert "larger than the context" in chat.composer.hint.text
    shown = []
    chat.actions.action(ActionId.SETTINGS).triggered.connect(lambda: shown.append(True))
    chat.composer.hint.findChild(QPushButton, "composer-hint-action-2").click()
    assert shown, "the context length is in the settings"
    chat.composer.hint.findChild(QPushButton, "composer-hint-action").click()
    await until(lambda: names(chat) == ["book.txt (beginning)"], "the part that fits")
    await until(lambda: "larger" not in chat.composer.hint.text, "no problem any more")
    assert "word word" in chat.composer.prompt.attachments[0].text
    chat.open.banner.findChild(QPushButton, "banner-action").click()
    await until(lambda: names(chat) == ["book.txt"], "the whole file again")


async def test_what_was_said_of_a_large_file_goes_with_it(chat, model, tmp_path):
    """At once, not when the rest is measured."""
    await model(context_length=256)
    await chat.show()
    for name in ("book.txt", "diary.txt"):
        (tmp_path / name).write_text("word " * 3000)
    drop(chat.open, files_of(tmp_path / "book.txt", tmp_path / "diary.txt"))
    await until(lambda: len(names(chat)) == 2, "the files")
    await until(lambda: all(chip.is_too_large for chip in chat.composer.attachments.chips), "their sizes")
    assert "book.txt" in chat.composer.hint.text
    chip_button(chat, 0, "attachment-remove").click()
    assert "diary.txt" in chat.composer.hint.text
    chip_button(chat, 0, "attachment-remove").click()
    assert names(chat) == []
    assert chat.composer.hint.text == ""


async def test_a_file_taken_off_can_be_put_back(chat, notes, code):
    await chat.show()
    drop(chat.open, files_of(code, notes))
    await until(lambda: len(names(chat)) == 2, "the files")
    chip_button(chat, 0, "attachment-remove").setFocus()
    QTest.keyClick(chip_button(chat, 0, "attachment-remove"), Qt.Key.Key_Space)
    assert names(chat) == ["notes.md"]
    assert chip_button(chat, 0, "attachment-open").hasFocus(), "the keyboard goes on to the next one"
    QTest.keyClick(chip_button(chat, 0, "attachment-open"), Qt.Key.Key_Delete)
    assert names(chat) == []
    assert chat.composer.edit.hasFocus()
    assert "notes.md" in chat.open.banner.text()
    chat.open.banner.findChild(QPushButton, "banner-action").click()
    await until(lambda: names(chat) == ["notes.md"], "the last one")
    await chat.services.undo.undo()
    assert sorted(names(chat)) == sorted((code.name, "notes.md"))


async def test_a_click_on_a_chip_shows_its_text(chat, notes):
    await chat.show()
    drop(chat.open, files_of(notes))
    await until(lambda: names(chat), "the file")
    chip_button(chat, 0, "attachment-open").click()
    viewer = chat.open.findChild(TextViewer)
    assert viewer.field.toPlainText() == "one two three"
    viewer.reject()


async def test_files_are_in_the_draft_at_once_and_come_back_with_their_chat(chat, notes, code):
    first = await chat.show()
    drop(chat.open, files_of(code, notes))
    await until(lambda: len(names(chat)) == 2, "the files")

    async def are_saved() -> bool:
        saved = (await chat.services.conversations.open(first)).conversation.draft_attachments
        return [part.name for part in saved] == ["main.py", "notes.md"]

    await until(are_saved, "the draft")
    chat.open.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    assert names(chat) == []
    await chat.show(first)
    assert names(chat) == ["main.py", "notes.md"]


async def test_a_file_read_after_the_chat_was_left_belongs_to_that_chat(chat, tmp_path):
    first = await chat.show()
    pipe = tmp_path / "slow.txt"
    pipe.write_text("late")
    QTest.keyClicks(chat.composer.edit, "typed")
    drop(chat.open, files_of(pipe))
    chat.open.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    assert names(chat) == []
    await chat.show(first)
    await until(lambda: names(chat) == ["slow.txt"], "the file")
    assert chat.composer.text == "typed"


async def test_a_long_text_that_is_pasted_becomes_a_file(chat):
    first = await chat.show()
    chat.composer.edit.setPlainText("Summarize this:")
    paste(chat, text_of("x" * 1_000_000))
    assert chat.composer.text == "Summarize this:"
    paste(chat, text_of("word " * LONG_PASTE))
    assert names(chat) == ["Pasted text", "Pasted text 2"]
    assert len(chat.composer.prompt.attachments[0].text) == 1_000_000
    chat.composer.edit.moveCursor(QTextCursor.MoveOperation.End)
    paste(chat, text_of(" please"))
    assert chat.composer.text == "Summarize this: please"
    chat.open.new()
    await until(lambda: chat.pane.current().id != first, "another chat")
    await chat.show(first)
    assert names(chat) == ["Pasted text", "Pasted text 2"]


async def test_a_draft_too_long_for_the_field_is_shown_as_a_file(chat):
    await chat.show()
    await chat.services.conversations.rename(chat.pane.current().id, "Another")
    made = await chat.services.conversations.new(temporary=True)
    await chat.services.conversations.save_draft(made.id, "y" * 200_000)
    await chat.show(made.id)
    assert names(chat) == ["Pasted text"]


@pytest.mark.parametrize("name", ["a\nb\u202egpj.txt", "x" * 240, "<b>bold &amp.txt", "\ud800.txt"])
async def test_hostile_names_stay_on_their_chip(chat, tmp_path, name):
    await chat.show()
    file = tmp_path / os.fsdecode(name.encode("utf-8", "surrogatepass"))
    file.write_text("text")
    drop(chat.open, files_of(file))
    chat.open.asking.attach_files([file])
    await until(lambda: names(chat), "the file")
    chip = chat.composer.attachments.chips[0]
    assert chip.width() <= chat.composer.width()
    assert "\n" not in chip.name
    assert "\u202e" not in chip.name
    chip.part.name.encode()


async def test_chips_are_mirrored_where_one_writes_from_right_to_left(chat, notes, code):
    await chat.show()
    chat.composer.attachments.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    drop(chat.open, files_of(code, notes))
    await until(lambda: len(names(chat)) == 2, "the files")
    first, second = chat.composer.attachments.chips
    await until(lambda: first.x() > second.x(), "the first one at the right")
