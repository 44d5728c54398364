"""Text fit to cross a process boundary or to go into a file: whole Unicode, whatever was typed or pasted."""

from __future__ import annotations


def well_formed(text: str) -> str:
    """``text`` with every lone surrogate as U+FFFD; two that belong together become their character.

    Qt and JSON hand out halves of a pair as they are; UTF-8 has no form for them.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
