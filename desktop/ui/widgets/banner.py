"""Words where the user is looking: an error with the one action that helps, or a notice with an undo.

It never takes the focus and is announced to screen readers. A pane puts one above its content
and forwards its own ``show_error`` to it (see ``ui/operation.py``).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.errors import LocutionError
from desktop.ui.stylesheet import restyle
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.plain import plain_tip

NOTICE_S = 8
"""How long a notice stays; an error stays until it is dismissed or replaced."""
_BUTTONS_SHARE = 0.5


class Banner(QFrame):
    """Hidden until it has something to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._theme = theme
        self._on_action: Callable[[], None] | None = None
        self._detail = ""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self._message = _label("banner-message")
        self._advice = _label("banner-advice")
        self._action = self._button("banner-action", "", self._on_action_clicked)
        self._action.setAccessibleName(self.tr("What helps"))
        self._copy = self._button("banner-copy", self.tr("Copy details"), self._on_copy_clicked)
        self._copy.setToolTip(self.tr("Copies the technical details, for a report"))
        self._dismiss = self._button("banner-dismiss", self.tr("Dismiss"), self.hide)
        self._dismiss.setToolTip(self.tr("Hides this message"))
        self._build()
        self.hide()

    def show_error(
        self, error: LocutionError, action_label: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """Shows the error's words; ``action_label`` with ``on_action`` is the one thing that helps."""
        self._detail = error.detail
        self._action.setToolTip(plain_tip(error.action) or action_label)
        self._show("error", error.message, error.action, action_label, on_action)

    def show_notice(
        self, text: str, action_label: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """Something that happened, for a few seconds; the action is usually *Undo*."""
        self._detail = ""
        self._action.setToolTip(self.tr("Takes it back"))
        self._show("notice", text, "", action_label, on_action)
        self._timer.start(NOTICE_S * 1000)

    def text(self) -> str:
        """What is shown, for tests and for screen readers."""
        return f"{self._message.text()} {self._advice.text()}".strip()

    def first_button(self) -> QPushButton | None:
        """Where the keyboard comes to it, while it is shown."""
        buttons = (self._action, self._copy, self._dismiss)
        return next((button for button in buttons if button.isVisible()), None)

    def _build(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._message)
        words.addWidget(self._advice)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addStretch(1)
        for button in (self._action, self._copy, self._dismiss):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._whole = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._whole.setContentsMargins(3 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        self._whole.setSpacing(GRID)
        self._whole.addLayout(words, 1)
        self._whole.addLayout(buttons)

    def _fit(self) -> None:
        """Puts the buttons under the words where they would take most of the width."""
        shown = [button for button in (self._action, self._copy, self._dismiss) if not button.isHidden()]
        narrow = sum(button.sizeHint().width() for button in shown) > self.width() * _BUTTONS_SHARE
        sides = QBoxLayout.Direction
        self._whole.setDirection(sides.TopToBottom if narrow else sides.LeftToRight)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _button(self, name: str, text: str, slot: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setProperty("kind", "quiet")
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    def _show(
        self, kind: str, text: str, advice: str, action_label: str, on_action: Callable[[], None] | None
    ) -> None:
        self._timer.stop()
        self._on_action = on_action
        self._message.setText(text)
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self._action.setText(action_label)
        self._action.setAccessibleName(action_label)
        self._action.setVisible(bool(action_label and on_action))
        self._copy.setVisible(bool(self._detail))
        restyle(self, kind=kind)
        self.setAccessibleName(self.text())
        self._fit()
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _on_action_clicked(self) -> None:
        self.hide()
        if self._on_action is not None:
            self._on_action()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.text()}\n\n{self._detail}")
        self._copy.setText(self.tr("Copied"))
        QTimer.singleShot(2000, self, lambda: self._copy.setText(self.tr("Copy details")))


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
    return label
