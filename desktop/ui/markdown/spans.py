"""What stands in a line of Markdown as HTML: emphasis, links, code, formulas, mentions of footnotes.

Link targets are checked, images become links. No Qt; any thread.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from desktop.ui.markdown.source import printable_code

if TYPE_CHECKING:
    from markdown_it.token import Token as MarkToken

_ADDRESS = re.compile(
    r"(?:https?://|(?<![\w@./-])(?P<bare>www\.))[^\s<>\"'`\u2018-\u201f]+[^\s<>\"'`\u2018-\u201f.,;:!?)\]*_~]"
    r"|(?<![\w.+-])(?P<mail>[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24})(?![\w@-])"
)
_SCHEMES = ("http://", "https://", "mailto:")


def safe_address(address: str) -> str:
    """The address if a click may offer to open it, else an empty string."""
    address = address.strip()
    return address if address.lower().startswith(_SCHEMES) and len(address) < 4096 else ""


def with_addresses(text: str) -> str:
    """Plain text as HTML, its line breaks kept; web and mail addresses become links, as in GFM."""
    parts: list[str] = []
    end = 0
    for found in _ADDRESS.finditer(text) if "://" in text or "www." in text or "@" in text else ():
        start = "mailto:" if found["mail"] else "http://" if found["bare"] else ""
        parts.append(escape(text[end : found.start()]))
        parts.append(f'<a href="{start}{escape(found[0])}">{escape(found[0])}</a>')
        end = found.end()
    parts.append(escape(text[end:]))
    return "".join(parts).replace("\n", "<br/>")


_SPANS = {
    "strong_open": "<b>", "strong_close": "</b>", "em_open": "<i>", "em_close": "</i>",
    "s_open": "<s>", "s_close": "</s>", "softbreak": "<br/>", "hardbreak": "<br/>",
}  # fmt: skip


def span(token: MarkToken, links: list[bool]) -> str:
    """``links`` remembers for each open link whether it became one."""
    if (fixed := _SPANS.get(token.type)) is not None:
        return fixed
    match token.type:
        case "text":
            return escape(token.content) if links and links[-1] else with_addresses(token.content)
        case "code_inline":
            return f"<code>{escape(printable_code(token.content)).replace(' ', '&nbsp;')}</code>"
        case "link_open":
            address = safe_address(str(token.attrGet("href") or ""))
            links.append(bool(address))
            return f'<a href="{escape(address)}">' if address else ""
        case "link_close":
            return "</a>" if links and links.pop() else ""
        case "math_inline":
            return formula(token)
        case "footnote_ref":
            return f"<sup>[{token.meta['id'] + 1}]</sup>"
        case "image":
            return _image(token, inside_link=bool(links and links[-1]))
        case _:
            return escape(token.content)


def formula(token: MarkToken) -> str:
    kind = ' class="apart"' if token.info == "apart" else ""
    written = escape(token.markup).replace("\n", " ")
    return f'<formula{kind} latex="{escape(token.content)}">{written}</formula>'


def _image(token: MarkToken, *, inside_link: bool) -> str:
    """Never shown, so never fetched: its words, leading to its address."""
    words = escape(token.content or "image")
    address = safe_address(str(token.attrGet("src") or ""))
    if address and not inside_link:
        return f'<a href="{escape(address)}">[{words}]</a>'
    return f"[{words}]"
