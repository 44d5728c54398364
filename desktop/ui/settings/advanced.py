"""How models are loaded, for those who know: a row for each setting, in plain words. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QWidget

from desktop.domain.settings import Setting
from desktop.services.settings import SettingsService
from desktop.ui.settings.card import Card
from desktop.ui.theme import Theme
from desktop.ui.widgets.number_box import NumberBox
from desktop.ui.widgets.segments import Segments
from desktop.ui.widgets.toggle import Toggle


@dataclass(frozen=True, slots=True)
class _Row:
    control: QWidget
    show: Callable[[object], None]
    """Makes the control show a stored value, and nothing else happen."""


class Advanced(Card):
    """Every change is stored at once and takes effect when a model is loaded next."""

    def __init__(self, settings: SettingsService, theme: Theme) -> None:
        super().__init__(self.tr("Advanced"))
        self._settings = settings
        self._theme = theme
        self._rows: dict[Setting, _Row] = {}
        self._add_memory()
        self._add_cache()
        self._add_positions()

    def fill(self) -> None:
        """Shows what is set now."""
        for setting, row in self._rows.items():
            row.show(self._settings.get(setting))

    def control(self, setting: Setting) -> QWidget:
        return self._rows[setting].control

    # -- Rows

    def _add_memory(self) -> None:
        self._add_number(
            Setting.GPU_LAYERS,
            self.tr("Layers on the GPU"),
            self.tr("What a graphics card computes. Fewer leave more of its memory to other programs."),
            lowest=self.tr("as many as fit"),
        )
        self._add_switch(
            Setting.MMAP,
            self.tr("Map the file"),
            self.tr("Starts sooner, and lets the system take memory back while a model is not used."),
        )
        self._add_switch(
            Setting.MLOCK,
            self.tr("Lock in memory"),
            self.tr("Keeps the system from moving a model out of memory. It has to fit in there as a whole."),
        )

    def _add_cache(self) -> None:
        bits = [
            ("f16", self.tr("16 bits"), self.tr("As exact as the model")),
            ("q8_0", self.tr("8 bits"), self.tr("Half the memory, hardly less exact")),
            ("q5_0", self.tr("5 bits"), self.tr("A third of the memory, less exact")),
            ("q4_0", self.tr("4 bits"), self.tr("A quarter of the memory, clearly less exact")),
        ]
        self._add_choice(
            Setting.CACHE_TYPE_K,
            self.tr("KV cache, keys"),
            self.tr("What a model remembers of a chat. Fewer bits leave room for a longer one."),
            bits,
        )
        self._add_choice(
            Setting.CACHE_TYPE_V,
            self.tr("KV cache, values"),
            self.tr("The same for the other half of it. Fewer than 16 bits need flash attention."),
            bits,
        )
        self._add_choice(
            Setting.FLASH_ATTENTION,
            self.tr("Flash attention"),
            self.tr("Needs less memory, and is faster with long chats."),
            [
                ("auto", self.tr("Automatic"), self.tr("Where the model and this machine have it")),
                ("on", self.tr("On"), self.tr("Always")),
                ("off", self.tr("Off"), self.tr("Never")),
            ],
        )

    def _add_positions(self) -> None:
        self._add_choice(
            Setting.ROPE_SCALING,
            self.tr("RoPE scaling"),
            self.tr("How a model reads texts longer than those it was trained on."),
            [
                ("model", self.tr("The model's"), self.tr("As its file says")),
                ("none", self.tr("None"), self.tr("Positions are left as they are")),
                ("linear", self.tr("Linear"), self.tr("All positions move together")),
                ("yarn", self.tr("YaRN"), self.tr("Near positions stay, far ones move together")),
            ],
        )
        self._add_number(
            Setting.ROPE_FREQ_BASE,
            self.tr("RoPE base"),
            self.tr("A larger one stretches the positions a model can tell apart."),
            lowest=self.tr("the model's"),
            step=10_000,
            whole=True,
        )
        self._add_number(
            Setting.ROPE_FREQ_SCALE,
            self.tr("RoPE scale"),
            self.tr("0.5 doubles the positions, 0.25 makes four times as many."),
            lowest=self.tr("the model's"),
            step=0.25,
            whole=False,
        )

    # -- Controls

    def _add_number(
        self,
        setting: Setting,
        label: str,
        help_text: str,
        *,
        lowest: str,
        step: float = 1,
        whole: bool = True,
    ) -> None:
        """``lowest`` stands in place of the least number."""
        least, most = setting.value.limits or (0, 0)
        box = NumberBox(least, most, step, integer=whole)
        box.setSpecialValueText(lowest)
        box.setKeyboardTracking(False)
        kind = float if isinstance(setting.default, float) else int
        box.valueChanged.connect(lambda _value: self._settings.put(setting, kind(box.number())))

        def show(value: object) -> None:
            with QSignalBlocker(box):
                box.setValue(float(value) if isinstance(value, int | float) else least)

        self._add_row(setting, label, help_text, _Row(box, show))

    def _add_switch(self, setting: Setting, label: str, help_text: str) -> None:
        switch = Toggle(self._theme)
        switch.toggled.connect(lambda on: self._settings.put(setting, on))

        def show(value: object) -> None:
            with QSignalBlocker(switch):
                switch.setChecked(bool(value))
            switch.update()

        self._add_row(setting, label, help_text, _Row(switch, show))

    def _add_choice(
        self, setting: Setting, label: str, help_text: str, choices: list[tuple[str, str, str]]
    ) -> None:
        segments = Segments(choices)
        segments.chosen.connect(lambda value: self._settings.put(setting, value))
        self._add_row(setting, label, help_text, _Row(segments, lambda value: segments.set_value(str(value))))

    def _add_row(self, setting: Setting, label: str, help_text: str, row: _Row) -> None:
        row.control.setObjectName(setting.key.replace("_", "-"))
        row.control.setAccessibleName(label)
        row.control.setToolTip(help_text)
        self._rows[setting] = row
        self.add(label, row.control, help_text)
