"""What a message would cost, before it is sent."""

from __future__ import annotations

import pytest

from desktop.domain.conversation import InContext, Role
from desktop.domain.ledger import Foresight, LedgerTurn, LedgerTurns


def foresight(**others: object) -> Foresight:
    values: dict[str, object] = {
        "turn_tokens": {0: 100},
        "prompt_tokens": 120,
        "sent_tokens": 120,
        "reused_tokens": 20,
        "cut": None,
        "overflows": False,
        "reserve": 64,
        "context_length": 512,
        "prompt_tokens_per_s": 50.0,
        "step_s": 0.5,
    }
    return Foresight(**(values | others))  # type: ignore[arg-type]


def test_the_first_token_comes_when_the_rest_is_read_and_one_more_step_is_done() -> None:
    assert foresight().first_token_s == pytest.approx(100 / 50 + 0.5)


def test_nothing_is_predicted_before_a_prompt_was_read() -> None:
    assert foresight(prompt_tokens_per_s=0.0).first_token_s is None


def test_what_would_be_refused_has_no_first_token() -> None:
    assert foresight(overflows=True).first_token_s is None


def test_messages_are_made_when_they_are_looked_at() -> None:
    made: list[int] = []

    def make(row: int) -> LedgerTurn:
        made.append(row)
        return LedgerTurn(f"m{row}", Role.USER, row, InContext.AUTO, False, False, "")

    turns = LedgerTurns(10_000, lambda row: f"m{row}", make)

    assert (len(turns), turns.ids[-1], made) == (10_000, "m9999", [])
    assert turns[-1].message_id == "m9999"
    assert [turn.tokens for turn in turns[2:4]] == [2, 3]
    assert made == [9999, 2, 3]
    with pytest.raises(IndexError):
        turns[10_000]
