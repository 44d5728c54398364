"""Show what a model really reads: the tokens of a text, the exact prompt for messages."""

from __future__ import annotations

import argparse
import asyncio

from desktop.cli.exit_code import ExitCode
from desktop.cli.input import read_messages
from desktop.cli.output import say, say_json
from desktop.cli.session import open_session
from desktop.domain.generation import Turn


def tokenize(options: argparse.Namespace) -> ExitCode:
    return asyncio.run(_tokenize(options))


def render(options: argparse.Namespace) -> ExitCode:
    return asyncio.run(_render(read_messages(options.messages), options))


async def _tokenize(options: argparse.Namespace) -> ExitCode:
    async with open_session(options) as session:
        tokens = await session.models.ask.tokenize(options.text)
    if options.json:
        say_json([{"id": token.id, "piece": token.piece, "special": token.special} for token in tokens])
    else:
        say("\n".join(f"{token.id:>8}  {token.piece!r}" for token in tokens))
    return ExitCode.DONE


async def _render(turns: tuple[Turn, ...], options: argparse.Namespace) -> ExitCode:
    async with open_session(options) as session:
        prompt = await session.models.ask.render(turns)
    if options.json:
        tokens = [
            {"id": token.id, "piece": token.piece, "origin": token.origin and token.origin.value}
            for token in prompt.tokens
        ]
        say_json({"text": prompt.text, "tokens": tokens})
    else:
        say(prompt.text)
    return ExitCode.DONE
