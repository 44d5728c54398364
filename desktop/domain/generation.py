"""One request to a model and what comes back, as values that services, bridge and worker share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desktop.domain.conversation import Role
from desktop.domain.errors import ParameterError
from desktop.domain.parameter_specs import RANDOM_SEED
from desktop.domain.parameters import Parameters
from desktop.domain.text import well_formed

MAX_RESPONSES = 8
"""Answers to one request; as many as the engine has sequences for, by default."""
MAX_ALTERNATIVES = 50
"""Alternatives a generated token's log-probability may come with."""
MAX_PREFILL = 100_000
"""Characters an answer may be made to begin with."""


class FinishReason(StrEnum):
    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as the model is sent it. Lone surrogates in ``content`` become U+FFFD."""

    role: Role
    content: str
    pinned: bool = False
    """Not left out for want of room, while anything else can be."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", well_formed(self.content))


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """``n`` answers to the same turns. With no template the turns' text is the prompt itself (completion).

    Raises :class:`ParameterError` for a number out of range.
    """

    turns: tuple[Turn, ...]
    parameters: Parameters = Parameters()  # noqa: RUF009 - frozen, so sharing it is safe
    n: int = 1
    reproducible: bool | None = None
    """Whether the same request gives the same text, on this machine and with these load settings.

    It then runs alone: other requests wait. ``None``: where the parameters leave nothing to chance.
    """
    prefill: str = ""
    """What every answer begins with; it is part of the answer's text."""
    alternatives: int | None = None
    """With a number, each token comes with its log-probability and those of as many likeliest tokens."""
    state_key: str = ""
    """Names what the prompt belongs to, such as a chat: its state is kept on disk. Empty keeps none."""

    def __post_init__(self) -> None:
        if type(self.n) is not int or not 1 <= self.n <= MAX_RESPONSES:
            raise ParameterError(f"The number of answers must be between 1 and {MAX_RESPONSES}.", setting="n")
        k = self.alternatives
        if k is not None and (type(k) is not int or not 0 <= k <= MAX_ALTERNATIVES):
            raise ParameterError(
                f"The number of alternatives must be between 0 and {MAX_ALTERNATIVES}.",
                setting="alternatives",
            )
        object.__setattr__(self, "prefill", checked_prefill(self.prefill))

    @property
    def is_reproducible(self) -> bool:
        """:attr:`reproducible`, decided."""
        if self.reproducible is not None:
            return self.reproducible
        return self.parameters.temperature == 0 or self.parameters.seed != RANDOM_SEED


def checked_prefill(text: str) -> str:
    """As it goes to the engine. Raises :class:`ParameterError` if it is too long."""
    if len(text) > MAX_PREFILL:
        raise ParameterError(
            f"An answer can begin with at most {MAX_PREFILL:,} characters.",
            action="Shorten its beginning.",
            setting="prefill",
        )
    return well_formed(text)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that could come next. Natural logarithm; ``piece`` is the token's text."""

    id: int
    piece: str
    logprob: float


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A generated token under the model's own distribution, before any sampler; ``top`` likeliest first."""

    id: int
    piece: str
    logprob: float
    top: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Queued:
    """The request waits; ``ahead`` others run or wait before it."""

    ahead: int


@dataclass(frozen=True, slots=True)
class ContextCut:
    """The conversation did not fit, and was shortened as its context policy says.

    ``turns`` are indexes into the request's turns that were left out whole; ``tokens`` is how many tokens
    were left out in all.
    """

    policy: str
    turns: tuple[int, ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """How far reading the prompt is, in tokens; ``reused`` of them were still in the KV cache."""

    done: int
    total: int
    reused: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """More text of answer ``index``; ``tokens`` it has generated in all.

    ``thinking`` text is not part of the answer proper. ``logprobs`` are of the tokens since the last delta,
    if they were asked for; a delta may bring those alone.
    """

    index: int
    text: str
    tokens: int = 0
    thinking: bool = False
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """One finished answer, whole: ``text`` is the answer proper, ``thinking`` what came before it."""

    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    seed: int = -1
    thinking: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. ``first_token_s`` counts from the request's arrival; the rate is of all answers together."""

    load_s: float = 0.0
    prompt_s: float = 0.0
    first_token_s: float = 0.0
    tokens_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Done:
    """The last event.

    ``context_used`` is in tokens, of the fullest answer; ``memory`` in bytes, of the engine process.
    """

    responses: tuple[Response, ...]
    timing: Timing
    context_used: int = 0
    memory: int = 0


GenerationEvent = Queued | ContextCut | PromptProgress | Delta | Done


class TokenOrigin(StrEnum):
    """Who wrote the text a token comes from."""

    TEMPLATE = "template"
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Token:
    """``piece`` is the token's text; bytes that are no whole character show as U+FFFD."""

    id: int
    piece: str
    special: bool = False
    origin: TokenOrigin | None = None


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """Exactly what the model is sent."""

    text: str
    tokens: tuple[Token, ...]


def timing_dict(timing: Timing) -> Mapping[str, float]:
    """For JSON, rounded to microseconds."""
    return {
        "load_s": round(timing.load_s, 6),
        "prompt_s": round(timing.prompt_s, 6),
        "first_token_s": round(timing.first_token_s, 6),
        "tokens_per_s": round(timing.tokens_per_s, 3),
    }
