"""A calm page for a pane that is not built yet: what will be there, what to do today, the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme, Token
from desktop.ui.widgets.flow_layout import FlowLayout

_MEASURE = 60
"""Characters a line."""
_ICON = 48


class ComingPage(QScrollArea):
    """Filled once by :meth:`set_content`."""

    def __init__(
        self, theme: Theme, icons: Icons, on_back: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._name = IconName.CHAT
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._picture = QLabel()
        self._column = QVBoxLayout()
        self._column.setSpacing(3 * GRID)
        self._buttons = FlowLayout(2 * GRID)
        self.add_button(self.tr("Back to the chat"), self.tr("Shows the chats"), on_back).setProperty(
            "kind", "primary"
        )
        icons.changed.connect(self._draw)
        theme.changed.connect(self._fit)

    def set_content(self, icon: IconName, title: str, text: str, points: Sequence[str]) -> None:
        """``points``: what will be there, one line each."""
        self._name = icon
        self.setAccessibleName(title)
        self._column.addWidget(self._picture)
        self._add_label(title, textsize="title", weight="bold")
        self._add_label(text)
        self._add_label(self.tr("What will be here"), weight="bold")
        for point in points:
            self._add_point(point)
        self._column.addSpacing(2 * GRID)
        self._column.addLayout(self._buttons)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.addStretch(1)
        body.addLayout(self._column)
        body.addStretch(2)
        page = QFrame()
        page.setProperty("panel", "surface")
        centre = QHBoxLayout(page)
        centre.setContentsMargins(8 * GRID, 8 * GRID, 8 * GRID, 8 * GRID)
        centre.addStretch(1)
        centre.addWidget(self._body, 100)
        centre.addStretch(1)
        self.setWidget(page)
        self._draw()
        self._fit()

    def add_button(self, text: str, tip: str, on_click: Callable[[], None]) -> QPushButton:
        """Beside the way back."""
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda: on_click())
        self._buttons.insert(min(self._buttons.count(), 1), button)
        return button

    def _add_point(self, text: str) -> None:
        """Its second line stands under its first, not under the dot."""
        dot, words = QLabel("•"), QLabel(text)
        words.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        for label in (dot, words):
            label.setProperty("tone", "muted")
        row.addWidget(dot, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1)
        self._column.addLayout(row)

    def _add_label(self, text: str, **look: str) -> None:
        label = QLabel(text)
        label.setWordWrap(True)
        for name, value in look.items():
            label.setProperty(name, value)
        self._column.addWidget(label)

    def _draw(self) -> None:
        self._picture.setFixedHeight(_ICON)
        self._picture.setPixmap(self._icons.pixmap(self._name, Token.ACCENT, _ICON, self.devicePixelRatioF()))

    def _fit(self) -> None:
        measure = _MEASURE * self.fontMetrics().averageCharWidth()
        self._body.setMaximumWidth(max(measure, self._body.minimumSizeHint().width()))
