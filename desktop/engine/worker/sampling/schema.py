"""JSON schemas as grammars. The conversion is llguidance's; here a wrong schema is told where it is wrong."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from llguidance import LLMatcher

from desktop.domain.errors import ParameterError
from desktop.engine.worker.sampling.constraint import contained, limits

MAX_DEPTH = 100
"""Levels of lists and objects in a schema, with those that its references lead to."""
MAX_CHOICES = 500
"""Alternatives that are references."""
SEARCH_S = 1.0
"""Seconds that finding the wrong place may take."""
_INNER = ("properties", "$defs", "definitions", "items", "prefixItems", "anyOf", "oneOf", "allOf")
_OPTIONS: Any = {"whitespace_pattern": r"[ \t\r\n]{1,40}"}


def to_grammar(source: str) -> str:
    """Raises :class:`ParameterError` that names the place, as a JSON pointer or as line and column.

    ``$ref`` is followed within the schema only: nothing is fetched.
    """
    schema = _read(source)
    if error := _error(schema):
        where = _pointer(schema, error)
        raise ParameterError(
            f"The JSON schema cannot be used at {where or 'its top level'}: {_words(error)}",
            action="Correct the schema.",
            setting="json_schema",
            detail=error[:500],
        )
    return _grammar(schema)


def _read(source: str) -> Any:
    try:
        schema = json.loads(source, parse_constant=_refuse_constant, parse_int=_exact)
    except json.JSONDecodeError as error:
        raise ParameterError(
            f"The JSON schema is no JSON at line {error.lineno}, column {error.colno}: {error.msg}.",
            action="Correct the schema.",
            setting="json_schema",
        ) from None
    except (RecursionError, ValueError, OverflowError) as error:
        raise _unusable("its numbers or its depth are out of bounds", str(error)) from None
    if schema is True:
        return {}
    if not isinstance(schema, dict):
        raise _unusable("it must be an object")
    if _choices(schema) > MAX_CHOICES:
        raise _unusable(f"more than {MAX_CHOICES} of its alternatives are references")
    if _is_too_deep(schema):
        raise _unusable(f"it is more than {MAX_DEPTH} levels deep, references followed")
    return schema


def _exact(digits: str) -> int:
    """Native code reads numbers as doubles: one that a double cannot hold would become another number."""
    # At -2**63, which a double can hold, its conversion does not come to an end.
    if len(digits) > 20 or abs(number := int(digits)) >= 2**63 or int(float(number)) != number:
        raise ValueError(f"{digits[:40]} has too many digits")
    return number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _unusable(why: str, detail: str = "") -> ParameterError:
    return ParameterError(
        f"The JSON schema cannot be used: {why}.",
        action="Correct the schema.",
        setting="json_schema",
        detail=detail[:500],
    )


def _choices(value: Any) -> int:
    """Alternatives that are references: each leads to all those that are behind it."""
    count, waiting = 0, [value]
    while waiting:
        value = waiting.pop()
        waiting += _children(value).values()
        for name in ("anyOf", "oneOf", "allOf"):
            parts = value.get(name) if isinstance(value, dict) else None
            if isinstance(parts, list):
                count += sum(isinstance(part, dict) and "$ref" in part for part in parts)
    return count


def _is_too_deep(schema: Any) -> bool:
    """Whether a walk along all parts and references would go deeper than native code has stack for."""
    seen = set()
    way = [iter((schema,))]
    while way:
        value = next(way[-1], way)
        if value is way:
            way.pop()
        elif isinstance(value, dict | list) and id(value) not in seen:
            if len(way) > MAX_DEPTH:
                return True
            seen.add(id(value))
            way.append(iter((*_children(value).values(), *_referred(schema, value))))
    return False


def _referred(schema: Any, value: Any) -> list[Any]:
    """What a reference within the schema leads to, if it leads anywhere."""
    reference = value.get("$ref") if isinstance(value, dict) else None
    if not isinstance(reference, str):
        return []
    if reference != "#" and not reference.startswith("#/"):
        raise _unusable(f"“{reference[:80]}” leads out of it, and nothing is fetched")
    for name in reference[1:].split("/")[1:]:
        key: Any = unquote(name).replace("~1", "/").replace("~0", "~")
        if isinstance(schema, list):
            key = int(key) if key.isdecimal() and len(key) < 10 else -1
        schema = _children(schema).get(key)
    return [schema]


def _children(value: object) -> dict[Any, Any]:
    if isinstance(value, dict):
        return value
    return dict(enumerate(value)) if isinstance(value, list) else {}


def _grammar(schema: Any) -> str:
    return LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides=_OPTIONS)


def _error(schema: Any) -> str:
    try:
        failed, words = contained(
            lambda: LLMatcher.validate_grammar_with_warnings(_grammar(schema), limits=limits())
        )
    except ValueError as error:
        return str(error) or "it is no schema"
    return (words[0] if words else "it is no schema") if failed else ""


def _words(error: str) -> str:
    line = " ".join(error.split())[:300].rstrip(".")
    return f"{line}."


def _pointer(schema: Any, error: str) -> str:
    """The innermost place without which the schema would not fail like this."""
    path: list[Any] = []
    end = time.monotonic() + SEARCH_S
    found = True
    while found and time.monotonic() < end:
        found = False
        for key in _keys(_at(schema, path)):
            if time.monotonic() > end:
                break
            if _error(_without(schema, [*path, key])) != error:
                path.append(key)
                found = True
                break
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)


def _keys(value: object) -> Iterator[Any]:
    """Those that hold schemas first, the type last: without either much else no longer matters."""
    yield from sorted(_children(value), key=lambda key: (key not in _INNER, key == "type"))


def _at(schema: Any, path: list[Any]) -> Any:
    for key in path:
        schema = schema[key]
    return schema


def _without(schema: Any, path: list[Any]) -> Any:
    less = copy.deepcopy(schema)
    *way, last = path
    del _at(less, way)[last]
    return less
