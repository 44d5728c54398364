"""The context ledger: what the next message would cost, and what is done about it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from desktop.domain.conversation import InContext, Role
from desktop.domain.ledger import LedgerTurn, LedgerTurns, Share
from desktop.ui.actions import ActionId
from desktop.ui.composer.ledger_panel import LedgerPanel
from desktop.ui.composer.ledger_turns import TurnsModel, TurnsView
from desktop.ui.theme import Token
from tests.helpers.pseudo import translated
from tests.helpers.qt_loop import until


async def panel_of(chat) -> LedgerPanel:
    chat.actions.action(ActionId.LEDGER).trigger()
    panel = chat.open.findChild(LedgerPanel)
    assert panel.isVisible()
    return panel


async def talked(chat, model, **fields) -> LedgerPanel:
    """Two questions and their answers, and the ledger open on them."""
    await model(reply="word " * 20, **fields)
    await chat.show()
    await chat.ask_and_wait("first question")
    await chat.ask_and_wait("second question")
    panel = await panel_of(chat)
    await until(lambda: panel.turns.turns.rowCount() == 4, "the messages")
    return panel


def contexts(panel) -> list[InContext]:
    rows = range(panel.turns.turns.rowCount())
    return [panel.turns.turns.turn(row).context for row in rows]


def button(panel, name) -> QPushButton | QToolButton:
    return panel.findChild(QPushButton, name) or panel.findChild(QToolButton, name)


def chosen(view: TurnsView) -> str | None:
    assert view.current is not None
    return view.current.message_id


async def test_without_a_model_the_ledger_is_a_rough_guess_and_says_so(chat):
    await chat.show()
    chat.composer.edit.setPlainText("x" * 400)
    await until(lambda: "about 100 tokens" in chat.composer.gauge.text_shown, "the guess")
    chat.composer.gauge.click()
    panel = chat.open.findChild(LedgerPanel)
    await until(lambda: "rough estimate" in panel.summary, "the words")
    assert not panel.turns.isVisible()


async def test_the_ledger_lists_shares_and_messages_and_follows_what_is_typed(chat, model):
    panel = await talked(chat, model)
    await until(lambda: "already read" in panel.summary, "what is read of it")
    ledger = chat.open._context._reading.ledger
    numbers = {share: int(label.text().replace(",", "")) for share, label in panel._table._numbers.items()}
    assert numbers == dict(ledger.shares)
    assert numbers[Share.HISTORY] > 40
    assert numbers[Share.RESERVE] > 0
    assert "Nothing will be dropped." in panel.summary
    chat.composer.edit.setPlainText("a third question")
    await until(lambda: panel.turns.turns.rowCount() == 5, "the new message")
    newest = panel.turns.turns.turn(4)
    assert newest is not None
    assert newest.message_id is None
    assert panel.isVisible(), "one can write while it is open"


async def test_a_message_is_pinned_and_left_out_by_keys_buttons_and_clicks(chat, model):
    panel = await talked(chat, model)
    view = panel.turns
    view.setCurrentIndex(view.turns.index(0))
    QTest.keyClick(view, Qt.Key.Key_P)
    await until(lambda: contexts(panel)[0] is InContext.PINNED, "the pin")
    assert "always sent" in view.turns.data(view.turns.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert view.currentIndex().row() == 0
    assert button(panel, "ledger-pin").text() == "Send as needed"
    button(panel, "ledger-pin").click()
    await until(lambda: contexts(panel)[0] is InContext.AUTO, "no pin")
    button(panel, "ledger-exclude").click()
    await until(lambda: contexts(panel)[0] is InContext.EXCLUDED, "the message left out")
    before = chat.composer.gauge.used
    row = view.visualRect(view.turns.index(1))
    side = chat.kit.icons.scaled(16)
    place = QPoint(row.left() + 4 + side + 8 + side // 2, row.center().y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    await until(lambda: contexts(panel)[1] is InContext.EXCLUDED, "a click on the sign")
    await until(lambda: chat.composer.gauge.used < before, "fewer tokens")
    chat.composer.edit.setPlainText("new")
    await until(lambda: view.turns.rowCount() == 5, "the new message")
    view.setCurrentIndex(view.turns.index(4))
    assert not button(panel, "ledger-pin").isEnabled(), "what is not sent yet is always sent"
    QTest.keyClick(view, Qt.Key.Key_X)
    assert contexts(panel)[4] is InContext.AUTO


async def test_what_will_be_dropped_is_marked_and_the_policy_can_be_changed(chat, model):
    panel = await talked(chat, model, cut_turns=2)
    await until(lambda: "1 message will be dropped" in panel.summary, "the words")
    first = panel.turns.turns.turn(0)
    assert first is not None
    assert first.dropped
    assert "dropped" in panel.turns.turns.states(first)
    assert chat.composer.gauge.text_shown.endswith("1 message dropped")
    menu = panel._policies.menu()
    menu.aboutToShow.emit()
    assert [action.isChecked() for action in menu.actions()] == [True, False, False]
    menu.actions()[1].trigger()
    conversation = chat.pane.current().id
    await until(lambda: panel._policies.words() == "leave out the oldest turns", "the new policy")
    kept = (await chat.services.conversations.open(conversation)).conversation.overrides
    assert kept["context_policy"] == "drop_oldest"
    reading = chat.open._context._reading
    ledger = replace(reading.ledger, dropped=0)
    panel.show_reading(replace(reading, ledger=ledger), "keep_ends")
    assert "A part in the middle will be dropped" in panel.summary


async def test_what_is_an_estimate_says_so(chat, model):
    panel = await talked(chat, model, cut_turns=2)
    reading = chat.open._context._reading
    assert panel._table._numbers[Share.RESERVE].text() == "1,024"
    foresight = replace(
        reading.ledger.foresight,
        is_estimate=True,
        prompt_tokens=1_044_946,
        cut=replace(reading.ledger.foresight.cut, tokens=987_654),
    )
    shares = {**reading.ledger.shares, Share.HISTORY: 1_001_001}
    far = replace(reading, ledger=replace(reading.ledger, foresight=foresight, shares=shares), about=True)
    panel.show_reading(replace(far, used=1_044_946), "drop_oldest")
    chat.composer.gauge.show_reading(replace(far, used=1_044_946))
    assert "about 1,040,000 of 4,096 tokens" in panel.summary
    assert "about 988,000 tokens" in panel.summary
    assert "about 1,040,000 of 4,096 tokens" in chat.composer.gauge.text_shown
    assert panel._table._numbers[Share.HISTORY].text() == "1,000,000"
    assert panel._table._numbers[Share.RESERVE].text() == "1,024", "that is exact"
    view = panel.turns
    view.show_turns(listed(0))
    assert "about 4 tokens" in view.turns.data(view.turns.index(4), Qt.ItemDataRole.AccessibleTextRole)
    assert "about" not in view.turns.data(view.turns.index(5), Qt.ItemDataRole.AccessibleTextRole)


async def test_what_does_not_fit_says_so_with_what_helps(chat, model):
    await model(context_length=64)
    await chat.show()
    chat.composer.edit.setPlainText("word " * 200)
    await until(lambda: "does not fit" in chat.composer.gauge.text_shown, "the gauge")
    panel = await panel_of(chat)
    await until(lambda: "This does not fit." in panel.summary, "the words")
    chat.composer.hint.findChild(QPushButton, "composer-hint-action").click()


async def test_escape_and_the_button_and_the_key_close_it(chat, model):
    panel = await talked(chat, model)
    QTest.keyClick(panel.turns, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert chat.composer.edit.hasFocus()
    chat.actions.action(ActionId.LEDGER).trigger()
    assert panel.isVisible()
    button(panel, "ledger-close").click()
    assert not panel.isVisible()
    chat.actions.action(ActionId.LEDGER).trigger()
    chat.actions.action(ActionId.LEDGER).trigger()
    assert not panel.isVisible()


async def test_it_stays_above_the_composer_and_inside_the_column(chat, model, theme):
    panel = await talked(chat, model)
    for size, scale in (((900, 600), 100), ((1600, 1000), 100), ((900, 600), 200)):
        chat.pane.window().resize(*size)
        chat.pane.resize(*size)
        theme.set_scale(scale)
        await until(lambda: chat.open.rect().contains(panel.geometry()), f"room at {size}, {scale} %")
        assert panel.width() == chat.composer.width()
    theme.set_scale(100)


def listed(first: int) -> LedgerTurns:
    """Ten thousand but the ``first`` ones."""

    def turn(row: int) -> LedgerTurn:
        n = first + row
        role = Role.USER if n % 2 else Role.ASSISTANT
        return LedgerTurn(f"m{n}", role, n, InContext.AUTO, n < 5, n < 5, f"turn {n}")

    return LedgerTurns(10_000 - first, lambda row: f"m{first + row}", turn)


async def test_thousands_of_messages_are_listed_at_once_and_keep_their_place(theme, icons):
    view = TurnsView(theme, icons)
    view.resize(600, 300)
    view.show()
    view.show_turns(listed(0))
    assert view.turns.rowCount() == 10_000
    assert chosen(view) == "m9999"
    view.setCurrentIndex(view.turns.index(5_000))
    view.show_turns(listed(1))
    assert chosen(view) == "m5000"
    view.show_turns(listed(1))
    assert chosen(view) == "m5000"
    assert isinstance(view.model(), TurnsModel)
    assert view.turns.turn(20_000) is None
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    picture = view.grab().toImage()
    assert picture.pixelColor(0, 0) != theme.color(Token.DANGER)
    view.deleteLater()


@pytest.mark.parametrize("scale", [100, 200])
async def test_in_a_longer_language_a_narrow_ledger_wraps_and_nothing_is_beside_it(
    qapp, chat, model, theme, scale
):
    with translated(qapp):
        theme.set("light", scale)
        panel = await talked(chat, model)
        table, body = panel._table, panel._body
        if scale == 100:
            await until(lambda: table._columns == 2, "room for two columns")
        chat.pane.resize(700, 600)
        await until(lambda: table._columns == 1, "room for one column")
        seen = body.parentWidget()
        assert seen is not None
        await until(lambda: body.width() == seen.width(), "it is as wide as what is seen of it")
        for child in body.findChildren(QLabel) + body.findChildren(QPushButton):
            if child.isVisible():
                place = QRect(child.mapTo(body, QPoint()), child.size())
                assert body.rect().contains(place), child.text()
