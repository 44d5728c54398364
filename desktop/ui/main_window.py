"""The window: puts rail, panes and status line together and connects them. No logic of its own.

Main thread, made by the composition root inside the running loop. Closing it only asks
(``close_requested``): the composition root shuts down in order and calls :meth:`MainWindow.close_for_good`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from PySide6.QtCore import QByteArray, QSize, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Conversation
from desktop.domain.errors import LocutionError
from desktop.domain.settings import Setting
from desktop.services.assembly import Services
from desktop.services.tasks import Tasks
from desktop.system.paths import resources_dir
from desktop.ui.actions import ActionId, Actions
from desktop.ui.appearance import carry_out
from desktop.ui.chat.pane import ChatPane
from desktop.ui.icons import Icons
from desktop.ui.models.model_menu import ModelMenu
from desktop.ui.notifications import Desktop, Notifications
from desktop.ui.parameters.sidebar import ParameterSidebar
from desktop.ui.rail import Rail
from desktop.ui.status_line import StatusLine
from desktop.ui.theme import Theme
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.plain import plain_title


class Pane(IntEnum):
    """In the order of the rail."""

    CHAT = 0
    PLAYGROUND = 1
    MODELS = 2
    PRESETS = 3
    SETTINGS = 4


_START_SIZE = QSize(1280, 800)
_SMALLEST = QSize(720, 480)
_OF_THE_CHAT = (
    ActionId.NEW_CHAT,
    ActionId.FIND,
    ActionId.TREE_MAP,
    ActionId.NEW_TEMPORARY_CHAT,
    ActionId.SEARCH,
    ActionId.NEW_FOLDER,
    ActionId.TRASH,
    ActionId.MODEL_MENU,
    ActionId.PRESET_MENU,
    ActionId.TOGGLE_LIST,
    ActionId.TOGGLE_SIDEBAR,
)
"""Actions that make no sense on another pane: they lead back to the chat first."""


class MainWindow(QMainWindow):
    close_requested = Signal()

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("main-window")
        self.setWindowIcon(QIcon(str(resources_dir() / "icons" / "locution.svg")))
        self.setMinimumSize(_SMALLEST)
        self._closing = False
        self.actions_table = Actions(self)
        self._kit = Toolkit(services, tasks, theme, icons, self.actions_table)
        self._settings = services.settings
        self._use_keys()
        self._connect_actions()
        self.model_menu = ModelMenu(self._kit, self)
        self.sidebar = ParameterSidebar(self._kit, self)
        self.chat_pane = ChatPane(self._kit, self.model_menu, self.sidebar)
        self.status_line = StatusLine(services, self)
        self._rail = Rail(theme, icons, self.actions_table, self)
        self._stack = QStackedWidget(self)
        self._banner = Banner(theme, self)
        self._panes: dict[int, QWidget] = {Pane.CHAT: self.chat_pane}
        self._stack.addWidget(self.chat_pane)
        self.notifications = Notifications(self._kit, self, Desktop(self), self._on_chat_called)
        self._arrange()
        self._connect()
        self._restore_geometry()
        self._on_conversation_changed(self.chat_pane.current())

    def show_pane(self, index: int) -> None:
        """A :class:`Pane`; those beside the chat are built when they are first shown."""
        if index not in self._panes:
            self._panes[index] = self._make_pane(index)
            self._stack.addWidget(self._panes[index])
        self._banner.hide()
        self._stack.setCurrentWidget(self._panes[index])
        self._rail.set_current(index)
        if index == Pane.CHAT:
            self.chat_pane.focus_composer()

    def show_error(
        self, error: LocutionError, action_label: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """The last place an error walks up to: above whatever pane is open."""
        self._banner.show_error(error, action_label, on_action)

    def bring_to_front(self) -> None:
        """Asked for by a second start on the same data folder."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def close_for_good(self) -> None:
        """Closes without asking; the composition root calls it when everything is shut down."""
        self._closing = True
        self.close()

    # -- Assembly

    def _arrange(self) -> None:
        content = QVBoxLayout()
        content.setContentsMargins(0, 0, 0, 0)
        content.setSpacing(0)
        content.addWidget(self._banner)
        content.addWidget(self._stack, 1)
        upper = QHBoxLayout()
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        upper.addWidget(self._rail)
        upper.addWidget(_line(self, vertical=True))
        upper.addLayout(content, 1)
        central = QWidget(self)
        whole = QVBoxLayout(central)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(upper, 1)
        whole.addWidget(_line(self, vertical=False))
        whole.addWidget(self.status_line)
        self.setCentralWidget(central)

    def _connect_actions(self) -> None:
        """Before any pane connects the same actions, so that the pane is visible when it acts."""
        action = self.actions_table.action
        for action_id in _OF_THE_CHAT:
            action(action_id).triggered.connect(lambda: self._go_to_chat())
        action(ActionId.SETTINGS).triggered.connect(lambda: self.show_pane(Pane.SETTINGS))
        action(ActionId.KEYS).triggered.connect(self._on_keys_requested)
        action(ActionId.PALETTE).triggered.connect(self._on_palette_requested)
        action(ActionId.QUIT).triggered.connect(self.close_requested)
        carry_out(self.actions_table, self._settings)

    def _connect(self) -> None:
        self._rail.picked.connect(self.show_pane)
        self.chat_pane.conversation_changed.connect(self._on_conversation_changed)
        composer = self.chat_pane.open_chat.composer
        composer.edit.textChanged.connect(self._kit.services.titles.put_off)
        unsubscribe = self._kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(unsubscribe)
        self.chat_pane.presets_wanted.connect(self.sidebar.open_presets)
        self.status_line.model_requested.connect(self.actions_table.action(ActionId.MODEL_MENU).trigger)
        self.status_line.retry_requested.connect(self.model_menu.use)
        self.status_line.cancel_requested.connect(self.model_menu.unload)

    def _make_pane(self, index: int) -> QWidget:
        match index:
            case Pane.PLAYGROUND:
                from desktop.ui.playground.pane import PlaygroundPane

                return PlaygroundPane(self._kit.theme, self._kit.icons, self._go_to_chat, self)
            case Pane.MODELS:
                from desktop.ui.models.pane import ModelsPane

                return ModelsPane(
                    self._kit.theme, self._kit.icons, self._go_to_chat, self.model_menu.choose_file, self
                )
            case Pane.PRESETS:
                from desktop.ui.presets.pane import PresetsPane

                return PresetsPane(self._kit.theme, self._kit.icons, self._go_to_chat, self)
            case _:
                from desktop.ui.settings.pane import SettingsPane

                return SettingsPane(self._kit, self._on_reload, self)

    def _restore_geometry(self) -> None:
        stored = self._settings.text(Setting.WINDOW_GEOMETRY).encode()
        if not (stored and self.restoreGeometry(QByteArray.fromBase64(QByteArray(stored)))):
            room = QGuiApplication.primaryScreen().availableSize()
            self.resize(_START_SIZE.boundedTo(room))

    def _keep_geometry(self) -> None:
        stored = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self._settings.put(Setting.WINDOW_GEOMETRY, stored, actor=self)

    # -- Events

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keep_geometry()
        if self._closing:
            event.accept()
        else:
            event.ignore()
            self.close_requested.emit()

    def _go_to_chat(self) -> None:
        if self._stack.currentWidget() is not self.chat_pane:
            self.show_pane(Pane.CHAT)

    def _on_conversation_changed(self, conversation: Conversation | None) -> None:
        self.sidebar.show_conversation(conversation)
        self.status_line.show_conversation(conversation)
        title = (conversation.title if conversation else "") or self.tr("New chat")
        self.setWindowTitle(plain_title(title))

    def _on_chat_called(self, conversation_id: str) -> None:
        """From a notification."""
        self.bring_to_front()
        self._go_to_chat()
        self.chat_pane.open_conversation(conversation_id)

    def _on_changed(self, change: Change) -> None:
        if change.kind is Kind.SETTINGS and Setting.KEYS.key in change.ids:
            self._use_keys()

    def _use_keys(self) -> None:
        self.actions_table.use_keys(self._settings.table(Setting.KEYS))

    def _on_reload(self) -> None:
        self.model_menu.reload()

    def _on_keys_requested(self) -> None:
        from desktop.ui.keys_page import KeysPage

        KeysPage(self._kit, self).open()

    def _on_palette_requested(self) -> None:
        from desktop.ui.command_palette import CommandPalette

        CommandPalette(self.actions_table, self._kit.theme, self).open()


def _line(parent: QWidget, *, vertical: bool) -> QFrame:
    line = QFrame(parent)
    line.setProperty("panel", "line")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line
