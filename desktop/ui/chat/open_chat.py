"""The middle column: the open chat with its title, transcript and composer, and every act on its messages.

Reads the services, asks them for changes, and draws what the change bus says happened.
Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation, Message
from desktop.domain.engine_state import Failed, Unloaded
from desktop.domain.errors import LocutionError, NotFoundError
from desktop.domain.outline import Outline
from desktop.domain.settings import Setting
from desktop.ui.actions import ActionId
from desktop.ui.chat.asking import Asking
from desktop.ui.chat.context_watch import ContextWatch
from desktop.ui.chat.empty_chat import EmptyChat
from desktop.ui.chat.finder import Finder
from desktop.ui.chat.header import ChatHeader
from desktop.ui.chat.jump import Jump
from desktop.ui.chat.live_view import LiveView
from desktop.ui.chat.message.widget import MEASURE
from desktop.ui.chat.message_acts import MessageActs
from desktop.ui.chat.rows import Rows
from desktop.ui.chat.transcript.transcript import Transcript
from desktop.ui.operation import run
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.scroll_keys import turns_pages

_CARDS = 4


class OpenChat(QFrame):
    """``conversation_changed`` when another one is shown, or the shown one's head changed."""

    conversation_changed = Signal(object)

    def __init__(self, kit: Toolkit, model_menu: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kit = kit
        services, theme, icons = kit.services, kit.theme, kit.icons
        self._chat = services.chat
        self._conversations = services.conversations
        self._models = services.models
        self._settings = services.settings
        self._tasks = kit.tasks
        self._actions = kit.actions
        self._open: Outline | None = None
        self._wanted = ""
        self._wishes = 0
        """Counts what the user wanted to see: of two the later one counts, whichever is read first."""
        self.setObjectName("open-chat")
        self.setProperty("panel", "surface")
        self.header = ChatHeader(icons, kit.actions, model_menu, self)
        self.transcript = Transcript(theme, icons, self)
        self.empty = EmptyChat(services.presets.all()[:_CARDS], theme, icons, self)
        self.banner = Banner(theme, self)
        self._theme = theme
        self.asking = Asking(kit, self, self.banner, self.empty, self.opened)
        self.composer = self.asking.composer
        self._context = ContextWatch(kit, self.composer, self.banner, self, self.opened)
        self.acts = MessageActs(kit, self.transcript, self.opened, self)
        self.finder = Finder(kit, self.transcript, self.opened, self)
        self.jump = Jump(kit, self.transcript, self.finder, self.opened, self)
        self._live = LiveView(services.chat, self.transcript, self.opened)
        self._build()
        self._connect()
        self._unsubscribe = services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)
        self._on_model_changed()

    def opened(self) -> Outline | None:
        """The chat that is shown, if there is one."""
        return self._open

    @property
    def conversation(self) -> Conversation | None:
        return self._open.conversation if self._open else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pages of the chat are turned from the composer, too."""
        if turns_pages(event):
            self.transcript.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def open(self, conversation_id: str) -> None:
        """Shows a conversation; its last place is its end."""
        self._wishes += 1
        self.jump.give_up()
        if conversation_id == self._wanted and self._open:
            self.focus_composer()
            return
        self.composer.flush_draft()
        self._wanted = conversation_id
        run(
            self,
            self._conversations.outline(conversation_id),
            tasks=self._tasks,
            name="open conversation",
            on_success=self._on_opened,
            on_error=self._on_open_failed,
        )

    def open_at(self, conversation_id: str, message_id: str, words: str = "") -> None:
        """Shows a message of a conversation, and where these words are in it."""
        self._wishes += 1
        if not (self._open and conversation_id == self._wanted):
            self.open(conversation_id)
        self.jump.to(conversation_id, message_id, words)

    def new(self) -> None:
        """An empty chat with the preset that was used last."""
        self._wishes += 1
        wish = self._wishes
        self.composer.flush_draft()
        run(
            self,
            self._conversations.new(),
            tasks=self._tasks,
            name="new conversation",
            on_success=lambda made: self.open(made.id) if wish == self._wishes else None,
        )

    def take_head(self, conversation: Conversation) -> None:
        """The open chat's title or parameters are others; its messages need not be read for that."""
        if self._open is not None and conversation.id == self._open.conversation.id:
            leaf_id = self._open.conversation.leaf_id
            head = replace(conversation, leaf_id=leaf_id)
            if head != self._open.conversation:
                self._open.conversation = head
                self._show_head(self._open)

    def close_chat(self, conversation_id: str) -> None:
        """It is gone: where it was open, and no other is about to be, is an empty one then."""
        if conversation_id == self._wanted:
            self._wanted = ""
            self._open = None
            self.asking.show_none()
            self.new()

    def leave(self) -> None:
        """Before the app ends: saves the draft, and looks at nothing that happens from now on."""
        self._unsubscribe()
        self.asking.leave()
        self._context.leave()

    def focus_composer(self) -> None:
        self.composer.focus_edit()

    def show_error(
        self, error: LocutionError, action_label: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """The nearest place for errors of everything in this column."""
        self.banner.show_error(error, action_label, on_action)

    # -- Building

    def _build(self) -> None:
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.transcript)
        lower = QVBoxLayout()
        lower.setContentsMargins(6 * GRID, 0, 6 * GRID, 4 * GRID)
        lower.setSpacing(2 * GRID)
        lower.addWidget(self.banner)
        lower.addWidget(self.composer)
        centred = QHBoxLayout()
        centred.setContentsMargins(0, 0, 0, 0)
        self._lower = QWidget(self)
        self._lower.setLayout(lower)
        centred.addStretch(1)
        centred.addWidget(self._lower, 1000)
        centred.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.finder.bar)
        column.addWidget(self._pages, 1)
        column.addLayout(centred)
        self._fit()

    def _fit(self) -> None:
        self._lower.setMaximumWidth(self._theme.grown(MEASURE) + 12 * GRID + 8 * GRID)

    def _connect(self) -> None:
        self._theme.changed.connect(self._fit)
        self.composer.stop_requested.connect(self.acts.stop)
        self.transcript.wanted.connect(self._on_wanted)
        self.transcript.left.connect(self._on_transcript_left)
        self._live.progressed.connect(self._context.show_running)
        self.acts.finished.connect(self.focus_composer)
        self.finder.closed.connect(self.focus_composer)
        self._actions.action(ActionId.TREE_MAP).triggered.connect(self._on_map_requested)
        self._actions.action(ActionId.STOP).setEnabled(False)

    # -- Showing

    def _on_opened(self, opened: tuple[Outline, dict[str, Message]]) -> None:
        chat, bodies = opened
        if chat.conversation.id != self._wanted:
            return
        self._open = chat
        self.banner.hide()
        self._live.begin(is_running=self.acts.is_running)
        self.transcript.reset(Rows(chat.path, chat.tree, bodies))
        self.asking.show_chat(chat)
        self._settings.put(Setting.LAST_CONVERSATION, chat.conversation.id)
        self._show_head(chat)
        self._live.look()
        self.focus_composer()

    def _on_open_failed(self, error: LocutionError) -> None:
        """A chat that is gone leaves an empty one in its place."""
        self._wanted = self._open.conversation.id if self._open else ""
        if self._open is None:
            self.new()
        if not isinstance(error, NotFoundError):
            self.show_error(error)

    def _on_reloaded(self, opened: tuple[Outline, dict[str, Message]]) -> None:
        """After a change of the open chat that may be anywhere in it."""
        chat, bodies = opened
        if chat.conversation.id != self._wanted or self._open is None:
            return
        grew = chat.conversation.leaf_id != self._open.conversation.leaf_id and self.acts.is_running
        self._open = chat
        rows = Rows(chat.path, chat.tree, bodies)
        self.transcript.set_rows(rows, follow=grew or self.transcript.at_end)
        self._show_change(chat)

    def _on_refreshed(
        self, chat: Outline, leaf_id: str | None, refreshed: tuple[int, dict[str, Message]]
    ) -> None:
        """After a change of some messages of the open chat; ``leaf_id`` was shown before."""
        first, bodies = refreshed
        if chat is not self._open:
            if chat.conversation.id == self._wanted:
                # All of it was read meanwhile, maybe before this change.
                self._reload(frozenset(bodies))
            return
        grew = chat.conversation.leaf_id != leaf_id and self.acts.is_running
        self.transcript.follow(first, bodies.values(), follow=grew or self.transcript.at_end)
        self._show_change(chat)

    def _show_change(self, chat: Outline) -> None:
        """What stands around the messages, once these are shown."""
        self._show_head(chat)
        self._live.tell(chat, is_running=self.acts.is_running)
        self._live.look()

    def _show_head(self, chat: Outline) -> None:
        conversation = chat.conversation
        effective = self._conversations.effective(conversation)
        self.header.set_title(conversation.title, temporary=conversation.temporary)
        self.empty.set_preset(effective.preset.id)
        self.asking.show_head(chat, is_running=self.acts.is_running)
        self._actions.action(ActionId.STOP).setEnabled(self.acts.is_running)
        self._pages.setCurrentWidget(self.transcript if chat.path else self.empty)
        self._context.show_chat(chat)
        self.conversation_changed.emit(conversation)

    def _reload(self, messages: frozenset[str]) -> None:
        """Reads what changed; everything where that is not known."""
        chat = self._open
        if chat is not None and chat.conversation.id == self._wanted and messages:
            leaf_id = chat.conversation.leaf_id
            run(
                self,
                self._conversations.refresh(chat, messages),
                tasks=self._tasks,
                name="reload messages",
                on_success=lambda refreshed: self._on_refreshed(chat, leaf_id, refreshed),
            )
        elif self._wanted:
            run(
                self,
                self._conversations.outline(self._wanted),
                tasks=self._tasks,
                name="reload conversation",
                on_success=self._on_reloaded,
            )

    def _on_wanted(self, message_ids: list[str]) -> None:
        """Somebody looks at messages whose text was not read yet."""
        if (chat := self._open) is None:
            return

        def show(bodies: dict[str, Message]) -> None:
            if chat is self._open:
                self.transcript.put(bodies.values())

        run(
            self,
            self._conversations.bodies(chat.conversation.id, message_ids),
            tasks=self._tasks,
            name="read messages",
            on_success=show,
        )

    # -- What happened

    def _on_changed(self, change: Change) -> None:
        match change.kind:
            case Kind.ANSWER:
                live = self._chat.running(self._wanted) if self._wanted else None
                if live and live.message_id in change.ids:
                    self._live.look_soon()
            case Kind.MESSAGES if self._wanted in change.ids:
                self._reload(change.messages)
            case Kind.MODEL:
                self._on_model_changed()
            case _:
                pass

    def _on_model_changed(self) -> None:
        state = self._models.state
        problem = state.error.message if isinstance(state, Failed) else ""
        self.empty.set_needs_model(isinstance(state, Unloaded | Failed), problem=problem)
        if (model := self._models.current) is not None:
            self.transcript.set_model_name(model.name)

    # -- What the user wants

    def _on_map_requested(self) -> None:
        from desktop.ui.chat.tree_map import TreeMapPanel

        panel = self.findChild(TreeMapPanel)
        if panel is None:
            panel = TreeMapPanel(self._kit, self.transcript, self.opened, self)
            panel.chosen.connect(lambda message_id: self.open_at(self._wanted, message_id))
            panel.closed.connect(self.focus_composer)
        if panel.isVisible():
            panel.close_map()
        elif self._open is not None and self._open.path:
            # In a turn of its own: the first time there is much to import and to make.
            QTimer.singleShot(0, panel, panel.open)

    def _on_transcript_left(self, forward: bool) -> None:
        if forward:
            following = self.banner.first_button() or self.composer.edit
            following.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.header.focus_last()
