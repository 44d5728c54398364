"""Markdown to the HTML that Qt's text documents understand, and nothing that could do more than be read.

Raw HTML stays text, images become links, link targets are checked, nesting is bounded. What the parser cannot
take in bounded time and depth comes out as plain text. No Qt; any thread. The parser is made on first use.
"""

from __future__ import annotations

import functools
import re
from html import escape
from typing import TYPE_CHECKING, Any

from desktop.domain.math_syntax import math_plugin
from desktop.ui.markdown.blocks import Block, CodeBlock, Renderer, RichBlock, language_of
from desktop.ui.markdown.limits import MAX_BLOCKS, MAX_LINES, MAX_RAW, Limit, is_too_hard
from desktop.ui.markdown.source import MAX_PIECE, Piece, printable, printable_code, references, split
from desktop.ui.markdown.spans import with_addresses

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token as MarkToken

_NESTING = 100
_MAX_LINKS = 150
_NOTE_NAME = re.compile(r"^ {0,3}\[\^([^\]\s]+)\]:", re.MULTILINE)


def render(source: str) -> list[Block]:
    """The blocks of one whole text."""
    environment: dict[str, Any] = {}
    if definitions := references(source):
        _learn(definitions, environment)
    blocks: list[Block] = []
    for piece in split(source):
        blocks.extend(render_piece(piece, environment))
    return bounded(blocks)


def render_piece(piece: Piece, environment: dict[str, Any] | None = None) -> list[Block]:
    """The blocks of one piece; ``environment`` carries link definitions from piece to piece."""
    if piece.language is not None:
        return [CodeBlock(piece.text, language_of(piece.language))]
    text = printable(piece.text)
    environment = {} if environment is None else environment
    tokens = _parse(text, environment)
    if tokens is None:
        # Code is laid out as somebody scrolls there.
        if text.count("\n") > MAX_LINES:
            return [CodeBlock(text, limit=Limit.PLAIN)]
        return [RichBlock(plain_html(text), limit=Limit.PLAIN)]
    return Renderer(environment, close=piece.list_item).run(tokens)


def render_plain(source: str) -> list[Block]:
    """What a user typed: shown as it is, except that fenced code is code."""
    return bounded(
        [
            CodeBlock(piece.text, language_of(piece.language))
            if piece.language is not None
            else RichBlock(plain_html(printable(piece.text)))
            for piece in split(source)
        ]
    )


def bounded(blocks: list[Block]) -> list[Block]:
    """The first code blocks and tables as they are, all after them in few blocks: each costs a widget."""
    places = [at for at, block in enumerate(blocks) if is_costly(block)]
    if len(places) <= MAX_BLOCKS:
        return blocks
    joined = blocks[: places[MAX_BLOCKS]]
    html, size = [], 0
    for block in map(in_text, blocks[places[MAX_BLOCKS] :]):
        html.append(block.html)
        size += len(block.html)
        if size > MAX_PIECE:
            joined.append(RichBlock("".join(html), limit=Limit.BLOCKS))
            html, size = [], 0
    return [*joined, RichBlock("".join(html), limit=Limit.BLOCKS)] if html else joined


def is_costly(block: Block) -> bool:
    """Whether a block has to have a widget of its own."""
    return isinstance(block, CodeBlock) or block.wide


def in_text(block: Block) -> RichBlock:
    """A block without a widget of its own: code stands in the text."""
    limit = block.limit | (Limit.BLOCKS if is_costly(block) else Limit.NONE)
    if isinstance(block, RichBlock):
        return RichBlock(block.html, block.close, limit=limit)
    return RichBlock(f"<pre>{escape(printable_code(block.text))}</pre>", limit=limit)


def render_raw(source: str) -> list[Block]:
    """A text as it was written, with its marks. A very long one is laid out as somebody scrolls there."""
    text = printable_code(source)
    if len(text) > MAX_RAW:
        return [CodeBlock(source, "markdown")]
    return [
        RichBlock(f'<p class="raw" style="white-space:pre-wrap">{escape(text).replace(chr(10), "<br/>")}</p>')
    ]


def plain_html(text: str) -> str:
    """Text with its line breaks and spaces, addresses as links."""
    return f'<p style="white-space:pre-wrap">{with_addresses(text)}</p>'


def join_html(above: str, below: str) -> str:
    """Two blocks' HTML as one; a list that goes on becomes one list."""
    for opening, closing in (("<ul>", "</ul>"), ("<ol ", "</ol>")):
        if above.endswith(closing) and below.startswith(opening):
            return above.removesuffix(closing) + below[below.index(">") + 1 :]
    return above + below


def _learn(definitions: str, environment: dict[str, Any]) -> None:
    """Link definitions and the names of footnotes, before what mentions them."""
    links = [line for line in definitions.split("\n") if not line.lstrip().startswith("[^")]
    names = _NOTE_NAME.findall(definitions)
    environment["footnotes"] = {"refs": {f":{name}": -1 for name in names}, "list": {}}
    if links:
        _parse("\n".join(links[:_MAX_LINKS]), environment)


def _parse(text: str, environment: dict[str, Any]) -> list[MarkToken] | None:
    if is_too_hard(text):
        return None
    try:
        tokens = _parser().parse(text, environment)
    except (RecursionError, ValueError, IndexError):
        return None
    # What is nested deeper than the parser goes is dropped by it.
    return tokens if all(token.level < _NESTING - 2 for token in tokens) else None


@functools.cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    options = {"html": False, "linkify": False, "typographer": False, "maxNesting": _NESTING}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    return parser.use(math_plugin).use(footnote_plugin, inline=False, move_to_end=False)
