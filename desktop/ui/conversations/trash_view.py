"""The trash, in the place of the chats: what was deleted, bringing it back, and deleting it for good.

That last act is the only one that cannot be undone, so it is asked about first. Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.changes import Change, Kind
from desktop.services.trash import Trashed
from desktop.ui.conversations.trash_model import TrashDelegate, TrashModel
from desktop.ui.icons import IconName
from desktop.ui.operation import run
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.button_row import ButtonRow
from desktop.ui.widgets.escape import keep_escape
from desktop.ui.widgets.flow_layout import FlowLayout
from desktop.ui.words import number


class TrashView(QWidget):
    """``left`` when the user wants back to the chats."""

    left = Signal()

    def __init__(self, kit: Toolkit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trash")
        self._trash = kit.services.trash
        self._tasks = kit.tasks
        self.model = TrashModel(self._trash, self)
        self.view = self._list_view(kit)
        self._nothing = QLabel(self.tr("The trash is empty."), self)
        self._nothing.setObjectName("trash-nothing")
        self._nothing.setProperty("tone", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self.question = _Question(self)
        back = self._button("trash-back", self.tr("Chats"), self.tr("Back to the chats"), self.left.emit)
        kit.icons.put(back, IconName.PREVIOUS)
        self._restore = self._button(
            "trash-restore", self.tr("Restore"), self.tr("Puts it back where it was"), self.restore
        )
        self._delete = self._button(
            "trash-delete", self.tr("Delete…"), self.tr("Deletes it for good"), self.ask_to_delete
        )
        self._empty = self._button(
            "trash-empty", self.tr("Empty…"), self.tr("Deletes everything here for good"), self.ask_to_empty
        )
        self._build(back)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._show_state())
        self.model.modelReset.connect(self._show_state)
        unsubscribe = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(unsubscribe)
        self.setFocusProxy(self.view)
        self.reload()

    def reload(self) -> None:
        run(self, self._trash.entries(), tasks=self._tasks, name="list trash", on_success=self._on_loaded)

    def selected(self) -> list[Trashed]:
        """From the top down."""
        rows = sorted(self.view.selectionModel().selectedRows(), key=lambda index: index.row())
        return [self.model.entry(index) for index in rows]

    def restore(self) -> None:
        entries = self.selected()

        async def work() -> None:
            if chats := [entry.conversation_id for entry in entries if entry.message_id is None]:
                await self._trash.restore(chats)
            for entry in entries:
                if entry.message_id is not None:
                    await self._trash.restore_branch(entry.conversation_id, entry.message_id)

        self.question.dismiss()
        run(self, work(), tasks=self._tasks, name="restore", on_success=lambda _: self.reload())

    def ask_to_delete(self) -> None:
        """Parts of chats go with their time, or with all the rest."""
        chats = [entry for entry in self.selected() if entry.message_id is None]
        if not chats:
            return
        name = (
            self.tr("“%1”").replace("%1", self.model.words(chats[0]))
            if len(chats) == 1
            else self.tr("%1 chats").replace("%1", number(len(chats)))
        )
        text = self.tr("Delete %1 for good? This cannot be undone.").replace("%1", name)
        ids = [entry.conversation_id for entry in chats]
        self.question.ask(text, lambda: self._delete_for_good(ids))

    def ask_to_empty(self) -> None:
        text = self.tr("Delete everything in the trash for good? This cannot be undone.")
        self.question.ask(text, self._empty_for_good)

    def event(self, event: QEvent) -> bool:
        """Esc leads back from here before it stops an answer."""
        return keep_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape if self.question.isVisible():
                self.question.dismiss()
            case Qt.Key.Key_Escape:
                self.left.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.view.hasFocus():
                self.restore()
            case Qt.Key.Key_Delete:
                self.ask_to_delete()
            case _:
                super().keyPressEvent(event)

    def _delete_for_good(self, conversation_ids: Sequence[str]) -> None:
        run(self, self._trash.delete(conversation_ids), tasks=self._tasks, name="delete for good")

    def _empty_for_good(self) -> None:
        run(
            self,
            self._trash.empty(),
            tasks=self._tasks,
            name="empty the trash",
            on_success=lambda _: self.reload(),
        )

    def _build(self, back: QPushButton) -> None:
        title = QLabel(self.tr("Trash"), self)
        title.setProperty("weight", "bold")
        title.setMinimumHeight(back.sizeHint().height())
        head = FlowLayout(2 * GRID)
        head.addWidget(back)
        head.addWidget(title)
        acts = ButtonRow((self._restore, self._delete, self._empty), self)
        self.question.asked.connect(acts.setHidden)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(self._nothing, 1)
        column.addWidget(self.question)
        column.addWidget(acts)

    def _list_view(self, kit: Toolkit) -> QListView:
        view = QListView(self)
        view.setObjectName("trash-list")
        view.setAccessibleName(self.tr("Deleted chats"))
        view.setModel(self.model)
        view.setItemDelegate(TrashDelegate(kit.theme, view))
        view.setUniformItemSizes(True)
        view.setMinimumHeight(12 * GRID)
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setMouseTracking(True)
        kit.theme.changed.connect(view.doItemsLayout)
        return view

    def _button(self, name: str, text: str, tip: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setProperty("kind", "quiet")
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda: do())
        return button

    def _show_state(self) -> None:
        entries = self.selected()
        empty = self.model.rowCount() == 0
        self._restore.setEnabled(bool(entries))
        self._delete.setEnabled(any(entry.message_id is None for entry in entries))
        self._empty.setEnabled(not empty)
        self.view.setVisible(not empty)
        self._nothing.setVisible(empty)

    def _on_loaded(self, entries: list[Trashed]) -> None:
        had_focus = self.view.hasFocus()
        row = max(0, self.view.currentIndex().row())
        self.model.show(entries)
        if entries:
            index = self.model.index(min(row, len(entries) - 1))
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.view.selectionModel().setCurrentIndex(index, flag)
            if had_focus:
                self.view.setFocus()
        self._show_state()

    def _on_changed(self, change: Change) -> None:
        of_branch = change.kind is Kind.MESSAGES and not change.messages
        if self.isVisible() and (change.kind is Kind.CONVERSATIONS or of_branch):
            self.reload()


class _Question(QFrame):
    """Asked in the place it is about, with *no* as what Enter and Esc mean."""

    asked = Signal(bool)
    """Whether it is waiting for an answer."""

    def __init__(self, parent: TrashView) -> None:
        super().__init__(parent)
        self.setObjectName("trash-question")
        self.setProperty("panel", "card")
        self._trash = parent
        self._on_yes: Callable[[], None] | None = None
        self._text = QLabel(self)
        self._text.setObjectName("trash-question-text")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._yes = self._button("trash-yes", self.tr("Delete for good"), "danger", self._on_yes_clicked)
        self._no = self._button("trash-no", self.tr("Keep"), "", self.dismiss)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        for widget in (self._text, self._yes, self._no):
            column.addWidget(widget)
        self.hide()

    def ask(self, text: str, on_yes: Callable[[], None]) -> None:
        self._text.setText(text)
        self.setAccessibleName(text)
        self._on_yes = on_yes
        self.show()
        self.asked.emit(True)
        self._no.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        self.hide()
        self.asked.emit(False)
        self._trash.setFocus()

    def text(self) -> str:
        return self._text.text()

    def _button(self, name: str, text: str, kind: str, do: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setProperty("kind", kind)
        button.setAccessibleName(text)
        button.setToolTip(self.tr("There is no way back") if kind else self.tr("Leaves it in the trash"))
        button.setAutoDefault(True)
        button.clicked.connect(lambda: do())
        return button

    def _on_yes_clicked(self) -> None:
        self.dismiss()
        if self._on_yes is not None:
            self._on_yes()
