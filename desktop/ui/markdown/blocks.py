"""The parser's tokens as blocks of HTML and code: lists, quotes, tables, formulas, footnotes.

Nesting and sizes are bounded (``limits``). No Qt; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from desktop.ui.markdown.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_DEPTH,
    MAX_QUOTES,
    MAX_SPANS,
    Limit,
)
from desktop.ui.markdown.source import printable
from desktop.ui.markdown.spans import formula, span, with_addresses

if TYPE_CHECKING:
    from markdown_it.token import Token as MarkToken

_WIDE_FORMULA = 50
"""Characters from which on a formula may be wider than a narrow column, and then scrolls by itself."""
_TASK = re.compile(r"^\[([ xX])\][ \u00a0]")


@dataclass(frozen=True, slots=True)
class RichBlock:
    """HTML for one text document. ``close`` to the block before it when a list goes on.

    What is ``wide``, a table or a long formula, keeps its words whole and scrolls sideways where it is too
    wide. A formula is ``<formula latex="…">`` or ``<formula class="apart" latex="…">`` around what was
    written, which whoever knows no such tag shows.
    """

    html: str
    close: bool = False
    wide: bool = False
    limit: Limit = Limit.NONE


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """``text`` as it was written, to be copied; ``level`` is how many lists or quotes it stands in."""

    text: str
    language: str = ""
    level: int = 0
    limit: Limit = Limit.NONE


Block = RichBlock | CodeBlock


def language_of(info: str) -> str:
    """The language that a fence's info string names."""
    word = info.split(maxsplit=1)[0] if info.strip() else ""
    return printable(word.strip("{}.")).lower()[:40]


@dataclass(slots=True)
class _Container:
    """A list or a quote around the present place; ``number`` is the next item's in an ordered list."""

    opening: str
    closing: str
    number: int

    def tag(self) -> str:
        return f'<ol start="{self.number}">' if self.opening == "<ol>" else self.opening


