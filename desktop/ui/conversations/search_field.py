"""The field over the list of chats that is typed into to find some. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.widgets.escape import keep_escape


class SearchField(QLineEdit):
    """``searched`` carries the words whenever they are others, ``left`` says that there are none any more."""

    searched = Signal(str)
    left = Signal()
    entered = Signal()
    """Enter after words: the first that is found is wanted."""
    descended = Signal()
    """The keyboard wants to what was found: Down, or Enter where nothing is looked for."""
    ended = Signal()
    """Esc where there is nothing to clear: the keyboard wants back to the chat."""

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self.setObjectName("conversation-search")
        self.setPlaceholderText(self.tr("Search chats"))
        self.setAccessibleName(self.tr("Search chats"))
        self.setToolTip(self.tr("Finds words in titles and messages of all chats; Enter goes to the first"))
        self.setClearButtonEnabled(True)
        magnifier = QAction(self)
        self.addAction(magnifier, QLineEdit.ActionPosition.LeadingPosition)
        icons.put(magnifier, IconName.SEARCH)
        self.textChanged.connect(self._on_text_changed)

    @property
    def words(self) -> str:
        """What is looked for, without the blanks around it; empty: nothing."""
        return self._words

    def event(self, event: QEvent) -> bool:
        """Esc is this field's before it stops an answer."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape if self.text():
                self.clear()
            case Qt.Key.Key_Escape:
                self.ended.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._words:
                self.entered.emit()
            case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.descended.emit()
            case _:
                super().keyPressEvent(event)

    def _on_text_changed(self, text: str) -> None:
        if (words := text.strip()) == self._words:
            return
        self._words = words
        if words:
            self.searched.emit(words)
        else:
            self.left.emit()
