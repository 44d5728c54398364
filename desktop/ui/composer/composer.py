"""Where prompts are written: the field with its files, the start of the reply, the gauge, send and stop.

It knows no service; ``ui/chat/asking.py`` connects it. Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from desktop.domain.conversation import Part
from desktop.domain.prompt import Prompt
from desktop.ui.actions import ActionId, Actions
from desktop.ui.composer.attachments import MOST, Attachments
from desktop.ui.composer.context_gauge import ContextGauge
from desktop.ui.composer.hint import Hint
from desktop.ui.composer.next_strip import NextStrip
from desktop.ui.composer.prefill_line import PrefillLine
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, RADIUS, Theme, Token
from desktop.ui.widgets.icon_button import icon_button
from desktop.ui.widgets.prompt_edit import PromptEdit, oversize
from desktop.ui.widgets.round_button import RoundButton

DRAFT_MS = 250
LONG_PASTE = 8_000
"""Characters; what is pasted beyond that is attached instead of being put into the field."""


class Composer(QWidget):
    """``prompt`` is what would be sent; ``draft_changed`` comes with it a moment after a key."""

    submitted = Signal(object)
    stop_requested = Signal()
    changed = Signal()
    """What would be sent is another, whoever changed it."""
    draft_changed = Signal(object)
    attach_refused = Signal()
    """There are as many files as there can be; the text that was pasted is in the clipboard still."""

    def __init__(self, theme: Theme, icons: Icons, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._actions = actions
        self._running = False
        self._setting = False
        self.setObjectName("composer")
        self.edit = self._make_edit()
        self.next = NextStrip(icons, self)
        self.attachments = Attachments(theme, icons, self)
        self.attachments.changed.connect(self._on_attachments_changed)
        self.prefill = PrefillLine(icons, self)
        self.prefill.changed.connect(self._on_changed)
        self.prefill.submitted.connect(self._on_prefill_entered)
        self.prefill.closed.connect(self.focus_edit)
        self.gauge = ContextGauge(theme, self)
        self.hint = Hint(self)
        self._attach = self._action_button(ActionId.ATTACH, IconName.ATTACH)
        self._begin = self._action_button(ActionId.PREFILL, IconName.BEGIN)
        self._stop = self._round_button("composer-stop", strong=False)
        self._stop.set_icon_name(IconName.STOP)
        self._stop.clicked.connect(self.stop_requested)
        self._send = self._round_button("composer-send", strong=True)
        self._send.clicked.connect(self._on_submitted)
        self._draft = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._draft.timeout.connect(self._on_draft_due)
        self._build()
        self._on_height_changed()
        self._restyle()
        theme.changed.connect(self._restyle)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.edit.toPlainText().strip("\n")

    @property
    def prompt(self) -> Prompt:
        return Prompt(self.text, self.attachments.parts, self.prefill.text)

    def set_prompt(self, prompt: Prompt) -> None:
        """Shows a chat's draft; does not announce it as changed."""
        self.flush_draft()
        self._setting = True
        parts, text = prompt.attachments, prompt.text
        if oversize(text):
            parts, text = (*parts, self.attachments.pasted(text, parts)), ""
        self.edit.set_text(text)
        self.attachments.set_parts(parts)
        self.prefill.set_text(prompt.prefill)
        self._setting = False
        self._draft.stop()
        self._update_buttons()
        self.changed.emit()

    def put_before(self, prompt: Prompt) -> None:
        """Something that was not sent comes back, before what is typed meanwhile."""
        if prompt:
            self.set_prompt(prompt.joined(self.prompt))
            self._draft.start()

    def attach(self, part: Part, at: int | None = None) -> bool:
        """Puts a file at the end, or at its place of before; ``False`` if there are too many."""
        count = len(self.attachments.chips)
        if count >= MOST:
            return False
        self.attachments.insert(count if at is None else min(at, count), part)
        self._on_attachments_changed()
        return True

    def replace_attachment(self, before: Part, after: Part) -> None:
        """One in the place of another."""
        self.attachments.set_parts(after if part is before else part for part in self.attachments.parts)
        self._on_attachments_changed()

    def flush_draft(self) -> None:
        """Announces an unsaved draft now: the user leaves this chat."""
        if self._draft.isActive():
            self._draft.stop()
            self.draft_changed.emit(self.prompt)

    def clear(self) -> None:
        """After sending: the draft is gone with it."""
        self._draft.stop()
        self.set_prompt(Prompt())

    def set_running(self, running: bool) -> None:
        """Whether an answer is being made: it can be stopped then, and what is sent waits for its end."""
        if running != self._running:
            self._running = running
            self._update_buttons()

    def set_enter_sends(self, enter_sends: bool) -> None:
        self.edit.enter_sends = enter_sends
        self._update_buttons()

    def set_placeholder(self, text: str) -> None:
        self.edit.setPlaceholderText(text)

    def toggle_prefill(self) -> None:
        """Shows the line for the reply's start, or takes the keyboard to it; from there back to the text."""
        if self.prefill.isHidden() or not self.prefill.field.hasFocus():
            self.prefill.open()
        else:
            self.focus_edit()

    def _on_prefill_entered(self) -> None:
        """How the reply begins is often written first: then the message itself comes next."""
        if self.edit.document().isEmpty():
            self.focus_edit()
        else:
            self._on_submitted()

    def focus_edit(self) -> None:
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color(Token.SURFACE_RAISED))
        token = Token.ACCENT if self.edit.hasFocus() else Token.BORDER
        painter.setPen(QPen(self._theme.color(token), 1))
        radius = RADIUS + GRID
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The frame around the field is this widget's own, and shows whether the field has the keyboard.
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    # -- Building

    def _make_edit(self) -> PromptEdit:
        edit = PromptEdit(self)
        edit.setObjectName("composer-text")
        edit.setAccessibleName(self.tr("Message"))
        edit.setToolTip(self.tr("What you want to say to the model"))
        edit.takes_files = True
        edit.longest_paste = LONG_PASTE
        # What is dropped goes to the whole column, files as well as text.
        edit.setAcceptDrops(False)
        edit.submitted.connect(self._on_submitted)
        edit.large_pasted.connect(self._on_large_pasted)
        edit.escape_pressed.connect(self.stop_requested)
        edit.height_changed.connect(self._on_height_changed)
        edit.textChanged.connect(self._on_changed)
        edit.installEventFilter(self)
        return edit

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._attach)
        row.addWidget(self._begin)
        row.addSpacing(GRID)
        row.addWidget(self.gauge, 1)
        row.addWidget(self._stop)
        row.addWidget(self._send)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        for widget in (self.next, self.attachments, self.prefill):
            column.addWidget(widget)
        field = QHBoxLayout()
        field.setContentsMargins(GRID, 0, 0, 0)
        field.addWidget(self.edit)
        column.addLayout(field)
        column.addWidget(self.hint)
        column.addLayout(row)

    def _action_button(self, action_id: ActionId, icon: IconName) -> QToolButton:
        action = self._actions.action(action_id)
        name = f"composer-{action_id.value}"
        button = icon_button(self._icons, icon, name, self, label=action.text())
        self._actions.put_tip(button, action_id)
        button.clicked.connect(action.trigger)
        return button

    def _round_button(self, name: str, *, strong: bool) -> RoundButton:
        button = RoundButton(self._theme, self._icons, strong=strong, radius=RADIUS, parent=self)
        button.setObjectName(name)
        button.clicked.connect(self.focus_edit)
        return button

    def _update_buttons(self) -> None:
        """While an answer runs there is stop, and beside it send as soon as there is something to wait."""
        is_empty = not self.prompt
        self._stop.setVisible(self._running)
        self._stop.setAccessibleName(self.tr("Stop"))
        self._stop.setToolTip(self.tr("Stop the answer (Esc)"))
        self._send.setVisible(not self._running or not is_empty)
        self._send.setEnabled(not is_empty)
        keys = self.tr("Enter") if self.edit.enter_sends else self.tr("Ctrl+Enter")
        if self._running:
            self._send.setAccessibleName(self.tr("Send next"))
            text = self.tr("Send when the answer has ended (%1)")
        else:
            self._send.setAccessibleName(self.tr("Send"))
            text = self.tr("Send (%1)")
        self._send.setToolTip(text.replace("%1", keys))

    def _restyle(self) -> None:
        self._update_buttons()
        self.update()

    # -- What happened

    def _on_submitted(self) -> None:
        if prompt := self.prompt:
            self.submitted.emit(prompt)

    def _on_changed(self) -> None:
        if not self._setting:
            self._update_buttons()
            if not self._draft.isActive():
                # Not with each key anew: who writes without a pause is saved on the way.
                self._draft.start()
            self.changed.emit()

    def _on_attachments_changed(self) -> None:
        """Saved at once: a file is not typed again as easily as a word."""
        if not self.attachments.chips:
            self.focus_edit()
        self._on_changed()
        self.flush_draft()

    def _on_large_pasted(self, text: str) -> None:
        if not self.attach(self.attachments.pasted(text, self.attachments.parts)):
            self.attach_refused.emit()

    def _on_height_changed(self) -> None:
        self.edit.setFixedHeight(self.edit.wanted_height())

    def _on_draft_due(self) -> None:
        self.draft_changed.emit(self.prompt)
