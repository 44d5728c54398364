"""A Markdown view on the screen, and what a test does to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QPlainTextEdit, QTextBrowser, QWidget

from desktop.ui.icons import Icons
from desktop.ui.markdown.code_highlight import Highlighter
from desktop.ui.markdown.rendering import render, render_plain
from desktop.ui.markdown.style import MarkdownStyle
from desktop.ui.markdown.view import MarkdownView
from desktop.ui.theme import Theme, Token

WIDTH = 760


class Shown:
    """A view as a transcript holds it: laid out at one width, moved, asked for its height."""

    def __init__(self, view: MarkdownView, theme: Theme, host: QWidget) -> None:
        self.view = view
        self.theme = theme
        self.host = host
        view.height_changed.connect(self.lay_out)

    def show(self, source: str, *, typed: bool = False) -> None:
        self.view.set_blocks(render_plain(source) if typed else render(source))
        self.lay_out()

    def stream(self, source: str, step: int = 9) -> None:
        """As an answer comes, a few letters at a time, not ended."""
        self.view.begin_stream()
        for end in range(step, len(source) + step, step):
            self.view.feed(source[:end])
            self.lay_out()

    def lay_out(self, width: int = WIDTH) -> int:
        height = self.view.height_at(width)
        self.view.setGeometry(0, 0, width, height)
        self.view.arrange()
        return height

    def texts(self) -> list[QTextBrowser | QPlainTextEdit]:
        """The text widgets that are seen, from the top down."""
        parts = [
            part
            for part in self.view.findChildren(QWidget)
            if isinstance(part, QTextBrowser | QPlainTextEdit) and part.isVisibleTo(self.view)
        ]
        return sorted(parts, key=lambda part: part.mapTo(self.view, QPoint()).y())

    def words(self) -> str:
        return "\n".join(part.toPlainText() for part in self.texts())

    def has_color(self, box: QRect, token: Token) -> bool:
        """Whether the screen shows exactly this colour somewhere in a part of the view."""
        image = self.view.grab(box).toImage()
        wanted = QColor(self.theme.color(token)).rgb()
        return any(image.pixel(x, y) == wanted for y in range(image.height()) for x in range(image.width()))


@pytest.fixture
def shown(theme: Theme, icons: Icons) -> Iterator[Shown]:
    host = QWidget()
    host.resize(WIDTH, 700)
    style = MarkdownStyle(theme, host)
    view = MarkdownView(style, icons, Highlighter(host), host)
    style.changed.connect(view.restyle)
    host.show()
    yield Shown(view, theme, host)
    host.hide()
    shiboken6.delete(host)
