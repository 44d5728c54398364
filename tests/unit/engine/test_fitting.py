"""Conversations that do not fit: what is left out, and what never is. A word is a token here."""

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation import Role
from desktop.domain.errors import ContextOverflowError
from desktop.domain.generation import ContextCut, GenerationRequest, Turn
from desktop.domain.parameters import Parameters
from desktop.engine.worker.prompts.fitting import GAP, Fitted, Fitter
from desktop.engine.worker.prompts.prompt import Prompt

OVERHEAD = 3
"""Tokens the template adds to each turn."""


class Words:
    """A vocabulary whose tokens are words with the space behind them."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def tokenize(self, text: str) -> list[int]:
        return [self._known.setdefault(word + " ", len(self._known)) for word in text.split()]

    def piece(self, token: int) -> bytes:
        return list(self._known)[token].encode()


class Model:
    """Fits requests into ``length`` tokens and keeps what was built."""

    def __init__(self, length: int) -> None:
        self.fitter = Fitter(cast(Any, Words()), length)
        self.sent: Sequence[Turn] = ()

    def build(self, turns: Sequence[Turn]) -> Prompt:
        self.sent = turns
        size = sum(len(turn.content.split()) + OVERHEAD for turn in turns)
        return Prompt("", tuple(range(size)), bytes(size))

    def fit(
        self, turns: Sequence[Turn], policy: str, max_tokens: int = 10
    ) -> tuple[Prompt, ContextCut | None]:
        parameters = Parameters(max_tokens=max_tokens, context_policy=policy)
        return self.fitter.fit(GenerationRequest(tuple(turns), parameters), self.build)


def words(count: int, name: str = "w") -> str:
    return " ".join(f"{name}{at}" for at in range(count))


def talk(exchanges: int, size: int, *, system: str = "be brief") -> list[Turn]:
    """A conversation that ends with a question; every turn has ``size`` words."""
    turns = [Turn(Role.SYSTEM, system)] if system else []
    for at in range(exchanges):
        turns += [
            Turn(Role.USER, words(size, f"q{at}-")),
            Turn(Role.ASSISTANT, words(size, f"a{at}-")),
        ]
    return [*turns, Turn(Role.USER, words(size, "last-"))]


@pytest.mark.parametrize("policy", ["stop", "drop_oldest", "keep_ends"])
def test_what_fits_is_sent_whole(policy: str) -> None:
    model = Model(200)
    turns = talk(3, 5)

    _, cut = model.fit(turns, policy)

    assert cut is None
    assert list(model.sent) == turns


def test_without_a_policy_nothing_is_left_out() -> None:
    model = Model(100)
    turns = talk(20, 5)

    prompt, cut = model.fit(turns, "stop")

    assert cut is None
    assert list(model.sent) == turns
    assert len(prompt.ids) > 100


def test_the_oldest_turns_go_first_and_whole() -> None:
    model = Model(100)
    turns = talk(10, 5)

    prompt, cut = model.fit(turns, "drop_oldest")

    assert cut is not None
    assert cut.turns == tuple(range(1, 1 + len(cut.turns)))
    assert [*turns[:1], *turns[1 + len(cut.turns) :]] == list(model.sent)
    assert model.sent[1].role is Role.USER
    assert cut.tokens == 5 * len(cut.turns)
    assert len(prompt.ids) <= 90


def test_beginning_and_end_stay() -> None:
    model = Model(100)
    turns = talk(10, 5)

    prompt, cut = model.fit(turns, "keep_ends")

    assert cut is not None
    assert list(model.sent[:3]) == turns[:3]
    assert model.sent[3].role is Role.USER
    assert model.sent[-1] == turns[-1]
    assert cut.turns == tuple(range(3, 3 + len(cut.turns)))
    assert len(prompt.ids) <= 90


def test_one_text_that_is_far_too_long_keeps_its_ends() -> None:
    model = Model(100)

    prompt, cut = model.fit([Turn(Role.SYSTEM, "sum up"), Turn(Role.USER, words(5000))], "keep_ends")

    assert cut is not None
    assert cut.turns == ()
    assert len(prompt.ids) <= 90
    text = model.sent[1].content
    before, after = text.split(GAP)
    assert before.split()[:5] == words(5).split()
    assert after.split()[-1] == "w4999"
    assert cut.tokens == 5000 - len(text.split()) + 1


def test_what_cannot_be_dropped_is_refused_in_words() -> None:
    model = Model(100)

    with pytest.raises(ContextOverflowError, match="the context holds 100") as refusal:
        model.fit([*talk(3, 5)[:-1], Turn(Role.USER, words(150))], "drop_oldest")

    assert refusal.value.setting == "context_length"


def test_an_answer_does_with_less_room_where_the_question_needs_it() -> None:
    model = Model(100)

    prompt, cut = model.fit([*talk(2, 10)[:-1], Turn(Role.USER, words(85))], "drop_oldest", max_tokens=50)

    assert cut is not None
    assert [turn.role for turn in model.sent] == [Role.SYSTEM, Role.USER]
    assert 75 < len(prompt.ids) < 100


def test_while_a_chat_grows_it_begins_at_the_same_place_for_a_while() -> None:
    """Otherwise no answer could use what was read for the one before."""
    model = Model(400)
    begins = []
    for exchanges in range(30, 60):
        model.fit(talk(exchanges, 5), "drop_oldest")
        begins.append(model.sent[1].content)

    moves = sum(now != before for before, now in pairwise(begins))
    assert 1 <= moves <= len(begins) // 4


def pin(turns: Sequence[Turn], *places: int) -> list[Turn]:
    return [dataclasses.replace(turn, pinned=at in places) for at, turn in enumerate(turns)]


@pytest.mark.parametrize("policy", ["drop_oldest", "keep_ends"])
def test_a_pinned_turn_stays_with_the_question_it_answers(policy: str) -> None:
    model = Model(100)
    turns = pin(talk(10, 5), 6)

    prompt, cut = model.fit(turns, policy)

    assert cut is not None
    assert not {5, 6} & set(cut.turns)
    assert {3, 4, 7, 8} <= set(cut.turns)
    assert [turn for at, turn in enumerate(turns) if at not in cut.turns] == list(model.sent)
    assert all(left.role is not right.role for left, right in pairwise(model.sent))
    assert cut.tokens == 5 * len(cut.turns)
    assert len(prompt.ids) <= 90


def test_pinned_turns_that_are_too_long_alone_are_refused_in_words() -> None:
    model = Model(100)
    turns = pin(talk(10, 5), *range(1, 21))

    for policy in ("drop_oldest", "keep_ends"):
        with pytest.raises(ContextOverflowError, match="the context holds 100") as refusal:
            model.fit([*turns[:-1], Turn(Role.USER, "why")], policy)

        assert refusal.value.action.startswith("Unpin")


def test_a_pinned_text_keeps_its_middle_while_another_can_lose_its_own() -> None:
    model = Model(200)
    turns = [Turn(Role.USER, words(80, "p"), pinned=True), Turn(Role.ASSISTANT, words(70, "a"))]

    _, cut = model.fit([*turns, Turn(Role.USER, words(75, "n"))], "keep_ends")

    assert cut is not None
    assert model.sent[0] == turns[0]
    assert GAP in model.sent[1].content + model.sent[2].content


def test_when_all_is_pinned_nothing_loses_its_middle() -> None:
    with pytest.raises(ContextOverflowError):
        Model(100).fit([Turn(Role.USER, words(150), pinned=True)], "keep_ends")


def look(model: Model, turns: Sequence[Turn], policy: str) -> Fitted:
    parameters = Parameters(max_tokens=10, context_policy=policy)
    return model.fitter.look(GenerationRequest(tuple(turns), parameters), model.build)


def test_a_look_says_what_would_be_sent_and_what_there_was() -> None:
    model = Model(100)
    turns = talk(10, 5)

    fitted = look(model, turns, "drop_oldest")

    prompt, cut = model.fit(turns, "drop_oldest")
    assert (fitted.prompt, fitted.cut) == (prompt, cut)
    assert fitted.turns == dict(enumerate((2, *[5] * 21)))
    assert (fitted.whole, fitted.is_estimate) == (2 + 21 * 5 + 22 * OVERHEAD, False)


@pytest.mark.parametrize("policy", ["drop_oldest", "keep_ends"])
def test_what_is_far_too_long_is_estimated_from_what_would_be_sent(policy: str) -> None:
    """A turn is taken to have as many tokens per character, and to get as much from the template."""
    model = Model(100)

    fitted = look(model, talk(100, 5), policy)

    assert fitted.is_estimate
    assert fitted.prompt is not None
    assert fitted.whole == pytest.approx(2 + 201 * 5 + 202 * OVERHEAD, rel=0.05)
    assert len(fitted.turns) < 50


@pytest.mark.parametrize(("exchanges", "is_estimate"), [(10, False), (100, True)])
def test_a_look_at_what_would_be_refused_is_no_failure(exchanges: int, is_estimate: bool) -> None:
    turns = talk(exchanges, 5)

    fitted = look(Model(100), turns, "stop")

    assert (fitted.prompt, fitted.cut, fitted.is_estimate) == (None, None, is_estimate)
    assert fitted.whole == fitted.least >= 100


def test_without_a_policy_all_but_the_last_token_may_be_the_prompts() -> None:
    assert look(Model(100), [Turn(Role.USER, words(99 - OVERHEAD))], "stop").prompt is not None
    assert look(Model(100), [Turn(Role.USER, words(100 - OVERHEAD))], "stop").prompt is None


@pytest.mark.parametrize("policy", ["stop", "drop_oldest", "keep_ends"])
def test_what_lies_far_behind_is_not_counted(policy: str) -> None:
    model = Model(100)
    turns = pin([*talk(2000, 5)], 8)

    fitted = look(model, turns, policy)

    ends = {0, 1, 2} if policy == "keep_ends" else {0}
    pinned = set() if policy == "stop" else {*ends, 7, 8}
    assert pinned <= set(fitted.turns) <= {*pinned, *range(len(turns) - 60, len(turns))}
    assert fitted.is_estimate
    assert fitted.whole == pytest.approx(2 + 4001 * 5 + (4002 * OVERHEAD if policy != "stop" else 0), rel=0.1)


def test_what_happens_between_two_counts_may_end_it() -> None:
    class Enough(Exception):
        pass

    def between() -> None:
        raise Enough

    with pytest.raises(Enough):
        Model(100).fitter.look(
            GenerationRequest(tuple(talk(2, 5))), lambda turns: Prompt("", (), b""), between
        )


turn_sizes = st.lists(st.integers(1, 60), min_size=1, max_size=25)


@given(
    sizes=turn_sizes,
    pinned=st.sets(st.integers(1, 25)),
    policy=st.sampled_from(["drop_oldest", "keep_ends"]),
    length=st.integers(20, 300),
)
def test_whatever_is_pinned_is_sent_or_all_is_refused(
    sizes: list[int], pinned: set[int], policy: str, length: int
) -> None:
    model = Model(length)
    roles = (Role.USER, Role.ASSISTANT)
    count = len(sizes) - (len(sizes) % 2 == 0)
    talk = [Turn(roles[at % 2], words(sizes[at], f"t{at}-")) for at in range(count)]
    turns = pin([Turn(Role.SYSTEM, "be brief"), *talk], *pinned)

    try:
        prompt, _ = model.fit(turns, policy)
    except ContextOverflowError:
        return

    assert len(prompt.ids) < length
    assert {turn for turn in turns if turn.pinned} <= set(model.sent)
    assert all(left.role is not right.role for left, right in pairwise(model.sent))


@given(
    sizes=turn_sizes,
    pinned=st.sets(st.integers(1, 25)),
    policy=st.sampled_from(["stop", "drop_oldest", "keep_ends"]),
    length=st.integers(20, 300),
    asked_before=st.integers(0, 25),
)
def test_what_was_asked_before_makes_no_difference(
    sizes: list[int], pinned: set[int], policy: str, length: int, asked_before: int
) -> None:
    roles = (Role.USER, Role.ASSISTANT)
    talk = [Turn(roles[at % 2], words(size, f"t{at}-")) for at, size in enumerate(sizes)]
    turns = pin([Turn(Role.SYSTEM, "be brief"), *talk], *pinned)
    model = Model(length)
    for end in (asked_before, len(turns)):
        look(model, turns[: 1 + end], policy)

    assert look(model, turns, policy) == look(Model(length), turns, policy)


@given(sizes=turn_sizes, before=st.integers(1, 3), length=st.integers(20, 300))
def test_what_is_sent_does_not_depend_on_what_lies_far_behind(
    sizes: list[int], before: int, length: int
) -> None:
    """The same end of a chat is sent after whatever, counted or not; 32 exchanges are a round number."""
    roles = (Role.USER, Role.ASSISTANT)
    count = len(sizes) - (len(sizes) % 2 == 0)
    end = [Turn(roles[at % 2], words(sizes[at], f"t{at}-")) for at in range(count)]
    old = talk(32 * before, 20, system="be brief")[:-1]
    model = Model(length)
    short = look(model, [Turn(Role.SYSTEM, "be brief"), *end], "drop_oldest")
    long = look(model, [*old, *end], "drop_oldest")

    if short.cut is not None and short.prompt is not None:
        assert long.cut is not None
        assert long.prompt == short.prompt
        assert len(long.cut.turns) == len(short.cut.turns) + 64 * before


@given(sizes=turn_sizes, policy=st.sampled_from(["drop_oldest", "keep_ends"]), length=st.integers(20, 300))
def test_a_prompt_always_fits_or_is_refused(sizes: list[int], policy: str, length: int) -> None:
    model = Model(length)
    roles = (Role.USER, Role.ASSISTANT)
    count = len(sizes) - (len(sizes) % 2 == 0)
    turns = [Turn(roles[at % 2], words(sizes[at], f"t{at}-")) for at in range(count)]

    try:
        prompt, cut = model.fit([Turn(Role.SYSTEM, "be brief"), *turns], policy)
    except ContextOverflowError:
        assert policy == "keep_ends" or sizes[count - 1] + 2 + 2 * OVERHEAD >= length
        return

    assert len(prompt.ids) < length
    assert model.sent[0].role is Role.SYSTEM
    assert model.sent[-1].role is Role.USER
    assert all(left.role is not right.role for left, right in pairwise(model.sent))
    left_out = {text.content for text in turns} - {text.content for text in model.sent}
    assert bool(left_out) == (cut is not None)
