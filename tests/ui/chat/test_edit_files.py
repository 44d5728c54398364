"""The files of a message that is being edited: taken off, added, looked at, and sent with the new version."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QPushButton, QWidget

from desktop.domain.conversation import Message, Part, PartKind, Role
from desktop.ui.chat.message.editor import MessageEditor
from desktop.ui.composer.attachments import MOST
from desktop.ui.widgets.notice import Notice
from desktop.ui.widgets.prompt_edit import MAX_CHARACTERS
from desktop.ui.widgets.text_viewer import TextViewer
from tests.helpers.qt_loop import until

NOTES = Part(PartKind.ATTACHMENT, "seven boats\n" * 40, "harbour.txt")
WORDS = Part(PartKind.TEXT, "How many?")


async def editing(chat, *parts: Part, role: Role = Role.USER) -> MessageEditor:
    """A chat of one message with these, which is being edited."""
    made = await chat.services.conversations.new()
    message = Message("q", made.id, None, role, parts)
    await chat.services.chat._stores.of(made.id).messages.add(message, leaf_id="q", title="A chat")
    await chat.show(made.id)
    await until(lambda: chat.messages(), "the message")
    chat.transcript.edit("q")
    return chat.messages()[0].findChild(MessageEditor)


def names(editor: MessageEditor) -> list[str]:
    return [chip.name for chip in editor.attachments.chips]


def button(parent: QWidget, name: str) -> QAbstractButton:
    found = parent.findChild(QAbstractButton, name)
    assert isinstance(found, QAbstractButton), name
    return found


def take_off(editor: MessageEditor) -> None:
    """The first one."""
    button(editor.attachments.chips[0], "attachment-remove").click()


def paste(editor: MessageEditor, data: QMimeData) -> None:
    QGuiApplication.clipboard().setMimeData(data)
    editor._edit.paste()


def text_of(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


async def shown(chat) -> list[Message]:
    return (await chat.services.conversations.open(chat.pane.current().id)).path


async def test_a_file_that_does_not_fit_is_taken_off_and_the_rest_asked_again(chat, model):
    await model(reply="Seven.", context_length=512)
    large = replace(NOTES, text=NOTES.text * 50)
    editor = await editing(chat, large, replace(NOTES, text="one boat", name="b.txt"), WORDS)
    assert names(editor) == ["harbour.txt", "b.txt"]
    chips = editor.attachments.chips
    await until(lambda: "tokens" in chips[0].tokens_text and "tokens" in chips[1].tokens_text, "both counts")
    assert [chip.is_too_large for chip in chips] == [True, False]

    take_off(editor)
    assert names(editor) == ["b.txt"]
    button(editor, "message-edit-send").click()

    await until(lambda: chat.texts()[-1:] == ["Seven."] and not chat.running(), "the answer")
    path = await shown(chat)
    assert [part.name for part in path[0].parts] == ["b.txt", ""]
    assert path[0].text == "How many?"
    assert path[1].text == "Seven."
    old = (await chat.services.conversations.bodies(path[0].conversation_id, ["q"]))["q"]
    assert [part.name for part in old.parts] == ["harbour.txt", "b.txt", ""], "the old version has them all"


async def test_taking_a_file_off_can_be_taken_back_while_the_editor_is_there(chat):
    editor = await editing(chat, NOTES, replace(NOTES, name="b.txt"), WORDS)
    height = editor.height()
    for _ in range(2):
        take_off(editor)
    await until(lambda: editor.height() < height, "the line of files is gone")
    assert QApplication.focusWidget() is editor._edit
    notice = Notice.over(chat.open)
    assert "b.txt" in notice.text()
    button(notice, "notice-button").click()
    assert names(editor) == ["b.txt"]
    await until(lambda: editor.height() == height, "it is back")

    take_off(editor)
    QTest.keyClick(editor._edit, Qt.Key.Key_Escape)
    await until(lambda: not chat.messages()[0].editing, "the edit is given up")
    await until(lambda: not notice.text(), "no way back into an editor that is gone")
    files = chat.messages()[0].findChildren(QPushButton, "message-file")
    assert [button.isVisible() for button in files] == [True, True], "the message is as it was"


async def test_files_are_added_by_dialog_and_paste_and_come_with_the_new_version(chat, tmp_path):
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(name, "utf-8")
    editor = await editing(chat, WORDS)
    button(editor, "message-edit-attach").click()
    dialog = chat.open.findChild(QFileDialog, "attach-dialog")
    dialog.filesSelected.emit([str(tmp_path / "a.md")])
    dialog.close()
    await until(lambda: names(editor) == ["a.md"], "the chosen file")
    pasted = QMimeData()
    pasted.setUrls([QUrl.fromLocalFile(str(tmp_path / "b.md"))])
    paste(editor, pasted)
    await until(lambda: names(editor) == ["a.md", "b.md"], "the pasted file")
    paste(editor, text_of("long " * MAX_CHARACTERS))
    assert names(editor) == ["a.md", "b.md", "Pasted text"]
    assert editor._edit.toPlainText() == "How many?"

    editor._edit.setPlainText("")
    button(editor, "message-edit-save").click()
    await until(lambda: not chat.messages()[0].editing, "saved")
    message = (await shown(chat))[0]
    assert [part.name for part in message.parts] == ["a.md", "b.md", "Pasted text"]


async def test_what_cannot_be_attached_is_said(chat, tmp_path):
    many = [replace(NOTES, name=f"{at}.txt") for at in range(MOST)]
    editor = await editing(chat, *many, WORDS)
    (tmp_path / "a.md").write_text("one more", "utf-8")
    pasted = QMimeData()
    pasted.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.md"))])
    paste(editor, pasted)
    await until(lambda: f"at most {MOST} files" in chat.open.banner.text(), "the reason")
    chat.open.banner.hide()
    paste(editor, text_of("long " * MAX_CHARACTERS))
    await until(lambda: f"at most {MOST} files" in chat.open.banner.text(), "the reason")
    assert len(names(editor)) == MOST


async def test_tab_goes_through_the_chips_and_a_chip_shows_its_text(chat):
    editor = await editing(chat, NOTES, WORDS)
    chain = editor.focus_chain()
    assert [widget.objectName() for widget in chain[:4]] == [
        "attachment-open",
        "attachment-remove",
        "message-edit-text",
        "message-edit-attach",
    ]
    QTest.keyClick(editor._edit, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is chain[1]
    button(editor, "attachment-open").click()
    chat.open.findChild(TextViewer).close()
    QTest.keyClick(chain[0], Qt.Key.Key_Delete)
    assert names(editor) == []


async def test_a_models_message_keeps_its_files_and_takes_no_more(chat):
    editor = await editing(chat, NOTES, WORDS, role=Role.ASSISTANT)
    assert names(editor) == ["harbour.txt"]
    assert not button(editor, "message-edit-attach").isVisible()
    editor._edit.setPlainText("Seven.")
    button(editor, "message-edit-send").click()
    await until(lambda: not chat.messages()[0].editing, "saved")
    assert [part.text for part in (await shown(chat))[0].parts] == [NOTES.text, "Seven."]
