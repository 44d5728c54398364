"""Generation parameters: one table of names, ranges and words.

The sidebar, the presets, the command line and the engine share it. Every number is checked here before
native code sees it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum

from desktop.domain.errors import ParameterError
from desktop.domain.text import well_formed

MAX_STOP_SEQUENCES = 16
MAX_STOP_LENGTH = 200
RANDOM_SEED = -1
MAX_SEED = 2**32 - 2
"""llama.cpp keeps 2**32 - 1 for "choose one"."""


class Group(Enum):
    """Which section of the sidebar a parameter belongs to."""

    SAMPLING = "sampling"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class Parameters:
    """How one answer is generated. Raises :class:`ParameterError` for a value out of range."""

    max_tokens: int = 1024
    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.05
    stop: tuple[str, ...] = ()
    seed: int = RANDOM_SEED

    def __post_init__(self) -> None:
        for name in NAMES:
            object.__setattr__(self, name, _check(name, getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Spec:
    """A numeric parameter: its range (inclusive), the usual range the slider covers, and what it does.

    ``off`` is the value at which the parameter has no effect, if there is one. ``bands`` are upper limits
    with a word for the values up to there, in rising order.
    """

    name: str
    label: str
    group: Group
    integer: bool
    minimum: float
    maximum: float
    usual: tuple[float, float]
    step: float
    help: str
    recommended: str
    off: float | None = None
    bands: tuple[tuple[float, str], ...] = ()

    def band(self, value: float) -> str:
        """The word for a value ("balanced"), or an empty string."""
        return next((word for limit, word in self.bands if value <= limit), "")


SPECS: tuple[Spec, ...] = (
    Spec(
        "temperature", "Temperature", Group.SAMPLING, False, 0.0, 5.0, (0.0, 2.0), 0.05,
        "How freely the model chooses: at 0 it always takes the likeliest token, higher values vary more.",
        "0 to 0.3 for facts and code, 0.7 for chat, 1.0 and more for ideas",
        bands=(
            (0.0, "always the likeliest"), (0.3, "predictable"), (0.9, "balanced"),
            (1.3, "creative"), (5.0, "wild"),
        ),
    ),
    Spec(
        "top_k", "Top-k", Group.SAMPLING, True, 0, 100_000, (0, 200), 1,
        "Only the k likeliest tokens can be chosen; 0 lets all take part.",
        "10 focused, 40 usual, 50 to 100 varied", off=0,
        bands=((0, "off"), (10, "focused"), (49, "usual"), (100_000, "varied")),
    ),
    Spec(
        "top_p", "Top-p", Group.SAMPLING, False, 0.0, 1.0, (0.0, 1.0), 0.01,
        "Only the likeliest tokens that together reach this probability can be chosen; 1 lets all take part.",
        "0.3 to 0.5 conservative, 0.9 to 0.95 diverse", off=1.0,
        bands=((0.5, "conservative"), (0.8, "moderate"), (0.99, "diverse"), (1.0, "off")),
    ),
    Spec(
        "min_p", "Min-p", Group.SAMPLING, False, 0.0, 1.0, (0.0, 0.5), 0.01,
        "Tokens less likely than this share of the likeliest one are left out; 0 leaves out none.",
        "0.05 to 0.1; higher is stricter", off=0.0,
        bands=((0.0, "off"), (0.1, "light"), (0.3, "strict"), (1.0, "very strict")),
    ),
    Spec(
        "repeat_penalty", "Repetition penalty", Group.SAMPLING, False, 0.5, 2.0, (1.0, 1.5), 0.01,
        "Makes tokens of the last 64 less likely to come again; 1 changes nothing.",
        "1.0 to 1.15; more hurts code and lists", off=1.0,
        bands=((0.999, "encourages repeats"), (1.0, "off"), (1.15, "light"), (2.0, "strong")),
    ),
    Spec(
        "max_tokens", "Max tokens", Group.LIMITS, True, 1, 1_000_000, (16, 8192), 1,
        "The answer stops after this many tokens; a token is about three quarters of an English word.",
        "256 for short answers, 1,024 for chat, more for long texts",
    ),
    Spec(
        "seed", "Seed", Group.LIMITS, True, RANDOM_SEED, MAX_SEED, (RANDOM_SEED, 9999), 1,
        "The same seed, prompt and parameters give the same answer; -1 takes a new one each time.",
        "-1, or any number to repeat an answer", off=RANDOM_SEED,
    ),
)  # fmt: skip
SPEC_BY_NAME = {spec.name: spec for spec in SPECS}
NAMES: tuple[str, ...] = tuple(field.name for field in fields(Parameters))


def make(values: Mapping[str, object], base: Parameters | None = None) -> Parameters:
    """``base`` (or the defaults) with ``values`` put in, each checked.

    Raises :class:`ParameterError` naming the parameter and its range. Unknown names are errors.
    """
    for name in values:
        if name not in NAMES:
            raise _unknown(name)
    return replace(base or Parameters(), **values)  # type: ignore[arg-type]


def parse(name: str, text: str) -> object:
    """A value as typed on the command line: a number; for ``stop`` a text, maybe with ``\\n`` and ``\\t``."""
    if name == "stop":
        return (text.replace("\\n", "\n").replace("\\t", "\t"),)
    try:
        return int(text) if _spec(name).integer else float(text)
    except ValueError:
        raise ParameterError(f"{name} needs a number, not “{text[:40]}”.", setting=name) from None


def as_dict(parameters: Parameters) -> dict[str, object]:
    """Plain values, for JSON and storage."""
    return {name: list(v) if isinstance(v := getattr(parameters, name), tuple) else v for name in NAMES}


def _spec(name: str) -> Spec:
    spec = SPEC_BY_NAME.get(name)
    if spec is None:
        raise _unknown(name)
    return spec


def _unknown(name: str) -> ParameterError:
    return ParameterError(f"There is no parameter “{name}”. Known: {', '.join(NAMES)}.", setting=name)


def _check(name: str, value: object) -> object:
    if name == "stop":
        return _check_stop(value)
    spec = _spec(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParameterError(f"{spec.label} needs a number.", setting=name)
    if isinstance(value, float) and not math.isfinite(value):
        raise ParameterError(f"{spec.label} needs a number.", setting=name)
    if spec.integer and value != int(value):
        raise ParameterError(f"{spec.label} needs a whole number.", setting=name)
    if not spec.minimum <= value <= spec.maximum:
        raise ParameterError(
            f"{spec.label} must be between {spec.minimum:g} and {spec.maximum:,g}.", setting=name
        )
    return int(value) if spec.integer else float(value)


def _check_stop(value: object) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ParameterError("Stop sequences must be texts.", setting="stop")
    kept = tuple(dict.fromkeys(well_formed(text) for text in texts if text))
    if len(kept) > MAX_STOP_SEQUENCES or any(len(text) > MAX_STOP_LENGTH for text in kept):
        raise ParameterError(
            f"At most {MAX_STOP_SEQUENCES} stop sequences of up to {MAX_STOP_LENGTH} characters each.",
            setting="stop",
        )
    return kept
