"""Paints one line of the list of chats: a heading, a folder or a chat. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.domain.folders import LONGEST_NAME
from desktop.ui.conversations.entries import ChatLine, FolderLine
from desktop.ui.conversations.model import ListRole
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token
from desktop.ui.words import number

_PADDING = 3 * GRID
_STEP = 4 * GRID
_DEEPEST = 6
"""Levels that are drawn further in; what is nested deeper still needs room for its name."""
_ICON = 16


class ConversationDelegate(QStyledItemDelegate):
    """Every line is as tall as the others, so that ten thousand need no measuring."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._signs: dict[tuple[IconName, Token, bool, float], QPixmap] = {}
        self.open_id = ""
        """The chat that is open has a mark, also while others are selected."""
        self.answering: frozenset[str] = frozenset()
        """Chats in which an answer is being written."""
        icons.changed.connect(self._signs.clear)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(10 * GRID, max(8 * GRID, round(self._theme.points() * 3.1)))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = index.data(ListRole.ENTRY)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        match entry:
            case ChatLine():
                self._paint_chat(painter, option, entry, text)
            case FolderLine():
                self._paint_folder(painter, option, entry, text)
            case _:
                self._paint_heading(painter, option, text)
        painter.restore()

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setObjectName("conversation-rename")
        of_folder = isinstance(index.data(ListRole.ENTRY), FolderLine)
        editor.setAccessibleName(self.tr("Name of the folder") if of_folder else self.tr("Title of the chat"))
        editor.setToolTip(self.tr("Enter keeps it, Esc leaves it as it was"))
        editor.setMaxLength(LONGEST_NAME)
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        start = indent(index.data(ListRole.ENTRY)) + GRID
        editor.setGeometry(_mirrored(option, rect.adjusted(start, 0, -GRID, 0)))

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        rect: QRect = option.rect
        painter.setFont(self._theme.font(TextSize.SMALL, bold=True))
        painter.setPen(self._theme.color(Token.TEXT_MUTED))
        box = rect.adjusted(_PADDING, 2 * GRID, -_PADDING, 0)
        _write(painter, box, text)

    def _paint_folder(
        self, painter: QPainter, option: QStyleOptionViewItem, folder: FolderLine, text: str
    ) -> None:
        line = self._paint_ground(painter, option, indent(folder))
        chevron = IconName.CHEVRON_DOWN if folder.is_open else IconName.CHEVRON_RIGHT
        line = self._paint_sign(painter, option, line.adjusted(-GRID, 0, 0, 0), chevron)
        line = self._paint_sign(painter, option, line, IconName.FOLDER)
        painter.setFont(self._theme.font(TextSize.SMALL))
        painter.setPen(self._theme.color(Token.TEXT_MUTED))
        count = number(folder.count) if folder.count else ""
        room = painter.fontMetrics().horizontalAdvance(count) + 2 * GRID
        end = QRect(line.right() - room + 1, line.top(), room, line.height())
        _write(painter, _mirrored(option, end), count, Qt.AlignmentFlag.AlignTrailing)
        painter.setFont(self._theme.font())
        painter.setPen(self._theme.color(Token.TEXT))
        _write(painter, _mirrored(option, line.adjusted(0, 0, -room, 0)), text)

    def _paint_chat(self, painter: QPainter, option: QStyleOptionViewItem, chat: ChatLine, text: str) -> None:
        opened = chat.conversation.id == self.open_id
        line = self._paint_ground(painter, option, indent(chat), opened=opened)
        if chat.conversation.temporary:
            line = self._paint_sign(painter, option, line, IconName.TEMPORARY)
        painter.setFont(self._theme.font())
        untitled = not chat.conversation.title
        if chat.conversation.id in self.answering:
            line = self._paint_dot(painter, option, line)
        painter.setPen(self._theme.color(Token.TEXT_MUTED if untitled and not opened else Token.TEXT))
        _write(painter, _mirrored(option, line), text)

    def _paint_dot(self, painter: QPainter, option: QStyleOptionViewItem, line: QRect) -> QRect:
        """At the end of a line: something goes on there. Returns what is left of it."""
        dot = QRect(line.right() - 2 * GRID + 1, line.center().y() - GRID + 1, 2 * GRID, 2 * GRID)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(Token.ACCENT))
        painter.drawEllipse(_mirrored(option, dot))
        return line.adjusted(0, 0, -3 * GRID, 0)

    def _paint_ground(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        start: int,
        *,
        opened: bool = False,
    ) -> QRect:
        """What is behind a line; returns the room for its content, as if the text ran from left to right."""
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        box = rect.adjusted(GRID, 1, -GRID, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if opened or selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(self._theme.color(Token.ACCENT_SOFT if opened or selected else Token.HOVER))
            painter.drawRoundedRect(box, RADIUS - 2, RADIUS - 2)
        if opened:
            mark = QRect(box.left() + 1, box.top() + 2 * GRID, GRID - 1, box.height() - 4 * GRID)
            painter.setBrush(self._theme.color(Token.ACCENT))
            painter.drawRoundedRect(_mirrored(option, mark), 1, 1)
        if selected and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._theme.color(Token.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, RADIUS - 2, RADIUS - 2)
        return box.adjusted(_PADDING - GRID + start, 0, GRID - _PADDING, 0)

    def _paint_sign(
        self, painter: QPainter, option: QStyleOptionViewItem, line: QRect, name: IconName
    ) -> QRect:
        """An icon at the beginning of a line; returns what is left of it."""
        size = self._icons.scaled(_ICON)
        place = QRect(line.left(), line.center().y() - size // 2 + 1, size, size)
        painter.drawPixmap(_mirrored(option, place), self._sign(name, option, size))
        return line.adjusted(size + GRID, 0, 0, 0)

    def _sign(self, name: IconName, option: QStyleOptionViewItem, size: int) -> QPixmap:
        turned = name is IconName.CHEVRON_RIGHT and option.direction is Qt.LayoutDirection.RightToLeft
        widget: QWidget = option.widget
        ratio = widget.devicePixelRatioF()
        key = (name, Token.TEXT_MUTED, turned, ratio)
        if key not in self._signs:
            sign = self._icons.pixmap(name, Token.TEXT_MUTED, size, ratio)
            self._signs[key] = sign.transformed(QTransform.fromScale(-1, 1)) if turned else sign
        return self._signs[key]


def indent(entry: object) -> int:
    """Pixels that a line begins further in than others."""
    depth = entry.depth if isinstance(entry, FolderLine | ChatLine) else 0
    return min(depth, _DEEPEST) * _STEP


def _mirrored(option: QStyleOptionViewItem, box: QRect) -> QRect:
    """Where ``box`` is if the text runs from right to left."""
    return QStyle.visualRect(option.direction, option.rect, box)


def _write(
    painter: QPainter, box: QRect, text: str, where: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeading
) -> None:
    """On one line, cut where there is no room."""
    elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | where, elided)
