"""One numeric parameter: name, a box for the exact value, a slider over the usual range, the value's word."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QSlider, QToolButton, QWidget

from desktop.domain.parameter_specs import RANDOM_SEED, Number
from desktop.ui.icons import IconName, Icons
from desktop.ui.parameters.track import Track
from desktop.ui.theme import GRID
from desktop.ui.widgets.number_box import NumberBox

_BOX_CHARACTERS = 8


def translated(text: str) -> str:
    """Words of the parameter table, which lives in the domain, in the user's language."""
    return QCoreApplication.translate("Parameters", text)


class ParameterRow(QWidget):
    """``edited`` comes with every step, ``settled`` when the hand leaves the control."""

    edited = Signal(str, float)
    settled = Signal()
    reset_requested = Signal(str)

    def __init__(self, spec: Number, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._track = Track.of(spec)
        label = translated(spec.label)
        self._label = self._make_label(label)
        self.box = self._make_box(label)
        self.slider = self._make_slider(label)
        self._reset = self._make_reset(label, icons)
        self._band = QLabel(self)
        self._band.setObjectName(f"band-{spec.name}")
        self._explanation = QLabel(self._help("\n"), self)
        for small in (self._band, self._explanation):
            small.setProperty("tone", "muted")
            small.setProperty("textsize", "small")
        self._explanation.setWordWrap(True)
        self._explanation.hide()
        self._arrange()

    def set_value(self, value: float, *, changed: bool) -> None:
        """Shows a value without reporting an edit; ``changed`` says that it differs from the preset's."""
        with QSignalBlocker(self.box), QSignalBlocker(self.slider):
            self.box.setValue(value)
            self.slider.setValue(self._track.position(value))
        self._describe(value)
        self.mark(changed)

    def mark(self, changed: bool) -> None:
        """Offers the way back where the value differs from the preset's."""
        self._reset.setVisible(changed)

    def band(self) -> str:
        """The word under the slider."""
        return self._band.text()

    def _describe(self, value: float) -> None:
        word = translated(self.spec.band(value)) if self.spec.bands else ""
        self._band.setText(word)
        self._band.setVisible(bool(self.spec.bands))
        text = f"{self.box.text()}, {word}" if word else self.box.text()
        self.box.setAccessibleDescription(f"{text}. {self._help(' ')}")

    def _help(self, gap: str) -> str:
        usual = self.tr("Usual: %s").replace("%s", translated(self.spec.recommended))
        return f"{translated(self.spec.help)}{gap}{usual}."

    def _make_label(self, text: str) -> QPushButton:
        label = QPushButton(text, self)
        label.setProperty("kind", "flat")
        label.setObjectName(f"explain-{self.spec.name}")
        label.setAccessibleName(self.tr("Explain %s").replace("%s", text))
        label.setToolTip(self._help("\n"))
        label.clicked.connect(lambda: self._explanation.setHidden(not self._explanation.isHidden()))
        return label

    def _make_box(self, label: str) -> NumberBox:
        spec = self.spec
        box = NumberBox(
            spec.minimum, spec.maximum, spec.step, integer=spec.integer, grouped=spec.name != "seed"
        )
        box.setParent(self)
        box.setObjectName(f"box-{spec.name}")
        if spec.off == RANDOM_SEED == spec.minimum:
            box.setSpecialValueText(self.tr("random"))
        box.setAccessibleName(label)
        box.setToolTip(self._help("\n"))
        box.setKeyboardTracking(True)
        box.valueChanged.connect(self._on_box_changed)
        box.editingFinished.connect(self.settled)
        return box

    def _make_slider(self, label: str) -> QSlider:
        slider = _Slider(Qt.Orientation.Horizontal, self)
        slider.setObjectName(f"slider-{self.spec.name}")
        slider.setRange(0, self._track.positions)
        slider.setPageStep(max(1, self._track.positions // 10))
        # The box takes the keyboard; a second stop for the same number would only be in the way.
        slider.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        slider.setAccessibleName(self.tr("%s, slider").replace("%s", label))
        slider.setToolTip(self._help("\n"))
        slider.valueChanged.connect(self._on_slider_changed)
        slider.sliderReleased.connect(self.settled)
        return slider

    def _make_reset(self, label: str, icons: Icons) -> QToolButton:
        reset = QToolButton(self)
        reset.setObjectName(f"reset-{self.spec.name}")
        reset.setAccessibleName(self.tr("Reset %s").replace("%s", label))
        reset.setToolTip(self.tr("Back to the preset's value"))
        icons.put(reset, IconName.RESET)
        policy = reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(policy)
        reset.clicked.connect(lambda: self.reset_requested.emit(self.spec.name))
        reset.hide()
        return reset

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, GRID)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        self.box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        grid.addWidget(self._label, 0, 0)
        grid.addWidget(self._reset, 0, 2)
        grid.addWidget(self.box, 0, 3)
        grid.addWidget(self.slider, 1, 0, 1, 4)
        grid.addWidget(self._band, 2, 0, 1, 4)
        grid.addWidget(self._explanation, 3, 0, 1, 4)
        self._fit()
        self.slider.setVisible(self.spec.name != "seed")  # no position on a line means anything to a seed

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
        self.edited.emit(self.spec.name, value)

    def _on_slider_changed(self, position: int) -> None:
        self.box.setValue(self._track.value(position))


class _Slider(QSlider):
    """Deaf to the wheel, so that scrolling the sidebar changes nothing in it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
