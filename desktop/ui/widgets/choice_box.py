"""A combo box with the app's chevron, and with a text too long for it shortened instead of cut."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Token


class ChoiceBox(QComboBox):
    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        icons.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        side = self.fontMetrics().ascent()
        inner = self.rect().adjusted(2 * GRID, 0, -2 * GRID, 0)
        trailing = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        place = QStyle.alignedRect(self.layoutDirection(), trailing, QSize(side, side), inner)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, inner.width() - side - 2 * GRID
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        chevron = self._icons.pixmap(IconName.CHEVRON_DOWN, Token.TEXT_MUTED, side, self.devicePixelRatioF())
        painter.drawPixmap(place.topLeft(), chevron)
        painter.end()
