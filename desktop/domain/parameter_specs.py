"""The table of generation parameters: names, kinds, ranges and words.

The sidebar, the presets, the command line and the engine share it. Each kind of parameter knows how to check
a value and how to read one that was typed; every value passes a check before native code sees it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from enum import Enum

from desktop.domain.errors import ParameterError
from desktop.domain.text import well_formed

RANDOM_SEED = -1
MAX_SEED = 2**32 - 2
"""llama.cpp keeps 2**32 - 1 for "choose one"."""
WHOLE_CONTEXT = -1
"""A window as long as the context."""
NO_BUDGET = -1
SAMPLERS = (
    "penalties", "dry", "top_n_sigma", "top_k", "typical_p", "top_p", "min_p", "xtc", "temperature",
)  # fmt: skip
"""The samplers whose order can be chosen, in llama.cpp's default order. Biases and bans always come first."""
SAMPLER_LABELS = dict(zip(SAMPLERS, (
    "Penalties", "DRY", "Top-n-sigma", "Top-k", "Typical-p", "Top-p", "Min-p", "XTC", "Temperature",
), strict=True))  # fmt: skip
DRAW = "draw"
"""What chooses among the tokens that the samplers leave; not in the order, it always comes last."""


class Group(Enum):
    """Which section of the sidebar a parameter belongs to."""

    SAMPLING = "sampling"
    REPETITION = "repetition"
    ADVANCED = "advanced"
    LIMITS = "limits"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Spec:
    """One parameter: what it is called, where it belongs, what it does.

    It has an effect only if one of ``needs`` is on, and only through ``sampler`` (one of :data:`SAMPLERS`,
    :data:`DRAW` or a name of its own); :mod:`desktop.domain.parameter_effects` says when it has none.
    """

    name: str
    label: str
    group: Group
    help: str
    needs: tuple[str, ...] = field(default=(), kw_only=True)
    sampler: str = field(default="", kw_only=True)

    def check(self, value: object) -> object:
        """``value`` as it is kept. Raises :class:`ParameterError` naming the parameter."""
        raise NotImplementedError

    def parse(self, text: str) -> object:
        """A value as typed on the command line. Raises :class:`ParameterError`."""
        return text

    def refuse(self, words: str) -> ParameterError:
        return ParameterError(words, setting=self.name)


