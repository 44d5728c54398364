"""Paints one line of the conversation list: a heading or a chat. Main thread only."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.domain.conversation import Conversation
from desktop.ui.conversations.model import ListRole
from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token

_PADDING = 3 * GRID


class ConversationDelegate(QStyledItemDelegate):
    """Every line is as tall as the others, so that ten thousand need no measuring."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.open_id = ""
        """The chat that is open is marked even while another line has the keyboard."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(10 * GRID, max(8 * GRID, round(self._theme.points() * 3.1)))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        conversation = index.data(ListRole.CONVERSATION)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        if conversation is None:
            self._paint_heading(painter, rect, text)
        else:
            self._paint_chat(painter, rect, option, conversation, text)
        painter.restore()

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setObjectName("conversation-rename")
        editor.setAccessibleName(self.tr("Title of the chat"))
        editor.setMaxLength(200)
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(GRID, 0, -GRID, 0))

    def _paint_heading(self, painter: QPainter, rect: QRect, text: str) -> None:
        painter.setFont(self._theme.font(TextSize.SMALL, bold=True))
        painter.setPen(self._theme.color(Token.TEXT_MUTED))
        box = rect.adjusted(_PADDING, 2 * GRID, -_PADDING, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, text)

    def _paint_chat(
        self,
        painter: QPainter,
        rect: QRect,
        option: QStyleOptionViewItem,
        conversation: Conversation,
        text: str,
    ) -> None:
        state: QStyle.StateFlag = option.state
        opened = conversation.id == self.open_id
        box = rect.adjusted(GRID, 1, -GRID, -1)
        if opened or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(Token.ACCENT_SOFT if opened else Token.HOVER))
            painter.drawRoundedRect(box, RADIUS - 2, RADIUS - 2)
        focused = state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Selected
        if focused:
            painter.setPen(self._theme.color(Token.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, RADIUS - 2, RADIUS - 2)
        painter.setFont(self._theme.font())
        untitled = not conversation.title
        painter.setPen(self._theme.color(Token.TEXT_MUTED if untitled and not opened else Token.TEXT))
        line = box.adjusted(_PADDING - GRID, 0, GRID - _PADDING, 0)
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, elided)
