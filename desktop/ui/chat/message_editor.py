"""Editing a message in its place: what was said stays as another version. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QStyle, QWidget

from desktop.domain.conversation import Message, Role
from desktop.ui.theme import GRID, RADIUS, Theme, Token
from desktop.ui.widgets.prompt_edit import PromptEdit

_PADDING = 3 * GRID


class MessageEditor(QWidget):
    """Takes the message's place until it is sent or given up."""

    submitted = Signal(str, bool)
    """The text, and whether the model is to answer it."""
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
        self._edit.setToolTip(self.tr("The other words of this message"))
        self._edit.enter_sends = own
        self._edit.set_text(message.text)
        self._edit.submitted.connect(lambda: self._submit(ask=own))
        self._edit.escape_pressed.connect(self.cancelled)
        self._edit.height_changed.connect(self.height_changed)
        self._cancel = self._button("message-edit-cancel", self.tr("Cancel"))
        self._cancel.setToolTip(self.tr("Leaves the message as it was (Esc)"))
        self._cancel.clicked.connect(self.cancelled)
        self._save = self._button("message-edit-save", self.tr("Save only"))
        self._save.setToolTip(self.tr("Keeps this text as another version, without an answer"))
        self._save.clicked.connect(lambda: self._submit(ask=False))
        self._save.setVisible(own)
        self._send = self._button(
            "message-edit-send", self.tr("Save and ask again") if own else self.tr("Save")
        )
        self._send.setProperty("kind", "primary")
        self._send.setToolTip(
            self.tr("Asks again with this text; the old version is kept")
            if own
            else self.tr("Keeps this text as another version")
        )
        self._send.clicked.connect(lambda: self._submit(ask=own))
        self._edit.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._edit.installEventFilter(self)

    def height_at(self, width: int) -> int:
        """Lays the parts out in ``width`` pixels."""
        inner = width - 2 * _PADDING
        self._edit.resize(inner, max(self._edit.height(), 1))
        height = self._edit.wanted_height()
        self._edit.setGeometry(_PADDING, _PADDING, inner, height)
        y = _PADDING + height + 2 * GRID
        right = width - 2 * GRID
        whole = QRect(0, 0, width, 0)
        for button in reversed(self._buttons()):
            size = button.sizeHint()
            if right - size.width() < 2 * GRID and right < width - 2 * GRID:
                right, y = width - 2 * GRID, y + size.height() + GRID  # on another line
            right -= size.width()
            box = QRect(right, y, size.width(), size.height())
            button.setGeometry(QStyle.visualRect(self.layoutDirection(), whole, box))
            right -= 2 * GRID
        return y + self._send.sizeHint().height() + 2 * GRID

    def take_focus(self) -> None:
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_chain(self) -> list[QWidget]:
        return [self._edit, *self._buttons()]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color(Token.SURFACE_RAISED))
        token = Token.ACCENT if self._edit.hasFocus() else Token.BORDER
        painter.setPen(QPen(self._theme.color(token), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The frame around the field is this widget's own, and shows whether the field has the keyboard.
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    def _submit(self, *, ask: bool) -> None:
        if text := self._edit.toPlainText().strip():
            self.submitted.emit(text, ask)

    def _buttons(self) -> list[QPushButton]:
        return [button for button in (self._cancel, self._save, self._send) if not button.isHidden()]

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        # The transcript leads the keyboard here; in the window's own order it would come anywhere.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button
