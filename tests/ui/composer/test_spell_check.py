"""Waves under misspelled words, and what the menu offers: with the real dictionary, and with our own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from desktop.domain.settings import Setting
from desktop.services.spelling import SpellingService
from desktop.system.spelling import Speller, open_speller
from desktop.ui.composer.spell_check import SpellCheck
from desktop.ui.widgets.prompt_edit import PromptEdit
from tests.helpers.qt_loop import until


class Words:
    """A dictionary of a few words, which remembers what it was asked."""

    def __init__(self) -> None:
        self.known = {"we", "saw", "the", "lamp", "don't"}
        self.asked: list[str] = []

    def check(self, word: str) -> bool:
        self.asked.append(word)
        return word.lower() in self.known

    def suggest(self, word: str) -> list[str]:
        return ["lamp", "clamp"] if word == "lampp" else []

    def add(self, word: str) -> None:
        self.known.add(word)


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
async def checked(words, theme, tasks):
    def opener(_locales: Sequence[str]) -> Speller:
        return words

    service = SpellingService(opener)
    edit = PromptEdit()
    edit.resize(500, 120)
    edit.show()
    check = SpellCheck(edit, service, tasks, theme)
    check.set_on(True)
    yield check
    await tasks.settle()
    await service.aclose()
    edit.hide()
    edit.deleteLater()


async def menu_at(check: SpellCheck, position: int) -> QMenu:
    edit = check.parent()
    assert isinstance(edit, PromptEdit)
    cursor = edit.textCursor()
    cursor.setPosition(position)
    edit.setTextCursor(cursor)
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(edit, QContextMenuEvent(reason, QPoint(5, 5), edit.mapToGlobal(QPoint(5, 5))))
    await until(lambda: edit.findChildren(QMenu, "spelling-menu"), "the menu")
    return edit.findChildren(QMenu, "spelling-menu")[-1]


async def test_misspelled_words_get_a_wave_and_code_and_addresses_none(checked):
    edit = checked.parent()
    edit.setPlainText(
        "We saw teh lampp, don't `codde` we\nhttps://exampel.org/pth foo_bar NASA\n```\nnoprose\n```\nagian"
    )
    await until(lambda: checked.misspelled() == ["teh", "lampp", "agian"], "the waves")
    checked.set_on(False)
    assert checked.misspelled() == []


async def test_only_what_is_seen_is_looked_at(checked, words):
    edit = checked.parent()
    edit.setPlainText("\n".join(f"lline{'abcdefghij'[n % 10] * (n // 10 + 1)}" for n in range(200)))
    await until(lambda: checked.misspelled(), "the waves")
    assert len(checked.misspelled()) < 20
    assert len(words.asked) < 20
    first = checked.misspelled()[0]
    edit.verticalScrollBar().setValue(150)
    await until(lambda: checked.misspelled() and checked.misspelled()[0] != first, "other waves")


async def test_the_menu_offers_what_may_be_meant(checked):
    edit = checked.parent()
    edit.setPlainText("the lampp")
    await until(checked.misspelled, "the wave")
    menu = await menu_at(checked, 6)
    assert [action.text() for action in menu.actions()[:3]] == ["lamp", "clamp", "Add to the dictionary"]
    menu.actions()[0].trigger()
    menu.close()
    assert edit.toPlainText() == "the lamp"
    await until(lambda: not checked.misspelled(), "no wave")


async def test_a_word_can_be_added_to_the_dictionary(checked, words):
    edit = checked.parent()
    edit.setPlainText("the Zweig")
    await until(checked.misspelled, "the wave")
    menu = await menu_at(checked, 6)
    assert menu.actions()[0].text() == "No suggestions"
    menu.actions()[1].trigger()
    menu.close()
    await until(lambda: not checked.misspelled(), "no wave")
    assert "Zweig" in words.known


async def test_elsewhere_the_menu_is_the_usual_one(checked):
    edit = checked.parent()
    edit.setPlainText("the lampp")
    await until(checked.misspelled, "the wave")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(2, 2), edit.mapToGlobal(QPoint(2, 2)))
    assert not checked.eventFilter(edit, event)


async def test_the_composer_follows_the_setting(chat):
    await chat.show()
    check = chat.open.asking._spell_check
    assert check._is_on
    chat.services.settings.put(Setting.SPELL_CHECK, False)
    await asyncio.sleep(0)
    assert not check._is_on


def test_the_systems_own_dictionary_knows_its_language():
    speller = open_speller(("xx_XX", "en_US"))
    if speller is None:
        # Enchant or its English dictionary is not installed here: then there is none for any language asked.
        assert open_speller(("en_US",)) is None
        return
    assert speller.check("hello")
    assert not speller.check("helllo")
    assert "hello" in speller.suggest("helllo")


async def test_without_a_dictionary_nothing_is_marked():
    service = SpellingService(lambda _locales: None)
    assert not await service.start(["en_US"])
    assert not await service.start(["en_US"]), "it is not looked for again"
    assert await service.misspelled(["teh"]) == frozenset()
    assert await service.suggestions("teh") == []
    await service.add("teh")
    await service.aclose()


def test_for_a_language_nobody_has_there_is_none():
    assert open_speller(("xx_XX", "")) is None


def test_without_the_library_there_is_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "enchant", None)
    assert open_speller(("en_US",)) is None
