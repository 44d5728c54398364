"""Cuts Markdown source into pieces that can be rendered one by one, also while it is still being written.

A piece ends where CommonMark would end a top-level block, so that rendering the pieces gives what rendering
the whole would. Fenced code at the top level is a piece of its own and never reaches the Markdown parser.
Pure functions and one small state machine; no Qt; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_PIECE = 8 * 1024
"""Characters of running text after which a piece is cut at a line or a space even inside a paragraph."""

_FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_MARKER = re.compile(r"^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_TOLD = 4
"""Characters after which a marker is one, and not the beginning of ``---`` or ``**``."""
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*\S[^\n]*$", re.MULTILINE)
_UNSAFE = {
    **{code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"},
    **dict.fromkeys((0x7F, 0xFDD0, 0xFDD1, 0xFFFC, 0x2028, 0x2029, *range(0xD800, 0xE000)), 0xFFFD),
}
_BIDI = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD)


def printable(text: str) -> str:
    """``text`` with what Qt's text engine must not see (control characters, its own marks, lone surrogates)
    replaced by visible signs, one for one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSAFE)


def printable_code(text: str) -> str:
    """Also shows the characters that would make code read in another order than it runs."""
    return printable(text).translate(_BIDI)


@dataclass(frozen=True, slots=True)
class Piece:
    """``language`` is ``None`` for text; for code the fence's info string, and ``text`` its inside."""

    text: str
    language: str | None = None
    list_item: bool = False
    """Text that begins with a list marker; follows another such piece closely."""

    @property
    def is_code(self) -> bool:
        return self.language is not None


