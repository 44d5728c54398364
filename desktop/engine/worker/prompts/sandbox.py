"""Jinja2's immutable sandbox, with text that keeps its origin and operations that cannot grow without bound.

The helpers are those that Hugging Face's chat templates expect: ``raise_exception``, ``strftime_now``,
``tojson`` without HTML escapes, loop controls, ``{% generation %}`` blocks.
"""

from __future__ import annotations

import contextlib
import json
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension, loopcontrols
from jinja2.filters import FILTERS
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from desktop.engine.worker.prompts.traced import (
    TEMPLATE,
    TooLong,
    Traced,
    budget,
    join_all,
    join_with,
    spend,
)

BUDGET = 64
"""Times its output's limit that a template may build in intermediate texts and lists."""
MAX_REPEAT = 10_000
"""Items or characters that one operation may make out of nothing."""
_PADDING = {"ljust", "rjust", "center", "zfill", "expandtabs", "format_map", "translate"}
"""Methods of strings that grow without bound, or lead past the checks on ``format``."""
_WIDE = re.compile(r"\d{4}|[*{]")
"""In a format: a width of 1,000 and more, or one that is only known later."""


class Refused(Exception):
    """The template itself said no, through ``raise_exception``."""


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


class Sandbox(ImmutableSandboxedEnvironment):
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
        self._limit = MAX_REPEAT
        self.filters |= {
            "tojson": _to_json,
            "join": _join,
            "indent": _indent,
            "escape": _escape,
            "e": _escape,
            "center": _capped(FILTERS["center"], 80),
            "batch": _capped(FILTERS["batch"], 1),
            "slice": _capped(FILTERS["slice"], 1),
            "format": _format,
            "sum": _sum,
        }
        self.globals |= {"raise_exception": _raise_exception, "strftime_now": _strftime_now}
        del self.globals["lipsum"]

    @contextlib.contextmanager
    def limited(self, characters: int) -> Iterator[None]:
        """Bounds what this thread builds: ``characters`` a text, and :data:`BUDGET` times that in all."""
        self._limit = characters
        with budget(characters * BUDGET):
            yield

    @staticmethod
    def literal(text: str) -> Traced:
        return Traced(text, TEMPLATE)

    def concat(self, parts: Iterable[object]) -> Traced:
        """Jinja2 calls this wherever it puts pieces of output together."""
        total, kept = 0, []
        for part in parts:
            text = part if isinstance(part, str) else str(part)
            total += len(text)
            if total > self._limit:
                raise TooLong(f"more than {self._limit:,} characters")
            kept.append(text)
        return join_all(kept)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return super().is_safe_attribute(obj, attr, value) and not (isinstance(obj, str) and attr in _PADDING)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None

        def bounded(*values: Any, **named: Any) -> str:
            for _, _, specification, _ in string.Formatter().parse(value.__self__):
                _check_width(specification or "")
            return wrapped(*values, **named)

        return bounded

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        match operator:
            case "+" if isinstance(left, str) and isinstance(right, str):
                return self.concat((left, right))
            case "+" if isinstance(left, list | tuple) and isinstance(right, list | tuple):
                spend(len(left) + len(right))
            case "*":
                _check_repeat(left, right)
                _check_repeat(right, left)
            case "**" if abs(left) > MAX_REPEAT or abs(right) > 64:
                raise TooLong("a power this large")
            case "%" if isinstance(left, str):
                left = _plain_pattern(left)
            case _:
                pass
        return super().call_binop(context, operator, left, right)


def _check_repeat(sequence: Any, count: Any) -> None:
    if isinstance(sequence, str | list | tuple) and isinstance(count, int):
        _check_count(len(sequence) * count)


def _check_count(count: int) -> None:
    if count > MAX_REPEAT:
        raise TooLong(f"{count:,} of something")


def _check_width(specification: str) -> None:
    if _WIDE.search(specification):
        raise TooLong("formatting this wide")


def _plain_pattern(pattern: str) -> str:
    """A pattern for ``%`` as a plain string: what it makes is of unknown origin."""
    _check_count(len(pattern))
    _check_width(pattern)
    return str.__str__(pattern)


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
    # With a last line end, as Jinja2 does it: else an empty last line would be lost.
    lines = join_all((text, "\n")).splitlines()
    padded = [
        join_all((pad, line)) if (first if at == 0 else line or blank) else line
        for at, line in enumerate(lines)
    ]
    return join_with(Traced("\n", TEMPLATE), padded)


def _capped(work: Callable[..., Any], usual: int) -> Callable[..., Any]:
    """A filter whose first argument is a count, kept within bounds."""

    def capped(value: Any, count: int = usual, *others: Any) -> Any:
        _check_count(count)
        return work(value, count, *others)

    return capped


def _format(value: str, *values: Any, **named: Any) -> str:
    return _plain_pattern(value) % (named or values)


def _sum(values: Iterable[Any], attribute: str | None = None, start: float = 0) -> float:
    # Numbers only: lists added up could grow without bound.
    return sum((value[attribute] if attribute else value for value in values), start + 0)


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
    indent = None if indent is None else min(indent, 16)

    def write(item: object, depth: int) -> Traced:
        if isinstance(item, str):
            quoted = Traced(item).each(lambda char: json.dumps(char, ensure_ascii=ensure_ascii)[1:-1])
            return join_all(('"', quoted, '"'))
        if isinstance(item, Mapping):
            pairs = sorted(item.items()) if sort_keys else item.items()
            entries = [
                join_all((write(str(key), depth + 1), colon, write(entry, depth + 1))) for key, entry in pairs
            ]
            return block("{", "}", entries, depth)
        if isinstance(item, list | tuple):
            return block("[", "]", [write(entry, depth + 1) for entry in item], depth)
        return Traced(json.dumps(item, ensure_ascii=ensure_ascii))

    def block(opening: str, closing: str, entries: list[Traced], depth: int) -> Traced:
        if indent is None or not entries:
            return join_all((opening, join_with(comma, entries), closing))
        inner, outer = "\n" + " " * indent * (depth + 1), "\n" + " " * indent * depth
        return join_all((opening, inner, join_with(comma + inner, entries), outer, closing))

    return write(value, 0)
