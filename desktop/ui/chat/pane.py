"""The chat pane: conversations, the open chat, and the parameter sidebar, in a splitter whose sides fold.

Assembles; what happens in the middle is ``open_chat``'s. Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from desktop.domain.conversation import Conversation
from desktop.domain.errors import LocutionError
from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.chat.open_chat import OpenChat
from desktop.ui.conversations.conversation_list import ConversationList
from desktop.ui.search.results import SearchResults
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.undoing import Undoing
from desktop.ui.widgets.notice import Notice

_LIST, _CENTER, _SIDEBAR = 0, 1, 2
_DEFAULT_SIZES = (60 * GRID, 1000 * GRID, 72 * GRID)
_CENTER_MINIMUM = 105 * GRID
_KEEP_MS = 400


class ChatPane(QWidget):
    """``conversation_changed`` carries the open conversation, or ``None``."""

    conversation_changed = Signal(object)
    presets_wanted = Signal()
    """The sidebar, which is visible now, is to open its menu."""

    def __init__(
        self,
        kit: Toolkit,
        model_menu: QWidget,
        sidebar: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = kit.services.settings
        self.setObjectName("chat-pane")
        self.list = ConversationList(kit, self)
        self.results = SearchResults(kit, self)
        self.list.set_results(self.results)
        self.open_chat = OpenChat(kit, model_menu, self)
        self._sidebar = sidebar
        self._theme = kit.theme
        self._narrow = False
        self._sides = {Setting.LIST_VISIBLE: self.list, Setting.SIDEBAR_VISIBLE: sidebar}
        self._splitter = self._build()
        self._show_sides(Setting.LIST_VISIBLE)
        self._keep = QTimer(self, singleShot=True, interval=_KEEP_MS)
        self._keep.timeout.connect(self._keep_sizes)
        self._splitter.splitterMoved.connect(lambda *_: self._keep.start())
        kit.theme.changed.connect(self._fit)
        self.list.chosen.connect(self.open_chat.open)
        self._connect_search()
        self._undoing = Undoing(kit, self.open_chat)
        self.list.trashed.connect(self.open_chat.close_chat)
        self.list.done.connect(self._on_done)
        self.list.acts.copied.connect(self._on_copied)
        self.list.files.said.connect(lambda text: Notice.over(self.open_chat).say(text))
        self.open_chat.acts.branched.connect(self._on_copied)
        self.list.wanted.connect(self._show_list)
        self.list.left.connect(self.focus_composer)
        self.list.open_read.connect(self.open_chat.take_head)
        self.open_chat.conversation_changed.connect(self._on_conversation_changed)
        actions = kit.actions
        actions.action(ActionId.NEW_CHAT).triggered.connect(self._on_new_chat)
        actions.action(ActionId.SEARCH).triggered.connect(self._on_search)
        actions.action(ActionId.PRESET_MENU).triggered.connect(lambda: self._on_presets())
        actions.action(ActionId.TOGGLE_LIST).triggered.connect(lambda: self._toggle(Setting.LIST_VISIBLE))
        actions.action(ActionId.TOGGLE_SIDEBAR).triggered.connect(
            lambda: self._toggle(Setting.SIDEBAR_VISIBLE)
        )

    def open_conversation(self, conversation_id: str) -> None:
        """Shows a conversation; a new one if the id is empty."""
        if conversation_id:
            self.open_chat.open(conversation_id)
        else:
            self.open_chat.new()
        self.list.reload()

    def current(self) -> Conversation | None:
        return self.open_chat.conversation

    def focus_composer(self) -> None:
        self.open_chat.focus_composer()

    def leave(self) -> None:
        """Before the app ends: starts saving what is typed and where the panes' borders are."""
        if self._keep.isActive():
            self._keep.stop()
            self._keep_sizes()
        self.list.leave()
        self.results.leave()
        self.open_chat.leave()

    def show_error(
        self, error: LocutionError, action_label: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """For what is in the list or the sidebar."""
        self.open_chat.show_error(error, action_label, on_action)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A window too narrow for three columns shows one side at a time until it is wide again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Large text needs a wider middle sooner than it needs both sides."""
        sidebar = max(self._sidebar.minimumWidth(), self._sidebar.minimumSizeHint().width())
        center = self._theme.grown(_CENTER_MINIMUM)
        narrow = self.width() < self.list.minimumSizeHint().width() + center + sidebar
        if narrow != self._narrow:
            self._narrow = narrow
            self._show_sides(Setting.LIST_VISIBLE)

    def _show_sides(self, first: Setting) -> None:
        """As the settings say; where there is room for one only, ``first`` goes before the other."""
        shown = {setting: self._settings.flag(setting) for setting in self._sides}
        if self._narrow and all(shown.values()):
            shown = {setting: setting is first for setting in shown}
        for setting, widget in self._sides.items():
            widget.setVisible(shown[setting])

    def _build(self) -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setObjectName("chat-splitter")
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        for widget in (self.list, self.open_chat, self._sidebar):
            splitter.addWidget(widget)
        self.open_chat.setMinimumWidth(_CENTER_MINIMUM)
        splitter.setStretchFactor(_LIST, 0)
        splitter.setStretchFactor(_CENTER, 1)
        splitter.setStretchFactor(_SIDEBAR, 0)
        sizes = self._settings.numbers(Setting.SPLITTER_SIZES)
        splitter.setSizes(
            sizes if len(sizes) == len(_DEFAULT_SIZES) else [_DEFAULT_SIZES[0], 4000, _DEFAULT_SIZES[2]]
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(splitter)
        return splitter

    def _keep_sizes(self) -> None:
        if self.list.isVisible() and self._sidebar.isVisible():
            self._settings.put(Setting.SPLITTER_SIZES, self._splitter.sizes(), actor=self)

    def _toggle(self, setting: Setting) -> None:
        shown = not self._sides[setting].isVisible()
        self._settings.put(setting, shown, actor=self)
        self._show_sides(setting)

    def _on_new_chat(self) -> None:
        self.list.show_chats()
        self.open_chat.new()

    def _connect_search(self) -> None:
        field, results = self.list.search, self.results
        field.searched.connect(results.search)
        field.left.connect(results.clear)
        field.entered.connect(results.choose_first)
        field.ended.connect(self.focus_composer)
        results.chosen.connect(self._on_found_chosen)
        results.suggested.connect(self._on_filter_suggested)
        results.ascended.connect(lambda: field.setFocus(Qt.FocusReason.OtherFocusReason))
        results.ended.connect(self._on_search_ended)

    def _on_found_chosen(self, conversation_id: str, message_id: str, words: str) -> None:
        if message_id:
            self.open_chat.open_at(conversation_id, message_id, words)
        else:
            self.open_chat.open(conversation_id)

    def _on_filter_suggested(self, added: str) -> None:
        field = self.list.search
        field.setText(f"{field.text().rstrip()} {added}")
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_search_ended(self) -> None:
        self.list.search.clear()
        self.list.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_search(self) -> None:
        self._show_list()
        self.list.focus_search()

    def _on_presets(self) -> None:
        if not self._sidebar.isVisible():
            self._toggle(Setting.SIDEBAR_VISIBLE)
        self.presets_wanted.emit()

    def _show_list(self) -> None:
        if not self.list.isVisible():
            self._toggle(Setting.LIST_VISIBLE)

    def _on_conversation_changed(self, conversation: Conversation | None) -> None:
        self.list.set_open(conversation.id if conversation else "")
        self.conversation_changed.emit(conversation)

    def _on_done(self, words: str, opened: str) -> None:
        """In the list; ``opened`` was open before."""
        self._undoing.offer(words, then=(lambda: self.open_chat.open(opened)) if opened else None)

    def _on_copied(self, conversation_id: str) -> None:
        """Goes on in a chat that was just made from another; taking that back leads to where it was."""
        before = self.current()

        def go_back() -> None:
            now = self.current()
            if before is not None and now is not None and now.id == conversation_id:
                self.open_chat.open(before.id)

        self._undoing.then(go_back)
        self.open_chat.open(conversation_id)
