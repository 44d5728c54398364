"""Files dropped anywhere on a widget, with a hint over it while they hang there. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token
from desktop.ui.widgets.prompt_edit import local_files


class FileDrop(QWidget):
    """Lies over ``place``, unseen until files hang there; ``files_dropped`` comes with their paths.

    Widgets within ``place`` that take drops themselves keep doing so.
    """

    files_dropped = Signal(list)
    text_dropped = Signal(object)
    """The ``QMimeData``."""

    def __init__(self, theme: Theme, place: QWidget) -> None:
        super().__init__(place)
        self._theme = theme
        self._place = place
        self.setObjectName("drop-hint")
        self.setAccessibleName(self.tr("Drop files here to attach them"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        place.setAcceptDrops(True)
        place.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.DragEnter if isinstance(event, QDragEnterEvent):
                return self._on_enter(event)
            case QEvent.Type.DragLeave:
                self.hide()
            case QEvent.Type.Drop if isinstance(event, QDropEvent):
                return self._on_drop(event)
            case _:
                pass
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = self._theme.color(Token.SURFACE)
        veil.setAlphaF(0.94)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(self._theme.color(Token.ACCENT), 2, Qt.PenStyle.DashLine))
        box = QRectF(self.rect()).adjusted(*(4 * GRID, 4 * GRID, -4 * GRID, -4 * GRID))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setPen(self._theme.color(Token.TEXT))
        painter.setFont(self._theme.font(TextSize.LARGE, bold=True))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box, int(flags), self.tr("Drop files here to attach them"))

    def _on_enter(self, event: QDragEnterEvent) -> bool:
        source = event.mimeData()
        if local_files(source):
            self.setGeometry(self._place.rect())
            self.raise_()
            self.show()
        elif not source.hasText():
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        return True

    def _on_drop(self, event: QDropEvent) -> bool:
        self.hide()
        # Copied: a program that hands over to move would delete the file.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if files := local_files(event.mimeData()):
            self.files_dropped.emit(files)
        elif event.mimeData().hasText():
            self.text_dropped.emit(event.mimeData())
        return True
