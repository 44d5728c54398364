"""A code block: its language, its lines, and buttons to wrap, save, copy and unfold it. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.markdown.blocks import CodeBlock
from desktop.ui.markdown.code_highlight import Highlighter, Lines
from desktop.ui.markdown.code_text import SHOWN_IN_FULL, CodeText
from desktop.ui.markdown.search_marks import Marks
from desktop.ui.markdown.selection import BlockSelection
from desktop.ui.markdown.source import printable_code
from desktop.ui.stylesheet import restyle
from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token
from desktop.ui.widgets.icon_button import icon_button
from desktop.ui.widgets.plain import plain_tip

_PADDING = 3 * GRID
_COPIED_MS = 1600


class CodeWidget(QWidget):
    """``height_changed`` when the user wrapped or unfolded it: whoever laid it out does so again."""

    height_changed = Signal()

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        highlighter: Highlighter,
        selection: BlockSelection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._highlighter = highlighter
        self._source = ""
        self._language = ""
        self._whole = False
        self._foldable = False
        self._open = False
        self._lines: Lines = []
        self.setObjectName("code-block")
        self._label = QLabel(self)
        self._label.setObjectName("code-language")
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setProperty("textsize", "small")
        self._label.setProperty("tone", "muted")
        self._text = CodeText(theme, selection, self)
        self._fold = QToolButton(self)
        self._fold.setObjectName("code-unfold")
        self._fold.setProperty("textsize", "small")
        self._fold.setAutoRaise(True)
        self._fold.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._fold.setToolTip(self.tr("A long block is a window on itself until it is unfolded"))
        self._fold.clicked.connect(self._on_fold_clicked)
        self._wrap = self._button("code-wrap", IconName.WRAP, self.tr("Wrap long lines"))
        self._wrap.setCheckable(True)
        self._wrap.toggled.connect(self._on_wrap_toggled)
        self._save = self._button("code-save", IconName.SAVE, self.tr("Save this code as a file"))
        self._save.clicked.connect(self._on_save_clicked)
        self._copy = self._button("code-copy", IconName.COPY, self.tr("Copy this code"))
        self._copy.clicked.connect(self._on_copy_clicked)

    def set_block(self, block: CodeBlock) -> None:
        """Shows finished code; colours follow when there is time."""
        was_wrapped = self._open and self._wrap.isChecked()
        self._source = block.text
        self._whole = False
        self._open = False
        self._lines = []
        self._set_language(block.language)
        self._set_wrapped(was_wrapped or self._highlighter.is_wrapped(block.text))
        self._text.set_lines(printable_code(block.text))
        self._update_fold()
        self._highlighter.ask(self, block.language, block.text, self._on_colors_ready)

    def begin(self, language: str) -> None:
        """Starts an open fence: plain until it closes."""
        self._highlighter.forget(self)
        self._source = ""
        self._lines = []
        self._whole = True
        self._open = True
        self._set_language(language)
        self._set_wrapped(False)
        self._text.set_lines("")
        self._update_fold()

    def append(self, lines: list[str]) -> None:
        """Adds lines to an open fence."""
        if lines:
            self._source += ("\n" if self._source else "") + "\n".join(lines)
            self._text.append_lines([printable_code(line) for line in lines])

    def release(self) -> None:
        """The block is no longer shown."""
        self._highlighter.forget(self)

    def height_at(self, width: int) -> int:
        return self._head() + self._text.height_at(width - 2 * _PADDING, whole=self._whole) + _PADDING

    def place(self, box: QRect) -> None:
        """Sets the geometry and that of the parts."""
        self.setGeometry(box)
        width, height, head = box.width(), box.height(), self._head()
        right = width - GRID
        for button in reversed(self.buttons()):
            size = button.sizeHint()
            right -= size.width()
            button.setGeometry(right, (head - size.height()) // 2 + 1, size.width(), size.height())
            right -= GRID // 2
        self._label.setGeometry(_PADDING, 1, max(0, right - _PADDING), head)
        self._text.setGeometry(_PADDING, head, width - 2 * _PADDING, height - head - GRID)

    def restyle(self) -> None:
        self._text.restyle()
        if self._lines:
            self._text.color(self._lines)

    def buttons(self) -> list[QToolButton]:
        """Those that can be used, in order; whoever holds the block leads the keyboard to them."""
        return [*([self._fold] if self._foldable else []), self._wrap, self._save, self._copy]

    @property
    def edit(self) -> CodeText:
        """Where the code is selected."""
        return self._text

    @property
    def marks(self) -> Marks:
        """What a search found in the code."""
        return self._text.marks

    def match_rect(self, index: int) -> QRect:
        """Where a match is, in this widget's coordinates; after :meth:`place`."""
        box = self._text.marks.rect(index)
        # Of a long block only a window is seen.
        lowest = max(0, self._text.viewport().height() - box.height())
        box.moveTop(max(0, min(box.top(), lowest)))
        return box.translated(self._text.pos())

    def reveal_match(self, index: int) -> None:
        self._text.reveal_match(index)

    def source(self) -> str:
        return self._source

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color(Token.CODE_BACKGROUND))
        painter.setPen(QPen(self._theme.color(Token.BORDER), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)

    def _head(self) -> int:
        """The height of the line with the language."""
        return max(8 * GRID, QFontMetrics(self._theme.font(TextSize.SMALL)).height() + 2 * GRID)

    def _button(self, name: str, icon: IconName, tip: str) -> QToolButton:
        return icon_button(self._icons, icon, name, self, label=tip, by_tab=False)

    def _set_language(self, language: str) -> None:
        self._language = language
        self._say("")
        self._text.setAccessibleName(self.tr("Code, %1").replace("%1", language or self.tr("text")))

    def _update_fold(self) -> None:
        lines = self._text.line_count
        self._foldable = lines > SHOWN_IN_FULL
        self._fold.setVisible(self._foldable)
        words = self.tr("Show fewer lines") if self._whole else self.tr("Show all %Ln lines", "", lines)
        self._fold.setText(words)
        self._fold.setAccessibleName(words)

    def _on_colors_ready(self, lines: Lines) -> None:
        self._lines = lines
        self._text.color(lines)

    def _on_fold_clicked(self) -> None:
        self._whole = not self._whole
        self._update_fold()
        self.height_changed.emit()

    def _set_wrapped(self, wrapped: bool) -> None:
        """Without telling anybody: whoever sets a block lays it out."""
        blocker = QSignalBlocker(self._wrap)
        self._wrap.setChecked(wrapped)
        blocker.unblock()
        self._text.set_wrapped(wrapped)

    def _say(self, words: str, detail: str = "", *, failed: bool = False) -> None:
        """Beside the buttons in place of the language, which comes back with the next block."""
        self._label.setText(words or self._language or self.tr("text"))
        self._label.setToolTip(plain_tip(detail))
        restyle(self._label, tone="danger" if failed else "muted")

    def _on_save_clicked(self) -> None:
        from desktop.ui.markdown.code_saving import ask_and_save

        ask_and_save(self, self._language, self._source, self._on_saved)

    def _on_saved(self, name: str, failure: str) -> None:
        if failure:
            words = self.tr("Not saved. Choose another folder or name, and look whether the disk is full.")
            self._say(words, failure, failed=True)
            return
        self._say(self.tr("Saved as “%1”").replace("%1", name))
        self._icons.put(self._save, IconName.CHECK, Token.SUCCESS)
        QTimer.singleShot(_COPIED_MS, self, lambda: self._icons.put(self._save, IconName.SAVE))

    def _on_wrap_toggled(self, wrapped: bool) -> None:
        self._highlighter.remember_wrapped(self._source, wrapped)
        self._text.set_wrapped(wrapped)
        self.height_changed.emit()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._source)
        self._icons.put(self._copy, IconName.CHECK, Token.SUCCESS)
        QTimer.singleShot(_COPIED_MS, self, lambda: self._icons.put(self._copy, IconName.COPY))
