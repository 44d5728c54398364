"""Messages on the pipes between app and engine worker: a little-endian 32-bit length, then MessagePack.

What arrives is checked while it is decoded. The types of :mod:`~desktop.engine.protocol` have bounds of their
own; what they let pass (NaN, and the domain's values, which have none) is looked at here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeVar

import msgspec

from desktop.domain.generation import Candidate, ContextCut, TokenLogprob
from desktop.domain.ledger import Foresight
from desktop.engine.protocol import (
    BeamsFound,
    Command,
    Cut,
    Distributed,
    Embedded,
    Finished,
    Foreseen,
    Loaded,
    LoadProgress,
    Message,
    Rendered,
    Report,
    Scored,
    Text,
    Tokenized,
)

_T = TypeVar("_T")

MAX_FRAME = 64 * 1024 * 1024
"""Bytes. A prompt of this size is far beyond any context."""
MAX_NUMBER = 2**53
"""Up to which a float holds every whole number."""
_LENGTH = 4
"""Bytes of a frame's length."""


class ProtocolError(Exception):
    """The other side sent something that is no message."""


_encoder = msgspec.msgpack.Encoder()
_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command)
_reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)


def frame(message: Message) -> bytes:
    """The message as it goes over the pipe. Raises :class:`ProtocolError` if it is too long."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME:
        raise ProtocolError(f"A message of {len(body):,} bytes is too long.")
    return len(body).to_bytes(_LENGTH, "little") + body


def decode_command(body: bytes) -> Command:
    """Raises :class:`ProtocolError`."""
    return _decode(_commands, body)


def decode_report(body: bytes) -> Report:
    """Raises :class:`ProtocolError` also for a number out of bounds."""
    report = _decode(_reports, body)
    if not all(math.isfinite(number) and 0 <= number <= MAX_NUMBER for number in _unchecked(report)):
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
            return _cut(cut)
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
    sizes = (of.prompt_tokens, of.sent_tokens, of.reused_tokens, of.reserve, of.context_length)
    speeds = (of.tokens_per_character, of.prompt_tokens_per_s, of.step_s)
    return chain(of.turn_tokens, of.turn_tokens.values(), _cut(of.cut) if of.cut else (), sizes, speeds)


def _cut(cut: ContextCut) -> Iterable[float]:
    """Of ten thousand places the least and the largest say enough."""
    return (min(cut.turns, default=0), max(cut.turns, default=0), cut.tokens)


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
        while len(self._buffer) - start >= _LENGTH:
            at = start + _LENGTH
            length = int.from_bytes(self._buffer[start:at], "little")
            if length > MAX_FRAME:
                raise ProtocolError(f"A frame of {length:,} bytes is too long.")
            if len(self._buffer) - at < length:
                break
            yield bytes(self._buffer[at : at + length])
            start = at + length
        del self._buffer[:start]
