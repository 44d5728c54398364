"""The model's own chat template, rendered in a sandbox that also bounds time and size.

A template is a program from a downloaded file. Jinja2's immutable sandbox keeps it from Python's insides; a
deadline and caps on what it may build keep it from running or growing without end. Literals of the template
are marked as its own (:mod:`traced`), so that afterwards everything else can be told apart from them.

The helpers are those that Hugging Face's chat templates expect: ``raise_exception``, ``strftime_now``,
``tojson`` without HTML escapes, loop controls, ``{% generation %}`` blocks.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from jinja2 import TemplateError as JinjaError
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension, loopcontrols
from jinja2.filters import FILTERS
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from desktop.domain.conversation import Role
from desktop.domain.errors import TemplateError
from desktop.domain.generation import Turn
from desktop.engine.worker.traced import ASSISTANT, SYSTEM, TEMPLATE, USER, Traced, join_all, join_with

_T = TypeVar("_T")

DEADLINE_S = 2.0
SPARE_OUTPUT = 1_000_000
"""Characters a template may add to what the turns hold."""
MAX_REPEAT = 10_000
_ORIGIN = {Role.SYSTEM: SYSTEM, Role.USER: USER, Role.ASSISTANT: ASSISTANT}


class Refused(Exception):
    """The template itself said no, through ``raise_exception``."""


class _Overrun(BaseException):
    """Thrown into the rendering thread at the deadline. No ``Exception``: no template can catch it."""


class _TooLong(Exception):
    """The template built more text than it may."""


class ChatTemplate:
    """One model's template, compiled once. :meth:`render` may be called from one thread at a time."""

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        self.hash = hashlib.sha256(source.encode()).hexdigest()[:16]
        self._environment = _Environment()
        self._special = {"bos_token": Traced(bos, TEMPLATE), "eos_token": Traced(eos, TEMPLATE)}
        try:
            self._template = _within(DEADLINE_S, lambda: self._environment.from_string(source))
        except (JinjaError, _TooLong, RecursionError, MemoryError, SyntaxError, ValueError) as error:
            raise _error("The model's chat template is broken.", error) from error

    def render(self, turns: Sequence[Turn], *, add_generation_prompt: bool = True) -> Traced:
        """The prompt. A system turn that the template refuses is put in front of the first user turn instead.

        Raises :class:`TemplateError` with the template's own words if it refuses the turns.
        """
        try:
            return self._render(_messages(turns), add_generation_prompt)
        except Refused as refusal:
            if len(turns) < 2 or turns[0].role is not Role.SYSTEM:
                raise _refusal(refusal) from refusal
        try:
            return self._render(_folded(_messages(turns)), add_generation_prompt)
        except Refused as refusal:
            raise _refusal(refusal) from refusal

    def _render(self, messages: list[dict[str, Traced]], add_generation_prompt: bool) -> Traced:
        self._environment.limit = SPARE_OUTPUT + 2 * sum(len(message["content"]) for message in messages)
        values = {"messages": messages, "add_generation_prompt": add_generation_prompt, **self._special}
        try:
            return _within(DEADLINE_S, lambda: self._run(values))
        except (Refused, TemplateError):
            raise
        except _TooLong as error:
            raise _error("The model's chat template makes a prompt without end.", error) from error
        except Exception as error:  # a template may raise anything Python can
            raise _error("The model's chat template failed.", error) from error

    def _run(self, values: Mapping[str, object]) -> Traced:
        context = self._template.new_context(dict(values))
        return self._environment.concat(self._template.root_render_func(context))


def _messages(turns: Sequence[Turn]) -> list[dict[str, Traced]]:
    return [
        {"role": Traced(turn.role.value, TEMPLATE), "content": Traced(turn.content, _ORIGIN[turn.role])}
        for turn in turns
    ]


def _folded(messages: list[dict[str, Traced]]) -> list[dict[str, Traced]]:
    """Without the system message; its text now begins the next one."""
    system, first, *rest = messages
    content = join_with(Traced("\n\n", TEMPLATE), (system["content"], first["content"]))
    return [{"role": first["role"], "content": content}, *rest]


def _error(message: str, cause: BaseException) -> TemplateError:
    return TemplateError(
        message,
        action="Choose another model.",
        detail=f"{type(cause).__name__}: {str.__str__(str(cause))[:500]}",
    )


def _refusal(refusal: Refused) -> TemplateError:
    return TemplateError(
        f"The model's chat template refuses these messages: “{refusal}”.", action="Edit the messages."
    )


def _within(seconds: float, work: Callable[[], _T]) -> _T:
    """``work``'s result, computed in a thread that is thrown out at the deadline.

    Raises :class:`TemplateError` at the deadline. Operations that could stay in native code for long are
    capped by the environment, so the thread does get to the exception.
    """
    results: list[_T] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - handed to the caller
            errors.append(error)

    thread = threading.Thread(target=body, name="template", daemon=True)
    thread.start()
    thread.join(seconds)
    give_up = time.monotonic() + 1.0
    overrun = thread.is_alive()
    while thread.is_alive() and time.monotonic() < give_up:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Overrun)
        )
        thread.join(0.05)
    if overrun or (errors and isinstance(errors[0], _Overrun)):
        raise TemplateError(
            f"The model's chat template did not finish within {seconds:g} seconds.",
            action="Choose another model.",
        )
    if errors:
        raise errors[0]
    return results[0]


