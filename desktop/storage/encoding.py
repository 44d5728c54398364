"""How text and JSON become SQLite values and come back exactly. For this package; pure, any thread.

A model can emit, and a user can paste, what is not valid Unicode: half an emoji is a lone surrogate,
which ``sqlite3`` refuses to bind. So text that people or models write is bound as bytes, in UTF-8 with
surrogates let through, and the statement makes it TEXT again: :data:`AS_TEXT` in place of ``?``. For all
other text these are the bytes SQLite would have stored anyway, so that full-text search reads them too.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping

from desktop.storage import words

AS_TEXT = "CAST(? AS TEXT)"
"""The placeholder for a :func:`text_value` or :func:`json_value`; without it STRICT tables refuse them."""

_log = logging.getLogger(__name__)


def text_value(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def read_text(raw: bytes) -> str:
    """The connection's ``text_factory``. Never raises: one bad byte must not hide a whole list."""
    try:
        return raw.decode(errors="surrogatepass")  # Naming the encoding would cost a third more.
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")


def json_value(value: object) -> bytes:
    # Not escaped: an escaped pair of lone surrogates would come back as one character.
    return text_value(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def read_mapping(text: str, what: str) -> Mapping[str, object]:
    """A stored JSON object; a damaged one is logged as ``what`` and comes back empty."""
    value = read_json(text, what)
    if isinstance(value, dict):
        return value
    _log.warning("Damaged data in %s: not a table of values. Using defaults.", what)
    return {}


def read_json(text: str, what: str, default: object = None) -> object:
    """A stored JSON value; a damaged one is logged as ``what`` and comes back as ``default``."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        _log.warning("Damaged data in %s: %s. Using defaults.", what, error)
        return default


def configure_text(connection: sqlite3.Connection) -> None:
    """Every connection to the file needs this, or text with surrogates cannot be read, nor any written."""
    connection.text_factory = read_text
    words.teach(connection)
