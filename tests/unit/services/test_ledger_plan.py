"""What would be sent of a chat: changed step by step it is what it would be if it were planned anew."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation import InContext, Role
from desktop.domain.ledger import Share
from desktop.services.ledger_plan import Plan
from desktop.services.turns import Said, turns_from

TEXTS = ("", "yes", "why not?", "a longer one")


def anew(path: tuple[Said, ...]) -> Plan:
    return Plan().changed(path, 0)


@st.composite
def messages(draw: st.DrawFn) -> Said:
    """Any that says something."""
    text, files = draw(st.sampled_from(TEXTS)), draw(st.sampled_from([(), ("a file",), ("one", "two")]))
    id_ = draw(st.uuids()).hex
    role, context = draw(st.sampled_from([Role.USER, Role.ASSISTANT])), draw(st.sampled_from(InContext))
    return Said(id_, role, text if files else text or "well", files, context)


paths = st.lists(messages(), max_size=8).map(tuple)


@given(st.lists(st.tuples(st.integers(0, 12), paths), max_size=6), st.sampled_from(["", "be brief"]))
def test_a_plan_that_was_changed_again_and_again_is_one_made_anew(
    changes: list[tuple[int, tuple[Said, ...]]], instructions: str
) -> None:
    path: tuple[Said, ...] = (Said(None, Role.SYSTEM, instructions),) if instructions else ()
    plan = anew(path)
    for kept, others in changes:
        path = (*path[:kept], *others)
        plan = plan.changed(path, plan.same(path))

        assert plan == anew(path)
        assert plan.turns == tuple(turn for turn, _ in turns_from(path, ""))
        for place, message in enumerate(path):
            turn = plan.turn_of(place)
            assert (turn is not None) == message.is_sent
            assert turn is None or message in plan.parts[turn]


def test_only_what_is_another_object_is_planned_anew() -> None:
    roles = (Role.USER, Role.ASSISTANT)
    path = tuple(Said(str(at), roles[at % 2], "word") for at in range(9))
    before = anew(path)
    typed = (*path, Said(None, Role.ASSISTANT, "and"))
    now = before.changed(typed, before.same(typed))
    pinned = (*path[:4], replace(path[4], context=InContext.PINNED), *path[5:])

    assert before.same(typed) == 9
    assert all(one is other for one, other in zip(before.turns[:8], now.turns, strict=False))
    assert before.same(pinned) == 4
    assert before.same(()) == 0


def test_whose_characters_those_are() -> None:
    plan = anew(
        (
            Said(None, Role.SYSTEM, "brief"),
            Said("1", Role.USER, "what", ("file",)),
            Said("2", Role.ASSISTANT, "nothing", context=InContext.EXCLUDED),
            Said(None, Role.USER, "and"),
        )
    )

    found = {share: size for share, size in plan.characters.items() if size}
    assert found == {Share.SYSTEM: 5, Share.ATTACHMENTS: 4, Share.HISTORY: 4, Share.NEW: 3}
    assert (plan.first, plan.sent, plan.starts) == (1, 3, (0, 1))
    assert [piece.text for piece in plan.pieces(1)] == ["file", "what", "and"]
