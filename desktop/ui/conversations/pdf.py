"""A chat as a PDF: the page of the HTML export on paper.

Main thread; one message at a time, so that the window goes on.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QIODevice, QMarginsF, QRectF, QSaveFile, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
)

from desktop.domain.errors import StorageError
from desktop.system.printable import one_line

_DPI = 96
_MARGIN_MM = 18
_FOOTER = 28
"""Pixels at the foot of each page, for its number."""
_LEAST = 60
"""Pixels that must be left on a page for a message to begin there."""
_GAP = 22
_PIECE = re.compile(r"(?=<article )")
_WHO = re.compile(r"^<h2>(.*)</h2>$", re.MULTILINE)
_BOX = re.compile(r"<input [^>]*>")
_MATH = re.compile(r"<math [^>]*>.*?</math>", re.DOTALL)
_LATEX = re.compile(r'alttext="([^"]*)"')
_STYLE = """
    p.who { font-size: 9pt; font-weight: 600; color: #555; margin-bottom: 2px; }
    p.plain, p.error { white-space: pre-wrap; margin-top: 0; }
    pre { white-space: pre-wrap; background-color: #f3f4f6; font-size: 9pt; }
    code { background-color: #f3f4f6; font-size: 9pt; }
    table { border-collapse: collapse; border: 1px solid #bbb; }
    th, td { border: 1px solid #bbb; padding: 3px; }
    blockquote { color: #555; } a { color: #0b57d0; } summary { color: #555; }
"""


async def write_pdf(
    page: str, path: Path, font: QFont, on_progress: Callable[[int, int], None] = lambda done, of: None
) -> int:
    """Writes ``page``, as the HTML export makes it; returns the number of pages. A file there is replaced.

    ``on_progress`` is told how many messages of how many are drawn. Raises :class:`StorageError`; then, and
    if it is cancelled, what was at ``path`` is as it was.
    """
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        raise _not_written(path, file)
    _, _, body = page.partition("</style>")
    pieces = _PIECE.split(body)
    pages = _Pages(file, font)
    try:
        for done, piece in enumerate(pieces, 1):
            pages.add(_for_paper(piece))
            on_progress(done, len(pieces))
            await asyncio.sleep(0)
    finally:
        pages.end()
    if not file.commit():
        raise _not_written(path, file)
    return pages.count


def _for_paper(piece: str) -> str:
    """What Qt's text documents would show otherwise, or not at all."""
    piece = _MATH.sub(lambda found: f"<code>{_latex(found[0])}</code>", piece)
    boxed = _BOX.sub(lambda found: "☑ " if "checked" in found[0] else "☐ ", piece)
    return _WHO.sub(r'<p class="who">\1</p>', boxed, count=1)


def _latex(formula: str) -> str:
    """Of a formula in MathML, which text documents cannot set."""
    return found[1] if (found := _LATEX.search(formula)) else ""


class _Pages:
    """Puts documents below each other. Each is laid out as if its first page were filled as far as it is."""

    def __init__(self, device: QIODevice, font: QFont) -> None:
        self.count = 1
        self._font = font
        self._writer = QPdfWriter(device)
        self._writer.setResolution(_DPI)
        self._writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        self._writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
        area = self._writer.pageLayout().paintRectPixels(_DPI)
        self._size = QSizeF(area.width(), area.height() - _FOOTER)
        self._below = 0.0
        self._painter = QPainter(self._writer)

    def add(self, html: str) -> None:
        if self._size.height() - self._below < _LEAST:
            self._turn()
        document = self._document(html)
        layout = document.documentLayout()
        height = self._size.height()
        pages = max(1, document.pageCount())  # This lays it out; before, its blocks are nowhere.
        last = layout.blockBoundingRect(document.lastBlock()).bottom()
        for number in range(pages):
            if number:
                self._turn()
            self._draw(layout, number * height)
        self._below = min(height, max(0.0, last - (pages - 1) * height))

    def end(self) -> None:
        if self._painter.isActive():
            self._number()
            self._painter.end()

    def _document(self, html: str) -> QTextDocument:
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        document.setDefaultFont(self._font)
        document.setDefaultStyleSheet(_STYLE)
        document.documentLayout().setPaintDevice(self._writer)
        document.setDocumentMargin(0)
        document.setHtml(html)
        if self._below:
            # An empty line as high as what is above: a margin at a document's beginning counts for nothing.
            space = QTextBlockFormat()
            space.setLineHeight(self._below + _GAP, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
            QTextCursor(document).insertBlock()
            QTextCursor(document.firstBlock()).setBlockFormat(space)
        document.setPageSize(self._size)
        return document

    def _draw(self, layout: QAbstractTextDocumentLayout, top: float) -> None:
        context = QAbstractTextDocumentLayout.PaintContext()
        palette = QPalette()
        # On paper, whatever the theme.
        palette.setColor(QPalette.ColorRole.Text, QColor(Qt.GlobalColor.black))
        context.palette = palette
        # A line that only touches the edge belongs to the page beside it.
        context.clip = QRectF(0, top, self._size.width(), self._size.height()).adjusted(0, 1, 0, -1)
        self._painter.save()
        self._painter.translate(0, -top)
        self._painter.setClipRect(context.clip)
        layout.draw(self._painter, context)
        self._painter.restore()

    def _turn(self) -> None:
        self._number()
        self._writer.newPage()
        self.count += 1
        self._below = 0.0

    def _number(self) -> None:
        foot = QRectF(0, self._size.height(), self._size.width(), _FOOTER)
        place = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        self._painter.setFont(self._font)
        self._painter.drawText(foot, place, str(self.count))


def _not_written(path: Path, file: QSaveFile) -> StorageError:
    return StorageError(
        f"{one_line(str(path), 300)} could not be written: {file.errorString()}.",
        action="Choose another place, or free some disk space.",
    )
