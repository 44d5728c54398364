"""A number: a box for the exact value, a slider over the usual range, the value's word."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from desktop.domain.parameter_specs import Number
from desktop.ui.icons import Icons
from desktop.ui.parameters.row import ParameterRow, translated
from desktop.ui.parameters.track import Track
from desktop.ui.theme import GRID
from desktop.ui.widgets.number_box import NumberBox
from desktop.ui.words import filled

_BOX_CHARACTERS = 8
_TYPED_SHOWN = 20


class NumberRow(ParameterRow):
    def __init__(self, spec: Number, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(spec, icons, parent)
        self._number = spec
        self._track = Track.of(spec)
        self.box = self._make_box()
        self.slider = self._make_slider()
        self.beside(self.box)
        self.below(self.slider)
        self._fit()
        self.slider.setVisible(spec.name != "seed")  # no position on a line means anything to a seed

    def show_value(self, value: object) -> None:
        assert isinstance(value, int | float)
        with QSignalBlocker(self.box), QSignalBlocker(self.slider):
            self.box.setValue(value)
            self.slider.setValue(self._track.position(value))
        self._describe(value)

    def _describe(self, value: float) -> None:
        word = translated(self._number.band(value))
        self.set_band(word)
        text = f"{self.box.text()}, {word}" if word else self.box.text()
        self.box.setAccessibleDescription(f"{text}. {self.help(' ')}")

    def _make_box(self) -> NumberBox:
        spec = self._number
        box = NumberBox(
            spec.minimum, spec.maximum, spec.step, integer=spec.integer, grouped=spec.name != "seed"
        )
        box.setParent(self)
        box.setObjectName(f"box-{spec.name}")
        if spec.least:
            box.setSpecialValueText(translated(spec.least))
        box.setAccessibleName(self.label)
        box.setToolTip(self.help("\n"))
        box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        box.setKeyboardTracking(True)
        box.valueChanged.connect(self._on_box_changed)
        box.editingFinished.connect(self.settled)
        box.corrected.connect(self._on_corrected)
        return box

    def _make_slider(self) -> QSlider:
        slider = _Slider(Qt.Orientation.Horizontal, self)
        slider.setObjectName(f"slider-{self.spec.name}")
        slider.setRange(0, self._track.positions)
        slider.setPageStep(max(1, self._track.positions // 10))
        # The box takes the keyboard; a second stop for the same number would only be in the way.
        slider.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        slider.setAccessibleName(self.tr("%1, slider").replace("%1", self.label))
        slider.setToolTip(self.help("\n"))
        slider.valueChanged.connect(self._on_slider_changed)
        slider.sliderReleased.connect(self.settled)
        return slider

    def _fit(self) -> None:
        self.box.setMinimumWidth(_BOX_CHARACTERS * self.fontMetrics().horizontalAdvance("0") + 4 * GRID)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "box"):
            self._fit()

    def _on_box_changed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._track.position(value))
        self._describe(value)
        self.edited.emit(self.spec.name, self.box.number())

    def _on_slider_changed(self, position: int) -> None:
        self.box.setValue(self._track.value(position))

    def _on_corrected(self, typed: str) -> None:
        shown = typed if len(typed) <= _TYPED_SHOWN else f"{typed[:_TYPED_SHOWN]}…"
        text = filled(
            self.tr("%1 goes from %2 to %3, so %4 became %5."),
            self.label,
            self.box.textFromValue(self.box.minimum()),
            self.box.textFromValue(self.box.maximum()),
            shown,
            self.box.text(),
        )
        self.say_correction(text)


class _Slider(QSlider):
    """Deaf to the wheel, so that scrolling the sidebar changes nothing in it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
