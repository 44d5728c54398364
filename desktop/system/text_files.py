"""Text and code files as text, whatever they are encoded in; all others are refused in words.

Reading blocks: for a thread.
"""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from desktop.domain.errors import LocutionError, NotFoundError
from desktop.system.printable import one_line, size_in_words

MAX_BYTES = 4_000_000
"""More than any context takes by far; checked before anything is read."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32's begins like UTF-16's."""
_OTHER_FORMATS = (b"%PDF-", b"{\\rtf", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF")
_CONTROLS = dict.fromkeys((*range(0x20), 0x7F), None)
"""Characters that no text has, but for these."""
for _usual in "\t\n\v\f\r\b\x1b":
    del _CONTROLS[ord(_usual)]
_MOST_CONTROLS = 0.01
"""Their share of a text: a few are there by mistake."""


def read_text(path: Path) -> str:
    """What the file says, with ``\\n`` between lines.

    Raises :class:`NotFoundError`, and :class:`LocutionError` for what is no text, empty, too large, or not to
    be read.
    """
    name = one_line(path.name)
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise LocutionError(f"“{name}” is a folder.", action="Attach the files that are in it.")
        if not stat.S_ISREG(found.st_mode):
            raise LocutionError(f"“{name}” is not a file.", action="Attach a text or code file.")
        if found.st_size > MAX_BYTES:
            raise _too_large(name, found.st_size)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFoundError(f"“{name}” is not there any more.", action="Choose another file.") from error
    except (OSError, ValueError) as error:
        raise LocutionError(
            f"“{name}” could not be read.", action="Check that you may open it.", detail=str(error)
        ) from error
    if len(data) > MAX_BYTES:
        # It grew, or it is one of those that say they have no size.
        raise _too_large(name, len(data))
    text = _decoded(data)
    if text is None:
        raise LocutionError(
            f"“{name}” is not text.",
            action="Text and code files can be attached; of others, copy the text and paste it.",
        )
    if not text.strip():
        raise LocutionError(f"“{name}” is empty.", action="Attach a file with text in it.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _too_large(name: str, size: int) -> LocutionError:
    return LocutionError(
        f"“{name}” is too large to attach: {size_in_words(size)}.",
        action=f"Attach a part of it, at most {size_in_words(MAX_BYTES)}.",
    )


def _decoded(data: bytes) -> str | None:
    """As text, or ``None`` if it is none."""
    if data.startswith(_OTHER_FORMATS):
        return None
    encodings = next(
        ((name,) for mark, name in _MARKS if data.startswith(mark)), ("utf-8", "cp1252", "latin-1")
    )
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if _is_text(text) else None
    return None


def _is_text(text: str) -> bool:
    controls = len(text) - len(text.translate(_CONTROLS))
    return "\0" not in text and controls <= _MOST_CONTROLS * len(text)
