"""Editing a message in its place: what was said stays as another version. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QStyle, QToolButton, QWidget

from desktop.domain.conversation import Message, Part, PartKind, Role
from desktop.domain.prompt import Prompt
from desktop.ui.composer.attachments import MOST, Attachments
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, RADIUS, Theme, Token
from desktop.ui.widgets.icon_button import icon_button
from desktop.ui.widgets.prompt_edit import PromptEdit

_PADDING = 3 * GRID


class MessageEditor(QWidget):
    """Takes the message's place until it is sent or given up. Only the user's own takes more files."""

    submitted = Signal(object, bool)
    """A :class:`Prompt`, and whether the model is to answer it."""
    cancelled = Signal()
    attach_requested = Signal()
    """By the button; ``files_pasted`` comes with paths."""
    files_pasted = Signal(list)
    attach_refused = Signal()
    """There are as many files as there can be."""
    height_changed = Signal()

    def __init__(self, theme: Theme, icons: Icons, message: Message, parent: QWidget | None = None) -> None:
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
        self.attachments = Attachments(theme, icons, self)
        self._attach = self._attach_button(icons)
        self._attach.setVisible(own)
        self._edit.takes_files = own
        self._edit.files_pasted.connect(self.files_pasted)
        if own:
            self._edit.large_pasted.connect(self._on_large_pasted)
        self.attachments.set_parts(part for part in message.parts if part.kind is PartKind.ATTACHMENT)
        self._on_added()
        self.attachments.added.connect(self._on_added)
        self.attachments.changed.connect(self._on_removed)
        self.attachments.height_changed.connect(self.height_changed)
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

    def attach(self, part: Part, at: int | None = None) -> bool:
        """Puts a file at the end, or at its place of before; ``False`` if there are too many."""
        count = len(self.attachments.chips)
        if count >= MOST:
            return False
        self.attachments.insert(count if at is None else min(at, count), part)
        return True

    def height_at(self, width: int) -> int:
        """Lays the parts out in ``width`` pixels."""
        inner = width - 2 * _PADDING
        y = _PADDING
        if files := self.attachments.height_at(inner):
            self.attachments.setGeometry(_PADDING, y, inner, files)
            y += files + 2 * GRID
        self._edit.resize(inner, max(self._edit.height(), 1))
        height = self._edit.wanted_height()
        self._edit.setGeometry(_PADDING, y, inner, height)
        y += height + 2 * GRID
        left, right = 2 * GRID, width - 2 * GRID
        whole = QRect(0, 0, width, 0)
        if not self._attach.isHidden():
            box = QRect(QPoint(left, y), self._attach.sizeHint())
            self._attach.setGeometry(QStyle.visualRect(self.layoutDirection(), whole, box))
            left = box.right() + GRID
        for button in reversed(self._buttons()):
            size = button.sizeHint()
            if right - size.width() < left and right < width - 2 * GRID:
                right, y = width - 2 * GRID, y + size.height() + GRID  # on another line
                left = 2 * GRID
            right -= size.width()
            box = QRect(right, y, size.width(), size.height())
            button.setGeometry(QStyle.visualRect(self.layoutDirection(), whole, box))
            right -= 2 * GRID
        return y + self._send.sizeHint().height() + 2 * GRID

    def take_focus(self) -> None:
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_chain(self) -> list[QWidget]:
        attach = [] if self._attach.isHidden() else [self._attach]
        return [*self.attachments.focus_widgets(), self._edit, *attach, *self._buttons()]

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

    def _on_added(self) -> None:
        # The transcript leads the keyboard here; in the window's own order it would come anywhere.
        for widget in self.attachments.focus_widgets():
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _on_removed(self) -> None:
        if not self.attachments.chips:
            self.take_focus()

    def _on_large_pasted(self, text: str) -> None:
        if not self.attach(self.attachments.pasted(text, self.attachments.parts)):
            self.attach_refused.emit()

    def _submit(self, *, ask: bool) -> None:
        if prompt := Prompt(self._edit.toPlainText().strip(), self.attachments.parts):
            self.submitted.emit(prompt, ask)

    def _buttons(self) -> list[QPushButton]:
        return [button for button in (self._cancel, self._save, self._send) if not button.isHidden()]

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        # The transcript leads the keyboard here; in the window's own order it would come anywhere.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _attach_button(self, icons: Icons) -> QToolButton:
        button = icon_button(
            icons,
            IconName.ATTACH,
            "message-edit-attach",
            self,
            label=self.tr("Attach files"),
            tip=self.tr("Attaches files to this version of the message"),
            by_tab=False,
        )
        button.clicked.connect(self.attach_requested)
        return button
