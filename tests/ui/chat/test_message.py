"""A message in its place: what is around its text, and how one comes to its acts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QStyle, QWidget

from desktop.domain.conversation import Message, Part, PartKind, Role, Status
from desktop.ui.actions import ActionId
from desktop.ui.markdown.code_text import CodeText
from desktop.ui.markdown.rich_text import RichText
from desktop.ui.widgets.elided_label import ElidedLabel
from tests.helpers import chats
from tests.helpers.chat_pane import talked, with_messages
from tests.helpers.painted import FramePaints
from tests.helpers.qt_loop import laid_out, until

NOTES = Part(PartKind.ATTACHMENT, "seven boats\n" * 40, "har\u202ebour & <b>.txt")


async def test_the_editors_frame_follows_the_keyboard(chat, model):
    await talked(chat, model)
    chat.actions.action(ActionId.EDIT_LAST).trigger()
    await until(lambda: chat.pane.findChild(QWidget, "message-edit-text"), "the editor")
    field = chat.pane.findChild(QWidget, "message-edit-text")
    await until(field.hasFocus, "the keyboard in it")
    editor = chat.pane.findChild(QWidget, "message-editor")
    before = editor.grab().toImage()
    painted = FramePaints(editor, field)
    chat.composer.focus_edit()
    await until(lambda: False in painted.seen, "the frame of a field without the keyboard")
    edge = QPoint(editor.width() // 2, 0)
    assert editor.grab().toImage().pixelColor(edge) != before.pixelColor(edge)


async def test_files_of_a_message_are_shown_above_it_and_open(chat, model):
    question = Message("q", "", None, Role.USER, (NOTES, Part(PartKind.TEXT, "How many?")))
    await with_messages(chat, question)
    message = chat.messages()[0]
    files = message._parts.files
    (button,) = files.buttons()
    assert "\u202e" not in button.text() and "480 bytes" in button.text()
    assert files.geometry().bottom() < message.body.y()
    assert button in message.focus_chain()
    button.click()
    viewer = chat.pane.findChild(QDialog, "text-viewer")
    assert viewer.field.toPlainText().startswith("seven boats")
    viewer.close()


async def test_a_message_of_files_alone_takes_little_room(chat):
    await with_messages(chat, Message("q", "", None, Role.USER, (NOTES, replace(NOTES, name="b.txt"))))
    message = chat.messages()[0]
    assert message.row.text == "" and message._placed.bubble.isEmpty()
    assert len(message._parts.files.buttons()) == 2
    assert message._placed.files.isValid()


async def test_letters_and_the_menu_key_work_at_the_current_message(chat, model):
    await talked(chat, model)
    chat.transcript.setFocus(Qt.FocusReason.TabFocusReason)
    await until(chat.transcript.current_message, "the keyboard is at a message")
    QTest.keyClick(chat.transcript, Qt.Key.Key_C)
    assert QGuiApplication.clipboard().text() == "Fine."
    QTest.keyClick(chat.transcript, Qt.Key.Key_P)
    await until(lambda: chat.messages()[-1].foot.startswith("Always sent"), "it is pinned")
    QTest.keyClick(chat.transcript, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    menu = chat.pane.findChild(QMenu, "message-menu")
    assert menu.isVisible() and menu.activeAction() is menu.actions()[0]
    assert all(action.toolTip() for action in menu.actions() if not action.isSeparator())
    menu.close()
    await until(lambda: chat.pane.findChild(QMenu, "message-menu") is None, "the menu is gone")
    chat.actions.action(ActionId.MESSAGE_MENU).trigger()
    assert chat.pane.findChild(QMenu, "message-menu").isVisible()
    chat.pane.findChild(QMenu, "message-menu").close()


async def test_the_keys_that_the_menu_shows_work_in_it(chat, model):
    await talked(chat, model)
    chat.actions.action(ActionId.MESSAGE_MENU).trigger()
    menu = chat.pane.findChild(QMenu, "message-menu")
    QTest.keyClick(menu, Qt.Key.Key_Z)
    assert menu.isVisible()
    QTest.keyClick(menu, Qt.Key.Key_P)
    await until(lambda: chat.messages()[-1].foot.startswith("Always sent"), "it is pinned")
    await until(lambda: chat.pane.findChild(QMenu, "message-menu") is None, "the menu is gone")
    chat.actions.action(ActionId.MESSAGE_MENU).trigger()
    QTest.keyClick(chat.pane.findChild(QMenu, "message-menu"), Qt.Key.Key_E)
    await until(lambda: chat.messages()[-1].editing, "the editor")


async def test_inside_a_message_the_menu_key_works_and_letters_do_not(chat, model):
    answer = await talked(chat, model)
    text = next(one for one in answer.findChildren(RichText) if one.isVisible())
    text.setFocus()
    text.selectAll()
    for pressed in (Qt.Key.Key_Delete, Qt.Key.Key_X, Qt.Key.Key_E):
        QTest.keyClick(text, pressed)
    await chat.kit.tasks.settle()
    assert chat.texts() == ["Go", "Fine."] and not chat.messages()[-1].editing
    QTest.keyClick(text, Qt.Key.Key_Menu)
    assert answer.findChild(QMenu, "message-menu").isVisible()
    answer.findChild(QMenu, "message-menu").close()


async def test_a_right_click_opens_the_menu_and_a_running_answer_has_none(chat, model, gate):
    await model(reply="word " * 300, gate=gate)
    await chat.show()
    gate.open_to(5)
    await chat.ask("Go")
    await until(lambda: len(chat.texts()) == 2 and "word" in chat.texts()[-1], "some of it")
    for message, has_menu in zip(chat.messages(), (True, False), strict=True):
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, QPoint(4, 4), message.mapToGlobal(QPoint(4, 4))
        )
        QApplication.sendEvent(message, event)
        menu = message.findChild(QMenu, "message-menu")
        assert (menu is not None) is has_menu
        if menu is not None:
            menu.close()


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
async def test_bubbles_and_buttons_stand_where_lines_end_and_begin(chat, model, direction):
    chat.pane.setLayoutDirection(direction)
    await talked(chat, model)
    own, answer = chat.messages()
    own.set_current(True)
    mirrored = direction == Qt.LayoutDirection.RightToLeft
    middle = own.width() // 2
    assert (own._placed.bubble.center().x() < middle) is mirrored
    assert (own._buttons.geometry().center().x() < middle) is mirrored
    assert (answer._buttons.geometry().center().x() > middle) is mirrored
    for widget in (own._buttons, answer._buttons, answer.body):
        assert widget.parentWidget().rect().contains(widget.geometry())


async def test_other_messages_have_no_buttons_until_they_are_needed(chat):
    await with_messages(chat, *chats.turns("c", 30))
    built = [message for message in chat.messages() if message._buttons is not None]
    assert [message.row.end for message in built] == [True]


async def test_a_right_click_on_text_or_code_is_the_messages_unless_something_is_selected(chat, model):
    answer = await talked(chat, model, reply="Fine.\n\n```python\nx = 1\n```")
    for kind in (RichText, CodeText):
        text = next(one for one in answer.findChildren(kind) if one.isVisible())
        at = text.viewport().rect().bottomRight() - QPoint(3, 3)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, text.viewport().mapToGlobal(at))
        QApplication.sendEvent(text.viewport(), event)
        menu = answer.findChild(QMenu, "message-menu")
        assert menu is not None and menu.isVisible(), kind
        menu.close()
        await until(lambda: answer.findChild(QMenu, "message-menu") is None, "the menu is gone")
        text.selectAll()
        QApplication.sendEvent(text.viewport(), event)
        assert answer.findChild(QMenu, "message-menu") is None
        own = QApplication.activePopupWidget()
        assert own is not None
        own.close()


async def test_a_title_with_marks_is_plain_text_also_in_its_tooltip(chat):
    label = chat.open.header.findChild(ElidedLabel, "chat-title")
    label.set_whole("<img src=x> & more")
    assert label.whole == "<img src=x> & more" and "&lt;img src=x&gt; &amp; more</p>" in label.toolTip()


async def test_large_text_in_a_narrow_window_clips_no_button(chat, theme):
    theme.set_scale(200)
    question, answer = chats.turns("c", 2)
    named = replace(NOTES, name="a name that is much too long for so narrow a window.txt")
    cut = replace(answer, status=Status.LENGTH)
    await with_messages(chat, replace(question, parts=(named, *question.parts)), cut)
    for width in (900, 560):
        chat.transcript.setFixedWidth(width)
        await laid_out(chat.transcript)
        status = chat.messages()[-1].findChild(QWidget, "message-status")
        for button in (*status.buttons(), *chat.messages()[0]._parts.files.buttons()):
            assert button.width() >= button.sizeHint().width()
            holder = button.parentWidget()
            assert holder.rect().contains(button.geometry()), (width, button.text())


async def test_a_title_stands_at_the_windows_side_whatever_its_own_direction(chat):
    label = chat.open.header.findChild(ElidedLabel, "chat-title")
    for direction, side in (
        (Qt.LayoutDirection.LeftToRight, Qt.AlignmentFlag.AlignLeft),
        (Qt.LayoutDirection.RightToLeft, Qt.AlignmentFlag.AlignRight),
    ):
        chat.pane.setLayoutDirection(direction)
        for title in ("Lighthouse", "\u0645\u0646\u0627\u0631\u0629"):
            label.set_whole(title)
            shown = QStyle.visualAlignment(Qt.LayoutDirection.RightToLeft, label.alignment())
            assert shown & side and shown == label.alignment()
