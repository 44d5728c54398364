"""What a benchmark hands back, and how it is shown: JSON for programs, a table for people."""

from __future__ import annotations

import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure against its target. ``unit`` follows the value; ``at_least`` says which way is good."""

    name: str
    value: float
    unit: str
    target: float
    at_least: bool = False
    detail: Mapping[str, object] = field(default_factory=dict)
    load: tuple[float, float, float] = field(default_factory=os.getloadavg)
    """The machine's, just after measuring: above the number of cores a figure says little."""

    @property
    def met(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target

    def as_dict(self) -> dict[str, object]:
        return {
            "value": self.value,
            "unit": self.unit,
            "target": self.target,
            "better": "higher" if self.at_least else "lower",
            "met": self.met,
            "load_average": [round(value, 2) for value in self.load],
            **self.detail,
        }

    def as_row(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "met" if self.met else "MISSED"
        figure = f"{self.value:.3g} {self.unit}".strip()
        target = f"{sign} {self.target:g} {self.unit}".strip()
        return f"{self.name:<34} {figure:>16} {target:>16}  {verdict:<6}  load {self.load[0]:.1f}"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def rounded(values: Sequence[float], digits: int = 3) -> list[float]:
    return [round(value, digits) for value in values]
