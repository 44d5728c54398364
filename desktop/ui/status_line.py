"""The line under everything: model, device, context use, speed, memory; a load's progress; engine errors.

Main thread. Reads from the services when the bus says so, five times a second while an answer is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation
from desktop.domain.engine_state import Busy, Failed, Loading, Ready, Unloaded
from desktop.domain.errors import ModelFileError
from desktop.domain.model import LoadedModel
from desktop.services.assembly import Services
from desktop.ui.stylesheet import restyle
from desktop.ui.theme import GRID
from desktop.ui.widgets.plain import plain_tip
from desktop.ui.words import byte_size, duration, filled, number, per_second

REFRESH_MS = 200
_FIELDS = ("model", "device", "context", "first-token", "speed", "memory")
_LEAST_IMPORTANT_FIRST = ("memory", "device", "first-token", "context", "speed")


class StatusLine(QFrame):
    """``model_requested``: the user wants another model. ``retry_requested``: load the failed one again.

    ``cancel_requested``: give up the model that is being loaded.
    """

    model_requested = Signal()
    retry_requested = Signal(str)
    cancel_requested = Signal()

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status-line")
        self.setProperty("panel", "window")
        self._chat = services.chat
        self._models = services.models
        self._conversation_id = ""
        self._timing = services.chat.last_timing
        self._timed_id = ""
        """Whose answer the timing is of."""
        self._fields = {name: self._make_field(name) for name in _FIELDS}
        self._progress = QProgressBar(self)
        self._progress.setObjectName("status-progress")
        self._progress.setAccessibleName(self.tr("Progress of loading the model"))
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(40 * GRID)
        self._message = self._make_field("message")
        self._action = QPushButton(self)
        self._action.setObjectName("status-action")
        self._action.setProperty("kind", "flat")
        self._action.setProperty("textsize", "small")
        self._action.clicked.connect(self._on_action_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GRID, GRID, 3 * GRID, GRID)
        row.setSpacing(4 * GRID)
        row.addWidget(self._message)
        row.addWidget(self._progress)
        row.addWidget(self._action)
        for field in self._fields.values():
            row.addWidget(field)
        row.addStretch(1)
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._describe_fields()
        self._unsubscribe = services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)
        self.refresh()

    def show_conversation(self, conversation: Conversation | None) -> None:
        """Whose context use and running answer are shown."""
        self._conversation_id = conversation.id if conversation else ""
        self.refresh()

    def text(self) -> str:
        """All that is shown, for tests."""
        labels = [self._message, *self._fields.values()]
        return " · ".join(label.text() for label in labels if label.isVisibleTo(self) and label.text())

    def refresh(self) -> None:
        self._timer.stop()
        match self._models.state:
            case Unloaded():
                self._show_message(self.tr("No model is loaded."), action=self.tr("Choose a model"))
            case Loading(path, fraction):
                share = number(round(fraction * 100))
                words = filled(self.tr("Loading %1 … %2 %"), Path(path).stem, share)
                self._show_message(words, action=self.tr("Cancel"), fraction=fraction)
            case Ready(model) | Busy(model):
                self._show_model(model)
            case Failed(error, path):
                again = path and not isinstance(error, ModelFileError)  # the same file stays what it is
                action = self.tr("Load it again") if again else self.tr("Choose a model")
                self._show_message(error.message, action=action, danger=True)
                self._message.setToolTip(plain_tip(str(error)))
            case state:
                assert_never(state)
        self._fit()

    # -- Parts

    def _make_field(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setObjectName(f"status-{name}")
        label.setProperty("textsize", "small")
        label.setProperty("tone", "muted")
        return label

    def _describe_fields(self) -> None:
        tips = {
            "model": self.tr("The model that answers, and its quantization"),
            "device": self.tr("Where the model computes"),
            "context": self.tr("How much of what the model can hold in view this chat uses"),
            "first-token": self.tr("From sending to the first piece of the answer"),
            "speed": self.tr("Tokens a second; a token is about three quarters of an English word"),
            "memory": self.tr("What the engine holds in memory"),
        }
        for name, tip in tips.items():
            self._fields[name].setToolTip(tip)

    def _show_message(
        self, text: str, *, action: str = "", fraction: float | None = None, danger: bool = False
    ) -> None:
        for field in self._fields.values():
            field.setText("")
        self._message.setText(text)
        self._message.setToolTip("")
        restyle(self._message, tone="danger" if danger else "muted")
        self._progress.setVisible(fraction is not None)
        self._progress.setValue(round((fraction or 0.0) * 100))
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._action.setToolTip(action)

    def _show_model(self, model: LoadedModel) -> None:
        self._show_message("")
        fields = self._fields
        fields["model"].setText(" ".join(filter(None, (model.name, model.quantization))))
        tip = f"{self.tr('The model that answers, and its quantization')}\n{model.path}"
        fields["model"].setToolTip(plain_tip(tip))
        threads = self.tr("%1 thread") if model.threads == 1 else self.tr("%1 threads")
        threads = threads.replace("%1", number(model.threads)) if model.threads else ""
        fields["device"].setText(" · ".join(filter(None, (model.device, threads))))
        memory = self._models.memory or model.memory
        fields["memory"].setText(byte_size(memory) if memory else "")
        self._show_speed(model)

    def _show_speed(self, model: LoadedModel) -> None:
        live = self._chat.running(self._conversation_id) if self._conversation_id else None
        done = self._timing
        if live is not None:
            used, rate, first = live.prompt_total + live.tokens, live.tokens_per_s, 0.0
        elif done is not None:
            used = done.context_used if self._timed_id == self._conversation_id else 0
            rate, first = done.timing.tokens_per_s, done.timing.first_token_s
        else:
            used, rate, first = 0, 0.0, 0.0
        total = number(model.context_length)
        context = self.tr("%1 of %2 tokens") if used else self.tr("context %2 tokens")
        self._fields["context"].setText(filled(context, number(used), total))
        self._fields["first-token"].setText(
            self.tr("first token %1").replace("%1", duration(first)) if first else ""
        )
        self._fields["speed"].setText(per_second(rate) if rate else "")

    def _fit(self) -> None:
        """Leaves out what matters least until the rest fits."""
        showing_model = not self._message.text()
        self._message.setVisible(not showing_model)
        self._action.setVisible(bool(self._action.text()))
        for field in self._fields.values():
            field.setVisible(bool(field.text()))
        for name in _LEAST_IMPORTANT_FIRST:
            if self.layout_width() <= self.width():
                break
            self._fields[name].hide()

    def layout_width(self) -> int:
        """What the visible parts need, in pixels."""
        parts = (self._message, self._progress, self._action, *self._fields.values())
        widths = [part.sizeHint().width() for part in parts if part.isVisibleTo(self)]
        return sum(widths) + max(0, len(widths) - 1) * 4 * GRID + 6 * GRID

    # -- Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _on_action_clicked(self) -> None:
        match self._models.state:
            case Loading():
                self.cancel_requested.emit()
            case Failed(error, path) if path and not isinstance(error, ModelFileError):
                self.retry_requested.emit(path)
            case _:
                self.model_requested.emit()

    def _on_changed(self, change: Change) -> None:
        match change.kind:
            case Kind.MODEL:
                self.refresh()
            case Kind.MESSAGES:
                if self._timing is not self._chat.last_timing:
                    self._timing = self._chat.last_timing
                    self._timed_id = next(iter(change.ids), "")
                self.refresh()
            case Kind.ANSWER if not self._timer.isActive():
                self._timer.start()
            case _:
                pass
