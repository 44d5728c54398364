"""What an empty chat shows: what can be done here, one card per preset, and how to begin without a model.

Main thread only.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.preset import Preset
from desktop.ui.icons import Icons, from_word
from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token
from desktop.ui.widgets.plain import plain_name, plain_tip

_WIDTH = 760
_TWO_COLUMNS = 520
_EXAMPLES = 2


class ModeCard(QFrame):
    """A preset: chosen by a click anywhere on it; each example puts its text into the composer."""

    chosen = Signal(str)
    example_chosen = Signal(str, str)

    def __init__(self, preset: Preset, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preset = preset
        self._theme = theme
        self._marked = False
        self.setObjectName(f"mode-{preset.id}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._button = QToolButton(self)
        self._button.setObjectName(f"mode-choose-{preset.id}")
        self._button.setText(plain_name(preset.name))
        self._button.setAccessibleName(preset.name)
        self._button.setAccessibleDescription(preset.description)
        self._button.setToolTip(plain_tip(preset.description))
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setProperty("weight", "bold")
        self._button.setProperty("kind", "heading")
        icons.put(self._button, from_word(preset.icon), Token.ACCENT)
        self._button.clicked.connect(lambda: self.chosen.emit(preset.id))
        description = QLabel(preset.description, self)
        description.setProperty("tone", "muted")
        description.setProperty("textsize", "small")
        description.setTextFormat(Qt.TextFormat.PlainText)
        description.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 3 * GRID)
        column.setSpacing(GRID)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(description)
        column.addStretch(1)
        column.addSpacing(GRID)
        for example in preset.examples[:_EXAMPLES]:
            column.addWidget(self._example(example))

    def set_marked(self, marked: bool) -> None:
        """Whether this is the chat's preset."""
        self._marked = marked
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._preset.id)
        super().mouseReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color(Token.SURFACE_RAISED))
        hovered = self.underMouse()
        token = Token.ACCENT if self._marked or hovered else Token.BORDER
        painter.setPen(QPen(self._theme.color(token), 1.5 if self._marked else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def _example(self, text: str) -> QPushButton:
        button = ExampleButton(text, self._theme, self)
        button.clicked.connect(lambda: self.example_chosen.emit(self._preset.id, text))
        return button


class ExampleButton(QPushButton):
    """An example prompt on one line; the whole in its tooltip."""

    def __init__(self, prompt: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prompt = " ".join(prompt.split())
        self._theme = theme
        self.setObjectName("example")
        self.setProperty("kind", "quiet")
        self.setAccessibleName(self._prompt)
        self.setToolTip(plain_tip(prompt[:500]))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        line = QFontMetrics(self._theme.font(TextSize.SMALL)).height()
        return QSize(40 * GRID, max(8 * GRID, line + 3 * GRID))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        lit = self.underMouse() or self.hasFocus()
        painter.setPen(self._theme.color(Token.ACCENT) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(Token.HOVER if lit else Token.WINDOW))
        painter.drawRoundedRect(box, RADIUS - 2, RADIUS - 2)
        painter.setFont(self._theme.font(TextSize.SMALL))
        painter.setPen(self._theme.color(Token.TEXT))
        inner = self.rect().adjusted(2 * GRID, 0, -2 * GRID, 0)
        text = painter.fontMetrics().elidedText(self._prompt, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, text)


class EmptyChat(QScrollArea):
    """Scrolls in a low window, so that nothing is cut off."""

    preset_chosen = Signal(str)
    example_chosen = Signal(str, str)
    load_requested = Signal()

    def __init__(
        self, presets: Sequence[Preset], theme: Theme, icons: Icons, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("empty-chat")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self._page = QWidget()
        self._title = QLabel(self.tr("What shall we do?"), self._page)
        self._title.setObjectName("empty-title")
        self._title.setProperty("textsize", "title")
        self._title.setProperty("weight", "bold")
        self._title.setWordWrap(True)
        self._model = self._model_box()
        self._cards = [ModeCard(preset, theme, icons, self._page) for preset in presets]
        self._presets = [preset.id for preset in presets]
        for card in self._cards:
            card.chosen.connect(self.preset_chosen)
            card.example_chosen.connect(self.example_chosen)
        self._grid = QGridLayout()
        self._grid.setSpacing(3 * GRID)
        self._columns = 0
        self._middle = QWidget(self._page)
        column = QVBoxLayout(self._middle)
        column.setContentsMargins(0, 6 * GRID, 0, 4 * GRID)
        column.setSpacing(5 * GRID)
        column.addStretch(2)
        column.addWidget(self._title)
        column.addWidget(self._model)
        column.addLayout(self._grid)
        column.addStretch(3)
        row = QHBoxLayout(self._page)
        row.setContentsMargins(6 * GRID, 0, 6 * GRID, 0)
        row.addStretch(1)
        row.addWidget(self._middle, 1000)
        row.addStretch(1)
        self.setWidget(self._page)
        # The scroll area has just turned it on.
        self._page.setAutoFillBackground(False)
        self._arrange(2)
        self._fit()
        theme.changed.connect(self._fit)

    def set_preset(self, preset_id: str) -> None:
        """Marks the card of the chat's preset."""
        for card, known in zip(self._cards, self._presets, strict=True):
            card.set_marked(known == preset_id)

    def set_needs_model(self, needs_model: bool, *, problem: str = "") -> None:
        """Whether to offer the starter model, and why the last one could not be used."""
        words = self.tr("No model is loaded. The starter model came with the app and is ready in a moment.")
        self._model_text.setText(f"{problem}\n{words}" if problem else words)
        self._model.setVisible(needs_model)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # As if the scroll bar were there: coming and going with the columns it would bring itself about.
        room = self.width() - self.verticalScrollBar().sizeHint().width() - 12 * GRID
        self._arrange(2 if room >= _TWO_COLUMNS else 1)

    def _fit(self) -> None:
        self._middle.setMaximumWidth(self._theme.grown(_WIDTH))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for at, card in enumerate(self._cards):
            self._grid.addWidget(card, at // columns, at % columns)
        for at in range(2):
            self._grid.setColumnStretch(at, 1 if at < columns else 0)

    def _model_box(self) -> QFrame:
        box = QFrame(self._page)
        box.setObjectName("empty-model")
        box.setProperty("panel", "well")
        self._model_text = QLabel(box)
        self._model_text.setTextFormat(Qt.TextFormat.PlainText)
        self._model_text.setWordWrap(True)
        button = QPushButton(self.tr("Load the starter model"), box)
        button.setObjectName("load-starter")
        button.setProperty("kind", "primary")
        button.setToolTip(self.tr("Loads a small model, so that you can chat at once"))
        button.setAccessibleName(button.text())
        button.clicked.connect(self.load_requested)
        row = QHBoxLayout(box)
        row.setContentsMargins(4 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        row.setSpacing(3 * GRID)
        row.addWidget(self._model_text, 1)
        row.addWidget(button)
        box.hide()
        return box
