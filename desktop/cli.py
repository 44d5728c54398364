"""Headless commands over the same services as the window. Their names, options and output are stable.

Exit codes: 0 done; 1 failed, with one plain line on standard error; 2 wrong use; 130 interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from desktop.domain.conversation import Role
from desktop.domain.errors import LocutionError
from desktop.domain.generation import (
    MAX_RESPONSES,
    Delta,
    Done,
    FinishReason,
    GenerationRequest,
    Timing,
    Token,
    Turn,
    timing_dict,
)
from desktop.domain.model import LoadedModel, LoadSettings
from desktop.domain.parameters import Parameters, as_dict, make, parse
from desktop.domain.preset import DEFAULT_ID

if TYPE_CHECKING:
    from desktop.services.assembly import Services

FAILED, WRONG_USE, INTERRUPTED = 1, 2, 130
MAX_MESSAGES_FILE = 64_000_000
"""Bytes of a file of messages; far more than any context holds."""


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """``command`` is ``None`` for the window. Ends the process on wrong use (2) and after ``--help`` (0)."""
    parser = argparse.ArgumentParser(
        prog="locution", description="Talk to language models that run on your own machine."
    )
    parser.add_argument("--version", action="version", version=f"locution {_version()}")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="keep everything in this folder")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="headless commands")

    doctor = commands.add_parser("doctor", help="say what this machine has, and what is wrong")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")

    chat = commands.add_parser("chat", help="answer one prompt")
    _add_model(chat, required=False)
    chat.add_argument("--preset", metavar="ID", default=DEFAULT_ID, help="instructions and parameters to use")
    chat.add_argument("--system", metavar="TEXT", help="system prompt in place of the preset's")
    chat.add_argument(
        "--set", action="append", default=[], metavar="name=value", help="change a parameter; may be repeated"
    )
    chat.add_argument("--n", type=int, default=1, metavar="N", help=f"answers at once, up to {MAX_RESPONSES}")
    chat.add_argument("--json", action="store_true", help="print one JSON object a line")
    chat.add_argument(
        "prompt", nargs="?", default="-", metavar="PROMPT", help="the prompt; - reads standard input"
    )

    tokenize = commands.add_parser("tokenize", help="show the tokens of a text")
    _add_model(tokenize, required=True)
    tokenize.add_argument("--json", action="store_true", help="print a JSON list")
    tokenize.add_argument("text", metavar="TEXT")

    render = commands.add_parser("render", help="show the exact prompt a model is sent")
    _add_model(render, required=True)
    render.add_argument(
        "--messages", type=Path, required=True, metavar="FILE.json", help='[{"role":…,"content":…}]'
    )
    render.add_argument("--json", action="store_true", help="print a JSON object with all tokens")
    return parser.parse_args(arguments)


def main(options: argparse.Namespace) -> int:
    """Runs a headless command; returns the exit code."""
    run: Callable[[argparse.Namespace], Coroutine[Any, Any, int]] = {
        "doctor": _doctor,
        "chat": _chat,
        "tokenize": _tokenize,
        "render": _render,
    }[options.command]
    for stream in (sys.stdout, sys.stderr):
        _speak_utf8(stream)
    try:
        return asyncio.run(run(options))
    except KeyboardInterrupt:
        return INTERRUPTED
    except LocutionError as error:
        print(f"locution: {' '.join(str(error).split())}", file=sys.stderr)
        return WRONG_USE if error.code == "parameter" else FAILED
    except BrokenPipeError:
        # Whoever read the output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 - a process edge: one plain line, never a traceback
        print(f"locution: Something unexpected went wrong: {error!r}", file=sys.stderr)
        return FAILED


def _add_model(parser: argparse.ArgumentParser, *, required: bool) -> None:
    what = "starter, a path, or an id of the library"
    parser.add_argument("--model", required=required, metavar="REF", help=what)
    parser.add_argument(
        "--context-length", type=int, default=0, metavar="TOKENS", help="0 chooses what suits"
    )
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="0 chooses what suits")


def _version() -> str:
    from desktop import __version__

    return __version__


def _speak_utf8(stream: TextIO) -> None:
    """A model's text must come out whole in any locale, and half a surrogate must not end the command."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="replace")


@asynccontextmanager
async def _services(options: argparse.Namespace) -> AsyncIterator[Services]:
    from desktop.services.assembly import open_services
    from desktop.system.paths import Locations

    async with open_services(Locations.choose(options.data_dir)) as services:
        if services.notice:
            print(f"locution: {services.notice}", file=sys.stderr)
        yield services


async def _load(services: Services, options: argparse.Namespace) -> tuple[LoadedModel, float]:
    """The model asked for, or the one used last, and the seconds it took."""
    usual = services.models.load_settings()
    settings = LoadSettings(
        context_length=_in_range("context-length", options.context_length, 1_048_576) or usual.context_length,
        threads=_in_range("threads", options.threads, 256) or usual.threads,
    )
    start = asyncio.get_running_loop().time()
    model = await services.models.use(options.model or services.models.usual_ref(), settings, remember=False)
    return model, asyncio.get_running_loop().time() - start


