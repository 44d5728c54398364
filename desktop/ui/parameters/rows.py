"""The row for each kind of parameter."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.domain.parameter_specs import Biases, Choice, Number, Order, Spec, Switch, Text, Texts
from desktop.ui.icons import Icons
from desktop.ui.parameters.biases_row import BiasesRow
from desktop.ui.parameters.choice_row import ChoiceRow
from desktop.ui.parameters.number_row import NumberRow
from desktop.ui.parameters.order_row import OrderRow
from desktop.ui.parameters.row import ParameterRow
from desktop.ui.parameters.switch_row import SwitchRow
from desktop.ui.parameters.text_row import TextRow
from desktop.ui.parameters.texts_row import TextsRow
from desktop.ui.theme import Theme


def make_row(spec: Spec, theme: Theme, icons: Icons, parent: QWidget | None = None) -> ParameterRow:
    match spec:
        case Number():
            return NumberRow(spec, icons, parent)
        case Switch():
            return SwitchRow(spec, theme, icons, parent)
        case Choice():
            return ChoiceRow(spec, theme, icons, parent)
        case Texts():
            return TextsRow(spec, theme, icons, parent)
        case Text():
            return TextRow(spec, theme, icons, parent)
        case Order():
            return OrderRow(spec, theme, icons, parent)
        case Biases():
            return BiasesRow(spec, theme, icons, parent)
        case _:
            raise AssertionError(f"No row for a {type(spec).__name__}.")
