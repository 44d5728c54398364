"""The shown branch as one HTML page that needs nothing else: no script, no picture, nothing from elsewhere.

Answers are rendered as the window renders them. What a text could do beyond being read is taken from it
three times over: raw HTML stays text, link targets are checked, and the page's own policy forbids everything
but its styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from desktop.domain.conversation import Message, Part, PartKind, Role
from desktop.domain.exchange import PortableChat
from desktop.domain.math_syntax import math_plugin
from desktop.domain.text import well_formed
from desktop.storage.exchange import labels
from desktop.storage.exchange.mathml import mathml

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict

MAX_MARKDOWN = 256 * 1024
"""Characters of one message; a longer one is shown as it was written."""
MAX_CODE = 64 * 1024
"""Characters of a block of code; a longer one has no colours."""
MAX_REFERENCES = 500
"""Links of the form ``[words][name]`` in one message: the parser takes milliseconds for each."""
MAX_FORMULAS = 200
"""Of one message; more are shown as they were written."""
_NESTING = 100
"""Levels of quotes and lists."""
_HARD = re.compile(r"[\[\]!(]{60}|[*_~]{200}|`{200}")
"""Runs that make the parser slow; nobody writes them for their looks."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SCHEMES = ("http://", "https://", "mailto:")

_STYLE = """
:root { color-scheme: light dark; --text: #1f2328; --muted: #59636e; --page: #ffffff; --own: #f1f4f8;
  --line: #d1d9e0; --code: #f6f8fa; --link: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --muted: #9aa4af; --page: #16181b;
  --own: #23272d; --line: #3a4048; --code: #1f2328; --link: #8ab4f8; } }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 46rem; color: var(--text);
  background: var(--page); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
header p, h2, summary, figcaption { color: var(--muted); }
h1 { line-height: 1.25; }
article { margin-top: 1.75rem; }
article > h2 { font-size: .85rem; font-weight: 600; margin: 0 0 .4rem; }
article.user > div, article.system > div { background: var(--own); border-radius: .75rem; padding: .6rem 1rem;
  white-space: pre-wrap; }
article.user > div > *, article.system > div > * { margin: 0 0 .5rem; }
a { color: var(--link); }
pre { background: var(--code); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem;
  overflow-x: auto; white-space: pre; }
code { font: .9em/1.45 ui-monospace, monospace; background: var(--code); border-radius: .25rem; }
blockquote { margin-left: 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--muted); }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; }
details { margin: .5rem 0; }
.plain { white-space: pre-wrap; }
math[display="block"] { overflow-x: auto; margin: .75rem 0; }
.error { color: var(--muted); border-left: 3px solid var(--line); padding-left: 1rem; }
@media print { body { max-width: none; padding: 0; color: #000; background: #fff; font-size: 10.5pt; }
  article > h2, h1, h2, h3 { break-after: avoid; } pre, table, blockquote { break-inside: avoid; }
  pre { white-space: pre-wrap; } article.user > div { border: 1px solid #999; } a { color: inherit; } }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write(chat: PortableChat) -> Iterator[str]:
    title = escape(labels.title(chat))
    yield (
        '<!DOCTYPE html>\n<html lang="">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{_STYLE}{_code_style()}</style>\n</head>\n<body>\n"
        f'<header><h1 dir="auto">{title}</h1><p>{escape(labels.about(chat))}</p></header>\n'
    )
    if chat.conversation.system_prompt:
        yield _article("system", "System prompt", _plain(chat.conversation.system_prompt))
    for number, message in enumerate(chat.path):
        yield _article(message.role.value, labels.heading(message), _body(message, number))
    yield "</body>\n</html>\n"


def _article(kind: str, heading: str, body: str) -> str:
    return f'<article class="{kind}">\n<h2>{escape(heading)}</h2>\n<div dir="auto">{body}</div>\n</article>\n'


def _body(message: Message, number: int) -> str:
    answered = message.role is Role.ASSISTANT
    parts = [_part(part, f"{number}-{at}", answered=answered) for at, part in enumerate(message.parts)]
    if message.error:
        parts.append(f'<p class="error">{escape(_clean(message.error))}</p>')
    return "".join(parts)


def _part(part: Part, name: str, *, answered: bool) -> str:
    if part.kind is PartKind.ATTACHMENT:
        label = escape(labels.attachment_name(part))
        return f"<details><summary>{label}</summary><pre>{escape(_clean(part.text))}</pre></details>"
    body = _markdown(part.text, name) if answered else _plain(part.text)
    if part.kind is PartKind.THINKING:
        return f"<details><summary>Thinking</summary>{body}</details>"
    return body


def _plain(text: str) -> str:
    """What a user typed: as it is."""
    return f'<p class="plain">{escape(_clean(text))}</p>'


def _markdown(text: str, name: str) -> str:
    text = _clean(text)
    if len(text) > MAX_MARKDOWN or _HARD.search(text) or text.count("][") > MAX_REFERENCES:
        return _plain(text)
    parser = _parser()
    # The name keeps the footnotes of one message apart from another's.
    environment: dict[str, Any] = {"docId": name}
    try:
        tokens = parser.parse(text, environment)
        if any(token.level >= _NESTING - 2 for token in tokens):
            return _plain(text)  # What is nested deeper is dropped by the parser.
        return str(parser.renderer.render(tokens, parser.options, environment))
    except (RecursionError, ValueError, IndexError):
        return _plain(text)


def _clean(text: str) -> str:
    return _CONTROL.sub("\ufffd", well_formed(text).replace("\r\n", "\n").replace("\r", "\n"))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.tasklists import tasklists_plugin

    class Parser(MarkdownIt):
        def validateLink(self, url: str) -> bool:
            return url.strip().lower().startswith((*_SCHEMES, "#"))

    parser = Parser("commonmark", {"html": False, "maxNesting": _NESTING, "highlight": _highlighted})
    parser.enable(["table", "strikethrough"]).use(footnote_plugin).use(tasklists_plugin)
    math_plugin(parser)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("math_inline", _math)
    parser.add_render_rule("math_block", _math)
    parser.add_render_rule("link_open", _link_open)
    return parser


def _image(
    self: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    environment: MutableMapping[str, Any],
) -> str:
    """Never shown, so never fetched: its words and its address."""
    token = tokens[at]
    return escape(f"[{token.content or 'image'}: {token.attrGet('src') or ''}]")


def _math(
    self: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    environment: MutableMapping[str, Any],
) -> str:
    """As browsers set it themselves, or else as it was written."""
    token = tokens[at]
    environment["formulas"] = count = environment.get("formulas", 0) + 1
    made = mathml(token.content, apart=bool(token.info)) if count <= MAX_FORMULAS else None
    shown = made or f"<code>{escape(token.markup)}</code>"
    return shown if token.type == "math_inline" else f"<p>{shown}</p>\n"


def _link_open(
    self: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    environment: MutableMapping[str, Any],
) -> str:
    tokens[at].attrSet("rel", "noopener noreferrer nofollow")
    return self.renderToken(tokens, at, options, environment)


def _highlighted(code: str, language: str, _attributes: str) -> str:
    """HTML of the code with its colours, or nothing: then it is escaped as it is."""
    if not language or len(code) > MAX_CODE or max(map(len, code.split("\n"))) > 1000:
        return ""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True, classprefix="c-")))


@cache
def _code_style() -> str:
    from pygments.formatters import HtmlFormatter

    def style(name: str) -> str:
        formatter = HtmlFormatter(style=name, classprefix="c-", nobackground=True)
        return str(formatter.get_style_defs("pre"))  # type: ignore[no-untyped-call]

    return f"{style('friendly')}\n@media (prefers-color-scheme: dark) {{\n{style('github-dark')}\n}}\n"
