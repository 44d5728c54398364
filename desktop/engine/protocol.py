"""The typed messages between app and engine worker.

Used on both sides, so it imports nothing but msgspec and the domain. Every request has an id; an answer
carries the id of its request, and one with an unknown id is dropped. Numbers that come from the worker have
bounds here, because a child that runs native code over downloaded files is not trusted: a message out of
bounds ends it. How messages go over the pipes is in :mod:`~desktop.engine.framing`.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from desktop.domain.errors import BY_CODE, LocutionError
from desktop.domain.generation import (
    ContextCut,
    FinishReason,
    GenerationRequest,
    Token,
    TokenLogprob,
    Turn,
)
from desktop.domain.instruments import (
    BeamRequest,
    Beams,
    Distribution,
    DistributionRequest,
    Embeddings,
    EmbedRequest,
    Score,
    ScoreRequest,
)
from desktop.domain.ledger import Foresight
from desktop.domain.model import Adapter, LoadedModel, LoadSettings, StateStore
from desktop.domain.text import well_formed

PROTOCOL_VERSION = 4
"""Rises when a message changes: an app and a worker of two versions would misread each other."""
WORKER_SWITCH = "--engine-worker"
"""First command-line argument that makes the executable an engine worker; the second names the core."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Index = Annotated[int, msgspec.Meta(ge=0, le=63)]
Fraction = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Seconds = Annotated[float, msgspec.Meta(ge=0.0, le=1e9)]
Seed = Annotated[int, msgspec.Meta(ge=-1, le=2**32)]


class Message(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Base of all messages; ``id`` ties answers to requests, 0 is the worker itself."""

    id: int


# From the app


class Load(Message, frozen=True):
    """``path`` as ``os.fsencode`` gives it: a file's name need not be text."""

    path: bytes
    settings: LoadSettings
    state: StateStore | None = None


class SetAdapters(Message, frozen=True):
    """Puts these in place of the adapters in use. Answered with :class:`Adapted`."""

    adapters: tuple[Adapter, ...]


class Generate(Message, frozen=True):
    request: GenerationRequest


class MeasureScore(Message, frozen=True):
    request: ScoreRequest


class MeasureDistribution(Message, frozen=True):
    request: DistributionRequest


class Embed(Message, frozen=True):
    request: EmbedRequest


class SearchBeams(Message, frozen=True):
    request: BeamRequest


Measure = MeasureScore | MeasureDistribution | Embed | SearchBeams


class Forget(Message, frozen=True):
    """Gives up what is kept for a ``state_key``, in memory and on disk. Not answered."""

    key: str


class Cancel(Message, frozen=True):
    """``id`` is the request to stop."""


class Tokenize(Message, frozen=True):
    text: str


class CountTokens(Message, frozen=True):
    text: str


class Render(Message, frozen=True):
    turns: tuple[Turn, ...]


class Foresee(Message, frozen=True):
    """What would a request come to? The first ``same`` turns of the question before begin it, unsent.

    One that ``goes_on`` in the next question is not answered.
    """

    request: GenerationRequest
    same: Count = 0
    goes_on: bool = False


Question = Tokenize | CountTokens | Render | Foresee
"""About texts. Answered beside whatever runs."""


class TakeBack(Message, frozen=True):
    """``id`` is a question that need not be answered any more. Unlike a cancel it leaves requests alone."""


class Exit(Message, frozen=True):
    """Unload and end."""


Command = Load | SetAdapters | Generate | Measure | Forget | Cancel | Question | TakeBack | Exit


# From the worker


class Hello(Message, frozen=True):
    """The first message: which protocol and which native build this is."""

    version: int
    build: str
    devices: tuple[str, ...] = ()
    features: str = ""


class LoadProgress(Message, frozen=True):
    fraction: Fraction


class Loaded(Message, frozen=True):
    model: LoadedModel


class Adapted(Message, frozen=True):
    """The adapters are in use from the next request on."""


class Waiting(Message, frozen=True):
    """The request waits; ``ahead`` others run or wait before it."""

    ahead: Count


class Cut(Message, frozen=True):
    """The conversation was shortened to fit."""

    cut: ContextCut


class PromptRead(Message, frozen=True):
    """Sent for every request that reads: for an answer, and for a measurement."""

    done: Count
    total: Count
    reused: Count


class Text(Message, frozen=True):
    index: Index
    text: str
    tokens: Count
    thinking: bool = False
    logprobs: tuple[TokenLogprob, ...] = ()


class FinishedResponse(msgspec.Struct, frozen=True):
    text: str
    finish_reason: FinishReason
    prompt_tokens: Count
    completion_tokens: Count
    seed: Seed
    thinking: str = ""


class Finished(Message, frozen=True):
    responses: tuple[FinishedResponse, ...]
    prompt_s: Seconds
    first_token_s: Seconds
    tokens_per_s: Seconds
    context_used: Count
    memory: Count


class Scored(Message, frozen=True):
    score: Score


class Distributed(Message, frozen=True):
    distribution: Distribution


class Embedded(Message, frozen=True):
    embeddings: Embeddings


class BeamsFound(Message, frozen=True):
    beams: Beams


class Tokenized(Message, frozen=True):
    tokens: tuple[Token, ...]


class Counted(Message, frozen=True):
    tokens: Count


class Rendered(Message, frozen=True):
    text: str
    tokens: tuple[Token, ...]


class Foreseen(Message, frozen=True):
    foresight: Foresight


class Failure(Message, frozen=True):
    """The request failed; the fields of a :class:`LocutionError`."""

    code: str
    message: str
    action: str = ""
    setting: str = ""
    detail: str = ""

    @classmethod
    def of(cls, request_id: int, error: LocutionError) -> Failure:
        words = (error.message, error.action, error.setting, error.detail)
        return cls(request_id, error.code, *map(well_formed, words))

    def error(self) -> LocutionError:
        kind = BY_CODE.get(self.code, LocutionError)
        return kind(self.message, action=self.action, setting=self.setting, detail=self.detail)


Report = (
    Hello
    | LoadProgress
    | Loaded
    | Adapted
    | Waiting
    | Cut
    | PromptRead
    | Text
    | Finished
    | Scored
    | Distributed
    | Embedded
    | BeamsFound
    | Tokenized
    | Counted
    | Rendered
    | Foreseen
    | Failure
)
