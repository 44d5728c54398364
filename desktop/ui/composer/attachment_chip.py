"""An attached file on its chip: its name, what it costs, and the way to look at it or to take it off."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from desktop.domain.conversation import Part
from desktop.system.printable import one_line
from desktop.ui import words
from desktop.ui.icons import IconName, Icons
from desktop.ui.stylesheet import restyle
from desktop.ui.theme import GRID, TextSize, Theme, Token
from desktop.ui.widgets.icon_button import icon_button
from desktop.ui.widgets.plain import plain_name, plain_tip

_NAME = 52 * GRID
"""Pixels at normal text size; longer names are cut in their middle, so that the ending can be read."""


class AttachmentChip(QFrame):
    """``part`` is what will be sent."""

    opened = Signal()
    removed = Signal()

    def __init__(self, part: Part, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = part
        self.name = one_line(part.name, 200)
        self._theme = theme
        self._icons = icons
        self._is_too_large = False
        self.setObjectName("attachment-chip")
        self.setProperty("panel", "well")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._button = QPushButton(self)
        self._button.setObjectName("attachment-open")
        self._button.setProperty("kind", "quiet")
        self._button.setProperty("textsize", "small")
        self._button.clicked.connect(self.opened)
        self._tokens = QLabel(self)
        self._tokens.setObjectName("attachment-tokens")
        self._tokens.setProperty("textsize", "small")
        text = self.tr("Remove %1").replace("%1", self.name)
        self._remove = icon_button(
            icons, IconName.CLOSE, "attachment-remove", self, label=text, tip=plain_tip(text)
        )
        self._remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID // 2, GRID // 2, GRID // 2, GRID // 2)
        row.setSpacing(GRID // 2)
        row.addWidget(self._button)
        row.addWidget(self._tokens)
        row.addWidget(self._remove)
        self.show_tokens(None)
        self.fit(2 * _NAME)

    def show_tokens(self, count: int | None, *, about: bool = False, is_too_large: bool = False) -> None:
        """``None``: not counted yet."""
        self._is_too_large = is_too_large
        if count is None:
            text = words.size_of_text(len(self.part.text))
        else:
            text = words.tokens(count)
            if about:
                text = self.tr("about %1").replace("%1", text)
        self._tokens.setText(text)
        state = self.tr("%1, larger than the context").replace("%1", text) if is_too_large else text
        self._button.setAccessibleName(f"{self.name}, {state}")
        tip = self.tr("%1\n%2\nShows the text; Delete removes the file")
        self._button.setToolTip(plain_tip(words.filled(tip, self.name, state)))
        restyle(self, panel="danger" if is_too_large else "well")
        restyle(self._tokens, tone="danger" if is_too_large else "muted")
        self._icons.put(
            self._button,
            IconName.WARNING if is_too_large else IconName.FILE,
            Token.DANGER if is_too_large else Token.TEXT_MUTED,
        )
        self.updateGeometry()

    @property
    def tokens_text(self) -> str:
        return self._tokens.text()

    @property
    def is_too_large(self) -> bool:
        return self._is_too_large

    def fit(self, widest: int) -> None:
        """In at most so many pixels; also after the text's size changed."""
        self._button.setFont(self._theme.font(TextSize.SMALL))
        beside = self._tokens.sizeHint().width() + self._remove.sizeHint().width() + 16 * GRID
        room = max(10 * GRID, min(self._theme.grown(_NAME), widest - beside))
        shown = self._button.fontMetrics().elidedText(self.name, Qt.TextElideMode.ElideMiddle, room)
        self._button.setText(plain_name(shown))
        self.updateGeometry()

    def focus_widgets(self) -> list[QWidget]:
        return [self._button, self._remove]

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * GRID, super().minimumSizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)