@dataclass(frozen=True, slots=True)
class Number(Spec):
    """Its range (inclusive), the usual range that a slider covers, and what is usual in words.

    ``off`` is the value at which the parameter has no effect, if there is one. ``bands`` are upper limits
    with a word for the values up to there, in rising order. ``least`` is the word for a minimum that is not
    meant as a number.
    """

    integer: bool
    minimum: float
    maximum: float
    usual: tuple[float, float]
    step: float
    recommended: str
    off: float | None = None
    bands: tuple[tuple[float, str], ...] = ()
    least: str = field(default="", kw_only=True)

    def band(self, value: float) -> str:
        """The word for a value ("balanced"), or an empty string."""
        if not self.bands:
            return "off" if value == self.off and not (self.least and value == self.minimum) else ""
        return next((word for limit, word in self.bands if value <= limit), "")

    def check(self, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(f"{self.label} needs a number.")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.refuse(f"{self.label} needs a number.")
        if self.integer and value != int(value):
            raise self.refuse(f"{self.label} needs a whole number.")
        if not self.minimum <= value <= self.maximum:
            raise self.refuse(f"{self.label} must be between {self.minimum:g} and {self.maximum:,g}.")
        return int(value) if self.integer else float(value)

    def parse(self, text: str) -> object:
        try:
            return int(text) if self.integer else float(text)
        except ValueError:
            raise self.refuse(f"{self.name} needs a number, not “{text[:40]}”.") from None


@dataclass(frozen=True, slots=True)
class Switch(Spec):
    def check(self, value: object) -> object:
        if not isinstance(value, bool):
            raise self.refuse(f"{self.label} is either on or off.")
        return value

    def parse(self, text: str) -> object:
        words = {"true": True, "on": True, "yes": True, "1": True}
        words |= {"false": False, "off": False, "no": False, "0": False}
        if (value := words.get(text.strip().lower())) is None:
            raise self.refuse(f"{self.name} is either on or off, not “{text[:40]}”.")
        return value


@dataclass(frozen=True, slots=True)
class Choice(Spec):
    """``choices`` are the values with a word for each."""

    choices: tuple[tuple[str, str], ...]

    def check(self, value: object) -> object:
        known = [choice for choice, _ in self.choices]
        if value not in known:
            raise self.refuse(f"{self.label} must be one of: {', '.join(known)}.")
        return value


@dataclass(frozen=True, slots=True)
class Text(Spec):
    """A text of at most ``longest`` characters; ``is_json`` says what it is written in."""

    longest: int
    is_json: bool = field(default=False, kw_only=True)

    def check(self, value: object) -> object:
        if not isinstance(value, str):
            raise self.refuse(f"{self.label} must be a text.")
        if len(value) > self.longest:
            raise self.refuse(f"{self.label} can have at most {self.longest:,} characters.")
        return well_formed(value)


@dataclass(frozen=True, slots=True)
class Texts(Spec):
    """At most ``most`` different texts of up to ``longest`` characters; empty ones are left out."""

    most: int
    longest: int

    def check(self, value: object) -> object:
        texts = (value,) if isinstance(value, str) else value
        if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
            raise self.refuse(f"{self.label} must be texts.")
        kept = tuple(dict.fromkeys(well_formed(text) for text in texts if text))
        if len(kept) > self.most or any(len(text) > self.longest for text in kept):
            raise self.refuse(
                f"{self.label}: at most {self.most} texts of up to {self.longest} characters each."
            )
        return kept

    def parse(self, text: str) -> object:
        """One text, in which ``\\n`` and ``\\t`` stand for a line break and a tab."""
        return (text.replace("\\n", "\n").replace("\\t", "\t"),)


@dataclass(frozen=True, slots=True)
class Order(Spec):
    """An order of some or all of ``names``; those that are left out are not used."""

    names: tuple[str, ...]

    def check(self, value: object) -> object:
        if not isinstance(value, list | tuple):
            raise self.refuse(f"{self.label} must be a list of names.")
        if unknown := [name for name in value if name not in self.names]:
            raise self.refuse(f"There is no sampler {_shown(unknown[0])}. Known: {', '.join(self.names)}.")
        if len(set(value)) != len(value):
            raise self.refuse(f"{self.label} names a sampler twice.")
        return tuple(value)

    def parse(self, text: str) -> object:
        return tuple(filter(None, (name.strip() for name in text.split(","))))


def _shown(value: object) -> str:
    """For a message: short, whatever it is. Python refuses to write out numbers of thousands of digits."""
    if isinstance(value, str):
        return f"“{well_formed(value)[:40]}”"
    return str(value) if isinstance(value, int) and abs(value) < 2**64 else "like that"


Bias = tuple[int | str, float]
"""A token's id, or a text all of whose tokens are meant, and what is added to the logit."""


@dataclass(frozen=True, slots=True)
class Biases(Spec):
    """Pairs of a token (its id, or a text all of whose tokens are meant) and what is added to its logit."""

    most: int
    limit: float

    def check(self, value: object) -> object:
        pairs = tuple(value.items()) if isinstance(value, dict) else value
        if not isinstance(pairs, list | tuple) or len(pairs) > self.most:
            raise self.refuse(f"{self.label} must be a list of at most {self.most} pairs.")
        return tuple(self._pair(pair) for pair in pairs)

    def _pair(self, pair: object) -> Bias:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise self.refuse(f"{self.label} must be pairs of a token and a number.")
        token, bias = pair
        if isinstance(token, bool) or not isinstance(token, int | str):
            raise self.refuse(f"{self.label}: a token is a number or a text.")
        if token == "" or (isinstance(token, str) and len(token) > 200):
            raise self.refuse(f"{self.label}: a text has 1 to 200 characters.")
        if isinstance(token, int) and not 0 <= token < 2**31:
            raise self.refuse(f"{self.label}: there is no token {_shown(token)}.")
        if isinstance(bias, bool) or not isinstance(bias, int | float) or not abs(bias) <= self.limit:
            raise self.refuse(f"{self.label}: a bias is between {-self.limit:g} and {self.limit:g}.")
        return (well_formed(token) if isinstance(token, str) else token, float(bias))

    def parse(self, text: str) -> object:
        """JSON: ``[[17, -5], ["word", 2]]``."""
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise self.refuse(f'{self.name} needs JSON such as [["word", -5]], not “{text[:40]}”.') from None


SPECS: tuple[Spec, ...] = (
    Number(
        "temperature", "Temperature", Group.SAMPLING,
        "How freely the model chooses: at 0 it always takes the likeliest token, higher values vary more.",
        False, 0.0, 5.0, (0.0, 2.0), 0.05,
        "0 to 0.3 for facts and code, 0.7 for chat, 1.0 and more for ideas",
        bands=(
            (0.0, "always the likeliest"), (0.3, "predictable"), (0.9, "balanced"),
            (1.3, "creative"), (5.0, "wild"),
        ),
        sampler="temperature",
    ),
    Number(
        "top_k", "Top-k", Group.SAMPLING,
        "Only the k likeliest tokens can be chosen; 0 lets all take part.",
        True, 0, 100_000, (0, 200), 1,
        "10 focused, 40 usual, 50 to 100 varied", off=0,
        bands=((0, "off"), (10, "focused"), (49, "usual"), (100_000, "varied")),
        sampler="top_k",
    ),
    Number(
        "top_p", "Top-p", Group.SAMPLING,
        "Only the likeliest tokens that together reach this probability can be chosen; 1 lets all take part.",
        False, 0.0, 1.0, (0.0, 1.0), 0.01,
        "0.3 to 0.5 conservative, 0.9 to 0.95 diverse", off=1.0,
        bands=((0.5, "conservative"), (0.8, "moderate"), (0.99, "diverse"), (1.0, "off")),
        sampler="top_p",
    ),
    Number(
        "min_p", "Min-p", Group.SAMPLING,
        "Tokens less likely than this share of the likeliest one are left out; 0 leaves out none.",
        False, 0.0, 1.0, (0.0, 0.5), 0.01,
        "0.05 to 0.1; higher is stricter", off=0.0,
        bands=((0.0, "off"), (0.1, "light"), (0.3, "strict"), (1.0, "very strict")),
        sampler="min_p",
    ),
    Number(
        "repeat_penalty", "Repetition penalty", Group.REPETITION,
        "Makes recent tokens less likely to come again; 1 changes nothing.",
        False, 0.5, 2.0, (1.0, 1.5), 0.01,
        "1.0 to 1.15; more hurts code and lists", off=1.0,
        bands=((0.999, "encourages repeats"), (1.0, "off"), (1.15, "light"), (2.0, "strong")),
        sampler="penalties",
    ),
    Number(
        "presence_penalty", "Presence penalty", Group.REPETITION,
        "Taken once from the logit of every recent token: the higher, the more new words.",
        False, -2.0, 2.0, (0.0, 2.0), 0.05, "0 to 0.6", off=0.0,
        bands=((-0.001, "encourages repeats"), (0.0, "off"), (0.6, "light"), (2.0, "strong")),
        sampler="penalties",
    ),
    Number(
        "frequency_penalty", "Frequency penalty", Group.REPETITION,
        "Taken from a recent token's logit for each time it came.",
        False, -2.0, 2.0, (0.0, 2.0), 0.05, "0 to 0.5", off=0.0,
        bands=((-0.001, "encourages repeats"), (0.0, "off"), (0.5, "light"), (2.0, "strong")),
        sampler="penalties",
    ),
    Number(
        "penalty_window", "Penalty window", Group.REPETITION,
        "How many of the last tokens the three penalties look at; 0 is none, -1 the whole context.",
        True, WHOLE_CONTEXT, 1_048_576, (0, 512), 1, "64 to 256", off=0,
        least="whole context",
        sampler="penalties",
        needs=("repeat_penalty", "presence_penalty", "frequency_penalty"),
    ),
    Number(
        "dry_multiplier", "DRY strength", Group.REPETITION,
        "Holds back a token that would go on repeating a passage word for word; 0 is off.",
        False, 0.0, 5.0, (0.0, 2.0), 0.05, "0.8 where an answer goes in circles", off=0.0,
        bands=((0.0, "off"), (0.5, "light"), (1.0, "usual"), (5.0, "strong")),
        sampler="dry",
    ),
    Number(
        "dry_base", "DRY growth", Group.REPETITION,
        "By what the DRY penalty grows with each token of the repeated passage.",
        False, 1.0, 4.0, (1.0, 3.0), 0.05, "1.75",
        needs=("dry_multiplier",), sampler="dry",
    ),
    Number(
        "dry_allowed_length", "DRY free length", Group.REPETITION,
        "Passages of up to this many tokens may be repeated freely.",
        True, 1, 1000, (1, 20), 1, "2",
        needs=("dry_multiplier",), sampler="dry",
    ),
    Number(
        "dry_window", "DRY window", Group.REPETITION,
        "How many of the last tokens DRY looks at; 0 is none, -1 the whole context.",
        True, WHOLE_CONTEXT, 1_048_576, (WHOLE_CONTEXT, 4096), 1, "-1", off=0,
        least="whole context",
        needs=("dry_multiplier",), sampler="dry",
    ),
    Texts(
        "dry_breakers", "DRY breakers", Group.REPETITION,
        "Texts over which no repeated passage reaches.", 32, 40,
        needs=("dry_multiplier",), sampler="dry",
    ),
    Number(
        "typical_p", "Typical-p", Group.ADVANCED,
        "Only tokens about as surprising as is to be expected, up to this probability; 1 lets all take part.",
        False, 0.0, 1.0, (0.0, 1.0), 0.01, "0.9 to 1", off=1.0,
        sampler="typical_p",
    ),
    Number(
        "top_n_sigma", "Top-n-sigma", Group.ADVANCED,
        "Only tokens whose logit is within n standard deviations of the best; 0 lets all take part.",
        False, 0.0, 10.0, (0.0, 5.0), 0.05, "1 to 2, with a high temperature", off=0.0,
        sampler="top_n_sigma",
    ),
    Number(
        "xtc_probability", "XTC chance", Group.ADVANCED,
        "How often all but the least likely of the good choices are left out; 0 is never.",
        False, 0.0, 1.0, (0.0, 1.0), 0.01, "0.5 for stories", off=0.0,
        sampler="xtc",
    ),
    Number(
        "xtc_threshold", "XTC threshold", Group.ADVANCED,
        "What probability makes a token a good choice to XTC; above 0.5 it has no effect.",
        False, 0.0, 1.0, (0.0, 0.5), 0.01, "0.1",
        needs=("xtc_probability",), sampler="xtc",
    ),
    Number(
        "dynatemp_range", "Temperature range", Group.ADVANCED,
        "Lets the temperature go this far down and up, by how unsure the model is; 0 keeps it fixed.",
        False, 0.0, 5.0, (0.0, 2.0), 0.05, "0, or up to half the temperature", off=0.0,
        sampler="temperature",
    ),
    Number(
        "dynatemp_exponent", "Temperature exponent", Group.ADVANCED,
        "How the temperature follows the model's doubt, within its range.",
        False, 0.01, 10.0, (0.1, 3.0), 0.05, "1",
        needs=("dynatemp_range",), sampler="temperature",
    ),
    Choice(
        "mirostat", "Mirostat", Group.ADVANCED,
        "Keeps the text equally surprising throughout, in place of the samplers that leave tokens out.",
        (("off", "off"), ("v1", "version 1"), ("v2", "version 2")),
        sampler=DRAW,
    ),
    Number(
        "mirostat_tau", "Mirostat target", Group.ADVANCED,
        "How surprising the text should be, in bits.",
        False, 0.0, 20.0, (0.0, 10.0), 0.1, "5; less is more predictable",
        needs=("mirostat",), sampler=DRAW,
    ),
    Number(
        "mirostat_eta", "Mirostat rate", Group.ADVANCED,
        "How quickly Mirostat corrects itself.",
        False, 0.0, 1.0, (0.0, 1.0), 0.01, "0.1",
        needs=("mirostat",), sampler=DRAW,
    ),
    Number(
        "adaptive_target", "Adaptive-p target", Group.ADVANCED,
        "Prefers tokens near this probability, whatever the model is sure of; 0 is off.",
        False, 0.0, 1.0, (0.0, 1.0), 0.01, "0.3 to 0.7, with a light min-p", off=0.0,
        sampler="adaptive_p",
    ),
    Number(
        "adaptive_decay", "Adaptive-p memory", Group.ADVANCED,
        "How long earlier choices count.",
        False, 0.0, 0.99, (0.0, 0.99), 0.01, "0.9",
        needs=("adaptive_target",), sampler="adaptive_p",
    ),
    Order(
        "samplers", "Sampler order", Group.ADVANCED,
        "In which order the samplers see the tokens; one that is left out is not used.", SAMPLERS,
    ),
    Number(
        "max_tokens", "Max tokens", Group.LIMITS,
        "The answer stops after this many tokens; a token is about three quarters of an English word.",
        True, 1, 1_000_000, (16, 8192), 1,
        "256 for short answers, 1,024 for chat, more for long texts",
    ),
    Number(
        "seed", "Seed", Group.LIMITS,
        "The same seed, prompt and parameters give the same answer; -1 takes a new one each time.",
        True, RANDOM_SEED, MAX_SEED, (RANDOM_SEED, 9999), 1,
        "-1, or any number to repeat an answer", off=RANDOM_SEED, least="random",
        sampler=DRAW,
    ),
    Choice(
        "context_policy", "When the context is full", Group.LIMITS,
        "What happens to a conversation that no longer fits: it stops and says so, the oldest turns are not "
        "sent, or a part in the middle is not sent. Nothing is deleted.",
        (("stop", "stop and say so"), ("drop_oldest", "leave out the oldest turns"),
         ("keep_ends", "keep beginning and end")),
    ),
    Choice(
        "thinking", "Thinking", Group.OUTPUT,
        "Whether a model that can thinks before it answers.",
        (("auto", "as the model does"), ("on", "on"), ("off", "off")),
    ),
    Number(
        "thinking_budget", "Thinking budget", Group.OUTPUT,
        "The model must begin its answer after this many tokens of thinking; -1 sets no limit.",
        True, NO_BUDGET, 1_000_000, (NO_BUDGET, 4096), 1, "-1, or 512 to 2,048", off=NO_BUDGET,
        least="no limit",
        needs=("thinking",),
    ),
    Texts(
        "stop", "Stop sequences", Group.LIMITS,
        "The answer ends before any of these texts.", 16, 200,
    ),
    Texts(
        "banned", "Banned phrases", Group.OUTPUT,
        "Words and phrases that the answer never contains, in upper or lower case.", 64, 200,
    ),
    Biases(
        "logit_bias", "Token biases", Group.OUTPUT,
        "Makes tokens likelier (above 0) or less likely (below 0); -100 in effect forbids one.", 300, 100.0,
    ),
    Switch(
        "ignore_eos", "Ignore the end", Group.OUTPUT,
        "The model cannot end its answer; only the limits do.",
    ),
    Text(
        "grammar", "Grammar", Group.OUTPUT,
        "The form of the answer as a GBNF grammar.", 100_000,
    ),
    Text(
        "json_schema", "JSON schema", Group.OUTPUT,
        "The answer is JSON that fits this schema.", 200_000, is_json=True,
    ),
)  # fmt: skip
