"""Show what a model really reads: the tokens of a text, the exact prompt for messages."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from desktop.cli.exit_code import ExitCode
from desktop.cli.files import read_text
from desktop.cli.output import say, say_json
from desktop.cli.session import open_session
from desktop.domain.conversation import Role
from desktop.domain.errors import LocutionError
from desktop.domain.generation import Turn


def tokenize(options: argparse.Namespace) -> ExitCode:
    return asyncio.run(_tokenize(options))


def render(options: argparse.Namespace) -> ExitCode:
    return asyncio.run(_render(_read_messages(options.messages), options))


async def _tokenize(options: argparse.Namespace) -> ExitCode:
    async with open_session(options) as session:
        tokens = await session.models.tokenize(options.text)
    if options.json:
        say_json([{"id": token.id, "piece": token.piece, "special": token.special} for token in tokens])
    else:
        say("\n".join(f"{token.id:>8}  {token.piece!r}" for token in tokens))
    return ExitCode.DONE


async def _render(turns: tuple[Turn, ...], options: argparse.Namespace) -> ExitCode:
    async with open_session(options) as session:
        prompt = await session.models.render(turns)
    if options.json:
        tokens = [
            {"id": token.id, "piece": token.piece, "origin": token.origin and token.origin.value}
            for token in prompt.tokens
        ]
        say_json({"text": prompt.text, "tokens": tokens})
    else:
        say(prompt.text)
    return ExitCode.DONE


def _read_messages(path: Path) -> tuple[Turn, ...]:
    try:
        entries = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise _no_messages(path) from error
    if not isinstance(entries, list) or not entries:
        raise _no_messages(path)
    return tuple(_turn(path, entry) for entry in entries)


def _turn(path: Path, entry: object) -> Turn:
    match entry:
        case {"role": str(role), "content": str(content)}:
            if role not in set(Role):
                raise LocutionError(
                    f"The file {path} has the unknown role “{role}”.", action=f"Known: {', '.join(Role)}."
                )
            return Turn(Role(role), content)
        case _:
            raise _no_messages(path)


def _no_messages(path: Path) -> LocutionError:
    return LocutionError(
        f"The file {path} is not a list of messages.",
        action='It must look like [{"role": "user", "content": "…"}].',
    )
