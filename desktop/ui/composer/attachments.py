"""The files that go with what is typed, as chips in the order they were attached. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from desktop.domain.conversation import Part, PartKind
from desktop.ui.composer.attachment_chip import AttachmentChip
from desktop.ui.icons import Icons
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.flow_layout import FlowLayout

MOST = 40
"""Files; each is a chip."""
_LINES = 3
"""Of chips, that are seen without scrolling."""


class Attachments(QScrollArea):
    """Hidden while there are none."""

    changed = Signal()
    """The user took one off; not by :meth:`set_parts` and :meth:`insert`."""
    added = Signal(object)
    """A part that has a chip of its own now."""
    removed = Signal(object, int)
    """A part, and where it was."""
    opened = Signal(object)
    height_changed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._chips: list[AttachmentChip] = []
        self._height = 0
        self.setObjectName("attachments")
        self.setAccessibleName(self.tr("Attached files"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self._body = QWidget()
        self._flow = FlowLayout(GRID, self._body)
        self.setWidget(self._body)
        self._body.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        theme.changed.connect(self._on_theme_changed)
        self.hide()

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(chip.part for chip in self._chips)

    @property
    def chips(self) -> list[AttachmentChip]:
        """In their order."""
        return list(self._chips)

    def set_parts(self, parts: Iterable[Part]) -> None:
        """These in place of those that are there."""
        if (wanted := tuple(parts)) == self.parts:
            return
        for chip in self._chips:
            self._drop(chip)
        self._chips.clear()
        for part in wanted:
            self.insert(len(self._chips), part)
        self._fit()

    def insert(self, index: int, part: Part) -> None:
        chip = AttachmentChip(part, self._theme, self._icons, self._body)
        chip.opened.connect(lambda: self.opened.emit(chip.part))
        chip.removed.connect(lambda: self._on_removed(chip))
        self._chips.insert(index, chip)
        self._flow.insert(index, chip)
        chip.show()
        for widget in chip.focus_widgets():
            widget.installEventFilter(self)
        self._fit()
        self.added.emit(part)

    def show_tokens(self, part: Part, count: int, *, about: bool, is_too_large: bool) -> None:
        """What a file costs, on its chip."""
        for chip in self._chips:
            if chip.part == part:
                chip.show_tokens(count, about=about, is_too_large=is_too_large)
        self._fit()

    def pasted(self, text: str, beside: tuple[Part, ...]) -> Part:
        """A text too long for the field, under a name that none of the others has."""
        name, number = self.tr("Pasted text"), 1
        taken = {part.name for part in beside}
        while name in taken:
            number += 1
            name = self.tr("Pasted text %1").replace("%1", str(number))
        return Part(PartKind.ATTACHMENT, text, name)

    def height_at(self, width: int) -> int:
        """For ``width`` pixels, to which the chips are fitted; 0 if there are none."""
        if not self._chips:
            return 0
        width = max(width, 40 * GRID)
        for chip in self._chips:
            chip.fit(width)
        line = self._chips[0].sizeHint().height()
        return min(self._flow.heightForWidth(width), _LINES * (line + GRID))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keyboard's chip is scrolled into sight."""
        if event.type() is QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self.ensureWidgetVisible(watched, GRID, GRID)
        return super().eventFilter(watched, event)

    def focus_widgets(self) -> list[QWidget]:
        return [widget for chip in self._chips for widget in chip.focus_widgets()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Not now: a height that is set inside its own change goes round in circles.
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        self.setVisible(bool(self._chips))
        height = self.height_at(self.width())
        self.setFixedHeight(height)
        if height != self._height:
            self._height = height
            self.height_changed.emit()

    def _drop(self, chip: AttachmentChip) -> None:
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()

    def _on_removed(self, chip: AttachmentChip) -> None:
        if chip not in self._chips:
            return
        at = self._chips.index(chip)
        if any(widget.hasFocus() for widget in chip.focus_widgets()):
            # The keyboard goes on to the next one; with none, back to the text.
            others = [other for other in self._chips if other is not chip]
            if others:
                others[min(at, len(others) - 1)].focus_widgets()[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self._chips.remove(chip)
        self._drop(chip)
        self._fit()
        self.removed.emit(chip.part, at)
        self.changed.emit()

    def _on_theme_changed(self) -> None:
        QTimer.singleShot(0, self, self._fit)
