"""The messages that would be sent, each with its tokens and whether it is sent. Main thread only."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.domain.conversation import InContext, Role
from desktop.domain.ledger import LedgerTurn, LedgerTurns
from desktop.ui import words
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token
from desktop.ui.widgets.plain import plain_tip

Index = QModelIndex | QPersistentModelIndex
_ICON = 16
_SIGNS = ((InContext.PINNED, IconName.PIN), (InContext.EXCLUDED, IconName.HIDDEN))
"""From the side where lines begin."""


class TurnRole(IntEnum):
    TURN = Qt.ItemDataRole.UserRole + 1


class TurnsModel(QStringListModel):
    """Qt itself keeps the number of rows, so that ten thousand are laid out at once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns: LedgerTurns | None = None

    def show_turns(self, turns: LedgerTurns) -> bool:
        """Says whether the rows are others; else only what is on them changed."""
        is_same = self._turns is not None and turns.ids == self._turns.ids
        self._turns = turns
        if is_same and turns:
            self.dataChanged.emit(self.index(0), self.index(len(turns) - 1))
        else:
            self.setStringList([""] * len(turns))
        return not is_same

    def turn(self, row: int) -> LedgerTurn | None:
        return self._turns[row] if self._turns is not None and 0 <= row < len(self._turns) else None

    def row_of(self, message_id: str | None) -> int:
        """-1 if it is not there."""
        ids = self._turns.ids if self._turns is not None else ()
        return ids.index(message_id) if message_id in ids else -1

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        turn = self.turn(index.row())
        match role:
            case TurnRole.TURN:
                return turn
            case Qt.ItemDataRole.DisplayRole if turn is not None:
                return turn.beginning
            case Qt.ItemDataRole.ToolTipRole if turn is not None:
                return plain_tip(self._whole(turn))
            case Qt.ItemDataRole.AccessibleTextRole if turn is not None:
                return self._whole(turn)
            case _:
                return super().data(index, role)

    def _whole(self, turn: LedgerTurn) -> str:
        return " · ".join(filter(None, (self.who(turn), turn.beginning, *self.states(turn))))

    def states(self, turn: LedgerTurn) -> list[str]:
        """What there is to say of a turn beside its words."""
        found = [words.tokens(turn.tokens, about=turn.about)]
        if turn.context is InContext.PINNED:
            found.append(self.tr("always sent"))
        if turn.context is InContext.EXCLUDED:
            found.append(self.tr("not sent"))
        elif turn.dropped:
            found.append(self.tr("dropped"))
        return found

    def who(self, turn: LedgerTurn) -> str:
        if turn.message_id is None:
            return self.tr("New")
        return self.tr("You") if turn.role is Role.USER else self.tr("Model")


