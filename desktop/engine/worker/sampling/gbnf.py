"""GBNF, llama.cpp's language for grammars: read, checked, and written as a grammar that llguidance takes.

A rule is ``name ::= …``; ``root`` is the whole answer. It is made of ``"text"``, ``[a-z]``, ``[^a-z]``,
``.``, names of rules, ``( … )``, ``|`` and the repetitions ``* + ? {3} {3,} {3,5}``. ``#`` begins a comment.
Within parentheses and after ``|`` a line may break.

Each character becomes a symbol of its own: so what a grammar means does not depend on how a lexer would cut
a text into words. Whether the rules can be followed at all, and at what cost, is looked at in
:mod:`~desktop.engine.worker.sampling.gbnf_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from desktop.domain.errors import ParameterError
from desktop.engine.worker.sampling.gbnf_rules import (
    IMPOSSIBLE,
    MAX_CHAIN,
    MAX_CHOICES,
    Alternatives,
    Item,
    count_choices,
    possible,
    too_deep,
)

MAX_DEPTH = 64
"""Levels of parentheses."""
MAX_REPEAT = 2000
"""Times that something may be said to repeat, as in llama.cpp."""
_NAME = re.compile(r"[A-Za-z0-9-]+")
_NUMBER = re.compile(r"[0-9]+")
_BLANK = re.compile(r"(?:[ \t]|#[^\r\n]*)*")
_BLANK_OR_BREAK = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n", "\\": "\\", '"': '"', "[": "[", "]": "]"}
_NEVER = "{0}"
_NOTHING = '""'
_LAST = 0x10FFFF
"""Unicode's last code point."""
_SURROGATES = (0xD800, 0xDFFF)


def to_lark(source: str) -> str:
    """Raises :class:`ParameterError` with line, column and what was expected there."""
    return _Parser(source).grammar()


