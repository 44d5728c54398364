"""Colours for code, a few milliseconds at a time, so that no answer freezes the window. Blocks come and go
with scrolling: what is known of them is kept here.

Pygments is imported when the first block wants colours. Main thread only: one queue for all blocks.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable
from enum import Enum

from PySide6.QtCore import QObject, QTimer

MAX_CHARACTERS = 64 * 1024
MAX_LINE = 1000
SLICE_S = 0.004
_REMEMBERED = 64


class Ink(Enum):
    """Kinds of code that get a colour of their own."""

    KEYWORD = "keyword"
    STRING = "string"
    NUMBER = "number"
    COMMENT = "comment"
    NAME = "name"


Span = tuple[int, int, Ink]
"""Column, length, kind."""
Lines = list[list[Span]]
Done = Callable[[Lines], None]


class Highlighter(QObject):
    """Works through what was asked for, in order; results are remembered for the blocks that come back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: OrderedDict[object, tuple[str, str, Done]] = OrderedDict()
        self._work: Generator[None, None, Lines] | None = None
        self._known: OrderedDict[tuple[str, str], Lines] = OrderedDict()
        self._wrapped: OrderedDict[str, None] = OrderedDict()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_idle)

    def ask(self, owner: object, language: str, text: str, done: Done) -> None:
        """Calls ``done`` with each line's spans, at once if they are known. A new question replaces the
        owner's last one. Never calls back for a language nobody knows or a text that is too large."""
        self.forget(owner)
        if not language or len(text) > MAX_CHARACTERS or max(map(len, text.split("\n"))) > MAX_LINE:
            return
        if (known := self._known.get((language, text))) is not None:
            self._known.move_to_end((language, text))
            done(known)
            return
        self._queue[owner] = (language, text, done)
        self._timer.start(0)

    def forget(self, owner: object) -> None:
        """The owner is gone or shows something else."""
        if owner in self._queue:
            if next(iter(self._queue)) is owner:
                self._work = None
            del self._queue[owner]

    def remember_wrapped(self, text: str, wrapped: bool) -> None:
        """What the user chose for a block holds as long as the window does."""
        self._wrapped.pop(text, None)
        if wrapped:
            self._wrapped[text] = None
            if len(self._wrapped) > _REMEMBERED:
                self._wrapped.popitem(last=False)

    def is_wrapped(self, text: str) -> bool:
        return text in self._wrapped

    def _on_idle(self) -> None:
        if not self._queue:
            self._timer.stop()
            return
        owner, (language, text, done) = next(iter(self._queue.items()))
        if self._work is None:
            self._work = _lex(language, text)
        until = time.monotonic() + SLICE_S
        try:
            while time.monotonic() < until:
                next(self._work)
        except StopIteration as finished:
            self._work = None
            del self._queue[owner]
            lines: Lines = finished.value
            self._known[(language, text)] = lines
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            if any(lines):
                done(lines)


def _lex(language: str, text: str) -> Generator[None, None, Lines]:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    yield
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return []
    yield
    lines: Lines = [[]]
    column = 0
    for count, (_, kind, value) in enumerate(lexer.get_tokens_unprocessed(text)):
        ink = _ink(kind)
        for number, part in enumerate(value.split("\n")):
            if number:
                lines.append([])
                column = 0
            if ink and part.strip():
                lines[-1].append((column, len(part), ink))
            column += len(part)
        if count % 32 == 0:
            yield
    return lines


_INKS: dict[object, Ink | None] = {}


def _ink(kind: Iterable[str]) -> Ink | None:
    """``kind`` is a Pygments token type: a tuple of words such as ``("Literal", "String", "Double")``."""
    if kind not in _INKS:
        _INKS[kind] = _choose(".".join(kind))
    return _INKS[kind]


def _choose(path: str) -> Ink | None:
    for start, ink in _TABLE:
        if path.startswith(start):
            return ink
    return None


_TABLE = (
    ("Comment.Preproc", Ink.KEYWORD),
    ("Comment", Ink.COMMENT),
    ("Keyword", Ink.KEYWORD),
    ("Operator.Word", Ink.KEYWORD),
    ("Literal.String.Doc", Ink.COMMENT),
    ("Literal.String", Ink.STRING),
    ("Literal.Number", Ink.NUMBER),
    ("Name.Function", Ink.NAME),
    ("Name.Class", Ink.NAME),
    ("Name.Builtin", Ink.NAME),
    ("Name.Decorator", Ink.NAME),
    ("Name.Tag", Ink.KEYWORD),
    ("Name.Attribute", Ink.NAME),
    ("Generic.Inserted", Ink.STRING),
    ("Generic.Deleted", Ink.NUMBER),
    ("Generic.Heading", Ink.NAME),
)