def _in_range(name: str, value: int, most: int) -> int:
    from desktop.domain.errors import ParameterError

    if not 0 <= value <= most:
        raise ParameterError(f"--{name} must be between 0 and {most:,}.", setting=name)
    return value


async def _chat(options: argparse.Namespace) -> int:
    async with _services(options) as services:
        preset = services.presets.require(options.preset)
        parameters = _parameters(options.set, preset.parameters)
        _in_range("n", options.n - 1, MAX_RESPONSES - 1)
        system = preset.system_prompt if options.system is None else options.system
        text = await asyncio.to_thread(_prompt_text, options.prompt)
        turns = (*((Turn(Role.SYSTEM, system),) if system.strip() else ()), Turn(Role.USER, text))
        model, load_s = await _load(services, options)
        done = await _generate(services, GenerationRequest(turns, parameters, options.n), options)
    if options.json:
        _print_json(_done_line(done, replace(done.timing, load_s=load_s), model, parameters))
    interrupted = any(response.finish_reason is FinishReason.CANCELLED for response in done.responses)
    return INTERRUPTED if interrupted else 0


async def _generate(services: Services, request: GenerationRequest, options: argparse.Namespace) -> Done:
    """Streams to standard output. Ctrl+C ends the answer, not the command: the last line still comes."""
    generation = services.models.generate(request)
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGINT, generation.cancel)
    done: Done | None = None
    async with aclosing(generation):
        async for event in generation:
            match event:
                case Delta(index, text, _) if options.json:
                    _print_json({"type": "delta", "index": index, "text": text})
                case Delta(_, text, _) if request.n == 1:
                    print(text, end="", flush=True)
                case Done():
                    done = event
                case _:
                    pass
    assert done is not None
    if not options.json:
        print("" if request.n == 1 else "\n---\n".join(response.text for response in done.responses))
    return done


def _done_line(done: Done, timing: Timing, model: LoadedModel, parameters: Parameters) -> dict[str, object]:
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
        "timing": timing_dict(timing),
        "model": asdict(model),
        "parameters": as_dict(parameters),
    }


def _parameters(assignments: Sequence[str], base: Parameters) -> Parameters:
    from desktop.domain.errors import ParameterError

    values: dict[str, object] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise ParameterError(f"--set needs name=value, not “{assignment}”.", setting=name)
        value = parse(name.strip(), text)
        if isinstance(value, tuple) and isinstance(before := values.get(name.strip()), tuple):
            value = before + value
        values[name.strip()] = value
    return make(values, base)


def _prompt_text(prompt: str) -> str:
    text = sys.stdin.buffer.read().decode("utf-8", "replace") if prompt == "-" else prompt
    if not text.strip():
        raise LocutionError("The prompt is empty.", action="Give a prompt, or write one to standard input.")
    return text


async def _tokenize(options: argparse.Namespace) -> int:
    async with _services(options) as services:
        await _load(services, options)
        tokens = await services.models.tokenize(options.text)
    if options.json:
        _print_json([_token(token) for token in tokens])
    else:
        for token in tokens:
            print(f"{token.id:>8}  {token.piece!r}")
    return 0


async def _render(options: argparse.Namespace) -> int:
    turns = await asyncio.to_thread(_read_messages, options.messages)
    async with _services(options) as services:
        await _load(services, options)
        prompt = await services.models.render(turns)
    if options.json:
        tokens = [
            {"id": t.id, "piece": t.piece, "origin": t.origin and t.origin.value} for t in prompt.tokens
        ]
        _print_json({"text": prompt.text, "tokens": tokens})
    else:
        print(prompt.text)
    return 0


def _read_messages(path: Path) -> tuple[Turn, ...]:
    wrong = LocutionError(
        f"The file {path.name} is not a list of messages.",
        action='It must look like [{"role": "user", "content": "…"}].',
    )
    try:
        if path.stat().st_size > MAX_MESSAGES_FILE:
            raise LocutionError(
                f"The file {path.name} is too large.", action=f"At most {MAX_MESSAGES_FILE:,} bytes."
            )
        entries = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise LocutionError(
            f"The file {path} cannot be read: {error.strerror}.", action="Check the path."
        ) from error
    except (ValueError, RecursionError) as error:
        raise wrong from error
    if not isinstance(entries, list) or not entries:
        raise wrong
    turns = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(content := entry.get("content"), str):
            raise wrong
        if entry.get("role") not in set(Role):
            raise LocutionError(
                f"The file {path.name} has an unknown role.", action=f"Known: {', '.join(Role)}."
            )
        turns.append(Turn(Role(entry["role"]), content))
    return tuple(turns)


async def _doctor(options: argparse.Namespace) -> int:
    from desktop.services.doctor import examine, in_words

    report = await examine(options.data_dir)
    if options.json:
        _print_json(report)
    else:
        print(in_words(report))
    return 0


def _token(token: Token) -> dict[str, object]:
    return {"id": token.id, "piece": token.piece, "special": token.special}


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)
