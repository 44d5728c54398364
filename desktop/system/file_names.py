"""Names for files that any system takes, out of any text. Pure; any thread."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet

MAX_BYTES = 160
"""Of a name in UTF-8, without what is added to it: whole paths stay below Windows' 260 characters."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)


def safe_name(words: str, otherwise: str = "Untitled") -> str:
    """``words`` as a file's or folder's name without a suffix; ``otherwise`` if nothing of them can stay.

    No separators, no names that Windows keeps for devices, no hidden files, no trailing dots, bounded length.
    """
    shown = "".join(
        sign if sign.isprintable() else " "
        for sign in _FORBIDDEN.sub("-", unicodedata.normalize("NFC", words))
    )
    name = _cut(" ".join(shown.split()).strip(". -")) or otherwise
    return f"{name}_" if _RESERVED.fullmatch(name) else name


def free_name(name: str, suffix: str, taken: AbstractSet[str]) -> str:
    """``name + suffix``, numbered if ``taken`` has it already. ``taken`` holds :func:`same_file` forms."""
    number, found = 1, f"{name}{suffix}"
    while same_file(found) in taken:
        number += 1
        found = f"{name} ({number}){suffix}"
    return found


def same_file(name: str) -> str:
    """Equal for two names that are one file on a system that minds neither case nor composition."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())


def _cut(name: str) -> str:
    whole = name.encode("utf-8", "replace")
    if len(whole) <= MAX_BYTES:
        return whole.decode()
    return whole[:MAX_BYTES].decode("utf-8", "ignore").rstrip(". -")
