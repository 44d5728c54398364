"""What can be measured of a model beside letting it answer: requests and results.

Log-probabilities are natural logarithms. A result's ``piece`` is a token's text; bytes that are no whole
character show as U+FFFD.
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop.domain.errors import ParameterError
from desktop.domain.generation import Candidate, Turn, checked_prefill
from desktop.domain.parameters import Parameters
from desktop.domain.text import well_formed

MAX_BEAMS = 8
"""As many as the engine has sequences for, by default."""
MAX_SHOWN = 1000
"""Candidates a distribution may list for each stage."""
MAX_TEXTS = 1000
"""That one request can have made into vectors."""
POOLINGS = ("mean", "cls", "last")


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """How likely the model finds ``text``, token by token, in windows of ``window`` tokens.

    Each window begins ``stride`` tokens after the one before. 0 chooses what suits the context.
    Raises :class:`ParameterError`.
    """

    text: str
    window: int = 0
    stride: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", well_formed(self.text))
        _check("window", self.window, 0, 1_048_576)
        _check("stride", self.stride, 0, 1_048_576)
        if self.window and self.stride > self.window:
            raise ParameterError("The stride can be at most as long as the window.", setting="stride")


@dataclass(frozen=True, slots=True)
class ScoredToken:
    """``rank`` 0 is the model's favourite. ``None`` for a token with nothing before it."""

    id: int
    piece: str
    logprob: float | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Score:
    """``perplexity`` is over the ``counted`` tokens; 0 if there are none."""

    tokens: tuple[ScoredToken, ...]
    perplexity: float
    counted: int
    window: int
    stride: int


@dataclass(frozen=True, slots=True)
class DistributionRequest:
    """What could come next after ``turns`` and an answer that begins with ``prefill``.

    The distribution is given after each sampler of ``parameters``; ``top`` candidates of each are listed.
    Raises :class:`ParameterError`.
    """

    turns: tuple[Turn, ...]
    prefill: str = ""
    parameters: Parameters = Parameters()  # noqa: RUF009 - frozen, so sharing it is safe
    top: int = 50

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefill", checked_prefill(self.prefill))
        _check("top", self.top, 1, MAX_SHOWN)


@dataclass(frozen=True, slots=True)
class Stage:
    """The distribution after a sampler: ``kept`` tokens can still be chosen, likeliest first.

    Their probabilities sum to 1 over all that are kept, whether listed in ``candidates`` or not. The first
    stage, ``model``, is what the model says before any sampler.
    """

    sampler: str
    kept: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """``reused``: the model did not have to run again for this point."""

    prompt_tokens: int
    stages: tuple[Stage, ...]
    reused: bool = False


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """``pooling`` is one of :data:`POOLINGS`, or empty for the model's own (mean where it has none).

    Raises :class:`ParameterError`.
    """

    texts: tuple[str, ...]
    pooling: str = ""
    normalize: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", tuple(well_formed(text) for text in self.texts))
        _check("texts", len(self.texts), 1, MAX_TEXTS)
        if self.pooling and self.pooling not in POOLINGS:
            raise ParameterError(f"Pooling is one of: {', '.join(POOLINGS)}.", setting="pooling")


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector for each text, of Euclidean length 1 if ``normalized``."""

    vectors: tuple[tuple[float, ...], ...]
    tokens: tuple[int, ...]
    pooling: str
    normalized: bool


@dataclass(frozen=True, slots=True)
class BeamRequest:
    """The ``width`` likeliest answers that a beam search of that width finds.

    Raises :class:`ParameterError`.
    """

    turns: tuple[Turn, ...]
    width: int = 4
    max_tokens: int = 128
    prefill: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefill", checked_prefill(self.prefill))
        _check("width", self.width, 1, MAX_BEAMS)
        _check("max_tokens", self.max_tokens, 1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Beam:
    """``logprob`` is of the whole answer; ``score``, by which beams are ordered, is that per token."""

    text: str
    tokens: int
    logprob: float
    score: float
    finished: bool
    """Whether the model ended it; otherwise the limit did."""


@dataclass(frozen=True, slots=True)
class Beams:
    """Best first."""

    beams: tuple[Beam, ...]
    prompt_tokens: int


InstrumentRequest = ScoreRequest | DistributionRequest | EmbedRequest | BeamRequest
Measurement = Score | Distribution | Embeddings | Beams


def _check(name: str, value: int, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        label = name.replace("_", " ").capitalize()
        raise ParameterError(f"{label} must be between {least:,} and {most:,}.", setting=name)
