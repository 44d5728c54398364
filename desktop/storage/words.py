"""What is a word to the search: SQLite's ``unicode61`` decides, but for scripts that put no spaces between.

A run of Chinese or Japanese is one word to it, in which nothing would be found. So texts go into the index,
and what is looked for into a query, with each such sign standing alone; what stood together is a phrase. For
this package; pure, any thread.
"""

from __future__ import annotations

import re
import sqlite3

SIGNS = (
    "\u1100-\u11ff"  # Hangul, in parts
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\U00020000-\U0003ffff"  # Han, rare ones
    "\u3041-\u3096\u309d-\u30fa\u30fc-\u312f\u31f0-\u31ff\uff66-\uff9f"  # Kana, Bopomofo
    "\u3131-\u318e\ua960-\ua97f\uac00-\ud7fb"  # Hangul
)
"""For a class of a regular expression. The index was made with these: changing them is a migration."""

_SIGN = re.compile(f"[{SIGNS}]")


def spaced(text: str) -> str:
    """``text`` with every sign that is a word of its own standing alone."""
    return text if text.isascii() else _SIGN.sub(r" \g<0> ", text)


def has_signs(text: str) -> bool:
    return not text.isascii() and _SIGN.search(text) is not None


def ends_with_sign(text: str) -> bool:
    return _SIGN.match(text[-1:]) is not None


def teach(connection: sqlite3.Connection) -> None:
    """Gives SQL the function ``spaced``, from bytes to bytes: SQLite passes text on only if it is Unicode."""
    connection.create_function("spaced", 1, _spaced_bytes, deterministic=True)


def _spaced_bytes(text: bytes) -> bytes:
    if text.isascii():
        return text
    try:
        return spaced(text.decode("utf-8", "surrogatepass")).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return text
