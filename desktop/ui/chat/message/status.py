"""The line under an answer that is not whole, or a question without one: why, and what helps.

Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from desktop.domain.conversation import Message, Role, Status
from desktop.ui.chat import words
from desktop.ui.chat.message.act import MessageAct
from desktop.ui.icons import IconName, Icons
from desktop.ui.stylesheet import restyle
from desktop.ui.theme import GRID, Token

_FEWEST = 28
"""Characters that fit beside the buttons, or these go under the words."""


class MessageStatus(QWidget):
    """Hidden when an answer is whole."""

    chosen = Signal(object)
    """A :class:`MessageAct`: to go on, or to answer again."""

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.setObjectName("message-status")
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setObjectName("message-status-text")
        self._text.setProperty("textsize", "small")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._continue = self._button("message-continue", MessageAct.CONTINUE)
        self._continue.setText(self.tr("Continue"))
        self._continue.setToolTip(self.tr("Goes on where this answer ends"))
        self._retry = self._button("message-retry", MessageAct.AGAIN)
        self._retry.setToolTip(self.tr("The model answers; what there is already is kept"))
        said = QHBoxLayout()
        said.setSpacing(2 * GRID)
        said.addWidget(self._icon)
        said.addWidget(self._text, 1)
        done = QHBoxLayout()
        done.setSpacing(2 * GRID)
        done.addStretch(1)
        done.addWidget(self._continue)
        done.addWidget(self._retry)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(2 * GRID)
        self._line.addLayout(said, 1)
        self._line.addLayout(done)

    def set_message(self, message: Message, *, can_retry: bool) -> None:
        own = message.role is Role.USER
        text = words.unanswered() if own else words.status(message)
        failed = message.status is Status.FAILED
        token = Token.DANGER if failed else Token.TEXT_MUTED
        name = IconName.WARNING if failed else IconName.INFO
        side = self._icons.scaled(16)
        self._icon.setPixmap(self._icons.icon(name, token).pixmap(QSize(side, side)))
        self._text.setText(text)
        restyle(self._text, tone="danger" if failed else "muted")
        self._retry.setText(
            self.tr("Answer") if own else self.tr("Try again") if failed else self.tr("Answer again")
        )
        self._retry.setVisible(can_retry)
        self._continue.setVisible(can_retry and words.can_go_on(message))
        self.setVisible(bool(text))

    def height_at(self, width: int) -> int:
        """In one line, or with the buttons under the words where there is no room beside them."""
        shown = [button.sizeHint() for button in self.buttons()]
        height = max((size.height() for size in shown), default=0)
        room = width - self._icon.sizeHint().width() - 2 * GRID
        beside = room - sum(size.width() + 2 * GRID for size in shown)
        one_line = beside >= _FEWEST * self.fontMetrics().averageCharWidth()
        direction = QBoxLayout.Direction
        self._line.setDirection(direction.LeftToRight if one_line else direction.TopToBottom)
        if one_line:
            return max(self._text.heightForWidth(beside), height)
        said = max(self._text.heightForWidth(room), self._icon.sizeHint().height())
        return said + (2 * GRID + height if shown else 0)

    def buttons(self) -> list[QPushButton]:
        """Those that can be used, in order."""
        return [button for button in (self._continue, self._retry) if not button.isHidden()]

    def _button(self, name: str, act: MessageAct) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        # The transcript leads the keyboard here; in the window's own order it would come anywhere.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.chosen.emit(act))
        return button
