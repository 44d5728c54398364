"""The typed messages between app and engine worker, and how they are framed on the pipes.

Used on both sides, so it imports nothing but msgspec and the domain. A frame is a little-endian 32-bit
length and that many bytes of MessagePack. Every request has an id; an answer carries the id of its request,
and one with an unknown id is dropped. Numbers that come from the worker have bounds here, because a child
that runs native code over downloaded files is not trusted: a message out of bounds ends it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Annotated, TypeVar

import msgspec

from desktop.domain.errors import BY_CODE, LocutionError
from desktop.domain.generation import (
    Candidate,
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

_T = TypeVar("_T")

PROTOCOL_VERSION = 3
MAX_FRAME = 64 * 1024 * 1024
"""Bytes. A prompt of this size is far beyond any context."""
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
    """What would a request come to? The first ``same`` turns of the question before begin it, unsent."""

    request: GenerationRequest
    same: Count = 0


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


class ProtocolError(Exception):
    """The other side sent something that is no message."""


_encoder = msgspec.msgpack.Encoder()
_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command)
_reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)


def frame(message: Message) -> bytes:
    """The message as it goes over the pipe."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME:
        raise ProtocolError(f"A message of {len(body):,} bytes is too long.")
    return len(body).to_bytes(4, "little") + body


def decode_command(body: bytes) -> Command:
    return _decode(_commands, body)


def decode_report(body: bytes) -> Report:
    """Raises :class:`ProtocolError` also for a number out of bounds.

    The decoder checks the bounds of the types above; it lets NaN pass, and the domain's values have none.
    """
    report = _decode(_reports, body)
    if not all(math.isfinite(number) and 0 <= number <= 2**53 for number in _unchecked(report)):
        raise ProtocolError("A number from the engine is out of bounds.")
    return report


def _unchecked(report: Report) -> Iterable[float]:
    match report:
        case Finished():
            return (report.prompt_s, report.first_token_s, report.tokens_per_s)
        case LoadProgress():
            return (report.fraction,)
        case Loaded(_, model):
            lengths = (model.context_length, model.trained_context_length)
            return (model.size, *lengths, model.threads, model.memory)
        case Cut(_, cut):
            return (*cut.turns, cut.tokens)
        case Foreseen(_, foresight):
            return _foreseen(foresight)
        case Tokenized(_, tokens) | Rendered(_, _, tokens):
            return (token.id for token in tokens)
        case Text() if report.logprobs:
            tops = (candidate for token in report.logprobs for candidate in token.top)
            return _logprobs((*report.logprobs, *tops))
        case Scored(_, score):
            ranks = (token.rank for token in score.tokens if token.rank is not None)
            losses = (-token.logprob for token in score.tokens if token.logprob is not None)
            ids = (token.id for token in score.tokens)
            return chain(ranks, losses, ids, (score.perplexity, score.counted, score.window, score.stride))
        case Distributed(_, distribution):
            kept = (stage.kept for stage in distribution.stages)
            candidates = (candidate for stage in distribution.stages for candidate in stage.candidates)
            return chain(kept, _logprobs(candidates), (distribution.prompt_tokens,))
        case Embedded(_, embeddings):
            return chain((abs(x) for vector in embeddings.vectors for x in vector), embeddings.tokens)
        case BeamsFound(_, beams):
            found = ((beam.tokens, -beam.logprob, -beam.score) for beam in beams.beams)
            return chain((beams.prompt_tokens,), *found)
        case _:
            return ()


def _foreseen(of: Foresight) -> Iterable[float]:
    cut = (*of.cut.turns, of.cut.tokens) if of.cut else ()
    sizes = (of.prompt_tokens, of.sent_tokens, of.reused_tokens, of.reserve, of.context_length)
    return chain(of.turn_tokens, cut, sizes, (of.prompt_tokens_per_s, of.step_s))


def _logprobs(tokens: Iterable[TokenLogprob | Candidate]) -> Iterable[float]:
    for token in tokens:
        yield token.id
        yield -token.logprob


def _decode(decoder: msgspec.msgpack.Decoder[_T], body: bytes) -> _T:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(str(error)) from error


class FrameReader:
    """Cuts a byte stream into frames. Feed it blocks of any size."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, block: bytes) -> Iterator[bytes]:
        """The bodies that are complete now. Raises :class:`ProtocolError` for a length over the limit."""
        self._buffer += block
        start = 0
        while len(self._buffer) - start >= 4:
            length = int.from_bytes(self._buffer[start : start + 4], "little")
            if length > MAX_FRAME:
                raise ProtocolError(f"A frame of {length:,} bytes is too long.")
            if len(self._buffer) - start - 4 < length:
                break
            yield bytes(self._buffer[start + 4 : start + 4 + length])
            start += 4 + length
        del self._buffer[:start]
