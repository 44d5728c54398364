"""Where prompts are written: the field, a large pasted text beside it, the gauge, send and stop.

It knows no service; the pane connects it. Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.ui.composer.context_gauge import ContextGauge
from desktop.ui.composer.pasted_text import PastedText
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, RADIUS, Theme, Token
from desktop.ui.widgets.prompt_edit import PromptEdit, oversize
from desktop.ui.widgets.round_button import RoundButton

DRAFT_MS = 250


class Composer(QWidget):
    """``text`` is what would be sent; ``draft_changed`` comes a moment after the last key."""

    submitted = Signal(str)
    stop_requested = Signal()
    edit_last_requested = Signal()
    text_changed = Signal()
    """What would be sent is another text, whoever changed it."""
    draft_changed = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._running = False
        self._setting = False
        self.setObjectName("composer")
        self.edit = PromptEdit(self)
        self.edit.setObjectName("composer-text")
        self.edit.setAccessibleName(self.tr("Message"))
        self.edit.setToolTip(self.tr("What you want to say to the model"))
        self.edit.submitted.connect(self._on_submitted)
        self.edit.large_pasted.connect(self._on_large_pasted)
        self.edit.up_pressed_when_empty.connect(self.edit_last_requested)
        self.edit.escape_pressed.connect(self.stop_requested)
        self.edit.height_changed.connect(self._on_height_changed)
        self.edit.textChanged.connect(self._on_text_changed)
        self.pasted = PastedText(icons, self)
        self.pasted.removed.connect(self._on_text_changed)
        self.gauge = ContextGauge(theme, self)
        self._hint = QLabel(self)
        self._hint.setObjectName("composer-hint")
        self._hint.setProperty("textsize", "small")
        self._hint.setWordWrap(True)
        self._hint.hide()
        self._button = self._send_button()
        self._draft = QTimer(self)
        self._draft.setSingleShot(True)
        self._draft.setInterval(DRAFT_MS)
        self._draft.timeout.connect(self._on_draft_due)
        self._build()
        self._on_height_changed()
        self._restyle()
        theme.changed.connect(self._restyle)

    @property
    def text(self) -> str:
        """What is typed, followed by what was pasted beside it."""
        return "\n\n".join(part for part in (self.edit.toPlainText().strip("\n"), self.pasted.text) if part)

    def set_draft(self, text: str) -> None:
        """Shows a chat's draft; does not announce it as changed."""
        self.flush_draft()
        self._setting = True
        typed, pasted = _parted(text)
        self.edit.set_text(typed)
        self.pasted.set_text(pasted)
        self._setting = False
        self._update_button()
        self.text_changed.emit()

    def flush_draft(self) -> None:
        """Announces an unsaved draft now: the user leaves this chat."""
        if self._draft.isActive():
            self._draft.stop()
            self.draft_changed.emit(self.text)

    def clear(self) -> None:
        """After sending: the draft is gone with it."""
        self._draft.stop()
        self._setting = True
        self.edit.set_text("")
        self.pasted.set_text("")
        self._setting = False
        self._update_button()
        self.text_changed.emit()

    def set_running(self, running: bool) -> None:
        """Whether an answer is being made: the button stops it then."""
        if running != self._running:
            self._running = running
            self._update_button()

    def set_enter_sends(self, enter_sends: bool) -> None:
        self.edit.enter_sends = enter_sends
        self._update_button()

    def set_placeholder(self, text: str) -> None:
        self.edit.setPlaceholderText(text)

    def set_hint(self, text: str, *, problem: bool = False) -> None:
        """A line over the gauge; nothing for an empty text."""
        self._hint.setProperty("tone", "danger" if problem else "muted")
        self._hint.style().unpolish(self._hint)
        self._hint.style().polish(self._hint)
        self._hint.setText(text)
        self._hint.setVisible(bool(text))

    def focus_chain(self) -> list[QWidget]:
        return [self.edit, self._button]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color(Token.SURFACE_RAISED))
        token = Token.ACCENT if self.edit.hasFocus() else Token.BORDER
        painter.setPen(QPen(self._theme.color(token), 1))
        radius = RADIUS + GRID
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(self.gauge, 1)
        row.addWidget(self._button)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addWidget(self.pasted)
        column.addWidget(self.edit)
        column.addWidget(self._hint)
        column.addLayout(row)
        self.pasted.hide()

    def _send_button(self) -> RoundButton:
        button = RoundButton(self._theme, self._icons, strong=True, radius=RADIUS, parent=self)
        button.setObjectName("composer-send")
        button.clicked.connect(self._on_button_clicked)
        return button

    def _update_button(self) -> None:
        if self._running:
            self._button.set_icon_name(IconName.STOP)
            text = self.tr("Stop the answer (Esc)")
        else:
            self._button.set_icon_name(IconName.SEND)
            keys = self.tr("Enter") if self.edit.enter_sends else self.tr("Ctrl+Enter")
            text = self.tr("Send (%1)").replace("%1", keys)
        self._button.setToolTip(text)
        self._button.setAccessibleName(self.tr("Stop") if self._running else self.tr("Send"))
        self._button.setEnabled(self._running or not self._is_empty())

    def _is_empty(self) -> bool:
        return self.edit.document().isEmpty() and not self.pasted.text

    def _restyle(self) -> None:
        self._update_button()
        self.update()

    def _on_submitted(self) -> None:
        if not self._running and self.text.strip():
            self.submitted.emit(self.text)

    def _on_button_clicked(self) -> None:
        if self._running:
            self.stop_requested.emit()
        else:
            self._on_submitted()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_text_changed(self) -> None:
        if not self._setting:
            self._update_button()
            self._draft.start()
            self.text_changed.emit()

    def _on_large_pasted(self, text: str) -> None:
        self.pasted.set_text("\n\n".join(part for part in (self.pasted.text, text) if part))
        self._on_text_changed()

    def _on_height_changed(self) -> None:
        self.edit.setFixedHeight(self.edit.wanted_height())

    def _on_draft_due(self) -> None:
        self.draft_changed.emit(self.text)


def _parted(text: str) -> tuple[str, str]:
    """A draft as what is typed and what is held beside it."""
    if not oversize(text):
        return text, ""
    typed, gap, pasted = text.partition("\n\n")
    return (typed, pasted) if gap and not oversize(typed) else ("", text)
