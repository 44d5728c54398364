"""Following a grammar token by token, over a vocabulary in which every byte is a token."""

import pytest

from desktop.domain.errors import ParameterError
from desktop.engine.worker.sampling.constraint import Constraint
from desktop.engine.worker.sampling.gbnf import to_lark
from tests.helpers.forms import matcher

SIZE = 256


def constraint(source: str) -> Constraint:
    return Constraint(matcher(to_lark(source)), SIZE, "grammar")


def test_it_knows_what_may_come_and_when_it_may_stop() -> None:
    way = constraint('root ::= "ab" [0-9]? "!"')

    assert not way.may_stop
    for byte in b"ab":
        assert way.allowed().nonzero()[0].tolist() == [byte]
        assert way.allows(byte)
        assert not way.allows(ord("x"))
        way.take(byte)
    assert set(way.allowed().nonzero()[0].tolist()) == set(b"0123456789!")
    way.take(ord("!"))
    assert way.may_stop
    assert way.is_complete


def test_another_goes_its_own_way() -> None:
    first = constraint('root ::= "a" ("b" | "c")')
    first.take(ord("a"))
    second = first.another()
    first.take(ord("b"))

    assert second.allows(ord("c"))
    assert not second.is_complete
    assert first.is_complete


def test_a_grammar_that_gets_out_of_hand_ends_in_words() -> None:
    """Each letter may belong to any of several hundred options, so the ways to read them multiply."""
    way = constraint('root ::= "a" | ' + " ".join(["root?"] * 900))

    with pytest.raises(ParameterError, match="too intricate") as caught:
        for _ in range(50):
            way.allowed()
            way.take(ord("a"))

    assert caught.value.setting == "grammar"
    assert not way.is_complete