class Splitter:
    """Takes text as it comes and gives back finished pieces; the unfinished rest can be looked at."""

    __slots__ = (
        "_buffer",
        "_code",
        "_fence",
        "_indent",
        "_item_indent",
        "_language",
        "_lines",
        "_list",
        "_size",
    )

    def __init__(self) -> None:
        self._buffer = ""
        self._lines: list[str] = []
        self._size = 0
        self._list = False
        self._item_indent = 0
        self._fence = ""
        self._indent = 0
        self._language = ""
        self._code: list[str] = []

    def feed(self, text: str) -> list[Piece]:
        """The pieces that ``text`` finished."""
        *lines, self._buffer = (self._buffer + text).split("\n")
        found: list[Piece] = []
        goes_on = self._is_in_words()
        for line in lines:
            # Most lines simply go on with a paragraph: these are told quickly.
            if goes_on and line[:1].isalpha() and self._size + len(line) < MAX_PIECE:
                self._lines.append(line)
                self._size += len(line) + 1
            else:
                found.extend(self._take(line))
                goes_on = self._is_in_words()
        if not self._fence and self._begins_block():
            found.extend(self._flush())
        if not self._fence and self._size + len(self._buffer) > MAX_PIECE:
            found.extend(self._cut())
        return found

    def finish(self) -> list[Piece]:
        """The rest as pieces, when no more text comes. An unclosed fence ends with the text."""
        found: list[Piece] = []
        if self._buffer:
            found.extend(self._take(self._buffer))
            self._buffer = ""
        if self._fence:
            found.append(Piece("\n".join(self._code), self._language))
            self._fence = ""
            self._code = []
        else:
            found.extend(self._flush())
        return found

    @property
    def in_code(self) -> bool:
        return bool(self._fence)

    @property
    def language(self) -> str:
        """Of the open fence."""
        return self._language

    @property
    def code_lines(self) -> list[str]:
        """Finished lines of the open fence; only ever grows until the fence closes."""
        return self._code

    @property
    def tail(self) -> str:
        """What is not finished: the last line of an open fence, else all text since the last piece."""
        if self._fence:
            return self._buffer
        return "\n".join([*self._lines, self._buffer])

    def _is_in_words(self) -> bool:
        """Whether the last line was one of a paragraph that begins with a letter."""
        return bool(self._lines) and not self._fence and not self._list and self._lines[-1][:1].isalpha()

    def _take(self, line: str) -> Iterator[Piece]:
        if self._fence:
            if self._closes(line):
                yield Piece("\n".join(self._code), self._language)
                self._fence = ""
                self._code = []
            else:
                self._code.append(_unindent(line, self._indent))
            return
        if (opening := _FENCE.match(line)) and not self._continues_item(line):
            yield from self._flush()
            self._indent = len(opening[1])
            self._fence = opening[2]
            self._language = opening[3].strip()
            return
        yield from self._take_text(line)

    def _take_text(self, line: str) -> Iterator[Piece]:
        blank_before = bool(self._lines) and not self._lines[-1].strip()
        starts_item = self._starts_item(line)
        if self._lines and line.strip():
            new_block = blank_before and not line.startswith((" ", "\t"))
            if (new_block or (self._list and starts_item)) and not self._open_inner_fence():
                yield from self._flush()
        if not self._lines:
            if not line.strip():
                return
            self._list = starts_item
            self._item_indent = len(line) - len(line.lstrip(" "))
        self._lines.append(line)
        self._size += len(line) + 1
        if self._size > MAX_PIECE and not self._open_inner_fence():
            yield from self._flush()

    def _begins_block(self) -> bool:
        """Whether the unfinished line already shows that what is above it is complete."""
        if not self._lines or not self._buffer or self._open_inner_fence():
            return False
        if self._list and len(self._buffer) > _TOLD and self._starts_item(self._buffer):
            return True
        return not self._lines[-1].strip() and not self._buffer.startswith((" ", "\t"))

    def _starts_item(self, line: str) -> bool:
        """A list item that is not inside the present one: its marker is no further in."""
        indent = len(line) - len(line.lstrip(" "))
        inside = self._list and bool(self._lines) and indent > self._item_indent
        return not inside and bool(_MARKER.match(line))

    def _continues_item(self, line: str) -> bool:
        return self._list and bool(self._lines) and line.startswith(" ")

    def _open_inner_fence(self) -> bool:
        """Whether a fence inside a list item is open, so that a blank line in it ends nothing."""
        if not self._list:
            return False
        fences = sum(1 for line in self._lines if line.lstrip().startswith(("```", "~~~")))
        return fences % 2 == 1 and self._size < 8 * MAX_PIECE

    def _closes(self, line: str) -> bool:
        stripped = line.strip(" \t")
        return (
            len(stripped) >= len(self._fence)
            and not stripped.strip(self._fence[0])
            and len(line) - len(line.lstrip(" ")) < 4
        )

    def _cut(self) -> list[Piece]:
        """Lets go of text that became too long to be one block, at a space if there is one."""
        if len(self._buffer) > MAX_PIECE:
            at = self._buffer.rfind(" ", MAX_PIECE // 2, MAX_PIECE)
            at = MAX_PIECE if at < 0 else at + 1
            parts: list[Piece] = []
            while len(self._buffer) > MAX_PIECE:
                self._lines.append(self._buffer[:at])
                self._buffer = self._buffer[at:]
                parts.extend(self._flush())
            return parts
        return list(self._flush())

    def _flush(self) -> Iterator[Piece]:
        if self._lines:
            yield Piece("\n".join(self._lines).rstrip(), list_item=self._list)
        self._lines = []
        self._size = 0
        self._list = False


def split(text: str) -> list[Piece]:
    """A whole text's pieces, with neighbouring text put together again up to the size limit."""
    splitter = Splitter()
    return merge([*splitter.feed(text), *splitter.finish()])


def merge(pieces: list[Piece]) -> list[Piece]:
    """Puts text pieces that follow each other into one, so that a list is one list again."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last and not last.is_code and not piece.is_code and len(last.text) + len(piece.text) < MAX_PIECE:
            merged[-1] = Piece(last.text + gap_between(last, piece) + piece.text, list_item=piece.list_item)
        else:
            merged.append(piece)
    return merged


def gap_between(above: Piece, below: Piece) -> str:
    """What stands between two pieces put together again: items that follow each other are one list."""
    return "\n" if above.list_item and below.list_item else "\n\n"


def references(text: str) -> str:
    """The lines that define links for the rest of the text (``[name]: address``)."""
    return "\n".join(_REFERENCE.findall(text)) if "]:" in text else ""


def _unindent(line: str, indent: int) -> str:
    cut = 0
    while cut < indent and line[cut : cut + 1] == " ":
        cut += 1
    return line[cut:]