class TurnsView(QListView):
    """``marked`` with a message's id and what it is to be: by a click on its signs, or by P and X."""

    marked = Signal(str, object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.turns = TurnsModel(self)
        self.setModel(self.turns)
        self.setObjectName("ledger-turns")
        self.setAccessibleName(self.tr("Messages that go to the model"))
        self.setToolTip(self.tr("P sends a message always, X never"))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        delegate = _TurnDelegate(theme, icons, self)
        delegate.marked.connect(self._on_marked)
        self.setItemDelegate(delegate)
        theme.changed.connect(self.scheduleDelayedItemsLayout)

    @property
    def current(self) -> LedgerTurn | None:
        return self.turns.turn(self.currentIndex().row())

    def show_turns(self, turns: LedgerTurns) -> None:
        """The place and the chosen one stay; a chat that is shown first is shown at its end."""
        before, place, is_first = self.current, self.verticalScrollBar().value(), not self.turns.rowCount()
        if not self.turns.show_turns(turns):
            return
        if before is not None and (row := self.turns.row_of(before.message_id)) >= 0:
            self.setCurrentIndex(self.turns.index(row))
        elif turns:
            self.setCurrentIndex(self.turns.index(len(turns) - 1))
        if is_first:
            self.scrollToBottom()
        else:
            self.verticalScrollBar().setValue(place)

    def mark(self, context: InContext) -> None:
        """The chosen one; the same once more takes it back."""
        if (turn := self.current) is not None:
            self._on_marked(turn, context)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        context = {Qt.Key.Key_P: InContext.PINNED, Qt.Key.Key_X: InContext.EXCLUDED}.get(Qt.Key(event.key()))
        if context is not None and not event.modifiers():
            self.mark(context)
        else:
            super().keyPressEvent(event)

    def _on_marked(self, turn: LedgerTurn, context: InContext) -> None:
        if turn.message_id is not None:
            wanted = InContext.AUTO if turn.context is context else context
            self.marked.emit(turn.message_id, wanted)


class _TurnDelegate(QStyledItemDelegate):
    """Words, what it costs, and the two signs; those that are not in force are pale."""

    marked = Signal(object, object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(40 * GRID, max(7 * GRID, round(self._theme.points() * 2.6)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        turn: LedgerTurn | None = index.data(TurnRole.TURN)
        if turn is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        is_lit = bool(state & QStyle.StateFlag.State_MouseOver)
        if is_chosen or is_lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(Token.ACCENT_SOFT if is_chosen else Token.HOVER))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), RADIUS - 2, RADIUS - 2)
        if turn.message_id is not None:
            for context, icon in _SIGNS:
                if turn.context is context or is_chosen or is_lit:
                    token = Token.ACCENT if turn.context is context else Token.TEXT_MUTED
                    self._icons.icon(icon, token).paint(painter, self._sign_box(option, context))
        self._paint_words(painter, option, index, turn)
        painter.restore()

    def editorEvent(self, event: QEvent, model: object, option: QStyleOptionViewItem, index: Index) -> bool:
        if event.type() is QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            turn: LedgerTurn | None = index.data(TurnRole.TURN)
            place: QPoint = event.position().toPoint()
            for context, _ in _SIGNS:
                if turn is not None and self._sign_box(option, context).adjusted(-4, -4, 4, 4).contains(
                    place
                ):
                    self.marked.emit(turn, context)
                    return True
        return False

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, turn: LedgerTurn
    ) -> None:
        rect: QRect = option.rect
        direction: Qt.LayoutDirection = option.direction
        is_sent = turn.context is not InContext.EXCLUDED and not turn.dropped
        model = index.model()
        assert isinstance(model, TurnsModel)
        painter.setFont(self._theme.font(TextSize.SMALL))
        side = self._icons.scaled(_ICON)
        inner = rect.adjusted(2 * (side + 2 * GRID) + GRID, 0, -2 * GRID, 0)
        state = " · ".join(model.states(turn))
        room = min(painter.fontMetrics().horizontalAdvance(state) + GRID, inner.width() // 2)
        tail = inner.adjusted(inner.width() - room, 0, 0, 0)
        head = inner.adjusted(0, 0, -room - 3 * GRID, 0)
        leading = QStyle.visualAlignment(
            direction, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        for box, text, token in (
            (tail, state, Token.WARNING if turn.dropped else Token.TEXT_MUTED),
            (head, f"{model.who(turn)}: {turn.beginning}", Token.TEXT if is_sent else Token.TEXT_MUTED),
        ):
            painter.setPen(self._theme.color(token))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(QStyle.visualRect(direction, rect, box), int(leading), shown)

    def _sign_box(self, option: QStyleOptionViewItem, context: InContext) -> QRect:
        rect: QRect = option.rect
        side = self._icons.scaled(_ICON)
        at = [each for each, _ in _SIGNS].index(context)
        left = rect.left() + GRID + at * (side + 2 * GRID)
        box = QRect(left, rect.center().y() - side // 2 + 1, side, side)
        return QStyle.visualRect(option.direction, rect, box)
