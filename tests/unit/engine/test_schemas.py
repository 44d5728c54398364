"""JSON schemas: answers fit them, and a wrong one is told where it is wrong."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from desktop.domain.errors import ParameterError
from desktop.engine.worker.sampling.schema import to_grammar
from tests.helpers.forms import follows, write

NAMES = st.sampled_from(["a", "b", "c", 'quote"', "back\\slash", "é🌊", "", "a/b~"])
LEAVES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.tuples(st.integers(-50, 50), st.integers(0, 50)).map(
        lambda ends: {"type": "integer", "minimum": ends[0], "maximum": ends[0] + ends[1]}
    ),
    st.tuples(st.integers(0, 3), st.integers(0, 3)).map(
        lambda ends: {"type": "string", "minLength": ends[0], "maxLength": ends[0] + ends[1]}
    ),
    st.lists(NAMES | st.integers(-(2**53), 2**53) | st.booleans() | st.none(), min_size=1, max_size=4).map(
        lambda values: {"enum": values}
    ),
    NAMES.map(lambda value: {"const": value}),
)


def _containers(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.tuples(inner, st.integers(0, 2), st.integers(0, 2)).map(
            lambda made: {"type": "array", "items": made[0], "minItems": made[1], "maxItems": sum(made[1:])}
        ),
        st.tuples(st.dictionaries(NAMES, inner, max_size=3), st.booleans()).map(
            lambda made: {
                "type": "object",
                "properties": made[0],
                "required": list(made[0]) if made[1] else [],
                "additionalProperties": False,
            }
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda made: {"anyOf": made}),
    )


SCHEMAS = st.recursive(LEAVES, _containers, max_leaves=6)


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value fits a schema of the kinds above."""
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    if "enum" in schema:
        return any(value == one and type(value) is type(one) for one in schema["enum"])
    if "const" in schema:
        return bool(value == schema["const"])
    match schema["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "integer":
            return type(value) is int and schema["minimum"] <= value <= schema["maximum"]
        case "string":
            return isinstance(value, str) and schema["minLength"] <= len(value) <= schema["maxLength"]
        case "array":
            return (
                isinstance(value, list)
                and schema["minItems"] <= len(value) <= schema["maxItems"]
                and all(fits(item, schema["items"]) for item in value)
            )
        case _:
            return (
                isinstance(value, dict)
                and set(schema["required"]) <= set(value) <= set(schema["properties"])
                and all(fits(item, schema["properties"][name]) for name, item in value.items())
            )


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, st.integers(0, 2**32))
def test_whatever_follows_the_grammar_fits_the_schema(schema: dict[str, Any], seed: int) -> None:
    text = write(to_grammar(json.dumps(schema)), seed)

    assume(text is not None)
    assert text is not None
    assert fits(json.loads(text), schema)


MEANINGS: dict[str, tuple[object, list[str], list[str]]] = {
    "anything": (True, ["1", '{"a": [null]}', '"x"'], ["x", ""]),
    "anything, said otherwise": ({}, ["1", "[]"], ["]"]),
    "escapes": ({"const": 'a\\b"\n'}, [json.dumps('a\\b"\n')], ['"a\\b"']),
    "a pattern": ({"type": "string", "pattern": "^[a-c]{2,3}$"}, ['"ab"', '"ccc"'], ['"a"', '"abd"']),
    "a date": ({"type": "string", "format": "date"}, ['"2024-02-28"'], ['"2024-13-01"', '"soon"']),
    "numbers": ({"type": "number", "minimum": 0, "maximum": 1.5}, ["0.25", "1.5"], ["-1", "1.6", "2"]),
    "references": (
        {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}},
        ["[]", "[[], [[]]]"],
        ["[1]"],
    ),
    "references to itself": (
        {"type": "object", "properties": {"next": {"$ref": "#"}}},
        ['{"next": {}}'],
        ["[]"],
    ),
    "references into lists": (
        {"type": "array", "items": {"$ref": "#/$defs/all/0"}, "$defs": {"all": [{"type": "null"}]}},
        ["[null]"],
        ["[1]"],
    ),
    "many values": ({"enum": [f"v{n}" for n in range(10_000)]}, ['"v0"', '"v9999"'], ['"v10000"', '"v"']),
    "white space": (
        {"type": "array", "items": {"type": "null"}},
        ["[null,null]", "[\n  null ]"],
        ["[" + " " * 99 + "]"],
    ),
}