class _Generator(CodeGenerator):
    """Compiles the template's own texts to literals that know they are the template's."""

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:
        value = node.as_const(frame.eval_ctx)
        if isinstance(value, str):
            self.write(f"environment.literal({str(value)!r})")
        else:
            super().visit_Const(node, frame)

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        return f"environment.literal({''.join(map(str.__str__, group))!r})"

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.concat((")
        for child in node.nodes:
            self.visit(child, frame)
            self.write(", ")
        self.write("))")


class _Generation(Extension):
    """``{% generation %}…{% endgeneration %}`` marks the model's part for training; here: its content."""

    tags = {"generation"}  # noqa: RUF012 - the base class's way

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, with text that keeps its origin and operations that cannot grow without bound."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        # Not optimized: constant folding would merge literals into lists of plain strings.
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[loopcontrols, _Generation],
            optimized=False,
            cache_size=0,
        )
        self.limit = SPARE_OUTPUT
        self.filters |= {
            "tojson": _to_json,
            "join": _join,
            "indent": _indent,
            "escape": _escape,
            "e": _escape,
            "center": _padded(FILTERS["center"]),
        }
        self.globals |= {"raise_exception": _raise_exception, "strftime_now": _strftime_now}

    @staticmethod
    def literal(text: str) -> Traced:
        return Traced(text, TEMPLATE)

    def concat(self, parts: Iterable[object]) -> Traced:
        """Jinja2 calls this wherever it puts pieces of output together."""
        total, kept = 0, []
        for part in parts:
            text = part if isinstance(part, str) else str(part)
            total += len(text)
            if total > self.limit:
                raise _TooLong(f"more than {self.limit:,} characters")
            kept.append(text)
        return join_all(kept)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        match operator:
            case "+" if isinstance(left, str) and isinstance(right, str):
                return self.concat((left, right))
            case "*":
                self._check_repeat(left, right)
                self._check_repeat(right, left)
            case "**" if abs(left) > MAX_REPEAT or abs(right) > 64:
                raise _TooLong("a power this large")
            case "%" if isinstance(left, str):
                left = Traced(str.__str__(left))
                if len(left) > MAX_REPEAT or any(char.isdigit() or char == "*" for char in left):
                    raise _TooLong("formatting with widths")
            case _:
                pass
        return super().call_binop(context, operator, left, right)

    def _check_repeat(self, sequence: Any, count: Any) -> None:
        if (
            isinstance(sequence, str | list | tuple)
            and isinstance(count, int)
            and len(sequence) * count > MAX_REPEAT
        ):
            raise _TooLong("a repetition this long")


def _raise_exception(message: object) -> None:
    raise Refused(str.__str__(str(message))[:500])


def _strftime_now(pattern: str) -> str:
    return datetime.now().astimezone().strftime(str.__str__(pattern)[:200])


def _join(value: Iterable[object], d: str = "", attribute: str | None = None) -> Traced:
    if attribute is not None:
        value = [item[attribute] for item in value]  # type: ignore[index]
    return join_with(d, value)


def _indent(text: str, width: int | str = 4, first: bool = False, blank: bool = False) -> Traced:
    pad = width if isinstance(width, str) else " " * min(width, 200)
    lines = Traced(text).split("\n")
    padded = [
        join_all((pad, line)) if (line or blank) and (first or at > 0) else line
        for at, line in enumerate(lines)
    ]
    return join_with(Traced("\n", TEMPLATE), padded)


def _padded(center: Callable[..., str]) -> Callable[..., str]:
    return lambda value, width=80: center(value, min(int(width), MAX_REPEAT))


_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"}


def _escape(value: object) -> Traced:
    return Traced(value if isinstance(value, str) else str(value)).each(lambda char: _HTML.get(char, char))


def _to_json(
    value: object,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> Traced:
    """As transformers does it: JSON without HTML escapes. Strings inside keep their origin."""
    comma, colon = separators or (", " if indent is None else ",", ": ")

    def write(item: object, depth: int) -> Traced:
        if isinstance(item, str):
            quoted = Traced(item).each(lambda char: json.dumps(char, ensure_ascii=ensure_ascii)[1:-1])
            return join_all(('"', quoted, '"'))
        if isinstance(item, Mapping):
            pairs = sorted(item.items()) if sort_keys else item.items()
            entries = [
                join_all((write(str(key), depth + 1), colon, write(entry, depth + 1))) for key, entry in pairs
            ]
            return _block("{", "}", entries, depth)
        if isinstance(item, list | tuple):
            return _block("[", "]", [write(entry, depth + 1) for entry in item], depth)
        return Traced(json.dumps(item, ensure_ascii=ensure_ascii))

    def _block(opening: str, closing: str, entries: list[Traced], depth: int) -> Traced:
        if indent is None or not entries:
            return join_all((opening, join_with(comma, entries), closing))
        inner, outer = "\n" + " " * indent * (depth + 1), "\n" + " " * indent * depth
        return join_all((opening, inner, join_with(comma + inner, entries), outer, closing))

    return write(value, 0)
