"""Dragging chats and folders within the list, and exported files onto it. Main thread only.

Dragging runs in a loop of Qt's own, as everywhere in Qt; it begins at a mouse event and never inside a task,
so that no task misses its turn.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from desktop.ui.conversations.delegate import indent
from desktop.ui.conversations.dropping import Drop, Half, MoveFolder, drop_of_chats, drop_of_folder
from desktop.ui.conversations.entries import FolderLine
from desktop.ui.conversations.model import ConversationModel
from desktop.ui.conversations.selection import SelectionView
from desktop.ui.theme import GRID, RADIUS, Theme, Token
from desktop.ui.words import number

EXPORTS = (".json", ".jsonl", ".zip")
"""Files that can be dropped to be imported."""
_OPENS_MS = 700
"""A closed folder opens under what is dragged after so long."""
_EDGE = 0.28
"""Share of a folder's line, above and below, that means between it and its neighbour."""


class DraggingView(SelectionView):
    """``toggled`` carries a folder's id, and whether it is to be open."""

    toggled = Signal(str, bool)
    dropped = Signal(object)
    """What is selected was let go of there: a :data:`Drop`."""
    files_dropped = Signal(list)

    def __init__(self, theme: Theme, model: ConversationModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._theme = theme
        self._drop: Drop | None = None
        self._takes_files = False
        self._hovered = ""
        self._opening = QTimer(self, singleShot=True, interval=_OPENS_MS)
        self._opening.timeout.connect(self._on_hovered)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(False)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        """Not Qt's own, which takes the rows away after a move: the list is read again for that."""
        if not (chosen := self.selected_chats() or self.selected_folders()):
            return
        drag = QDrag(self)
        drag.setMimeData(self.lines.mimeData([]))
        drag.setPixmap(self._badge(str(self.currentIndex().data()), len(chosen)))
        drag.setHotSpot(QPoint(-4 * GRID, -2 * GRID))
        drag.exec(Qt.DropAction.MoveAction)
        self.setState(QAbstractItemView.State.NoState)

    def _badge(self, name: str, count: int) -> QPixmap:
        """What hangs on the pointer: the name, or how many there are, small enough to see what is below."""
        metrics = QFontMetrics(self._theme.font())
        words = name if count == 1 else number(count)
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self._theme.grown(40 * GRID))
        box = QRect(0, 0, metrics.horizontalAdvance(words) + 6 * GRID, metrics.height() + 2 * GRID)
        ratio = self.devicePixelRatioF()
        badge = QPixmap(box.size() * ratio)
        badge.setDevicePixelRatio(ratio)
        badge.fill(Qt.GlobalColor.transparent)
        painter = QPainter(badge)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font())
        painter.setPen(self._theme.color(Token.ACCENT))
        painter.setBrush(self._theme.color(Token.SURFACE_RAISED))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), RADIUS - 2, RADIUS - 2)
        painter.setPen(self._theme.color(Token.TEXT))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
        return badge

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        super().dragEnterEvent(event)
        self._takes_files = bool(_files(event))
        event.setAccepted(self._takes_files or self.lines.is_own(event.mimeData()))

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)  # It scrolls at the edges.
        if self._takes_files:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        elif self.lines.is_own(event.mimeData()):
            self._drop = self._drop_at(event.position().toPoint())
            event.setDropAction(Qt.DropAction.MoveAction)
            event.setAccepted(self._drop is not None)
        self.viewport().update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._end_drag()

    def dropEvent(self, event: QDropEvent) -> None:
        drop, files = self._drop, _files(event)
        self._end_drag()
        self.setState(QAbstractItemView.State.NoState)
        if files:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.files_dropped.emit(files)
        elif drop is not None:
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
            self.dropped.emit(drop)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop is None and not self._takes_files:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color(Token.ACCENT), 2))
        line = self._drop.line if isinstance(self._drop, MoveFolder) else None
        if line is not None:
            box = self._place(line[0], line[0])
            y = box.bottom() if line[1] is Half.BEHIND else box.top()
            start = indent(self.lines.listing.entries[line[0]]) + 3 * GRID
            left, right = (0, -start) if self.isRightToLeft() else (start, 0)
            painter.drawLine(box.left() + left, y, box.right() + right, y)
        else:
            box = self._place(*self._drop.rows) if self._drop is not None else self.viewport().rect()
            painter.drawRoundedRect(box.adjusted(2, 1, -2, -1), RADIUS - 2, RADIUS - 2)
        painter.end()

    def _drop_at(self, position: QPoint) -> Drop | None:
        index = self.indexAt(position)
        entries, row = self.lines.listing.entries, index.row()
        entry = self.lines.entry(index)
        self._hover(entry.folder.id if isinstance(entry, FolderLine) and not entry.is_open else "")
        if self.selected_chats():
            return drop_of_chats(entries, row)
        if not (folders := self.selected_folders()):
            return None
        box = self.visualRect(index)
        share = (position.y() - box.top()) / max(1, box.height())
        half = Half.BEFORE if share < _EDGE else Half.BEHIND if share > 1 - _EDGE else Half.ON
        return drop_of_folder(entries, self.folders, folders[0].id, row, half)

    def _place(self, first: int, last: int) -> QRect:
        """These lines in the viewport; below all where there are none yet."""
        if first >= self.lines.rowCount():
            box = self.visualRect(self.lines.index(first - 1))
            return box.translated(0, box.height())
        top = self.visualRect(self.lines.index(first))
        return top.united(self.visualRect(self.lines.index(last)))

    def _hover(self, folder_id: str) -> None:
        if folder_id != self._hovered:
            self._hovered = folder_id
            if folder_id:
                self._opening.start()
            else:
                self._opening.stop()

    def _on_hovered(self) -> None:
        self.toggled.emit(self._hovered, True)

    def _end_drag(self) -> None:
        self._drop = None
        self._takes_files = False
        self._hover("")
        self.viewport().update()


def _files(event: QDropEvent) -> list[Path]:
    """Files and folders on this computer that may be exports."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in EXPORTS or path.is_dir()]
