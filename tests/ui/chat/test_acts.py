"""What a user does with a message: each act, from the window to the stored chat."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMenu, QPushButton, QToolButton, QWidget

from desktop.domain.conversation import InContext, Rating, Status
from desktop.ui.actions import ActionId
from desktop.ui.chat.message.act import MessageAct
from desktop.ui.widgets.notice import Notice
from tests.helpers import chats
from tests.helpers.chat_pane import choose, press, settled, stored, talked, with_messages
from tests.helpers.qt_loop import until
from tests.helpers.scripted import write_script


async def test_an_answer_that_was_cut_goes_on_at_the_press_of_a_button(chat, model):
    conversation = await chat.show()
    await chat.services.conversations.configure(conversation, overrides={"max_tokens": 3})
    await model(reply="one two three four five six")
    await chat.ask_and_wait("Go")
    assert chat.messages()[-1].row.message.status is Status.LENGTH
    await model(reply=" and the rest.")
    press(chat.messages()[-1], "message-continue")
    await until(lambda: "and" in chat.texts()[-1], "more of it")
    await settled(chat)
    answer = (await stored(chat))[-1]
    assert answer.text.startswith("one two three") and "and" in answer.text
    assert chat.messages()[-1].row.versions == 2


async def test_a_stopped_answer_can_be_continued_and_a_failed_one_only_asked_again(chat, model, gate):
    await model(fail="No.")
    await chat.show()
    await chat.ask_and_wait("Go")
    failed = chat.messages()[-1]
    assert not failed.findChild(QPushButton, "message-continue").isVisible()
    assert failed.findChild(QPushButton, "message-retry").isVisible()
    await model(reply="word " * 400, gate=gate)
    gate.open_to(5)
    await chat.ask("More")
    await until(lambda: len(chat.texts()) == 4 and "word" in chat.texts()[-1], "some of it")
    chat.actions.action(ActionId.STOP).trigger()
    await settled(chat)
    assert chat.messages()[-1].findChild(QPushButton, "message-continue").isVisible()
    await model(reply="done.")
    chat.actions.action(ActionId.CONTINUE).trigger()
    await until(lambda: chat.texts()[-1].endswith("done."), "the end of it")


async def test_a_rating_is_kept_shown_commented_and_taken_back(chat, model):
    answer = await talked(chat, model)
    press(answer, "message-rate-up")
    await until(lambda: chat.pane.findChild(QWidget, "rating-popover"), "the question why")
    popover = chat.pane.findChild(QWidget, "rating-popover")
    popover.edit.setPlainText("short <b>and</b> clear")
    QTest.keyClick(popover.edit, Qt.Key.Key_Return)
    await settled(chat)
    rated = (await stored(chat))[-1]
    assert (rated.rating, rated.comment) == (Rating.UP, "short <b>and</b> clear")
    answer = chat.messages()[-1]
    button = answer.findChild(QToolButton, "message-rate-up")
    await until(lambda: "given" in button.accessibleName(), "the sign")
    assert "&lt;b&gt;" in button.toolTip()
    press(answer, "message-rate-up")
    await settled(chat)
    assert (await stored(chat))[-1].rating is Rating.NONE
    await chat.services.undo.undo()
    assert (await stored(chat))[-1].comment == "short <b>and</b> clear"


async def test_a_rating_stays_in_sight_where_the_pointer_is_not(chat, model):
    question, answer, *_ = chats.turns("c", 4)
    await with_messages(chat, question, replace(answer, rating=Rating.DOWN), *list(chats.turns("c", 4))[2:])
    await until(lambda: chat.transcript.widget_of(answer.id), "its widget")
    rated = chat.transcript.widget_of(answer.id)
    assert rated.findChild(QToolButton, "message-rate-down").isVisibleTo(rated)
    assert not rated.findChild(QToolButton, "message-rate-up").isVisibleTo(rated)


async def test_the_comment_can_be_changed_later(chat, model):
    await talked(chat, model)
    chat.actions.action(ActionId.RATE_DOWN).trigger()
    await until(lambda: chat.pane.findChild(QWidget, "rating-popover"), "the question why")
    first = chat.pane.findChild(QWidget, "rating-popover")
    QTest.keyClick(first.edit, Qt.Key.Key_Escape)
    await settled(chat)
    await until(lambda: chat.messages()[-1].row.message.rating is Rating.DOWN, "the rating")
    await until(lambda: chat.pane.findChild(QWidget, "rating-popover") is None, "it is closed")
    choose(chat.messages()[-1], MessageAct.COMMENT)
    popover = chat.pane.findChild(QWidget, "rating-popover")
    popover.edit.setPlainText("too long")
    press(popover, "rating-save")
    await settled(chat)
    assert (await stored(chat))[-1].comment == "too long"


async def test_a_branch_opens_as_a_chat_of_its_own(chat, model):
    answer = await talked(chat, model)
    await chat.ask_and_wait("More")
    before = chat.pane.current().id
    answer = chat.messages()[1]
    answer.act(MessageAct.BRANCH)
    await until(lambda: chat.pane.current().id != before, "the new chat")
    await until(lambda: chat.texts() == ["Go", "Fine."], "what led to the answer")
    branch = chat.pane.current()
    assert branch.title == "Go (branch)"
    await until(lambda: branch.id in chat.pane.list._conversations, "it is listed")
    await chat.services.undo.undo()
    await until(lambda: (now := chat.pane.current()) and now.id != branch.id, "it is not open any more")


async def test_deleting_takes_what_follows_and_a_question_can_be_answered_again(chat, model):
    await talked(chat, model)
    await chat.ask_and_wait("More")
    choose(chat.messages()[-1], MessageAct.DELETE)
    await until(lambda: len(chat.texts()) == 3, "the answer is gone")
    question = chat.messages()[-1]
    await until(lambda: question.findChild(QPushButton, "message-retry"), "the offer")
    retry = question.findChild(QPushButton, "message-retry")
    assert retry.text() == "Answer"
    await model(reply="Here.")
    retry.click()
    await until(lambda: chat.texts()[-1] == "Here.", "another answer")
    await settled(chat)
    choose(chat.messages()[-1], MessageAct.DELETE)
    await until(lambda: len(chat.texts()) == 3, "it is a question without an answer again")
    chat.actions.action(ActionId.REGENERATE).trigger()
    await until(lambda: chat.texts() == ["Go", "Fine.", "More", "Here."], "that one is answered")


async def test_what_is_never_sent_is_dimmed_and_said(chat, model):
    answer = await talked(chat, model, reply="You said: {prompt}")
    choose(chat.messages()[0], MessageAct.EXCLUDE)
    await until(lambda: "Never sent" in chat.messages()[0].foot, "the sign")
    assert (await stored(chat))[0].context is InContext.EXCLUDED
    assert chat.messages()[0]._parts.veil.isVisible()
    choose(chat.messages()[0], MessageAct.EXCLUDE)
    await until(lambda: not chat.messages()[0].foot, "it is sent again")
    assert not chat.messages()[0]._parts.veil.isVisible()
    choose(answer, MessageAct.PIN)
    await until(lambda: chat.messages()[-1].foot.startswith("Always sent"), "the other sign")


async def test_an_edit_can_be_saved_without_asking(chat, model):
    await talked(chat, model)
    chat.actions.action(ActionId.EDIT_LAST).trigger()
    chat.messages()[0].findChild(QWidget, "message-edit-text").setPlainText("Went")
    press(chat.messages()[0], "message-edit-save")
    await until(lambda: chat.texts() == ["Went"], "the new version")
    assert not chat.running()
    assert chat.messages()[0].row.versions == 2
    await chat.services.undo.undo()
    await until(lambda: chat.texts() == ["Go", "Fine."], "as it was")


async def test_keys_step_through_the_versions_of_a_question_when_its_answer_has_one(chat, model):
    await talked(chat, model, reply="You said: {prompt}")
    chat.actions.action(ActionId.EDIT_LAST).trigger()
    chat.messages()[0].findChild(QWidget, "message-edit-text").setPlainText("Went")
    press(chat.messages()[0], "message-edit-send")
    await until(lambda: chat.texts() == ["Went", "You said: Went"], "the new branch")
    await settled(chat)
    chat.actions.action(ActionId.PREVIOUS_VERSION).trigger()
    await until(lambda: chat.texts() == ["Go", "You said: Go"], "the first branch")
    choose(chat.messages()[0], MessageAct.DELETE)
    await until(lambda: chat.texts() == ["Went", "You said: Went"], "the version that is left")
    assert chat.messages()[0].row.versions == 1


async def test_an_answer_with_another_model_preset_numbers_and_beginning(chat, model, services, tmp_path):
    await talked(chat, model)
    theirs = write_script(tmp_path / "Beacon.gguf", name="Beacon 3B", reply="theirs.")
    await services.models.use(theirs)
    await model(reply="mine.")
    chat.actions.action(ActionId.REGENERATE_WITH).trigger()
    dialog = chat.pane.findChild(QDialog, "again-dialog")
    await until(lambda: dialog.models.count() > 1, "the models")
    dialog.models.setCurrentIndex(dialog.models.findText("Beacon", Qt.MatchFlag.MatchStartsWith))
    dialog.presets.setCurrentIndex(dialog.presets.findData("translation"))
    usual = services.presets.get("translation").parameters
    boxes = dialog._boxes
    assert boxes["temperature"].number() == usual.temperature, "the numbers are the preset's"
    boxes["seed"].setValue(77)
    dialog.beginning.setPlainText("Well, ")
    press(dialog, "again-ask")
    await until(lambda: chat.texts()[-1] == "Well, theirs.", "the other model's answer")
    await settled(chat)
    origin = (await stored(chat))[-1].origin
    made_with = (origin.model_name, origin.preset_id, origin.parameters["seed"])
    assert made_with == ("Beacon 3B", "translation", 77)
    assert chat.pane.current().preset_id != "translation"


async def test_the_dialog_changes_nothing_that_was_not_touched(chat, model):
    await talked(chat, model)
    chat.actions.action(ActionId.REGENERATE_WITH).trigger()
    dialog = chat.pane.findChild(QDialog, "again-dialog")
    assert (dialog.using().preset_id, dialog.using().model, dict(dialog.using().overrides)) == ("", "", {})
    dialog.reject()


async def test_how_an_answer_was_made_is_told_and_can_be_asked_again(chat, model):
    answer = await talked(chat, model, reply="Fine.")
    answer.act(MessageAct.ORIGIN)
    dialog = chat.pane.findChild(QDialog, "origin-dialog")
    await until(lambda: dialog._prompt, "the exact prompt")
    await until(dialog._again.isEnabled, "the way to ask again")
    assert "exact text" in dialog._note.text()
    assert "Go" in dialog.context.toPlainText()
    press(dialog, "origin-copy")
    whole = json.loads(QGuiApplication.clipboard().text())
    origin = (await stored(chat))[-1].origin
    assert whole["origin"]["seed"] == origin.seed and whole["origin"]["model_name"] == "Lantern 7B"
    assert [turn["role"] for turn in whole["context"]] == ["system", "user"]
    assert whole["prompt"]
    await chat.services.conversations.configure(
        chat.pane.current().id, system_prompt="Say no.", overrides={"temperature": 1.5}
    )
    press(dialog, "origin-again")
    await until(lambda: chat.messages()[-1].row.versions == 2, "another version")
    await settled(chat)
    again = (await stored(chat))[-1].origin
    assert (again.seed, again.parameters, again.system_prompt) == (
        origin.seed,
        {**origin.parameters, "seed": origin.seed},
        origin.system_prompt,
    )


async def test_an_answer_of_a_model_that_is_gone_is_told_from_its_messages(chat, model):
    await model(reply="Fine.")
    question, answer = chats.turns("c", 2)
    hostile = replace(
        chats.ORIGIN,
        model_name="<img src=x>" + "A" * 500,
        parameters={"temperature": 0.2, "new_one": ["a", 1]},
        left_out_turns=3,
    )
    await with_messages(chat, question, replace(answer, origin=hostile))
    choose(chat.messages()[-1], MessageAct.ORIGIN)
    dialog = chat.pane.findChild(QDialog, "origin-dialog")
    await until(dialog._again.isEnabled, "what there is")
    await until(lambda: "── User ──" in dialog.context.toPlainText(), "the messages")
    assert "Not all of it fitted" in dialog._note.text()
    assert "not here any more" in dialog._missing.text()
    press(dialog, "origin-again")
    await until(lambda: chat.texts()[-1] == "Fine.", "the answer of the one in use")


@pytest.mark.parametrize(
    ("policy", "said"),
    [("drop_oldest", "What did not fit is left out."), ("keep_ends", "may have lost its middle")],
)
async def test_of_what_was_sent_only_what_fitted_is_shown(chat, model, policy, said):
    await model(reply="Fine.")
    first, left_out, second, answer = chats.turns("c", 4)
    origin = replace(
        chats.ORIGIN, parameters={"context_policy": policy}, left_out_turns=1, left_out_tokens=9, sent="0 2"
    )
    await with_messages(chat, first, left_out, second, replace(answer, origin=origin))
    choose(chat.messages()[-1], MessageAct.ORIGIN)
    dialog = chat.pane.findChild(QDialog, "origin-dialog")
    await until(lambda: second.text in dialog.context.toPlainText(), "the messages")
    assert first.text in dialog.context.toPlainText()
    assert left_out.text not in dialog.context.toPlainText()
    assert said in dialog._note.text() and "as they are now" not in dialog._note.text()
    dialog.close()


async def test_the_whole_chat_is_copied_as_markdown(chat, model):
    await talked(chat, model, reply="**Fine.**")
    chat.actions.action(ActionId.COPY_CHAT).trigger()
    await until(lambda: "clipboard" in Notice.over(chat.pane).text(), "it is said")
    copied = QGuiApplication.clipboard().text()
    assert "Go" in copied and "**Fine.**" in copied
    entries = [action.objectName() for action in chat.open.header.findChild(QMenu, "chat-menu").actions()]
    assert "action-copy-chat" in entries


async def test_an_act_that_fails_says_so_where_the_user_looks(chat, model):
    answer = await talked(chat, model)
    await chat.services.trash.put((chat.pane.current().id,))
    await chat.services.trash.empty()
    chat.open.acts.mark(answer.row.message.id, InContext.PINNED)
    await until(lambda: chat.open.banner.isVisible(), "the reason")
    assert "no longer there" in chat.open.banner.text()


async def test_a_message_is_shown_as_it_was_written_while_the_chat_is_open(chat, model):
    answer = await talked(chat, model, reply="**Fine** `code` <b>")
    assert chat.texts()[-1] == "Fine code <b>"
    choose(answer, MessageAct.RAW)
    await until(lambda: chat.texts()[-1] == "**Fine** `code` <b>", "the marks")
    await chat.ask_and_wait("More")
    shown = ["Go", "**Fine** `code` <b>", "More", "Fine code <b>"]
    await until(lambda: chat.texts() == shown, "one with its marks, one rendered")
    await chat.services.chat.delete_branch(chat.messages()[2].row.message.id, chat.pane.current().id)
    await until(lambda: chat.texts() == ["Go", "**Fine** `code` <b>"], "the chat was read again")
    chat.messages()[-1].act(MessageAct.RAW)
    await until(lambda: chat.texts()[-1] == "Fine code <b>", "it is rendered again")


async def test_every_act_in_the_menu_is_done_by_somebody(chat, model):
    await talked(chat, model)
    here = {MessageAct.COPY, MessageAct.COPY_PLAIN}
    assert set(chat.open.acts._doing) | here == set(MessageAct)
