"""Answer one prompt: the text as it comes, or JSON lines with everything about it.

What a model thinks before its answer is in the JSON lines; plain text is the answer proper.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, replace

from desktop.cli.exit_code import ExitCode
from desktop.cli.input import text_file, typed_parameters, typed_text
from desktop.cli.output import complain, say, say_json
from desktop.cli.session import Session, open_session
from desktop.domain.conversation import Role
from desktop.domain.generation import (
    ContextCut,
    Delta,
    Done,
    FinishReason,
    GenerationRequest,
    Turn,
    timing_dict,
)
from desktop.domain.parameters import Parameters, as_dict, make
from desktop.services.assembly import open_presets
from desktop.system.paths import Locations


def chat(options: argparse.Namespace) -> ExitCode:
    preset = open_presets(Locations.choose(options.data_dir)).require(options.preset)
    parameters = make(_forms(options), typed_parameters(options.set, preset.parameters))
    system = preset.system_prompt if options.system is None else options.system
    turns = [Turn(Role.SYSTEM, system)] if system.strip() else []
    turns.append(Turn(Role.USER, typed_text(options.prompt)))
    request = GenerationRequest(
        tuple(turns), parameters, options.n, prefill=options.prefill, alternatives=options.logprobs
    )
    return asyncio.run(_chat(request, options))


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
                    case Delta() if json:
                        say_json(_delta_line(event))
                    case Delta(_, text, _, thinking=False) if request.n == 1 and text:
                        say(text, end="")
                        at_line_start = text.endswith("\n")
                    case ContextCut() if json:
                        say_json(_cut_line(event))
                    case ContextCut(_, _, tokens):
                        complain(f"{tokens:,} tokens of the conversation did not fit and were not sent.")
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


def _delta_line(delta: Delta) -> dict[str, object]:
    line: dict[str, object] = {"type": "delta", "index": delta.index, "text": delta.text}
    if delta.thinking:
        line["thinking"] = True
    if delta.logprobs:
        line["logprobs"] = [asdict(token) for token in delta.logprobs]
    return line


def _cut_line(cut: ContextCut) -> dict[str, object]:
    return {"type": "context_cut", "policy": cut.policy, "turns": cut.turns, "tokens": cut.tokens}


def _last_line(done: Done, session: Session, parameters: Parameters) -> dict[str, object]:
    responses = [
        {
            "text": response.text,
            "thinking": response.thinking,
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


def _forms(options: argparse.Namespace) -> dict[str, object]:
    """The parameters that are read from files."""
    files = {"grammar": options.grammar, "json_schema": options.schema}
    return {name: text_file(path) for name, path in files.items() if path is not None}
