"""Numbers as people read them, in the user's locale. Pure, main thread (translations)."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QLocale

translate = QCoreApplication.translate
_PLACE = re.compile("%([1-9])")
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def filled(text: str, *values: str) -> str:
    """``text`` with ``values`` in the places %1, %2 and so on; what looks like a place in a value is none."""
    return _PLACE.sub(lambda place: values[int(place[1]) - 1], text)


def number(value: int, *, about: bool = False) -> str:
    """With the locale's group separators; ``about`` gives three digits of an estimate, and zeros."""
    return QLocale().toString(round(value, min(0, 3 - len(str(value)))) if about else value)


def decimal(value: float, digits: int = 1) -> str:
    return QLocale().toString(value, "f", digits)


def tokens(count: int, *, about: bool = False) -> str:
    word = translate("Words", "%1 token") if count == 1 else translate("Words", "%1 tokens")
    if about:
        word = translate("Words", "about %1 tokens")
    return word.replace("%1", number(count, about=about))


def size_of_text(count: int) -> str:
    word = translate("Words", "%1 character") if count == 1 else translate("Words", "%1 characters")
    return word.replace("%1", number(count))


def byte_size(count: int) -> str:
    """310 MB, 4.9 GB: decimal units, as file managers and model pages use them."""
    for factor, unit in _UNITS:
        if count >= factor:
            value = count / factor
            digits = 1 if unit == "GB" and value < 100 else 0
            return f"{decimal(value, digits)} {unit}"
    return translate("Words", "%1 bytes").replace("%1", number(count))


def per_second(value: float) -> str:
    """138 tok/s, 2.4 tok/s."""
    return translate("Words", "%1 tok/s").replace("%1", decimal(value, 0 if value >= 20 else 1))


def duration(seconds: float) -> str:
    """0.09 s, 3.4 s, 75 s, 2.5 min."""
    if seconds >= 90:
        return translate("Words", "%1 min").replace("%1", decimal(seconds / 60))
    digits = 2 if seconds < 1 else 1 if seconds < 10 else 0
    return translate("Words", "%1 s").replace("%1", decimal(seconds, digits))