class _Parser:
    """Recursive descent; :attr:`_at` is where it is. One use only."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._depth = 0
        self._current = ""
        """The rule that is being read."""
        self._rules: dict[str, str] = {}
        self._items: dict[str, Alternatives] = {}
        """For each rule and each group, what its alternatives are made of."""
        self._uses: dict[str, list[str]] = {}
        """For each rule the rules that it names, in order."""
        self._starts: dict[str, int] = {}
        self._groups = 0
        self._mentioned: dict[str, int] = {}
        """Names of rules and where they are first used."""
        self._numbers: dict[str, int] = {}

    def grammar(self) -> str:
        self._skip(_BLANK_OR_BREAK)
        while self._at < len(self._source):
            self._rule()
        for name, at in self._mentioned.items():
            if name not in self._rules:
                raise self._error(f"there is no rule “{name[:60]}”", at)
        if "root" not in self._rules:
            raise self._error("there is no rule “root”, with which every answer begins", len(self._source))
        if "root" not in possible(self._items):
            raise ParameterError(
                "No answer can ever follow this grammar: its rules go on without end, or ask for a "
                "character that does not exist.",
                action="Correct the grammar.",
                setting="grammar",
            )
        if (rule := too_deep(self._uses)) is not None:
            raise self._error(f"more than {MAX_CHAIN} rules need one another", self._starts[rule])
        if count_choices(self._items) > MAX_CHOICES:
            raise ParameterError(
                f"The grammar leaves too much open: more than {MAX_CHOICES:,} of its alternatives begin with "
                "a rule, or with what may be left out.",
                action="Make it simpler.",
                setting="grammar",
            )
        rules = "\n".join(f"{self._symbol(name)}: {lark}" for name, lark in self._rules.items())
        return f"start: {self._symbol('root')}\n{rules}\n"

    # The language

    def _rule(self) -> None:
        start = self._at
        if self._peek() == "|":
            raise self._error("expected the name of a rule; “|” goes to the end of the line before")
        name = self._name("the name of a rule")
        if name in self._rules:
            raise self._error(f"there already is a rule “{name[:60]}”", start)
        self._uses[name], self._starts[name] = [], start
        self._current = name
        self._skip(_BLANK)
        if not self._source.startswith("::=", self._at):
            raise self._error("expected “::=”")
        self._at += 3
        self._skip(_BLANK_OR_BREAK)
        self._rules[name], self._items[name] = self._alternatives()
        if self._at < len(self._source) and self._source[self._at] not in "\r\n":
            raise self._error("expected a text, a rule, a repetition or the end of the line")
        self._skip(_BLANK_OR_BREAK)

    def _alternatives(self) -> tuple[str, Alternatives]:
        """As Lark, and what each alternative is made of."""
        sequences = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            self._skip(_BLANK_OR_BREAK)
            sequences.append(self._sequence())
        return " | ".join(lark for lark, _ in sequences), [items for _, items in sequences]

    def _sequence(self) -> tuple[str, list[Item]]:
        parts: list[str] = []
        items: list[Item] = []
        while (read := self._item()) is not None:
            lark, name = read
            least, suffix = self._repetition()
            parts.append(lark + suffix if suffix != _NEVER else _NOTHING)
            items.append(Item(name, least == 0 or lark == _NOTHING))
        return " ".join(parts) or _NOTHING, items

    def _item(self) -> tuple[str, str] | None:
        """The next thing in a sequence, as Lark and by name; nothing at the sequence's end."""
        char = self._peek()
        if char == '"':
            item = self._text(), ""
        elif char == "[":
            item = self._characters()
        elif char == ".":
            self._at += 1
            item = "/(?s:.)/", ""
        elif char == "(":
            item = self._group()
        elif _NAME.match(char):
            start = self._at
            name = self._name("a rule")
            self._mentioned.setdefault(name, start)
            self._uses[self._current].append(name)
            item = self._symbol(name), name
        else:
            return None
        self._skip(_BLANK_OR_BREAK if self._depth else _BLANK)
        return item

    def _group(self) -> tuple[str, str]:
        start = self._at
        self._at += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"parentheses are more than {MAX_DEPTH} levels deep", start)
        self._skip(_BLANK_OR_BREAK)
        lark, items = self._alternatives()
        if not self._peek():
            raise self._error("“(” is never closed", start)
        if self._peek() != ")":
            raise self._error("expected a text, a rule, a repetition or “)”")
        self._at += 1
        self._depth -= 1
        # Known by a name that no rule can have.
        self._groups += 1
        name = f"({self._groups})"
        self._items[name] = items
        return f"({lark})", name

    def _text(self) -> str:
        start = self._at
        self._at += 1
        parts = []
        while self._peek() != '"':
            if self._peek() in ("", "\r", "\n"):
                raise self._error('“"” is never closed', start)
            parts.append(_one(self._character()))
        self._at += 1
        return f"({' '.join(parts)})" if len(parts) > 1 else "".join(parts) or _NOTHING

    def _characters(self) -> tuple[str, str]:
        start = self._at
        self._at += 1
        is_negated = self._peek() == "^"
        self._at += is_negated
        ranges = []
        while self._peek() != "]":
            if self._peek() == "":
                raise self._error("“[” is never closed", start)
            first_at = self._at
            first = last = self._character()
            if self._peek() == "-" and self._source[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                last = self._character()
            if last < first:
                raise self._error("a range ends before it begins", first_at)
            ranges.append((first, last))
        self._at += 1
        wanted = _others(ranges) if is_negated else ranges
        if not wanted:
            return "/[]/", IMPOSSIBLE
        return f"/[{''.join(map(_range, wanted))}]/", ""

    def _character(self) -> int:
        """One character of a text or a class, escaped or not."""
        start = self._at
        char = self._source[self._at]
        self._at += 1
        if char != "\\":
            return ord(char)
        kind = self._peek()
        self._at += 1
        if kind in _ESCAPES:
            return ord(_ESCAPES[kind])
        if kind in _HEX_DIGITS:
            digits = self._source[self._at : self._at + _HEX_DIGITS[kind]]
            self._at += len(digits)
            if re.fullmatch(rf"[0-9A-Fa-f]{{{_HEX_DIGITS[kind]}}}", digits):
                code = int(digits, 16)
                if code <= _LAST and not _SURROGATES[0] <= code <= _SURROGATES[1]:
                    return code
                raise self._error("there is no such character", start)
            raise self._error(f"expected {_HEX_DIGITS[kind]} hexadecimal digits", start)
        raise self._error("unknown escape", start)

    def _repetition(self) -> tuple[int, str]:
        """The least number of times, and the repetition as Lark; several in a row are refused."""
        char, start = self._peek(), self._at
        if char and char in "*+?":
            self._at += 1
            found = (1 if char == "+" else 0), char
        elif char == "{":
            found = self._counted()
        else:
            return 1, ""
        self._skip(_BLANK_OR_BREAK if self._depth else _BLANK)
        if self._peek() and self._peek() in "*+?{":
            raise self._error("a repetition is repeated; put what is before it in parentheses", start)
        return found

    def _counted(self) -> tuple[int, str]:
        start = self._at
        self._at += 1
        self._skip(_BLANK)
        least = self._count()
        most: int | None = least
        self._skip(_BLANK)
        if self._peek() == ",":
            self._at += 1
            self._skip(_BLANK)
            most = None if self._peek() == "}" else self._count()
            self._skip(_BLANK)
        if self._peek() != "}":
            raise self._error("expected “}”")
        self._at += 1
        if most is not None and most < least:
            raise self._error("the most is less than the least", start)
        if most == 0:
            return 0, _NEVER
        return least, f"{{{least},{'' if most is None else most}}}"

    def _count(self) -> int:
        match = _NUMBER.match(self._source, self._at)
        if match is None:
            raise self._error("expected a number")
        if len(match[0]) > 9 or int(match[0]) > MAX_REPEAT:
            raise self._error(f"something may repeat at most {MAX_REPEAT:,} times")
        self._at = match.end()
        return int(match[0])

    def _name(self, what: str) -> str:
        match = _NAME.match(self._source, self._at)
        if match is None:
            raise self._error(f"expected {what}")
        self._at = match.end()
        return match[0]

    # Helpers

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _skip(self, blank: re.Pattern[str]) -> None:
        match = blank.match(self._source, self._at)
        assert match is not None
        self._at = match.end()

    def _symbol(self, name: str) -> str:
        return f"r{self._numbers.setdefault(name, len(self._numbers))}"

    def _error(self, what: str, at: int | None = None) -> ParameterError:
        at = self._at if at is None else at
        before = self._source[:at]
        line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
        return ParameterError(
            f"The grammar is wrong at line {line}, column {column}: {what}.",
            action="Correct the grammar.",
            setting="grammar",
        )


def _one(code: int) -> str:
    return f"/[{_escaped(code)}]/"


def _range(codes: tuple[int, int]) -> str:
    first, last = codes
    return _escaped(first) if first == last else f"{_escaped(first)}-{_escaped(last)}"


def _escaped(code: int) -> str:
    return chr(code) if chr(code).isascii() and chr(code).isalnum() else f"\\x{{{code:X}}}"


def _others(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """All characters that are in none of the ranges."""
    others, at = [], 0
    for first, last in sorted((*ranges, _SURROGATES)):
        if first > at:
            others.append((at, first - 1))
        at = max(at, last + 1)
    if at <= _LAST:
        others.append((at, _LAST))
    return others
