"""GBNF: what its grammars mean, and where a wrong one is wrong."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.errors import ParameterError
from desktop.engine.worker.sampling.gbnf import to_lark
from tests.helpers.forms import follows

SUM = r"""
# sums, with parentheses
root   ::= term (("+" | "-") term)*   # any number of them
term   ::= number |
           "(" root ")"
number ::= [1-9] [0-9]{0,3}
"""
MEANINGS = {
    "a text": ('root ::= "ab"', ["ab"], ["a", "abc", "", "AB"]),
    "nothing": ('root ::= ""', [""], ["a"]),
    "nothing at all": ("root ::=", [""], ["a"]),
    "alternatives": ('root ::= "a" | "b" "c"', ["a", "bc"], ["ac", "b"]),
    "overlapping texts": ('root ::= "ab" "d" | [ab] "b" "c"', ["abd", "abc", "bbc"], ["bbd"]),
    "a class": ("root ::= [a-cx_-]", ["a", "b", "x", "_", "-"], ["d", "", "aa"]),
    "other characters": (r'root ::= [^a-z"\]\x00-\x1F]+', ["É", "漢字", "😀 A"], ["a", "]", '"', "\n"]),
    "any character": ("root ::= . .", ["a\n", "😀é"], ["a"]),
    "escapes": (r'root ::= "\t\n\r\"\\\x41\u00e9\U0001F600" [\[\]]', ['\t\n\r"\\Aé😀['], ["A"]),
    "options": ('root ::= "a"? "b"*', ["", "a", "abbb"], ["aa"]),
    "repeated texts": ('root ::= "ab"+', ["ab", "abab"], ["", "aba", "abb"]),
    "counts": ('root ::= "a"{2} "b"{1,} "c"{0,2}', ["aab", "aabbcc"], ["ab", "aa", "aabccc"]),
    "none": ('root ::= "a"{0} "b"{0,0}', [""], ["a", "b"]),
    "a greedy beginning": ('root ::= [a-z]+ "z"', ["az", "zz", "abczz"], ["z", "ab"]),
    "recursion on the left": ('root ::= root "a" | "b"', ["b", "baa"], ["a", "ab"]),
    "recursion around": ('root ::= "(" root ")" | ""', ["", "(())"], ["(()"]),
    "recursion to itself": ('root ::= root | "a"', ["a"], ["b"]),
    "unused rules": ('root ::= "a"\nspare ::= spare', ["a"], ["b"]),
    "several lines": (SUM, ["1", "(1+20)-3", "((7))"], ["0", "1+", "()"]),
    "windows lines": ('root ::= a\r\na ::= "b"\r\n', ["b"], ["a"]),
}


@pytest.mark.parametrize(("source", "right", "wrong"), MEANINGS.values(), ids=MEANINGS)
def test_a_grammar_means_what_it_says(source: str, right: list[str], wrong: list[str]) -> None:
    grammar = to_lark(source)

    assert [text for text in right if not follows(grammar, text)] == []
    assert [text for text in wrong if follows(grammar, text)] == []


WRONG = {
    "a text without end": ('root ::= "a', 1, 10, "is never closed"),
    "a text across lines": ('root ::= "a\n"', 1, 10, "is never closed"),
    "a class without end": ("root ::= [a", 1, 10, "is never closed"),
    "a group without end": ('root ::= ("a"', 1, 10, "is never closed"),
    "a group ended twice": ('root ::= "a")', 1, 13, "the end of the line"),
    "a range turned round": ("root ::= [b-a]", 1, 11, "ends before it begins"),
    "an unknown escape": (r'root ::= "a\q"', 1, 12, "unknown escape"),
    "half a code": (r'root ::= "\u12"', 1, 11, "4 hexadecimal digits"),
    "half a pair": (r'root ::= "\ud800"', 1, 11, "no such character"),
    "a code beyond all": (r"root ::= [\UFFFFFFFF]", 1, 11, "no such character"),
    "an unknown rule": ('root ::= "a"\n  b ::= root c', 2, 14, "no rule “c”"),
    "a rule twice": ('root ::= "a"\nroot ::= "b"', 2, 1, "already is"),
    "no root": ('foo ::= "a"\n', 2, 1, "no rule “root”"),
    "no sign": ('root = "a"', 1, 6, "expected “::=”"),
    "no name": ('root ::= "a"\n::= "b"', 2, 1, "the name of a rule"),
    "an alternative on a line of its own": ('root ::= "a"\n  | "b"', 2, 3, "end of the line before"),
    "a token": ("root ::= <think>", 1, 10, "expected a text"),
    "a repeated repetition": ('root ::= "a"+*', 1, 13, "parentheses"),
    "a count that is none": ('root ::= "a"{x}', 1, 14, "expected a number"),
    "a count without end": ('root ::= "a"{1', 1, 15, "expected “}”"),
    "counts turned round": ('root ::= "a"{2,1}', 1, 13, "less than the least"),
    "a count beyond all": ('root ::= "a"{2001}', 1, 14, "at most 2,000"),
    "a count of many digits": ('root ::= "a"{' + "9" * 5000 + "}", 1, 14, "at most 2,000"),
    "groups too deep": ("root ::= " + "(" * 65 + '"a"' + ")" * 65, 1, 74, "64 levels"),
    "groups much too deep": ("root ::= " + "(" * 90_000, 1, 74, "64 levels"),
    "a chain of rules": (
        "root ::= r0\n" + "\n".join(f"r{n} ::= r{n + 1}" for n in range(5000)) + '\nr5000 ::= "a"',
        200, 1, "200 rules need one another",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "line", "column", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_grammar_is_told_where_it_is_wrong(source: str, line: int, column: int, words: str) -> None:
    with pytest.raises(ParameterError, match=rf"line {line}, column {column}: ") as caught:
        to_lark(source)

    assert words in caught.value.message
    assert caught.value.setting == "grammar"


@pytest.mark.parametrize(
    "source",
    [
        'root ::= root "a"',
        "root ::= []",
        r"root ::= [^\x00-\U0010FFFF]",
        'root ::= a\na ::= "x" (root | b)\nb ::= a',
    ],
)
def test_a_grammar_that_nothing_can_follow_is_refused(source: str) -> None:
    with pytest.raises(ParameterError, match="No answer can ever follow"):
        to_lark(source)


@given(st.text(st.sampled_from('ab"[]()|{}*+?:=-^\\ \n#019,.'), max_size=40))
def test_any_text_is_a_grammar_or_is_told_where_it_is_wrong(text: str) -> None:
    try:
        to_lark(f"root ::= {text}")
    except ParameterError as error:
        assert re.search(r"line \d+, column \d+|No answer can ever", error.message)


LARGE = {
    "options": ("root ::= " + " ".join(['"a"?'] * 900), "followed"),
    "alternatives": ("root ::= " + " | ".join(f'"a{n}"' for n in range(2000)) + ' | "a"', "followed"),
    "a repeated repetition": ('root ::= ("a"?){2000}', "followed"),
    "counts of counts": ("root ::= " + "(" * 60 + '"a"' + "){0,2000}" * 60, "too deeply nested"),
    "rules that begin with rules": (
        "\n".join(f"r{n} ::= root" for n in range(5000))
        + "\nroot ::= "
        + " | ".join(f"r{n}" for n in range(5000))
        + ' | "a"',
        "leaves too much open",
    ),
    "options without end": ("root ::= " + " ".join(['"a"?'] * 9000), "leaves too much open"),
}


@pytest.mark.parametrize(("source", "outcome"), LARGE.values(), ids=LARGE)
def test_a_large_grammar_is_followed_or_refused_in_time(source: str, outcome: str) -> None:
    """Some of these would take native code minutes at every token."""
    try:
        done = "followed" if follows(to_lark(source), "a") else "not followed"
    except (ParameterError, AssertionError) as error:
        done = str(error)

    assert outcome in done
