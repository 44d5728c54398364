"""The row of small buttons under a message: versions, the usual acts, the menu of all. Main thread only."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPoint, QSize, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from desktop.domain.conversation import Rating
from desktop.ui.chat.message.act import MessageAct, can
from desktop.ui.chat.rows import Row
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Token
from desktop.ui.widgets.icon_button import icon_button
from desktop.ui.words import filled, number

_ICON = 16
BUTTON_SIDE = 7 * GRID
"""Pixels at normal text size; the height of the row."""
_COPIED_MS = 1600
_SIGNS = {
    MessageAct.COPY: IconName.COPY,
    MessageAct.AGAIN: IconName.REGENERATE,
    MessageAct.EDIT: IconName.EDIT,
    MessageAct.BRANCH: IconName.BRANCH,
    MessageAct.RATE_UP: IconName.THUMB_UP,
    MessageAct.RATE_DOWN: IconName.THUMB_DOWN,
}
_RATINGS = {
    MessageAct.RATE_UP: (Rating.UP, IconName.THUMB_UP, IconName.THUMB_UP_FILLED),
    MessageAct.RATE_DOWN: (Rating.DOWN, IconName.THUMB_DOWN, IconName.THUMB_DOWN_FILLED),
}


class MessageButtons(QWidget):
    """Arrows stay where there are versions, and a rating that was given; the rest comes when it is lit."""

    chosen = Signal(object)
    """A :class:`MessageAct`."""
    stepped = Signal(int)
    """-1 or 1: the version before or after this one."""
    menu_requested = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.setObjectName("message-actions")
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._previous = self._button("version-previous", IconName.PREVIOUS, self.tr("Previous version"))
        self._count = QLabel(self)
        self._count.setObjectName("version-count")
        self._count.setProperty("textsize", "small")
        self._count.setProperty("tone", "muted")
        self._layout.addWidget(self._count)
        self._next = self._button("version-next", IconName.NEXT, self.tr("Next version"))
        self._names = {
            MessageAct.COPY: self.tr("Copy"),
            MessageAct.AGAIN: self.tr("Answer again; this version is kept"),
            MessageAct.EDIT: self.tr("Edit; this version is kept"),
            MessageAct.BRANCH: self.tr("Branch to a new chat"),
            MessageAct.RATE_UP: self.tr("Good answer"),
            MessageAct.RATE_DOWN: self.tr("Bad answer"),
        }
        self._acts = {
            act: self._button(f"message-{act.value}", _SIGNS[act], name) for act, name in self._names.items()
        }
        self._more = self._button("message-more", IconName.MORE, self.tr("More"))
        self._previous.clicked.connect(lambda: self.stepped.emit(-1))
        self._next.clicked.connect(lambda: self.stepped.emit(1))
        for act, button in self._acts.items():
            button.clicked.connect(lambda _=False, act=act: self._on_clicked(act))
        self._more.clicked.connect(self.menu_requested)
        self._row: Row | None = None
        self._lit = False
        self._fit()
        icons.changed.connect(self._fit)

    def set_row(self, row: Row) -> None:
        self._row = row
        several = row.versions > 1
        for widget in (self._previous, self._count, self._next):
            widget.setVisible(several)
        version, versions = number(row.version), number(row.versions)
        self._count.setAccessibleName(filled(self.tr("Version %1 of %2"), version, versions))
        self._count.setText(f"{version}/{versions}")
        self._previous.setEnabled(row.version > 1)
        self._next.setEnabled(row.version < row.versions)
        self._set_rating(row)
        self._show_lit()

    def set_lit(self, lit: bool) -> None:
        """Whether the pointer or the keyboard is at the message."""
        if lit != self._lit:
            self._lit = lit
            self._show_lit()

    def needed(self) -> bool:
        """Whether anything is to be seen."""
        row = self._row
        if row is None or row.streaming:
            return False
        return self._lit or row.versions > 1 or row.message.rating is not Rating.NONE

    def buttons(self) -> list[QToolButton]:
        """Those that can be used now, in order."""
        every = (self._previous, self._next, *self._acts.values(), self._more)
        return [button for button in every if not button.isHidden() and button.isEnabled()]

    def place_of(self, act: MessageAct | None = None) -> QPoint:
        """Under the button of an act, or of the menu, in global coordinates."""
        button = self._acts.get(act, self._more) if act is not None else self._more
        return button.mapToGlobal(button.rect().bottomLeft())

    def _set_rating(self, row: Row) -> None:
        given = row.message.rating
        for act, (rating, usual, chosen) in _RATINGS.items():
            button, name = self._acts[act], self._names[act]
            self._icons.put(button, chosen if given is rating else usual)
            if given is rating:
                name = self.tr("%1, given; press again to take it back").replace("%1", name)
            button.setAccessibleName(name)
            comment = escape(row.message.comment) if given is rating else ""
            button.setToolTip(f"<p>{escape(name)}</p><p>{comment}</p>" if comment else name)

    def _show_lit(self) -> None:
        if (row := self._row) is None:
            return
        for act, button in self._acts.items():
            given = act in _RATINGS and row.message.rating is _RATINGS[act][0]
            # A question is answered again from the menu: its own row is about the question.
            offered = self._lit and can(act, row) and not (act is MessageAct.AGAIN and row.own)
            button.setVisible(given or offered)
        self._more.setVisible(self._lit)
        self.setVisible(self.needed())

    def _fit(self) -> None:
        icon, side = self._icons.scaled(_ICON), self._icons.scaled(BUTTON_SIDE)
        for button in self.findChildren(QToolButton):
            button.setIconSize(QSize(icon, icon))
            button.setFixedSize(side, side)

    def _button(self, name: str, icon: IconName, tip: str) -> QToolButton:
        # The transcript leads the keyboard here; in the window's own order it would come anywhere.
        button = icon_button(self._icons, icon, name, self, label=tip, by_tab=False)
        self._layout.addWidget(button)
        return button

    def _on_clicked(self, act: MessageAct) -> None:
        self.chosen.emit(act)
        if act is MessageAct.COPY:
            copy = self._acts[act]
            self._icons.put(copy, IconName.CHECK, Token.SUCCESS)
            QTimer.singleShot(_COPIED_MS, self, lambda: self._icons.put(copy, IconName.COPY))
