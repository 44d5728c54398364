"""The shape of an open chat follows what happens, at the cost of what happened."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation import Conversation, InContext, MessageTree, Node, Role, Status
from desktop.domain.outline import Outline


def node(name: str, parent: str | None = None, position: int = 0, status: Status = Status.COMPLETE) -> Node:
    return Node(name, parent, position, Role.USER, status, 1.0, 10, 0, InContext.AUTO)


HEAD = Conversation("c", "", 1.0, 1.0, leaf_id="d")
NODES = [node("a"), node("b", "a"), node("c", "b"), node("d", "c"), node("c2", "b", 1)]


def ids(outline: Outline) -> list[str]:
    return [one.id for one in outline.path]


@pytest.mark.parametrize(
    ("leaf", "new", "first", "path"),
    [
        ("d", [], 4, "a b c d"),
        ("e", [node("e", "d")], 4, "a b c d e"),
        ("f", [node("e", "d"), node("f", "e")], 4, "a b c d e f"),
        ("d2", [node("d2", "c", 1)], 3, "a b c d2"),
        ("c2", [], 2, "a b c2"),
        ("b", [], 2, "a b"),
        ("a2", [node("a2", None, 1)], 0, "a2"),
        ("d", [node("b", "a", 0, Status.FAILED)], 1, "a b c d"),
        ("d", [node("c2", "b", 1, Status.FAILED)], 4, "a b c d"),
        (None, [], 0, ""),
        ("gone", [], 0, ""),
    ],
)
def test_what_changed_is_told_and_the_rest_stays(
    leaf: str | None, new: list[Node], first: int, path: str
) -> None:
    outline = Outline(HEAD, NODES)

    assert outline.take(replace(HEAD, leaf_id=leaf), new) == first

    assert ids(outline) == path.split()
    assert [outline.place(name) for name in ids(outline)] == list(range(len(outline.path)))
    assert outline.place("x") is None


def test_a_new_version_is_a_sibling_and_a_changed_one_keeps_its_place() -> None:
    outline = Outline(HEAD, NODES)

    outline.take(HEAD, [node("c3", "b", 2), node("c2", "b", 1, Status.FAILED)])

    assert [(one.id, one.status) for one in outline.tree.siblings("c")] == [
        ("c", Status.COMPLETE),
        ("c2", Status.FAILED),
        ("c3", Status.COMPLETE),
    ]


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=30))
def test_step_by_step_it_is_what_it_would_be_at_once(steps: list[tuple[int, bool]]) -> None:
    nodes = [node("0")]
    outline = Outline(replace(HEAD, leaf_id="0"), nodes)
    for number, (at, shows_new) in enumerate(steps, 1):
        parent = str(at % number)
        nodes.append(node(str(number), parent, number))
        head = replace(HEAD, leaf_id=str(number) if shows_new else parent)
        before = ids(outline)
        first = outline.take(head, nodes[-1:])

        assert outline.path == MessageTree(nodes).path(head.leaf_id)
        assert before[:first] == ids(outline)[:first]
