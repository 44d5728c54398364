"""The values in a JSON or JSON Lines document, found without parsing it. Pure; any thread.

A list's elements come one by one, so that a large export needs no memory for all its chats at once, and a
damaged element costs itself and not its neighbours.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

_WORTHY = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
"""A string, which may hold any sign, or a sign outside of one. An unclosed string goes to the end."""
_LINE = re.compile(rb"[^\r\n]*[^\s][^\r\n]*")
_BLANK = b" \t\r\n"
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class NotJson(ValueError):
    """One value is damaged; the message says how, in words."""


def values(document: bytes) -> Iterator[bytes]:
    """A list's elements, the lines of JSON Lines, or the one value there is; nothing if it is no JSON."""
    document = _as_utf8(document)
    start = len(document) - len(document.lstrip(_BLANK))
    if document[start : start + 1] == b"[":
        yield from _elements(document, start)
    elif document[start : start + 1] == b"{":
        if _is_lines(document, start):
            yield from (line[0] for line in _LINE.finditer(document, start))
        else:
            yield document[start:]


def parse(value: bytes) -> object:
    """Raises :class:`NotJson`. NaN and infinity come through, as other programs write them."""
    try:
        return json.loads(value.decode("utf-8", "replace"))
    except RecursionError as error:
        raise NotJson("It is nested too deeply.") from error
    except ValueError as error:  # Also a number of thousands of digits.
        raise NotJson(f"It is damaged: {str(error)[:200]}.") from error


def _as_utf8(document: bytes) -> bytes:
    if document.startswith(codecs.BOM_UTF8):
        return document.removeprefix(codecs.BOM_UTF8)
    for mark, encoding in _WIDE.items():
        if document.startswith(mark):
            return document.decode(encoding, "replace").encode("utf-8", "replace")
    return document


def _elements(document: bytes, start: int) -> Iterator[bytes]:
    depth = 0
    begin = start + 1
    for found in _WORTHY.finditer(document, start):
        match found[0]:
            case b"[" | b"{":
                depth += 1
            case b"]" | b"}":
                depth -= 1
            case b"," if depth == 1:
                if element := document[begin : found.start()].strip(_BLANK):
                    yield element
                begin = found.end()
                continue
            case _:
                continue
        if depth == 0:
            if element := document[begin : found.start()].strip(_BLANK):
                yield element
            return
    # The end is missing: the last element may still be whole.
    if element := document[begin:].strip(_BLANK):
        yield element


def _is_lines(document: bytes, start: int) -> bool:
    """Whether the first line is a value of its own, damaged or not, and there are more."""
    end = document.find(b"\n", start)
    if end < 0 or not document[end:].strip(_BLANK):
        return False
    depth = 0
    # Not parsed for that: as objects a long line takes many times its size.
    for found in _WORTHY.finditer(document, start, end):
        depth += (found[0] in (b"[", b"{")) - (found[0] in (b"]", b"}"))
        if depth == 0:
            return not document[found.end() : end].strip(_BLANK)
    return False
