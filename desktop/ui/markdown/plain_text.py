"""What can be read of a message, told from its source alone, for a search through what is not shown.

Ten thousand messages cannot all be parsed to count a word in them. A few regular expressions take away what
Markdown does not show, many times as fast as the parser. They follow :mod:`rendering` for what people and
models write; where marks stand in each other's way, a count can differ from that of the message once it is
shown. Matches are those of :func:`search_marks.matches`. No Qt; any thread.
"""

from __future__ import annotations

import re
from html import unescape

from desktop.domain.math_syntax import FORMULA, FORMULA_SIGN, is_formula
from desktop.ui.markdown.source import printable, printable_code

_MARKS = re.compile(r"[`*_~\\&|\[#>$]|(?:^|\n) *(?:[-+=]|\d{1,9}[.)])")
_FENCE = re.compile(
    r"^[ \t>]*(?P<fence>`{3,}|~{3,})[^`\n]*$\n?(?P<code>.*?)(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_START = re.compile(
    r"^[ \t]*(?:(?:>|[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t])[ \t]*)+(?:\[[ xX]\][ \t])?", re.MULTILINE
)
_RULE = re.compile(
    r"^[ \t]{0,3}(?:=+|(?:[-*_][ \t]*){3,}|\|?(?:[ \t]*:?-+:?[ \t]*\|)+[-: \t]*)$", re.MULTILINE
)
_DEFINITION = re.compile(r"^ {0,3}\[[^\]^\n][^\]\n]{0,200}\]:[ \t]*\S[^\n]*$", re.MULTILINE)
_NOTE = re.compile(r"^ {0,3}\[\^([^\]\s]{1,200})\]:[ \t]*", re.MULTILINE)
_MENTION = re.compile(r"\[\^([^\]\s]{1,200})\]")
_CELL = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
_CODE = re.compile(r"(?<!`)(`{1,9})(?!`)([^\n]{1,800}?)(?<!`)\1(?!`)")
_KEPT = re.compile(r"\\([!-/:-@\[-`{-~])")
_LINK = re.compile(
    r"(!?)\[([^\[\]\n]{0,800})\]"
    r"(?:\([^()\s]{0,4000}(?:\([^()\s]*\)[^()\s]*)?(?:[ \t]+\"[^\"\n]*\")?\)|\[[^\]\n]{0,200}\])"
)
_PAIRS = (
    ("**", re.compile(r"\*\*(?=\S)((?:[^*\n]|\*(?!\*)){1,800}?)(?<=\S)\*\*")),
    ("*", re.compile(r"\*(?=\S)([^*\n]{1,800}?)(?<=\S)\*")),
    ("__", re.compile(r"(?<!\w)__(?=\S)((?:[^_\n]|_(?!_)){1,800}?)(?<=\S)__(?!\w)")),
    ("_", re.compile(r"(?<!\w)_(?=\S)([^_\n]{1,800}?)(?<=\S)_(?!\w)")),
    ("~~", re.compile(r"~~(?=\S)([^~\n]{1,800}?)(?<=\S)~~")),
)
_SHELF = 0xF0000
"""Signs nobody writes stand for what is literal while the marks are taken away."""


def rendered_text(markdown: str, *, typed: bool = False) -> str:
    """The words of a message. ``typed``: a user's own, in which only fenced code is rendered."""
    if not _MARKS.search(markdown):
        return printable(markdown)
    if "```" not in markdown and "~~~" not in markdown:
        return _text(markdown, typed)
    parts: list[str] = []
    end = 0
    for found in _FENCE.finditer(markdown):
        parts.append(_text(markdown[end : found.start()], typed))
        parts.append(printable_code(found["code"]))
        end = found.end()
    parts.append(_text(markdown[end:], typed))
    return "\n".join(parts)


def _text(source: str, typed: bool) -> str:
    text = printable(source)
    if typed or not _MARKS.search(text):
        return text
    literal: list[str] = []

    def keep(sign: str) -> str:
        literal.append(sign)
        return chr(_SHELF + len(literal) - 1) if len(literal) < 0xFFFF else sign

    if "`" in text:
        text = _CODE.sub(lambda found: keep(_spanned(found[2])), text)
    if "$" in text or r"\(" in text or r"\[" in text:
        text = FORMULA.sub(lambda found: keep(FORMULA_SIGN) if is_formula(found) else found[0], text)
    if "\\" in text:
        text = _KEPT.sub(lambda found: keep(found[1]), text)
    if "]:" in text:
        text = _DEFINITION.sub("", text)
    if "[^" in text:
        text = _notes(text)
    text = _RULE.sub("", text)
    text = _START.sub("", text)
    if "|" in text:
        text = _CELL.sub(lambda found: found[0].replace("|", "\n"), text)
    if "](" in text or "][" in text:
        text = _LINK.sub(lambda found: f"[{found[2] or 'image'}]" if found[1] else found[2], text)
    for mark, pair in _PAIRS:
        if mark in text:
            text = pair.sub(r"\1", text)
    if "&" in text:
        text = unescape(text)
    if literal:
        text = text.translate({_SHELF + at: sign for at, sign in enumerate(literal)})
    return text


def _notes(text: str) -> str:
    """Footnotes with their names in place of their numbers, which are mostly the same."""
    names = set(_NOTE.findall(text))
    text = _NOTE.sub(r"\1. ", text)
    return _MENTION.sub(lambda found: f"[{found[1]}]" if found[1] in names else found[0], text)


def _spanned(code: str) -> str:
    """The inside of a code span: a space at both ends is not part of it."""
    if code.startswith(" ") and code.endswith(" ") and code.strip():
        code = code[1:-1]
    return printable_code(code)
