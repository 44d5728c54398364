"""The page that stands in the place of the chats while something is searched for.

It asks the search service as the user types, and what is asked later ends what was asked before.
Main thread only, on the loop.
"""

from __future__ import annotations

import asyncio
from datetime import date
from html import escape

from PySide6.QtCore import QEvent, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLabel, QListView, QVBoxLayout, QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.search import Hit
from desktop.ui.operation import run
from desktop.ui.search.delegate import FoundDelegate
from desktop.ui.search.found import Line, lines
from desktop.ui.search.model import FoundModel, FoundRole
from desktop.ui.theme import GRID, Token
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.escape import keep_escape

_TYPED_MS = 120
_CHANGED_MS = 400
_MOST = 50


class SearchResults(QFrame):
    """Told with :meth:`search` and :meth:`clear` what stands in the field."""

    chosen = Signal(str, str, str)
    """A chat, the message in it or an empty string, and the words that were found there."""
    suggested = Signal(str)
    """A filter that is to be added to the field."""
    ascended = Signal()
    """The keyboard wants back to the field."""
    ended = Signal()
    """The user is done searching."""

    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = kit.services.search
        self._tasks = kit.tasks
        self._words = ""
        self._first_wanted = False
        self._task: asyncio.Task[None] | None = None
        self.setObjectName("search-results")
        self.setAccessibleName(self.tr("What was found"))
        self.model = FoundModel(self)
        self.view = _FoundView(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(FoundDelegate(kit.theme, self.view))
        self.view.clicked.connect(self._on_index_chosen)
        self.view.activated.connect(self._on_index_chosen)
        self.view.ascended.connect(self.ascended)
        self.view.ended.connect(self.ended)
        self.setFocusProxy(self.view)
        self._status = _label("search-status", self)
        self._hint = _label("search-hint", self)
        self._hint.setTextFormat(Qt.TextFormat.RichText)
        self._hint.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._hint.setAccessibleName(self.tr("Filters for the search"))
        self._hint.setToolTip(self.tr("Adds the filter to what is searched for"))
        self._hint.linkActivated.connect(self.suggested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self._status)
        column.addWidget(self.view, 1)
        column.addWidget(self._hint)
        self._soon = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._soon.timeout.connect(self._ask)
        self._theme = kit.theme
        self._theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self._unsubscribe = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)

    def search(self, words: str) -> None:
        """Shows what these words find, as soon as nobody is expected to type on."""
        self._words = words
        self._first_wanted = False
        self._soon.start(_TYPED_MS)

    def choose_first(self) -> None:
        """Goes to the first that is found, also if that is not known yet."""
        self._first_wanted = True
        if self._soon.isActive():
            self._soon.start(0)
        elif self._task is None or self._task.done():
            self._go_to_first()

    def clear(self) -> None:
        """There is nothing to search for any more."""
        self._words = ""
        self._first_wanted = False
        self._soon.stop()
        self._cancel()
        self.model.set_lines(())
        self._status.clear()

    def leave(self) -> None:
        """Before the app ends: looks at nothing that happens from now on."""
        self._unsubscribe()
        self.clear()

    def status(self) -> str:
        """What is said about the search."""
        return self._status.text()

    def _ask(self) -> None:
        self._cancel()
        words = self._words
        self._task = run(
            self,
            self._service.search(words, _MOST),
            tasks=self._tasks,
            name="search chats",
            on_success=lambda hits: self._show(words, hits),
        )

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = None

    def _show(self, words: str, hits: list[Hit]) -> None:
        if words != self._words:
            return
        kept = self._line(self.view.currentIndex())
        found = lines(hits)
        self.model.set_lines(found)
        row = next((row for row, line in enumerate(found) if kept is not None and _same(line, kept)), -1)
        if row >= 0:
            self.view.setCurrentIndex(self.model.index(row))
        if not hits:
            text = self.tr("Nothing found for “%1”. Try fewer words.").replace("%1", words)
        elif len(hits) >= _MOST:
            text = self.tr("The %Ln newest are shown. More words find fewer.", "", len(hits))
        else:
            text = self.tr("%Ln found", "", len(hits))
        self._status.setText(text)
        if self._first_wanted:
            self._go_to_first()

    def _go_to_first(self) -> None:
        """A title whose words were not looked for is there for the messages below it only."""
        self._first_wanted = False
        rows = [self.model.index(row) for row in range(self.model.rowCount())]
        hits = [row for row in rows if (line := self._line(row)) and (line.message_id or line.ranges)]
        if first := (hits or rows)[:1]:
            self.view.setCurrentIndex(first[0])
            self._on_index_chosen(first[0])

    def _examples(self) -> str:
        filters = (
            ("in:", self.tr("in:folder")),
            ("model:", self.tr("model:name")),
            (f"before:{date.today().year}-01", f"before:{date.today().year}-01"),
            ("is:pinned", "is:pinned"),
        )
        color = self._theme.css(Token.LINK)
        links = " · ".join(
            f'<a style="color:{color}" href="{escape(added)}">{escape(text)}</a>' for added, text in filters
        )
        return self.tr("Narrow it down:") + " " + links

    def _on_theme_changed(self) -> None:
        self._hint.setText(self._examples())
        self.view.doItemsLayout()

    def _line(self, index: QModelIndex) -> Line | None:
        line = index.data(FoundRole.LINE) if index.isValid() else None
        return line if isinstance(line, Line) else None

    def _on_index_chosen(self, index: QModelIndex) -> None:
        if (line := self._line(index)) is not None:
            self.chosen.emit(line.conversation_id, line.message_id, line.words)

    def _on_changed(self, change: Change) -> None:
        """What was found may be gone, or more may be."""
        if self._words and change.kind is Kind.CONVERSATIONS and not self._soon.isActive():
            self._soon.start(_CHANGED_MS)


class _FoundView(QListView):
    ascended = Signal()
    ended = Signal()

    def __init__(self, parent: SearchResults) -> None:
        super().__init__(parent)
        self.setObjectName("search-found")
        self.setAccessibleName(self.tr("What was found"))
        self.setToolTip(self.tr("Enter opens the chat at this place"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))

    def event(self, event: QEvent) -> bool:
        """Esc ends the search, not the running answer."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.ended.emit()
            case Qt.Key.Key_Up if self.currentIndex().row() <= 0:
                self.ascended.emit()
            case _:
                super().keyPressEvent(event)


def _same(one: Line, other: Line) -> bool:
    return (one.conversation_id, one.message_id) == (other.conversation_id, other.message_id)


def _label(name: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setProperty("tone", "muted")
    label.setProperty("textsize", "small")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setContentsMargins(2 * GRID, 0, 2 * GRID, 0)
    return label
