"""Where the parts of a message are. Set by hand: a layout per message costs more than all else together.

Main thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QStyle

from desktop.ui.chat.message.parts import MessageParts
from desktop.ui.chat.rows import Row
from desktop.ui.theme import GRID, TextSize, Theme

PADDING = 3 * GRID
OUTSET = 3 * GRID
"""A message's widget is wider than the column by as much on each side: room for what marks it."""
GAP = 4 * GRID
"""Below a message."""
_SPLIT_GAP = 2 * GRID + 2
"""Below a part of a message that goes on in the next row."""
_BUBBLE = 0.86
"""The share of the column that the user's own message takes at most."""


@dataclass(slots=True)
class Layout:
    """Boxes in the message's own coordinates; what a message does not have is empty. ``height`` is of all."""

    name: QRect = field(default_factory=QRect)
    note: QRect = field(default_factory=QRect)
    thinking: QRect = field(default_factory=QRect)
    files: QRect = field(default_factory=QRect)
    bubble: QRect = field(default_factory=QRect)
    body: QRect = field(default_factory=QRect)
    status: QRect = field(default_factory=QRect)
    foot: QRect = field(default_factory=QRect)
    height: int = 0

    def settle(self, width: int, *, mirrored: bool) -> None:
        """From the column's coordinates to the widget's; ``mirrored`` where lines are read from the right."""
        whole = QRect(0, 0, width, self.height)
        direction = Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight
        for name in (one.name for one in fields(self) if one.name != "height"):
            box = QStyle.visualRect(direction, whole, getattr(self, name))
            setattr(self, name, box.translated(OUTSET, 0))


def measure(parts: MessageParts, row: Row, width: int, theme: Theme, foot: int) -> Layout:
    """Lays a message out in ``width`` pixels, read from left to right. ``foot`` is the buttons' height."""
    made = Layout()
    if row.own:
        _own(made, parts, width)
    else:
        _answer(made, parts, row, width, theme)
    y = max(made.files.bottom(), made.bubble.bottom(), made.body.bottom()) + 1
    if (status := parts.status) is not None and not status.isHidden():
        made.status = QRect(0, y + 2 * GRID, width, status.height_at(width))
        y = made.status.bottom() + 1
    if row.last:
        foot = max(foot, QFontMetrics(theme.font(TextSize.SMALL)).height()) + GRID
        made.foot = QRect(0, y + (0 if row.own else GRID), width, foot)
        made.height = made.foot.bottom() + 1 + (GRID if row.own else GAP)
    else:
        made.height = y + _SPLIT_GAP
    return made


def _own(made: Layout, parts: MessageParts, width: int) -> None:
    """A bubble at the side where lines end, as wide as its text; none if only files were sent."""
    y = _put_files(made, parts, width, 0)
    most = int(width * _BUBBLE) - 2 * PADDING - GRID
    parts.body.height_at(most)
    inner = min(most, parts.body.ideal_width() + 2)
    height = parts.body.height_at(inner)
    if y and not height:
        return
    box = inner + 2 * PADDING + GRID
    made.bubble = QRect(width - box, y, box, height + 2 * PADDING - GRID)
    made.body = QRect(width - box + PADDING + 2, y + PADDING, inner, height)


def _answer(made: Layout, parts: MessageParts, row: Row, width: int, theme: Theme) -> None:
    y = 0
    if row.first:
        name = QFontMetrics(theme.font(TextSize.SMALL, bold=True)).height() + GRID
        made.name = QRect(0, 0, width, name)
        y = name + GRID
    if (note := parts.note) is not None and not note.isHidden():
        made.note = QRect(0, y, width, note.heightForWidth(width))
        y += made.note.height() + 2 * GRID
    if (thinking := parts.thinking) is not None and not thinking.isHidden():
        made.thinking = QRect(0, y, width, thinking.height_at(width))
        y += made.thinking.height() + (3 * GRID if thinking.is_open else 2 * GRID)
    y = _put_files(made, parts, width, y)
    made.body = QRect(0, y, width, parts.body.height_at(width))


def _put_files(made: Layout, parts: MessageParts, width: int, y: int) -> int:
    if (files := parts.files) is None or files.isHidden():
        return y
    made.files = QRect(0, y, width, files.height_at(width))
    return made.files.bottom() + 1 + 2 * GRID
