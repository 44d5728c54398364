"""Words from strangers where Qt would read marks in them: titles, names of files and models, errors. Pure.

A tooltip that looks like HTML is shown as HTML, pictures and all, and an "&" in a menu or on a button makes a
key of what follows. Labels have a format of their own for it, ``Qt.TextFormat.PlainText``.
"""

from __future__ import annotations

from html import escape

from PySide6.QtGui import Qt


def plain_tip(text: str) -> str:
    """For a tooltip: shown as it was written."""
    if not Qt.mightBeRichText(text):
        return text
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>'


def plain_title(text: str) -> str:
    """For a window's title, where "[*]" alone is a place for a sign."""
    return text.replace("[*]", "[*][*]")


def plain_name(text: str) -> str:
    """For a menu or a button: no letter of it becomes a key."""
    return text.replace("&", "&&")
