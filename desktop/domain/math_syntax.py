r"""Where formulas are in Markdown: ``$…$``, ``\(…\)`` in a line; ``$$…$$``, ``\[…\]``, environments apart.

A dollar is mostly money. It begins a formula only if no space follows, and ends one only if no space stands
before it and neither digit nor letter after it; words between two prices stay what they are. All lengths are
bounded, so that no text makes the rules slow. No Qt; any thread.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_MAX_LINES = 60
"""Of a formula that stands apart."""
_REACH = 1600
"""Characters in which the end of one must come."""
FORMULA = re.compile(
    r"\$\$(?![\s$]*\$)(?P<apart>(?:[^$\\]|\\.){1,1500}?)\$\$"
    r"|(?<![\\$\w])\$(?![\s$])(?P<within>(?:[^$\\\n]|\\.|\n(?!\s*\n)){1,400}?)(?<!\s)\$(?![\w$])"
    r"|\\\[(?P<bracket>(?:[^\\]|\\[^\]]){1,1500}?)\\\]"
    r"|\\\((?P<paren>(?:[^\\\n]|\\[^)\n]){1,400}?)\\\)",
    re.DOTALL,
)
FORMULA_SIGN = "\ufffc"
"""What Qt's text has in place of a picture. It comes from nowhere else: messages are cleaned of it."""
_PROSE = re.compile(r"(?=[^\n]*\s)[^\\^_=+*<>{}|]*[^\W\d_]{2}[^\\^_=+*<>{}|]*")
_OPENING = re.compile(
    r"(?P<dollars>\$\$)|(?P<bracket>\\\[)"
    r"|\\begin\{(?P<name>(?:equation|align|aligned|gather|multline|cases|[pbBvV]?matrix)\*?)\}"
)


def is_formula(found: re.Match[str]) -> bool:
    """Whether a match of ``FORMULA`` is one, and not prices with words between them."""
    return found["within"] is None or not _PROSE.fullmatch(found["within"])


def math_plugin(markdown: MarkdownIt) -> None:
    """Adds tokens ``math_inline`` and ``math_block``: ``content`` is the LaTeX, ``markup`` all that was
    written, ``info`` is ``apart`` for a formula that stands in the middle of a line of its own."""
    markdown.inline.ruler.before("escape", "math_inline", _inline)
    markdown.block.ruler.before(
        "fence", "math_block", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _inline(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if state.src[start] == "\\":
        closing = {"(": r"\)", "[": r"\]"}.get(state.src[start + 1 : start + 2])
        if closing is None or state.src.find(closing, start, start + _REACH) < 0:
            return False
    elif state.src[start] != "$":
        return False
    found = FORMULA.match(state.src, state.pos)
    if found is None or not is_formula(found) or found.end() > state.posMax:
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = next(inside for inside in found.groups() if inside is not None).strip()
        token.markup = found[0]
        token.info = "apart" if found.lastgroup in ("apart", "bracket") else ""
    state.pos = found.end()
    return True


def _block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    if state.is_code_block(first):
        return False
    start = state.bMarks[first] + state.tShift[first]
    opening = _OPENING.match(state.src, start, state.eMarks[first])
    if opening is None:
        return False
    closing = "$$" if opening["dollars"] else r"\]" if opening["bracket"] else rf"\end{{{opening['name']}}}"
    for last in range(first, min(end, first + _MAX_LINES)):
        text = state.src[opening.end() if last == first else state.bMarks[last] : state.eMarks[last]]
        if (last > first and not text.strip()) or state.sCount[last] < state.blkIndent:
            return False
        if closing in text:
            if not text.rstrip(" \t.,").endswith(closing) or text.count(closing) > 1:
                return False
            if not silent:
                _push_block(state, first, last, closing, keep=bool(opening["name"]))
            return True
    return False


def _push_block(state: StateBlock, first: int, last: int, closing: str, *, keep: bool) -> None:
    written = state.getLines(first, last + 1, state.blkIndent, False).strip()
    inside = written.rstrip(" \t.,")
    token = state.push("math_block", "math", 0)
    token.content = inside if keep else inside[2 : -len(closing)].strip()
    token.markup = inside
    token.info = "apart"
    token.map = [first, last + 1]
    state.line = last + 1
