"""The settings page: appearance, chatting, how models are loaded.

Every change is stored and takes effect at once. Main thread.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.changes import Change, Kind
from desktop.domain.settings import Setting
from desktop.ui.appearance import SCALE_STEP
from desktop.ui.settings.advanced import Advanced
from desktop.ui.settings.card import Card
from desktop.ui.settings.chat import ChatCard
from desktop.ui.theme import GRID
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.number_box import NumberBox
from desktop.ui.widgets.segments import Segments
from desktop.ui.words import number

_MEASURE = 78
"""Characters a line."""


class SettingsPane(QScrollArea):
    """``on_reload`` loads the model in use again."""

    def __init__(
        self,
        kit: Toolkit,
        on_reload: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settings-pane")
        self.setAccessibleName(self.tr("Settings"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._settings = kit.services.settings
        self._theme = kit.theme
        self._on_reload = on_reload
        self._make_controls(kit)
        self._arrange()
        kit.theme.changed.connect(self._fit)
        self._unsubscribe = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)
        self._fill()
        self._fit()

    # -- Controls

    def _make_controls(self, kit: Toolkit) -> None:
        self.theme_choice = Segments(
            [
                ("system", self.tr("System"), self.tr("Follows the desktop, also when it changes")),
                ("light", self.tr("Light"), self.tr("Dark text on a light ground")),
                ("dark", self.tr("Dark"), self.tr("Light text on a dark ground")),
            ]
        )
        self.theme_choice.chosen.connect(lambda value: self._settings.put(Setting.THEME, value))
        self.scale = self._make_scale()
        self._scale_text = QLabel()
        self.context_length = self._make_number(
            Setting.CONTEXT_LENGTH, "context-length", 512, self.tr("Context length, in tokens")
        )
        self.context_length.setSpecialValueText(self.tr("automatic"))
        self.threads = self._make_number(Setting.THREADS, "threads", 1, self.tr("Threads"))
        self.threads.setSpecialValueText(self.tr("automatic"))
        self.kept_states = self._make_number(
            Setting.KEPT_STATES, "kept-states", 500, self.tr("Disk space for what was read, in megabytes")
        )
        self.kept_states.setSpecialValueText(self.tr("keep nothing"))
        self.reload = self._make_button(
            "reload-model",
            self.tr("Load the model again"),
            self.tr("Loads the model in use with these settings"),
            lambda: self._on_reload(),
        )
        self.advanced = Advanced(self._settings, self._theme)
        self.chat = ChatCard(kit)

    def _make_scale(self) -> QSlider:
        low, high = Setting.TEXT_SCALE.value.limits or (80, 200)
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName("text-scale")
        slider.setAccessibleName(self.tr("Text size in per cent"))
        slider.setToolTip(self.tr("The size of all text, from 80 to 200 per cent"))
        slider.setRange(int(low) // SCALE_STEP, int(high) // SCALE_STEP)
        slider.setPageStep(2)
        slider.setTracking(False)  # the page itself changes size: not under a moving hand
        slider.sliderMoved.connect(self._on_scale_moved)
        slider.valueChanged.connect(lambda value: self._settings.put(Setting.TEXT_SCALE, value * SCALE_STEP))
        return slider

    def _make_number(self, setting: Setting, name: str, step: int, label: str) -> NumberBox:
        low, high = setting.value.limits or (0, 0)
        box = NumberBox(low, high, step, integer=True)
        box.setObjectName(name)
        box.setAccessibleName(label)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda value: self._settings.put(setting, int(value)))
        return box

    def _make_button(self, name: str, text: str, tip: str, on_click: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda: on_click())
        return button

    # -- Layout

    def _arrange(self) -> None:
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4 * GRID)
        title = QLabel(self.tr("Settings"))
        title.setProperty("textsize", "title")
        title.setProperty("weight", "bold")
        column.addWidget(title)
        self._cards = [self._appearance(), self.chat, self._models(), self.advanced]
        for card in self._cards:
            column.addWidget(card)
        column.addStretch(1)
        page = QFrame()
        page.setProperty("panel", "surface")
        centre = QHBoxLayout(page)
        centre.setContentsMargins(8 * GRID, 8 * GRID, 8 * GRID, 8 * GRID)
        centre.addStretch(1)
        centre.addWidget(self._body, 100)
        centre.addStretch(1)
        self.setWidget(page)

    def _appearance(self) -> Card:
        scale = QWidget()
        row = QHBoxLayout(scale)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3 * GRID)
        row.addWidget(self.scale, 1)
        row.addWidget(self._scale_text)
        card = Card(self.tr("Appearance"))
        card.add(self.tr("Theme"), self.theme_choice)
        card.add(self.tr("Text size"), scale)
        return card

    def _models(self) -> Card:
        card = Card(self.tr("Models"))
        card.add(
            self.tr("Context length"),
            self.context_length,
            self.tr("Tokens that a chat and its answer may use together. More needs more memory."),
        )
        card.add(
            self.tr("Threads"),
            self.threads,
            self.tr("Processor cores to compute with. Automatic tries out which number is fastest."),
        )
        card.add(
            self.tr("Read chats"),
            self.kept_states,
            self.tr("Megabytes of disk for what the model has read of chats, so that they go on at once."),
        )
        card.add(
            "",
            self.reload,
            self.tr("Otherwise these, and the advanced ones, count from the next load on."),
        )
        return card

    # -- State

    def _fill(self) -> None:
        settings = self._settings
        self.theme_choice.set_value(settings.text(Setting.THEME))
        numbers = (
            (self.scale, settings.number(Setting.TEXT_SCALE) // SCALE_STEP),
            (self.context_length, settings.number(Setting.CONTEXT_LENGTH)),
            (self.threads, settings.number(Setting.THREADS)),
            (self.kept_states, settings.number(Setting.KEPT_STATES)),
        )
        for control, value in numbers:
            with QSignalBlocker(control):
                control.setValue(value)
        self._on_scale_moved(self.scale.value())
        self.chat.fill()
        self.advanced.fill()

    def _fit(self) -> None:
        labels = max(card.label_width() for card in self._cards)
        for card in self._cards:
            card.set_label_width(labels)
        measure = _MEASURE * self.fontMetrics().averageCharWidth()
        self._body.setMaximumWidth(max(measure, self._body.minimumSizeHint().width()))

    def _on_scale_moved(self, value: int) -> None:
        self._scale_text.setText(f"{number(value * SCALE_STEP)} %")

    def _on_changed(self, change: Change) -> None:
        if change.kind is Kind.SETTINGS:
            self._fill()
