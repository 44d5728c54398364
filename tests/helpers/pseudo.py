"""A translation into a language that is longer and read from right to left, and is readable all the same.

``Open settings`` becomes ``[Ôþéñ šéţţîñĝš~~~~~]``: what has no brackets on the screen was not translated,
and what has no room for the tildes has none for German.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt, QTranslator
from PySide6.QtWidgets import QApplication

STRETCH = 0.4
_ACCENTS = str.maketrans(
    "AaBCcDdEeGgHhIiJjKkLlNnOoRrSsTtUuWwYyZz",
    "ÀåßÇçÐðÉéĜĝĤĥÎîĴĵĶķĻļÑñÔôŔŕŠšŢţÛûŴŵÝýŽž",
)
_KEPT = re.compile(r"<[^>]*>|%(?:L?\d|n)|&\w+;")
"""Tags, places for values and entities stay as they are."""


class Pseudo(QTranslator):
    """Knows a translation for everything."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        return stretched(source) if source.strip() else source


def stretched(text: str) -> str:
    """The text in the language that is made up."""
    at, parts = 0, []
    for kept in _KEPT.finditer(text):
        parts += [text[at : kept.start()].translate(_ACCENTS), kept.group()]
        at = kept.end()
    parts.append(text[at:].translate(_ACCENTS))
    return f"[{''.join(parts)}{'~' * round(STRETCH * len(_KEPT.sub('', text)))}]"


def untranslated(text: str) -> str:
    """What of a shown text is in no brackets, as far as it has words."""
    plain = _KEPT.sub(" ", text)
    before = None
    while before != plain:
        before, plain = plain, re.sub(r"\[[^\[\]]*\]", " ", plain)
    return " ".join(plain.split()) if re.search(r"[^\W\d_]{2}", plain) else ""


@contextmanager
def translated(app: QApplication) -> Iterator[None]:
    """While the app speaks that language, and its windows are mirrored."""
    pseudo = Pseudo()
    app.installTranslator(pseudo)
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        yield
    finally:
        app.removeTranslator(pseudo)
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
