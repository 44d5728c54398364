"""The formulas of one text: pictures on the screen, their source on the clipboard. Main thread only."""

from __future__ import annotations

import re
from html import escape, unescape

from PySide6.QtGui import QFont, QImage

from desktop.domain.math_syntax import FORMULA_SIGN
from desktop.ui.markdown.formula_typesetting import Formula
from desktop.ui.markdown.formulas import PER_TEXT, Formulas

_ELEMENT = re.compile(
    r'<formula(?P<apart> class="apart")? latex="(?P<latex>[^"]*)">(?P<written>[^<]*)</formula>'
)
_PICTURE = re.compile(r'<img[^>]*src="formula:(\d+)"[^>]*/?>')


class FormulaSigns:
    """Made for one state of the text; ``missing`` are the formulas that are still to be set."""

    def __init__(self, formulas: Formulas, font: QFont) -> None:
        self._formulas = formulas
        self._font = font
        self._written: list[str] = []
        self._images: dict[str, QImage] = {}
        self.missing: list[Formula] = []

    def put_into(self, html: str) -> str:
        """The HTML with a picture for each formula that is there, else with its source in mono type."""
        return _ELEMENT.sub(self._put, html)

    def image(self, address: str) -> QImage | None:
        return self._images.get(address)

    def in_text(self, text: str, before: str) -> str:
        """Selected text with the source of its formulas; ``before`` is all text before the selection."""
        at = before.count(FORMULA_SIGN)
        first, *rest = text.split(FORMULA_SIGN)
        return first + "".join(self._written[at + index] + part for index, part in enumerate(rest))

    def in_html(self, html: str) -> str:
        return _PICTURE.sub(lambda found: escape(self._written[int(found[1])]), html)

    def _put(self, found: re.Match[str]) -> str:
        formula = Formula(unescape(found["latex"]), bool(found["apart"]))
        source = f"<code>{found['written']}</code>"
        if len(self._written) + len(self.missing) >= PER_TEXT:
            return source
        if not self._formulas.is_known(formula):
            self.missing.append(formula)
            return source
        image = self._formulas.image(formula, self._font)
        if image is None:
            return source
        address = f"formula:{len(self._written)}"
        self._written.append(unescape(found["written"]))
        self._images[address] = image
        size = image.deviceIndependentSize()
        return (
            f'<img src="{address}" width="{size.width():.0f}" height="{size.height():.0f}"'
            ' style="vertical-align:middle">'
        )