@pytest.mark.parametrize(("schema", "right", "wrong"), MEANINGS.values(), ids=MEANINGS)
def test_a_schema_means_what_it_says(schema: object, right: list[str], wrong: list[str]) -> None:
    grammar = to_grammar(json.dumps(schema))

    assert [text for text in right if not follows(grammar, text)] == []
    assert [text for text in wrong if follows(grammar, text)] == []


WRONG: dict[str, tuple[str, str]] = {
    "no JSON": ('{"type": }', "line 1, column 10"),
    "no JSON, further down": ('{\n "type": "string",\n}', "line "),
    "nothing": ("", "line 1, column 1"),
    "no schema": ("[1]", "must be an object"),
    "never": ("false", "must be an object"),
    "no number": ('{"minimum": NaN}', "out of bounds"),
    "a number that overflows": ('{"const": [-9223372036854775808]}', "out of bounds"),
    "a number of many digits": ('{"minimum": 1' + "0" * 5000 + "}", "out of bounds"),
    "what native words break at": ('{"minimum": {"x": "' + "a" * 85 + "😀" * 9 + '"}}', "at /minimum"),
    "an unknown type": (
        '{"properties": {"a": {"type": "objekt"}}}',
        "at /properties/a/type: Invalid type: objekt",
    ),
    "a part that is no schema": ('{"properties": {"b": {}, "a": 5}}', "at /properties/a:"),
    "a pattern": ('{"anyOf": [{"enum": [1]}, {"type": "string", "pattern": "("}]}', "at /anyOf/1/pattern: "),
    "a name with a slash": ('{"properties": {"a/b~": {"type": 1}}}', "at /properties/a~1b~0/type: "),
    "impossible lengths": ('{"type": "string", "minLength": 3, "maxLength": 2}', "at /minLength: "),
    "an impossible value": (
        '{"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "enum": []}}}',
        "at /properties/n",
    ),
    "no value": ('{"enum": []}', "at /enum: "),
    "what is not supported": ('{"uniqueItems": true}', "at /uniqueItems: "),
    "a reference to nothing": ('{"$ref": "#/$defs/a"}', "at /$ref: "),
    "a reference to elsewhere": ('{"$ref": "https://example.org/x.json"}', "nothing is fetched"),
    "a reference to a file": ('{"items": {"$ref": "file:///etc/passwd"}}', "nothing is fetched"),
    "lists too deep": ('{"items":' * 150 + "{}" + "}" * 150 + " ", "levels deep"),
    "lists much too deep": ("[" * 100_000, "out of bounds"),
    "too many references": (json.dumps({"anyOf": [{"$ref": "#"}] * 501}), "alternatives are references"),
    "a chain of references": (
        json.dumps(
            {"$ref": "#/$defs/0", "$defs": {str(n): {"$ref": f"#/$defs/{n + 1}"} for n in range(3000)}}
        ),
        "levels deep",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_schema_is_told_where_it_is_wrong(source: str, words: str) -> None:
    with pytest.raises(ParameterError) as caught:
        to_grammar(source)

    assert words in caught.value.message
    assert caught.value.setting == "json_schema"
    assert len(caught.value.message) < 600


def test_the_wrong_place_in_a_large_schema_is_not_looked_for_for_ever() -> None:
    schema = {"properties": {f"p{n}": {"type": "string"} for n in range(5000)} | {"z": {"type": "no"}}}

    with pytest.raises(ParameterError, match="Invalid type: no"):
        to_grammar(json.dumps(schema))


@pytest.mark.parametrize("number", [2**53 + 1, 10**400])
def test_a_number_that_would_become_another_one_is_refused(number: int) -> None:
    with pytest.raises(ParameterError, match="out of bounds"):
        to_grammar(json.dumps({"enum": [number]}))

    assert to_grammar(json.dumps({"enum": [2**53, 2**60]}))
