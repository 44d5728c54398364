"""What a model thought before it answered: a line that unfolds. Geometry is set by hand. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QPainter, QPaintEvent, QTextCursor, QTextLayout, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QStyle, QWidget

from desktop.ui.chat import words
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, TextSize, Theme, Token
from desktop.ui.widgets.icon_button import icon_button
from desktop.ui.words import number

_MOST_LINES = 12
"""Then it scrolls by itself: what a model thinks may be longer than what it says."""
_LONGEST_LINE = 400
"""Characters; more than a line ever holds."""
_INDENT = 4 * GRID
_BAR = 3
_DOCUMENT_MARGIN = 4
_SLACK = 3 * GRID
"""Above and below the lines; with less Qt would scroll the last one."""


class ThinkingBlock(QWidget):
    """Open while the model thinks, closed when its answer begins.

    ``height_changed`` when the user opens or closes it.
    """

    height_changed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._text = ""
        self._is_open = False
        self._running = False
        self._measured: tuple[int, int, int] = (0, 0, 0)
        self.setObjectName("thinking")
        self._header = QPushButton(self)
        self._header.setObjectName("thinking-header")
        self._header.setProperty("kind", "flat")
        self._header.setProperty("tone", "muted")
        self._header.setProperty("textsize", "small")
        # The transcript leads the keyboard here; in the window's own order it would come anywhere.
        self._header.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._header.clicked.connect(self._on_header_clicked)
        self._view = _View(self)
        self._view.setAccessibleName(self.tr("What the model thought"))
        self._view.hide()
        copy = self.tr("Copy what the model thought")
        self._copy = icon_button(icons, IconName.COPY, "thinking-copy", self, label=copy, by_tab=False)
        self._copy.clicked.connect(self._on_copy_clicked)
        self._copy.hide()

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def text(self) -> str:
        return self._text

    def set_text(self, text: str, seconds: float, *, is_open: bool) -> None:
        """What was thought for an answer that is finished."""
        self._running = False
        self._take(text)
        self._describe(seconds)
        self._set_open(is_open)

    def stream(self, text: str, seconds: float, *, answering: bool) -> None:
        """More of what is being thought; ``answering`` says that it is over."""
        was_running, self._running = self._running, not answering
        self._take(text)
        self._describe(seconds)
        if was_running != self._running:
            self._set_open(self._running)

    def finish(self, text: str, seconds: float, *, answered: bool) -> None:
        """The answer that streamed is finished; ``answered`` says that it has begun."""
        if answered:
            self.stream(text, seconds, answering=True)
        else:
            self._running = False
            self._take(text)
            self._describe(seconds)

    def height_at(self, width: int) -> int:
        """In pixels, at most about a dozen lines; :meth:`arrange` after it."""
        height = self._header_height()
        return height + self._view_height(width) + GRID if self._is_open else height

    def arrange(self) -> None:
        """Moves the parts into the present size."""
        height = self._header_height()
        side = self._copy.sizeHint().width()
        width = min(self._header.sizeHint().width(), self.width() - side)
        self._header.setGeometry(self._turned(QRect(0, 0, width, height)))
        self._copy.setGeometry(self._turned(QRect(self.width() - side, 0, side, height)))
        self._view.setGeometry(self._view_box())

    def focus_chain(self) -> list[QWidget]:
        return [self._header, self._copy, self._view] if self._is_open else [self._header]

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._is_open:
            box = self._view_box()
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(Token.BORDER))
            bar = self._turned(QRect(GRID, box.top(), _BAR, box.height()))
            painter.drawRoundedRect(QRectF(bar), _BAR / 2, _BAR / 2)

    def _view_box(self) -> QRect:
        top = self._header_height() + GRID
        return self._turned(QRect(_INDENT, top, self.width() - _INDENT, self.height() - top))

    def _turned(self, box: QRect) -> QRect:
        """Where that is in a language that is read from right to left."""
        return QStyle.visualRect(self.layoutDirection(), self.rect(), box)

    def _header_height(self) -> int:
        return max(self._header.sizeHint().height(), self._copy.sizeHint().height())

    def _view_height(self, width: int) -> int:
        size = len(self._text)
        if self._measured[:2] != (size, width):
            room = width - _INDENT - 2 * _DOCUMENT_MARGIN
            lines = _count_lines(self._text, self._font(), room)
            self._measured = (size, width, lines)
            self._view.set_scrolls(lines >= _MOST_LINES)
        return self._measured[2] * self._view.fontMetrics().lineSpacing() + _SLACK

    def _font(self) -> QFont:
        return self._theme.font(TextSize.SMALL)

    def _take(self, text: str) -> None:
        self._text = text
        if self._is_open:
            self._view.show_text(text, follow=self._running)

    def _describe(self, seconds: float) -> None:
        if self._running:
            text = self.tr("Thinking … %1 s").replace("%1", number(int(seconds)))
        else:
            text = words.thought(seconds)
        if text != self._header.text():
            self._header.setText(text)
            self._name()

    def _name(self) -> None:
        state = self.tr("open") if self._is_open else self.tr("folded")
        self._header.setAccessibleName(f"{self._header.text()}, {state}")
        self._header.setToolTip(
            self.tr("Folds what the model thought")
            if self._is_open
            else self.tr("Shows what the model thought")
        )

    def _set_open(self, is_open: bool) -> None:
        self._is_open = is_open
        name = IconName.CHEVRON_DOWN if is_open else IconName.CHEVRON_RIGHT
        self._icons.put(self._header, name, Token.TEXT_MUTED)
        self._view.show_text(self._text if is_open else "", follow=self._running)
        self._view.setVisible(is_open)
        self._copy.setVisible(is_open)
        self._name()

    def _on_header_clicked(self) -> None:
        self._set_open(not self._is_open)
        self.height_changed.emit()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text)


class _View(QPlainTextEdit):
    """Lays out only what is seen, so that it can hold any length.

    While it grows its end is shown, until the user scrolls away from there.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("thinking-text")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setProperty("bare", True)
        self.setProperty("tone", "muted")
        self.setProperty("textsize", "small")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUndoRedoEnabled(False)
        self._shown = ""
        self._follows = False
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range_changed)
        bar.actionTriggered.connect(self._on_scrolled)

    def set_scrolls(self, scrolls: bool) -> None:
        on, off = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(on if scrolls else off)

    def show_text(self, text: str, *, follow: bool) -> None:
        """What goes on from the text before is added; another one is shown from its end if ``follow``."""
        if text == self._shown:
            return
        if self._shown and text.startswith(self._shown):
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(self._shown) :])
        else:
            self._follows = follow
            self.setPlainText(text)
        self._shown = text

    def _on_range_changed(self, _minimum: int, maximum: int) -> None:
        if self._follows:
            self.verticalScrollBar().setValue(maximum)

    def _on_scrolled(self) -> None:
        bar = self.verticalScrollBar()
        self._follows = bar.sliderPosition() >= bar.maximum()


def _count_lines(text: str, font: QFont, width: int) -> int:
    """How many lines a text takes, counted up to as many as are shown at once."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    count = 0
    for paragraph in text[: _MOST_LINES * _LONGEST_LINE].split("\n"):
        layout = QTextLayout(paragraph, font)
        layout.setTextOption(option)
        layout.beginLayout()
        while count < _MOST_LINES and (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            count += 1
        layout.endLayout()
        if count >= _MOST_LINES:
            break
    return max(1, count)
