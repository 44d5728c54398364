"""What the left column shows under the search field: the chats, what was found, or the trash."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui.conversations.view import ConversationView
from desktop.ui.toolkit import Toolkit


class ColumnPages(QStackedWidget):
    """Found things go before the trash, and that before the chats. Each page takes the keyboard itself."""

    trash_shown = Signal(bool)

    def __init__(self, kit: Toolkit, view: ConversationView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kit = kit
        self._view = view
        self._results: QWidget | None = None
        self._trash: QWidget | None = None
        self._is_searching = False
        self._is_trash_open = False
        self._nothing = QLabel(self.tr("Your chats will be listed here."), self)
        self._nothing.setObjectName("conversation-nothing")
        self._nothing.setProperty("tone", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self._nothing.hide()
        self._chats = QWidget(self)
        self._chats.setFocusProxy(view)
        column = QVBoxLayout(self._chats)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(view, 1)
        column.addWidget(self._nothing, 1)
        self.addWidget(self._chats)

    def set_results(self, results: QWidget) -> None:
        """The page for what was found."""
        self._results = results
        self.addWidget(results)
        self._turn()

    def set_searching(self, is_searching: bool) -> None:
        """Whether something is looked for."""
        self._is_searching = is_searching
        self._turn()

    def set_empty(self, is_empty: bool) -> None:
        """Whether there is no chat at all."""
        self._nothing.setVisible(is_empty)
        self._view.setVisible(not is_empty)

    def show_trash(self) -> None:
        if self._trash is None:
            from desktop.ui.conversations.trash_view import TrashView

            trash = self._trash = TrashView(self._kit, self)
            trash.left.connect(self._on_trash_left)
            self.addWidget(trash)
        self._is_trash_open = True
        self._turn()
        self._trash.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave_trash(self) -> None:
        self._is_trash_open = False
        self._turn()

    def take_keyboard(self) -> None:
        """To the page that is shown."""
        if (page := self.currentWidget()) is not None:
            page.setFocus(Qt.FocusReason.TabFocusReason)

    def _turn(self) -> None:
        page = self._chats
        if self._is_searching and self._results is not None:
            page = self._results
        elif self._is_trash_open and self._trash is not None:
            page = self._trash
        self.setCurrentWidget(page)
        self.trash_shown.emit(page is self._trash)

    def _on_trash_left(self) -> None:
        self.leave_trash()
        self.take_keyboard()
