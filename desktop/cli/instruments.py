"""Measure a model: score a text, look at the next token, embed, search by beams."""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from desktop.cli.exit_code import ExitCode
from desktop.cli.input import read_messages, typed_file, typed_parameters, typed_text
from desktop.cli.output import say, say_json
from desktop.cli.session import open_session
from desktop.domain.conversation import Role
from desktop.domain.errors import ParameterError
from desktop.domain.generation import Candidate, Turn
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
from desktop.domain.parameters import Parameters, as_dict

_SHOWN = 6
"""Numbers of a vector that people are shown."""


def score(options: argparse.Namespace) -> ExitCode:
    request = ScoreRequest(typed_file(options.file), options.window, options.stride)
    return asyncio.run(_score(request, options))


def next_token(options: argparse.Namespace) -> ExitCode:
    parameters = typed_parameters(options.set, Parameters())
    turns = _turns(options.prompt, options.messages)
    return asyncio.run(
        _next_token(DistributionRequest(turns, options.prefill, parameters, options.top), options)
    )


def embed(options: argparse.Namespace) -> ExitCode:
    request = EmbedRequest(tuple(options.text), options.pooling, not options.no_normalize)
    return asyncio.run(_embed(request, options))


def beam(options: argparse.Namespace) -> ExitCode:
    request = BeamRequest(_turns(options.prompt, None), options.width, options.max_tokens)
    return asyncio.run(_beam(request, options))


COMMANDS: Mapping[str, Callable[[argparse.Namespace], ExitCode]] = {
    "score": score,
    "next": next_token,
    "embed": embed,
    "beam": beam,
}


async def _score(request: ScoreRequest, options: argparse.Namespace) -> ExitCode:
    async with open_session(options) as session:
        found = await session.models.ask.score(request)
    if options.json:
        say_json({**asdict(found), "model": asdict(session.model)})
    else:
        say(_score_in_words(found))
    return ExitCode.DONE


async def _next_token(request: DistributionRequest, options: argparse.Namespace) -> ExitCode:
    async with open_session(options) as session:
        found = await session.models.ask.distribution(request)
    if options.json:
        stages = [
            {
                "sampler": stage.sampler,
                "kept": stage.kept,
                "candidates": [
                    {**asdict(one), "probability": math.exp(one.logprob)} for one in stage.candidates
                ],
            }
            for stage in found.stages
        ]
        say_json(
            {
                "prompt_tokens": found.prompt_tokens,
                "stages": stages,
                "parameters": as_dict(request.parameters),
                "model": asdict(session.model),
            }
        )
    else:
        say(_distribution_in_words(found))
    return ExitCode.DONE


async def _embed(request: EmbedRequest, options: argparse.Namespace) -> ExitCode:
    async with open_session(options, to_embed=True) as session:
        found = await session.models.ask.embed(request)
    if options.json:
        texts = [
            {"text": text, "tokens": tokens, "vector": vector}
            for text, tokens, vector in zip(request.texts, found.tokens, found.vectors, strict=True)
        ]
        say_json(
            {
                "pooling": found.pooling,
                "normalized": found.normalized,
                "dimensions": len(found.vectors[0]),
                "embeddings": texts,
                "model": asdict(session.model),
            }
        )
    else:
        say(_embeddings_in_words(found))
    return ExitCode.DONE


async def _beam(request: BeamRequest, options: argparse.Namespace) -> ExitCode:
    async with open_session(options) as session:
        found = await session.models.ask.search_beams(request)
    if options.json:
        say_json({**asdict(found), "model": asdict(session.model)})
    else:
        say(_beams_in_words(found))
    return ExitCode.DONE


def _turns(prompt: str, messages: Path | None) -> tuple[Turn, ...]:
    """The prompt alone, without a preset's instructions, or the messages."""
    if messages is None:
        return (Turn(Role.USER, typed_text(prompt)),)
    if prompt != "-":
        raise ParameterError("Both a prompt and messages were given.", action="Give one of them.")
    return read_messages(messages)


def _score_in_words(found: Score) -> str:
    lines = [f"{'id':>8}  {'log-prob':>9}  {'rank':>7}  token"]
    for token in found.tokens:
        known = token.logprob is not None
        logprob, rank = (f"{token.logprob:.4f}", f"{token.rank:,}") if known else ("–", "–")
        lines.append(f"{token.id:>8}  {logprob:>9}  {rank:>7}  {token.piece!r}")
    lines.append("")
    lines.append(
        f"Perplexity {found.perplexity:.4f} over {found.counted:,} of {len(found.tokens):,} tokens, "
        f"in windows of {found.window:,} with stride {found.stride:,}."
    )
    return "\n".join(lines)


def _distribution_in_words(found: Distribution) -> str:
    lines = [f"After {found.prompt_tokens:,} tokens of prompt:"]
    for stage in found.stages:
        kept = "1 token" if stage.kept == 1 else f"{stage.kept:,} tokens"
        lines += ["", f"{stage.sampler}: {kept}", *map(_candidate_in_words, stage.candidates)]
    return "\n".join(lines)


def _candidate_in_words(candidate: Candidate) -> str:
    return f"  {math.exp(candidate.logprob):>8.3%}  {candidate.logprob:>9.4f}  {candidate.piece!r}"


def _embeddings_in_words(found: Embeddings) -> str:
    dimensions = len(found.vectors[0])
    lines = [
        f"{dimensions:,} dimensions, {found.pooling} pooling, "
        f"{'of length 1' if found.normalized else 'not normalized'}; --json prints all numbers."
    ]
    for at, (tokens, vector) in enumerate(zip(found.tokens, found.vectors, strict=True), 1):
        shown = "  ".join(f"{number:>8.4f}" for number in vector[:_SHOWN])
        more = "  …" if dimensions > _SHOWN else ""
        lines.append(f"{at:>4}  {tokens:>6,} tokens  {shown}{more}")
    return "\n".join(lines)


def _beams_in_words(found: Beams) -> str:
    blocks = (
        f"{place}. {one.score:.4f} a token, {one.logprob:.4f} in all, {one.tokens:,} tokens"
        f"{'' if one.finished else ', cut off'}\n{one.text}"
        for place, one in enumerate(found.beams, 1)
    )
    return "\n\n".join(blocks)
