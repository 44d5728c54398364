"""What it takes to show a message that is hard to render: source to painted widgets, at the usual width.

A message of many rows counts with the worst of its first ones, which is what a window shows at once; cutting
it into rows counts with it. Formulas and colours of code come later and beside it. Each figure is the best of
three.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.measurement import Measurement
from tests.helpers.hostile_markdown import HOSTILE

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

WIDTH = 760
TARGET_MS = 100.0
_ROWS = 3
_TIMES = 3
_WARM_UP = "`warm` **up** $x$\n\n```py\nx\n```\n\n|a|\n|-|\n|b|"


def run(home: Path) -> list[Measurement]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    stage = _Stage(QApplication([]))
    stage.milliseconds(_WARM_UP)
    return [
        Measurement(
            f"rendering: {name}",
            round(min(stage.milliseconds(source) for _ in range(_TIMES)), 1),
            "ms",
            TARGET_MS,
            detail={"characters": len(source)},
        )
        for name, source in HOSTILE.items()
    ]


class _Stage:
    """A window with the theme, as wide as a chat's column."""

    def __init__(self, app: QApplication) -> None:
        from PySide6.QtWidgets import QWidget

        from desktop.ui.app import dress
        from desktop.ui.icons import Icons
        from desktop.ui.markdown.code_highlight import Highlighter
        from desktop.ui.markdown.style import MarkdownStyle
        from desktop.ui.theme import Theme

        self._app = app
        theme = Theme(app)
        dress(app, theme)
        self._icons = Icons(theme, parent=app)
        self._style = MarkdownStyle(theme, app)
        self._highlighter = Highlighter(app)
        self._host = QWidget()
        self._host.resize(WIDTH, 800)
        self._host.show()

    def milliseconds(self, source: str) -> float:
        """From the source to the screen."""
        from desktop.ui.chat.rows import parts_of

        start = time.perf_counter()
        parts = parts_of(source)
        cut = time.perf_counter() - start
        return 1e3 * (cut + max(self._shown(part) for part in parts[:_ROWS]))

    def _shown(self, part: str) -> float:
        import shiboken6

        from desktop.ui.markdown.rendering import render
        from desktop.ui.markdown.view import MarkdownView

        view = MarkdownView(self._style, self._icons, self._highlighter, self._host)
        view.show()
        start = time.perf_counter()
        view.set_blocks(render(part))
        view.setGeometry(0, 0, WIDTH, view.height_at(WIDTH))
        view.arrange()
        self._host.repaint()
        seconds = time.perf_counter() - start
        view.set_blocks(())
        shiboken6.delete(view)
        return seconds
