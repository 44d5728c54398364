"""LaTeX as MathML, which browsers set without a script and without fonts from elsewhere. Any thread.

The formula is a stranger's: of what the converter makes of it only tags and attributes that are known stay.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from html import unescape

MAX_LATEX = 1500
"""Characters; the converter takes some milliseconds for a hundred."""
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_TAG = re.compile(
    "math|m(?:row|i|n|o|text|space|sup|sub|subsup|frac|sqrt|root|over|under|underover|table|tr|td|style|enclose"
    "|padded|phantom|multiscripts|prescripts)|none"
)
_ATTRIBUTE = re.compile(
    "accent|accentunder|columnalign|columnlines|columnspacing|depth|displaystyle|fence|form|height|linethickness"
    "|lspace|mathcolor|mathsize|mathvariant|maxsize|minsize|movablelimits|notation|rowlines|rowspacing|rspace"
    "|scriptlevel|separator|stretchy|symmetric|voffset|width"
)
_PARTS = {
    "mfrac": 2,
    "mroot": 2,
    "msup": 2,
    "msub": 2,
    "mover": 2,
    "munder": 2,
    "msubsup": 3,
    "munderover": 3,
}
"""Elements that are broken with any other number of parts."""
_FORBIDDEN = re.compile(r"\\(?:[egx]?def|let|(?:re)?newcommand|providecommand|DeclareMathOperator)\b")


def mathml(latex: str, *, apart: bool) -> str | None:
    """A ``<math>`` element with the LaTeX as its ``alttext``; ``None`` for what is no formula.

    ``apart`` stands in a line of its own.
    """
    if len(latex) > MAX_LATEX or _FORBIDDEN.search(latex):
        return None
    try:
        from latex2mathml.converter import convert_to_element

        root = convert_to_element(latex)
    except Exception:  # noqa: BLE001 - whatever a foreign parser throws at a stranger's text
        return None
    for element in root.iter():
        if not _TAG.fullmatch(element.tag) or len(element) != _PARTS.get(element.tag, len(element)):
            return None
        known = {key: value for key, value in element.attrib.items() if _ATTRIBUTE.fullmatch(key)}
        element.attrib = known
        # The converter writes signs as entities, to be read again once they are put together.
        element.text = unescape(element.text) if element.text else None
    root.attrib = {"xmlns": _NAMESPACE, "display": "block" if apart else "inline", "alttext": latex}
    return ElementTree.tostring(root, encoding="unicode")
