"""What can be typed behind ``locution``. The window's options are read here too, so it imports little."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from desktop import __version__
from desktop.cli.load_options import add_load_options, whole_number
from desktop.cli.output import speak_utf8
from desktop.domain.exchange import EXPORT_FORMATS
from desktop.domain.generation import MAX_ALTERNATIVES, MAX_RESPONSES
from desktop.domain.instruments import MAX_BEAMS, MAX_SHOWN, POOLINGS
from desktop.domain.model import LOAD_RANGES
from desktop.domain.preset import DEFAULT_ID


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """``command`` is ``None`` for the window. Ends the process on wrong use (2) and after ``--help`` (0)."""
    speak_utf8()
    parser = argparse.ArgumentParser(
        prog="locution",
        description="Talk to language models that run on your own machine.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"locution {__version__}")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help=_DATA_DIR)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="headless commands")

    doctor = _add(commands, "doctor", "say what this machine has, and what is wrong")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")

    chat = _add(commands, "chat", "answer one prompt")
    _add_model(chat, required=False)
    chat.add_argument("--preset", metavar="ID", default=DEFAULT_ID, help="instructions and parameters to use")
    chat.add_argument("--system", type=_text, metavar="TEXT", help="system prompt in place of the preset's")
    _add_set(chat)
    chat.add_argument(
        "--n",
        type=whole_number(1, MAX_RESPONSES),
        default=1,
        metavar="N",
        help=f"answers at once, up to {MAX_RESPONSES}",
    )
    chat.add_argument(
        "--prefill", type=_text, default="", metavar="TEXT", help="what every answer begins with"
    )
    chat.add_argument("--grammar", type=Path, metavar="FILE", help="a GBNF grammar that the answer follows")
    chat.add_argument("--schema", type=Path, metavar="FILE", help="a JSON schema that the answer fits")
    chat.add_argument(
        "--logprobs",
        type=whole_number(0, MAX_ALTERNATIVES),
        metavar="K",
        help="with --json: each token's log-probability, and the K likeliest tokens in its place",
    )
    chat.add_argument("--json", action="store_true", help="print one JSON object a line")
    _add_prompt(chat)

    tokenize = _add(commands, "tokenize", "show the tokens of a text")
    _add_model(tokenize, required=True)
    tokenize.add_argument("--json", action="store_true", help="print a JSON list")
    tokenize.add_argument("text", type=_text, metavar="TEXT")

    render = _add(commands, "render", "show the exact prompt a model is sent")
    _add_model(render, required=True)
    render.add_argument(
        "--messages", type=Path, required=True, metavar="FILE.json", help='[{"role":…,"content":…}]'
    )
    render.add_argument("--json", action="store_true", help="print a JSON object with all tokens")
    _add_instruments(commands)
    _add_conversations(commands)
    return parser.parse_args(arguments)


def _add_conversations(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``verb`` says what is done with them."""
    conversations = _add(commands, "conversations", "list, show, search, export and import chats")
    verbs = conversations.add_subparsers(dest="verb", metavar="VERB", title="verbs", required=True)

    list_ = _add(verbs, "list", "list chats, the one last worked in first")
    list_.add_argument("--folder", type=_text, metavar="NAME", help="only those in this folder")
    _add_limit(list_, MOST_LISTED)
    list_.add_argument("--json", action="store_true", help="print one JSON object a line")

    show = _add(verbs, "show", "print a chat")
    show.add_argument("id", metavar="ID", help="the chat's id")
    show.add_argument("--json", action="store_true", help="print one JSON object with all branches")

    search = _add(verbs, "search", "find words in titles and messages")
    search.add_argument(
        "words",
        type=_text,
        nargs="+",
        metavar="WORD",
        help='also "a phrase", in:FOLDER, model:NAME, before:DATE, after:DATE, is:pinned',
    )
    _add_limit(search, 50)
    search.add_argument("--json", action="store_true", help="print one JSON object a line")

    export = _add(verbs, "export", "write chats to a file, a folder or an archive")
    export.add_argument("ids", nargs="*", metavar="ID", help="the chats' ids")
    export.add_argument("--folder", type=_text, metavar="NAME", help="all chats in this folder")
    export.add_argument("--all", action="store_true", help="all chats")
    export.add_argument(
        "--format",
        choices=EXPORT_FORMATS,
        metavar="FORMAT",
        help=f"{', '.join(EXPORT_FORMATS)}; markdown is usual",
    )
    export.add_argument(
        "--out",
        type=Path,
        metavar="PATH",
        help="a file, a .zip file, or for several chats a folder; without it, standard output",
    )
    export.add_argument("--replace", action="store_true", help="write over a file that is there")
    export.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object about what was written; without --out, the chat itself as JSON",
    )

    import_ = _add(verbs, "import", "read chats that Locution or another program exported")
    import_.add_argument("files", type=Path, nargs="+", metavar="FILE", help="files, folders or archives")
    import_.add_argument("--copies", action="store_true", help="also what was imported before, once more")
    import_.add_argument("--json", action="store_true", help="print one JSON object")


