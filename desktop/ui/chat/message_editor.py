"""Editing a message in its place: what was said stays as another version. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.domain.conversation import Message, Role
from desktop.ui.theme import GRID, RADIUS, Theme, Token
from desktop.ui.widgets.prompt_edit import PromptEdit

_PADDING = 3 * GRID


class MessageEditor(QWidget):
    """Takes the message's place until it is sent or given up."""

    submitted = Signal(str)
    cancelled = Signal()
    height_changed = Signal()

    def __init__(self, theme: Theme, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("message-editor")
        own = message.role is Role.USER
        self._edit = PromptEdit(self)
        self._edit.setObjectName("message-edit-text")
        self._edit.setAccessibleName(self.tr("Edit the message"))
        self._edit.enter_sends = own
        self._edit.set_text(message.text)
        self._edit.submitted.connect(self._on_submit)
        self._edit.escape_pressed.connect(self.cancelled)
        self._edit.height_changed.connect(self.height_changed)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._cancel.setObjectName("message-edit-cancel")
        self._cancel.setToolTip(self.tr("Leaves the message as it was (Esc)"))
        self._cancel.clicked.connect(self.cancelled)
        self._send = QPushButton(self.tr("Send") if own else self.tr("Save"), self)
        self._send.setObjectName("message-edit-send")
        self._send.setProperty("kind", "primary")
        self._send.setToolTip(
            self.tr("Asks again with this text; the old version is kept")
            if own
            else self.tr("Keeps this text as another version")
        )
        self._send.clicked.connect(self._on_submit)
        self._edit.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        for button in (self._cancel, self._send):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def height_at(self, width: int) -> int:
        """Lays the parts out in ``width`` pixels."""
        inner = width - 2 * _PADDING
        self._edit.resize(inner, max(self._edit.height(), 1))
        height = self._edit.wanted_height()
        self._edit.setGeometry(_PADDING, _PADDING, inner, height)
        y = _PADDING + height + 2 * GRID
        right = width - 2 * GRID
        for button in (self._send, self._cancel):
            size = button.sizeHint()
            right -= size.width()
            button.setGeometry(right, y, size.width(), size.height())
            right -= 2 * GRID
        return y + self._send.sizeHint().height() + 2 * GRID

    def take_focus(self) -> None:
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_chain(self) -> list[QWidget]:
        return [self._edit, self._cancel, self._send]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color(Token.SURFACE_RAISED))
        painter.setPen(QPen(self._theme.color(Token.ACCENT), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)

    def _on_submit(self) -> None:
        if text := self._edit.toPlainText().strip():
            self.submitted.emit(text)
