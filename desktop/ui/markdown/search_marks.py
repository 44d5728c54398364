"""What a search found in one text widget: where it is, and how it is drawn. Main thread only.

Matches are plain text, whatever the case, and never overlap. Drawing them touches no text and no layout.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QRect
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from desktop.ui.theme import Theme, Token

_DRAWN = 400
"""Matches of one widget that are drawn, those around the current one or else the first: nobody sees more."""
_FAR = 0xFFFF


def matches(text: str, needle: str) -> list[int]:
    """Where ``needle`` begins in ``text``, from the left."""
    if not needle:
        return []
    return [found.start() for found in re.finditer(re.escape(needle), text, re.IGNORECASE)]


def units(text: str, places: list[int]) -> list[int]:
    """Places in a Python string as places in Qt's text, where a character beyond U+FFFF is two."""
    if text.isascii() or ord(max(text)) <= _FAR:
        return places
    counted: list[int] = []
    at = far = 0
    for place in places:
        far += sum(ord(sign) > _FAR for sign in text[at:place])
        at = place
        counted.append(place + far)
    return counted


class Marks:
    """The matches of one widget. Its owner says when the text has become another."""

    def __init__(self, edit: QTextEdit | QPlainTextEdit, theme: Theme) -> None:
        self._edit = edit
        self._theme = theme
        self._needle = ""
        self._length = 0
        self._starts: list[int] = []
        self._current: int | None = None

    def __len__(self) -> int:
        return len(self._starts)

    def find(self, needle: str) -> int:
        """Looks for another needle, nothing if it is empty; returns how many there are."""
        if needle != self._needle:
            self._needle = needle
            self.search()
        return len(self._starts)

    def search(self) -> None:
        """The text is another."""
        before = self._starts
        self._starts = []
        self._current = None
        if self._needle:
            self._length = units(self._needle, [len(self._needle)])[0]
            text = self._edit.toPlainText()
            self._starts = units(text, matches(text, self._needle))
        if before or self._starts:
            self.draw()

    def search_more(self, text: str, position: int) -> None:
        """Whole lines were added at the end, the first of them at ``position``."""
        found = units(text, matches(text, self._needle))
        if found:
            self._starts.extend(position + place for place in found)
            self.draw()

    def set_current(self, index: int | None) -> bool:
        """Draws one match stronger than the others; returns whether it is another one than before."""
        if index == self._current:
            return False
        self._current = index
        self.draw()
        return True

    def draw(self) -> None:
        """In the theme's present colours."""
        first = max(0, (self._current or 0) - _DRAWN // 2)
        drawn = range(first, min(len(self._starts), first + _DRAWN))
        usual = self._format(Token.HIGHLIGHT, Token.TEXT)
        current = self._format(Token.HIGHLIGHT_CURRENT, Token.TEXT_ON_HIGHLIGHT)
        selections = []
        for index in drawn:
            selection = QTextEdit.ExtraSelection()
            selection.cursor = self.cursor(index)
            selection.format = current if index == self._current else usual
            selections.append(selection)
        self._edit.setExtraSelections(selections)

    def cursor(self, index: int) -> QTextCursor:
        """With the match selected."""
        cursor = QTextCursor(self._edit.document())
        cursor.setPosition(self._starts[index])
        cursor.setPosition(self._starts[index] + self._length, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def rect(self, index: int) -> QRect:
        """Of the match, in the viewport's coordinates; its first line if it runs over several."""
        cursor = self.cursor(index)
        end = self._edit.cursorRect(cursor)
        cursor.setPosition(cursor.selectionStart())
        start = self._edit.cursorRect(cursor)
        return start.united(end) if abs(start.y() - end.y()) < start.height() // 2 else start

    def reveal(self, index: int) -> None:
        """Scrolls sideways to the match in a widget that is wider inside than outside."""
        bar = self._edit.horizontalScrollBar()
        box = self.rect(index)
        seen = self._edit.viewport().width()
        if bar.maximum() and not 0 <= box.left() <= box.right() < seen:
            bar.setValue(bar.value() + box.center().x() - seen // 2)

    def _format(self, background: Token, text: Token) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setBackground(self._theme.color(background))
        form.setForeground(self._theme.color(text))
        return form
