"""Answer one prompt: the text as it comes, or JSON lines with everything about it."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace

from desktop.cli.exit_code import ExitCode
from desktop.cli.output import say, say_json
from desktop.cli.session import Session, open_session
from desktop.domain.conversation import Role
from desktop.domain.errors import ParameterError
from desktop.domain.generation import Delta, Done, FinishReason, GenerationRequest, Turn, timing_dict
from desktop.domain.parameters import Parameters, as_dict, make, parse
from desktop.services.assembly import open_presets
from desktop.system.paths import Locations


def chat(options: argparse.Namespace) -> ExitCode:
    """Everything that was typed is read and checked before the engine starts.

    Standard input too, and not on the loop: there Ctrl+C would have to wait for its end.
    """
    preset = open_presets(Locations.choose(options.data_dir)).require(options.preset)
    parameters = _parameters(options.set, preset.parameters)
    system = preset.system_prompt if options.system is None else options.system
    turns = [Turn(Role.SYSTEM, system)] if system.strip() else []
    turns.append(Turn(Role.USER, _prompt(options.prompt)))
    return asyncio.run(_chat(GenerationRequest(tuple(turns), parameters, options.n), options))


async def _chat(request: GenerationRequest, options: argparse.Namespace) -> ExitCode:
    async with open_session(options) as session:
        done = await _answer(session, request, json=options.json)
    if options.json:
        say_json(_last_line(done, session, request.parameters))
    cancelled = any(response.finish_reason is FinishReason.CANCELLED for response in done.responses)
    return ExitCode.INTERRUPTED if cancelled else ExitCode.DONE


async def _answer(session: Session, request: GenerationRequest, *, json: bool) -> Done:
    """Prints what comes. Ctrl+C ends the answer, and not the command: its last line still comes."""
    generation = session.models.generate(request)
    _on_interrupt(generation.cancel)
    done: Done | None = None
    at_line_start = True
    try:
        async with aclosing(generation):
            async for event in generation:
                match event:
                    case Delta(index, text, _) if json:
                        say_json({"type": "delta", "index": index, "text": text})
                    case Delta(_, text, _) if request.n == 1:
                        say(text, end="")
                        at_line_start = text.endswith("\n")
                    case Done():
                        done = event
                    case _:
                        pass
        assert done is not None
        if request.n > 1 and not json:
            say("\n---\n".join(response.text for response in done.responses))
    finally:
        # A failure's line, or the shell's, must not continue the answer's last one.
        if not at_line_start:
            say("")
    return done


def _on_interrupt(stop: Callable[[], None]) -> None:
    """The first Ctrl+C stops the answer; a second one, if that takes too long, the command."""
    if sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()

    def on_first() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        stop()

    loop.add_signal_handler(signal.SIGINT, on_first)


def _last_line(done: Done, session: Session, parameters: Parameters) -> dict[str, object]:
    responses = [
        {
            "text": response.text,
            "finish_reason": response.finish_reason.value,
            "prompt_tokens": response.prompt_tokens,
            "completion_tokens": response.completion_tokens,
            "seed": response.seed,
        }
        for response in done.responses
    ]
    return {
        "type": "done",
        "responses": responses,
        "timing": timing_dict(replace(done.timing, load_s=session.load_s)),
        "model": asdict(session.model),
        "parameters": as_dict(parameters),
    }


def _parameters(assignments: Sequence[str], base: Parameters) -> Parameters:
    """``base`` with every ``name=value`` put in; a stop sequence is added to those before it."""
    values: dict[str, object] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name = name.strip()
        if not equals:
            raise ParameterError(f"--set needs name=value, not “{assignment}”.", setting=name)
        value = parse(name, text)
        before = values.get(name)
        values[name] = before + value if isinstance(before, tuple) and isinstance(value, tuple) else value
    return make(values, base)


def _prompt(argument: str) -> str:
    text = argument
    if argument == "-":
        typed = b"" if sys.stdin is None else sys.stdin.buffer.read()
        text = typed.decode("utf-8-sig", "replace").rstrip("\r\n")
    if not text.strip():
        raise ParameterError("The prompt is empty.", action="Give a prompt, or write one to standard input.")
    return text
