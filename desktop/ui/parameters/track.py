"""How a slider's positions stand for a parameter's values. Pure; the slider covers only the usual range."""

from __future__ import annotations

import math
from dataclasses import dataclass

from desktop.domain.parameter_specs import Number

_WIDE = 50
"""From this ratio of the ends on, whole numbers get a logarithmic track: 16 to 8192 in equal factors."""
_STEPS_PER_DOUBLING = 4


@dataclass(frozen=True, slots=True)
class Track:
    """Positions 0 to ``positions``. ``logarithmic`` tracks need a low end above 0."""

    low: float
    high: float
    positions: int
    logarithmic: bool

    @classmethod
    def of(cls, spec: Number) -> Track:
        low, high = spec.usual
        if spec.integer and low > 0 and high / low >= _WIDE:
            return cls(low, high, round(math.log2(high / low) * _STEPS_PER_DOUBLING), True)
        return cls(low, high, round((high - low) / spec.step), False)

    def position(self, value: float) -> int:
        """The nearest position; values beyond the usual range sit at its ends."""
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(share * self.positions)

    def value(self, position: int) -> float:
        share = position / self.positions
        if self.logarithmic:
            return float(_two_digits(self.low * (self.high / self.low) ** share))
        return round(self.low + share * (self.high - self.low), 6)


def _two_digits(value: float) -> int:
    """A round number near ``value``: powers of two stay, the others keep two digits."""
    nearest = 2.0 ** round(math.log2(value))
    if abs(nearest - value) < 0.01 * value:
        return round(nearest)
    unit = int(10 ** max(0, int(math.log10(value)) - 1))
    return round(value / unit) * unit
