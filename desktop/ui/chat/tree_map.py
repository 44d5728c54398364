"""The panel with the map of the open chat: all its branches, where the reader is, and a way to each message.

It floats over the messages and stays while the user goes about. Imported when it is first asked for.
Main thread, on the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QDateTime, QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.domain.conversation import Message, Role
from desktop.domain.math_syntax import FORMULA_SIGN
from desktop.domain.outline import Outline
from desktop.ui.chat.announcer import announce
from desktop.ui.chat.transcript.transcript import Transcript
from desktop.ui.chat.tree_map_layout import TreeMap, lay_out
from desktop.ui.chat.tree_map_view import TreeMapView
from desktop.ui.icons import IconName
from desktop.ui.markdown.plain_text import rendered_text
from desktop.ui.operation import run
from desktop.ui.slices import Slices
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.elided_label import ElidedLabel
from desktop.ui.widgets.icon_button import icon_button
from desktop.ui.words import filled, number

_CHANGED_MS = 150
_POINTED_MS = 80
_WIDEST, _NARROWEST = 90 * GRID, 60 * GRID
_HIGHEST = 110 * GRID
_MARGIN = 3 * GRID
_FIRST_WORDS = 160
_READ = 2000


class TreeMapPanel(QFrame):
    """Over ``transcript``; ``opened`` gives the chat that is shown, if there is one."""

    chosen = Signal(str)
    """The message to go to."""
    closed = Signal()

    def __init__(
        self, kit: Toolkit, transcript: Transcript, opened: Callable[[], Outline | None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._conversations = kit.services.conversations
        self._tasks = kit.tasks
        self._theme = kit.theme
        self._transcript = transcript
        self._holder = parent
        self._opened = opened
        self._task: asyncio.Task[None] | None = None
        self._pointed = ""
        self.setObjectName("tree-map")
        self.setProperty("panel", "card")
        self.setAccessibleName(self.tr("Map of this chat"))
        self.view = TreeMapView(kit.theme, self._is_shown, self._is_own, self)
        self.view.chosen.connect(self.chosen)
        self.view.pointed.connect(self._on_pointed)
        self._count = ElidedLabel(self)
        self._count.setObjectName("tree-map-count")
        self._count.setProperty("weight", "bold")
        self._detail = QLabel(self)
        self._detail.setObjectName("tree-map-detail")
        self._detail.setProperty("tone", "muted")
        self._detail.setProperty("textsize", "small")
        self._detail.setTextFormat(Qt.TextFormat.PlainText)
        self._detail.setWordWrap(True)
        self._detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._build(kit)
        self._changed = self._timer(_CHANGED_MS, self.rebuild)
        self._asked = self._timer(_POINTED_MS, self._read_pointed)
        transcript.path_changed.connect(lambda _: self.isVisible() and self._changed.start())
        transcript.moved.connect(self._on_moved)
        transcript.installEventFilter(self)
        kit.theme.changed.connect(self._place)
        self.hide()

    def open(self) -> None:
        """Shows the panel with the keyboard in it."""
        self.show()
        self._place()
        self.raise_()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.rebuild()

    def close_map(self) -> None:
        """Takes the panel away."""
        self._stop()
        self.hide()
        self.view.set_map(TreeMap())
        self.closed.emit()

    def rebuild(self) -> None:
        """Draws the chat as it is now."""
        self._stop()
        if (chat := self._opened()) is not None:
            self._task = run(
                self,
                _in_slices(chat),
                tasks=self._tasks,
                name="map a chat",
                on_success=lambda made: self._show(chat, made),
            )

    def detail(self) -> str:
        """What is said about the message that is pointed at."""
        return self._detail.text()

    def _build(self, kit: Toolkit) -> None:
        close = icon_button(
            kit.icons,
            IconName.CLOSE,
            "tree-map-close",
            self,
            label=self.tr("Close the map"),
            tip=self.tr("Takes the map away (Esc)"),
        )
        close.clicked.connect(self.close_map)
        head = QHBoxLayout()
        head.addWidget(self._count, 1)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(self._detail)

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _stop(self) -> None:
        self._changed.stop()
        if self._task is not None:
            self._task.cancel()
        self._task = None

    def _show(self, chat: Outline, made: TreeMap) -> None:
        if chat is not self._opened() or not self.isVisible():
            return
        branches = sum(not ways for ways in made.children)
        text = self.tr("Messages: %1 · Branches: %2")
        self._count.set_whole(filled(text, number(len(made.of)), number(branches)))
        self.view.set_map(made)
        self._place()
        self._on_moved()
        if not self.view.current:
            self.view.set_current(self._transcript.seen()[0])

    def _place(self) -> None:
        """In the upper corner of the messages where lines end."""
        box = QRect(self._transcript.mapTo(self._holder, QPoint()), self._transcript.size())
        wanted = self.view.wanted_size()
        lines = 4 * self._detail.fontMetrics().height()
        self._detail.setFixedHeight(lines)
        extra = lines + self._count.sizeHint().height() + 10 * GRID
        grown = self._theme.grown
        head = self._count.fontMetrics().horizontalAdvance(self._count.whole) + 20 * GRID
        width = min(
            max(wanted.width() + 8 * GRID, head, grown(_NARROWEST)), grown(_WIDEST), box.width() - 2 * _MARGIN
        )
        height = min(wanted.height() + extra, grown(_HIGHEST), box.height() - 2 * _MARGIN)
        x = box.left() + _MARGIN if self.isRightToLeft() else box.right() - _MARGIN - width
        self.setGeometry(QRect(x, box.top() + _MARGIN, width, max(height, extra)))

    def _is_shown(self, message_id: str) -> bool:
        return (chat := self._opened()) is not None and chat.place(message_id) is not None

    def _is_own(self, message_id: str) -> bool:
        chat = self._opened()
        return chat is not None and message_id in chat.tree and chat.tree[message_id].role is Role.USER

    # -- What happened

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_map()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The messages have another size or place."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self._place()
        return False

    def _on_moved(self) -> None:
        if self.isVisible():
            self.view.set_seen(*self._transcript.seen())

    def _on_pointed(self, message_id: str) -> None:
        self._pointed = message_id
        self._asked.start()

    def _read_pointed(self) -> None:
        """What this one message says; the map itself is drawn without."""
        chat, message_id = self._opened(), self._pointed
        if chat is None or message_id not in chat.tree:
            self._detail.clear()
            return
        run(
            self,
            self._conversations.bodies(chat.conversation.id, [message_id]),
            tasks=self._tasks,
            name="read a message for the map",
            on_success=lambda bodies: self._tell(bodies.get(message_id)),
        )

    def _tell(self, message: Message | None) -> None:
        if message is None or message.id != self._pointed:
            return
        own = message.role is Role.USER
        name = message.origin.model_name if message.origin else ""
        who = self.tr("You") if own else name or self.tr("Model")
        read = rendered_text(message.text[:_READ], typed=own).replace(FORMULA_SIGN, "…")
        words = " ".join(read.split())[:_FIRST_WORDS]
        text = " · ".join(part for part in (who, self._when(message.created_at)) if part)
        self._detail.setText(f"{text}\n{words}")
        self.view.setAccessibleDescription(f"{text}: {words}")
        if self.view.hasFocus() and message.id == self.view.current:
            announce(self.view, f"{text}: {words}")

    def _when(self, at: float) -> str:
        try:
            datetime.fromtimestamp(at)
        except (ValueError, OverflowError, OSError):
            return ""
        return self.locale().toString(
            QDateTime.fromMSecsSinceEpoch(round(1000 * at)), self.locale().FormatType.ShortFormat
        )


async def _in_slices(chat: Outline) -> TreeMap:
    """Lets the window in between."""
    steps, slices = lay_out(chat.tree), Slices()
    while True:
        try:
            next(steps)
        except StopIteration as done:
            made: TreeMap = done.value
            return made
        await slices.rest()