class Renderer:
    """Walks the parser's flat token list once."""

    def __init__(self, environment: dict[str, Any], *, close: bool) -> None:
        self._environment = environment
        self._numbers: dict[str, int] | None = None
        self._blocks: list[Block] = []
        self._out: list[str] = []
        self._close = close
        self._open: list[_Container] = []
        self._depth = 0
        self._quotes = 0
        self._note = ""
        self._in_note = False
        self._tight_item = False
        self._limit = Limit.NONE

    def run(self, tokens: Sequence[MarkToken]) -> list[Block]:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "table_open":
                at = self._table(tokens, at)
            else:
                self._token(token)
            at += 1
        self._flush()
        return self._blocks

    def _token(self, token: MarkToken) -> None:
        match token.type:
            case "inline":
                self._out.append(self._inline(token))
            case "paragraph_open":
                self._paragraph_open()
            case "paragraph_close":
                self._out.append("" if self._tight_item else "</p>")
                self._tight_item = False
            case "heading_open" | "heading_close":
                self._out.append(f"<{'/' if token.nesting < 0 else ''}{token.tag}>")
            case "bullet_list_open":
                self._enter("<ul>", "</ul>")
            case "ordered_list_open":
                start = token.attrGet("start")
                self._enter("<ol>", "</ol>", start if isinstance(start, int) else 1)
            case "list_item_open":
                self._out.append("<li>")
                if self._open and self._depth <= MAX_DEPTH:
                    self._open[-1].number += 1
                self._tight_item = True
            case "list_item_close":
                self._out.append("</li>")
                self._tight_item = False
            case "blockquote_open":
                self._enter(_QUOTE, "</td></tr></table>")
            case "bullet_list_close" | "ordered_list_close" | "blockquote_close":
                self._leave()
            case "fence" | "code_block":
                self._code(token.content, token.info)
            case "hr":
                self._out.append("<hr/>")
            case "math_block":
                self._math(token)
            case "footnote_reference_open":
                self._note_open(token.meta["label"])
            case "footnote_reference_close":
                self._note_close()
            case _:
                self._out.append(escape(token.content))

    def _paragraph_open(self) -> None:
        if self._tight_item and self._out and self._out[-1] == "<li>":
            return
        self._tight_item = False
        if self._note:
            self._out.append(f'<p class="note first">{self._note}.&nbsp;&nbsp;')
            self._note = ""
        else:
            self._out.append('<p class="note">' if self._in_note else "<p>")

    def _enter(self, opening: str, closing: str, number: int = 1) -> None:
        self._tight_item = False
        self._depth += 1
        self._quotes += opening == _QUOTE
        if opening == _QUOTE and self._quotes > MAX_QUOTES:
            opening = closing = ""
        if self._depth <= MAX_DEPTH:
            container = _Container(opening, closing, number)
            self._open.append(container)
            self._out.append(container.tag())

    def _leave(self) -> None:
        if self._depth <= MAX_DEPTH:
            self._out.append(self._open.pop().closing)
        self._depth -= 1

    def _code(self, text: str, info: str, limit: Limit = Limit.NONE) -> None:
        """Code stands on its own: the containers around it are closed and opened again after it."""
        self._tight_item = False
        self._out.extend(container.closing for container in reversed(self._open))
        self._flush()
        self._blocks.append(CodeBlock(text.removesuffix("\n"), language_of(info), len(self._open), limit))
        self._out.extend(container.tag() for container in self._open)

    def _math(self, token: MarkToken) -> None:
        self._tight_item = False
        alone = not self._open and len(token.content) > _WIDE_FORMULA
        if alone:
            self._flush()
        self._out.append(f'<p align="center" class="formula">{formula(token)}</p>')
        if alone:
            self._flush(wide=True)

    def _note_open(self, label: str) -> None:
        """A footnote stands where it was written, mostly at the end, under the number of its mention."""
        notes = self._environment["footnotes"]
        if self._numbers is None:
            self._numbers = {note.get("label"): number for number, note in notes["list"].items()}
        number = self._numbers.get(label)
        if number is not None:
            # The definition made the parser forget it; a later mention needs it.
            notes["refs"][":" + label] = number
        self._note = escape(label if number is None else str(number + 1))
        self._in_note = True
        self._enter("", "")

    def _note_close(self) -> None:
        if self._note:
            self._out.append(f'<p class="note first">{self._note}.</p>')
        self._note = ""
        self._in_note = False
        self._leave()

    def _flush(self, *, wide: bool = False) -> None:
        html = _EMPTY_QUOTE.sub("", "".join(self._out))
        self._out = []
        if re.sub(r"<[^>]*>", "", html).strip() or "<hr/>" in html:
            self._blocks.append(RichBlock(html, self._close, wide, self._limit))
            self._limit = Limit.NONE
        self._close = False

    def _table(self, tokens: Sequence[MarkToken], start: int) -> int:
        """One table, to the index of its last token."""
        end = next(i for i in range(start, len(tokens)) if tokens[i].type == "table_close")
        inside = tokens[start:end]
        cells = sum(token.type in ("th_open", "td_open") for token in inside)
        columns = sum(token.type == "th_open" for token in inside)
        if cells > MAX_CELLS or columns > MAX_COLUMNS:
            self._table_as_text(inside)
            return end
        self._tight_item = False
        alone = not self._open
        if alone:
            self._flush()
        self._out.append('<table class="grid" cellspacing="0" cellpadding="6">')
        for token in inside:
            match token.type:
                case "tr_open" | "tr_close":
                    self._out.append("<tr>" if token.nesting > 0 else "</tr>")
                case "th_open" | "td_open":
                    style = str(token.attrGet("style") or "")
                    side = next((s for s in ("right", "center") if s in style), "left")
                    self._out.append(f'<{token.tag} align="{side}">')
                case "th_close" | "td_close":
                    self._out.append(f"</{token.tag}>")
                case "inline":
                    self._out.append(self._inline(token))
        self._out.append("</table>")
        if alone:
            self._flush(wide=True)
        return end

    def _table_as_text(self, tokens: Sequence[MarkToken]) -> None:
        """A table too large to lay out: its cells between bars, to scroll sideways."""
        rows: list[list[str]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline" and rows:
                rows[-1].append(token.content)
        self._code("\n".join(" | ".join(row) for row in rows), "", Limit.TABLE)

    def _inline(self, whole: MarkToken) -> str:
        tokens: Sequence[MarkToken] = whole.children or []
        if len(tokens) > MAX_SPANS:
            self._limit |= Limit.PLAIN
            return with_addresses(whole.content)
        out: list[str] = []
        if tokens and self._out and self._out[-1] == "<li>" and (task := _TASK.match(tokens[0].content)):
            self._out[-1] = f'<li class="{"unchecked" if task[1] == " " else "checked"}">'
            out.append(escape(tokens[0].content[task.end() :]))
            tokens = tokens[1:]
        links: list[bool] = []
        for token in tokens:
            out.append(span(token, links))
        return "".join(out)


_QUOTE = '<table class="quote" width="100%" cellspacing="0" cellpadding="0"><tr><td class="quote">'
_EMPTY_QUOTE = re.compile(rf"{_QUOTE}(?:</?(?:ul|ol|li)[^<>]*>)*</td></tr></table>")
"""As it is left where code ends it."""
