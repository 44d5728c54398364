"""Waves under misspelled words of a text field, and what may be meant in its menu. Main thread, on the loop.

Only the lines that are seen are looked at, a moment after the last key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, QPoint, QTimer
from PySide6.QtGui import QAction, QContextMenuEvent, QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QTextEdit

from desktop.services.spelling import SpellingService
from desktop.services.tasks import Tasks
from desktop.ui.locales import spelling_locales
from desktop.ui.theme import Theme, Token

_WAIT_MS = 250
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NO_PROSE = re.compile(r"`[^`]*`|\S*[/\\@_{}<>=]\S*|\S*\w\.\w\S*")
"""Code, addresses and paths."""
_FENCE = "```"
_LONGEST = 40


class SpellCheck(QObject):
    """Asks for nothing until it is switched on."""

    def __init__(self, edit: QPlainTextEdit, spelling: SpellingService, tasks: Tasks, theme: Theme) -> None:
        super().__init__(edit)
        self._edit = edit
        self._spelling = spelling
        self._tasks = tasks
        self._theme = theme
        self._is_on = False
        self._wrong: frozenset[str] = frozenset()
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(lambda: tasks.start(self._look(), "check the spelling"))
        edit.textChanged.connect(self._on_changed)
        edit.verticalScrollBar().valueChanged.connect(self._on_changed)
        theme.changed.connect(self._show)
        edit.installEventFilter(self)

    def set_on(self, on: bool) -> None:
        if on != self._is_on:
            self._is_on = on
            self._wrong = frozenset()
            self._show()
            self._on_changed()

    def misspelled(self) -> list[str]:
        """What has a wave now, from the top down."""
        return [selection.cursor.selectedText() for selection in self._edit.extraSelections()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A menu on a misspelled word begins with what may be meant."""
        if self._is_on and isinstance(event, QContextMenuEvent) and watched is self._edit:
            is_by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
            at = self._edit.viewport().mapFromGlobal(event.globalPos())
            cursor = self._edit.textCursor() if is_by_key else self._edit.cursorForPosition(at)
            for selection in self._edit.extraSelections():
                word: QTextCursor = selection.cursor
                if word.selectionStart() <= cursor.position() <= word.selectionEnd():
                    self._tasks.start(self._offer(QTextCursor(word), event.globalPos()), "suggest spellings")
                    return True
        return False

    async def _look(self) -> None:
        if not self._is_on or not await self._spelling.start(spelling_locales()):
            return
        words = {word for block in self._seen() for _, word in _words(block.text())}
        self._wrong = await self._spelling.misspelled(words)
        self._show()

    async def _offer(self, word: QTextCursor, place: QPoint) -> None:
        text = word.selectedText()
        found = await self._spelling.suggestions(text)
        menu = self._edit.createStandardContextMenu()
        menu.setObjectName("spelling-menu")
        first = menu.actions()[0] if menu.actions() else None
        for suggestion in found:
            action = QAction(suggestion, menu)
            action.triggered.connect(lambda _checked, new=suggestion: word.insertText(new))
            menu.insertAction(first, action)  # type: ignore[arg-type]
        if not found:
            none = QAction(self.tr("No suggestions"), menu)
            none.setEnabled(False)
            menu.insertAction(first, none)  # type: ignore[arg-type]
        add = QAction(self.tr("Add to the dictionary"), menu)
        add.triggered.connect(lambda: self._tasks.start(self._add(text), "add a word"))
        menu.insertAction(first, add)  # type: ignore[arg-type]
        menu.insertSeparator(first)  # type: ignore[arg-type]
        self._open(menu, place)

    def _open(self, menu: QMenu, place: QPoint) -> None:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    async def _add(self, word: str) -> None:
        await self._spelling.add(word)
        await self._look()

    def _on_changed(self) -> None:
        if self._is_on:
            self._timer.start()

    def _seen(self) -> Iterator[QTextBlock]:
        """The paragraphs in sight that are prose."""
        block, bottom = self._edit.firstVisibleBlock(), self._edit.viewport().height()
        inside = _is_code(block)
        while block.isValid() and self._edit.blockBoundingGeometry(block).top() <= bottom + self._offset():
            if block.text().lstrip().startswith(_FENCE):
                inside = not inside
            elif not inside:
                yield block
            block = block.next()

    def _offset(self) -> float:
        return -self._edit.contentOffset().y()

    def _show(self) -> None:
        waves = QTextCharFormat()
        waves.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SpellCheckUnderline)
        waves.setUnderlineColor(self._theme.color(Token.DANGER))
        found = []
        for block in self._seen() if self._wrong else ():
            for at, word in _words(block.text()):
                if word in self._wrong:
                    selection = QTextEdit.ExtraSelection()
                    cursor = QTextCursor(block)
                    cursor.setPosition(block.position() + at)
                    cursor.setPosition(block.position() + at + len(word), QTextCursor.MoveMode.KeepAnchor)
                    selection.cursor = cursor
                    selection.format = waves
                    found.append(selection)
        self._edit.setExtraSelections(found)


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Where each word of prose begins, and the word."""
    prose = _NO_PROSE.sub(lambda found: " " * len(found[0]), text[:20_000])
    for found in _WORD.finditer(prose):
        if 1 < len(found[0]) <= _LONGEST and not found[0].isupper():
            yield found.start(), found[0]


def _is_code(block: QTextBlock) -> bool:
    """Whether the lines before leave a block of code open."""
    inside, before = False, block.previous()
    while before.isValid():
        if before.text().lstrip().startswith(_FENCE):
            inside = not inside
        before = before.previous()
    return inside