def _add_limit(parser: argparse.ArgumentParser, default: int) -> None:
    parser.add_argument(
        "--limit",
        type=whole_number(1, MOST_LISTED),
        default=default,
        metavar="N",
        help=f"at most so many; {default:,} is usual",
    )


MOST_LISTED = 100_000
"""Chats, or things found, in one list."""
_DATA_DIR = "keep everything in this folder"


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=what, description=f"{what[0].upper()}{what[1:]}.", allow_abbrev=False
    )
    # Also behind the command. Suppressed: a default would take the place of what stood in front of it.
    parser.add_argument("--data-dir", type=Path, metavar="DIR", default=argparse.SUPPRESS, help=_DATA_DIR)
    return parser


def _add_instruments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    score = _add(commands, "score", "show how likely a model finds a text, token by token")
    score.epilog = (
        "The text is read in windows that begin one stride after the other, as llama.cpp's perplexity tool "
        "does it. With a stride below the window (its --ppl-stride) the last stride of each full window "
        "counts for the perplexity; with a stride as long as the window (its default) the second half of "
        "each. A text that fits into one window counts as a whole. Every token but the first gets a score, "
        "counted or not."
    )
    _add_model(score, required=True)
    score.add_argument(
        "--window",
        type=whole_number(0, LOAD_RANGES["context_length"][1]),
        default=0,
        metavar="TOKENS",
        help="512 by default, or the context's length if that is shorter",
    )
    score.add_argument(
        "--stride",
        type=whole_number(0, LOAD_RANGES["context_length"][1]),
        default=0,
        metavar="TOKENS",
        help="half a window by default",
    )
    score.add_argument("--json", action="store_true", help="print one JSON object")
    score.add_argument("file", type=Path, metavar="FILE", help="a text; - is standard input")

    next_ = _add(commands, "next", "show what could come next, after each sampler")
    _add_model(next_, required=True)
    _add_prompt(next_)
    next_.add_argument("--messages", type=Path, metavar="FILE.json", help="a conversation in place of PROMPT")
    next_.add_argument(
        "--prefill", type=_text, default="", metavar="TEXT", help="what the answer begins with"
    )
    _add_set(next_)
    next_.add_argument(
        "--top", type=whole_number(1, MAX_SHOWN), default=10, metavar="N", help="tokens to show of each"
    )
    next_.add_argument("--json", action="store_true", help="print one JSON object")

    embed = _add(commands, "embed", "turn texts into vectors")
    _add_model(embed, required=True)
    embed.add_argument("--pooling", choices=POOLINGS, default="", help="in place of the model's own")
    embed.add_argument("--no-normalize", action="store_true", help="leave the vectors as long as they are")
    embed.add_argument("--json", action="store_true", help="print one JSON object")
    embed.add_argument("text", type=_text, nargs="+", metavar="TEXT")

    beam = _add(commands, "beam", "find the likeliest answers as a whole, by beam search")
    _add_model(beam, required=True)
    _add_prompt(beam)
    beam.add_argument(
        "--width", type=whole_number(1, MAX_BEAMS), default=4, metavar="K", help=f"beams, up to {MAX_BEAMS}"
    )
    beam.add_argument(
        "--max-tokens", type=whole_number(1, 1_000_000), default=128, metavar="N", help="128 by default"
    )
    beam.add_argument("--json", action="store_true", help="print one JSON object")


def _add_prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "prompt",
        type=_text,
        nargs="?",
        default="-",
        metavar="PROMPT",
        help="the prompt; without one, or with -, standard input",
    )


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        type=_text,
        action="append",
        default=[],
        metavar="name=value",
        help="change a parameter; may be repeated",
    )


def _add_model(parser: argparse.ArgumentParser, *, required: bool) -> None:
    what = "starter, a path, or an id of the library"
    parser.add_argument("--model", required=required, metavar="REF", help=what)
    add_load_options(parser)


def _text(argument: str) -> str:
    """Text as it was typed, also where the locale says that arguments are ASCII."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return os.fsencode(argument).decode("utf-8", "replace")
    return argument
