"""A conversation's tree of messages: paths, versions, titles."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation import Message, MessageTree, Part, PartKind, Role, title_from


def message(name: str, parent: str | None = None, position: int = 0) -> Message:
    return Message(name, "chat", parent, Role.USER, (Part(PartKind.TEXT, name),), position=position)


# A question with two answers; the second one goes on, in two versions.
TREE = MessageTree(
    [
        message("question"),
        message("second", "question", 1),
        message("first", "question", 0),
        message("edited", "second", 1),
        message("original", "second", 0),
        message("end", "original"),
    ]
)


def ids(messages: object) -> list[str]:
    return [message.id for message in messages]  # type: ignore[attr-defined]


def test_a_path_leads_from_the_first_message_to_the_one_that_is_shown() -> None:
    assert ids(TREE.path("end")) == ["question", "second", "original", "end"]
    assert ids(TREE.path("first")) == ["question", "first"]


def test_no_message_has_no_path() -> None:
    assert TREE.path(None) == []
    assert TREE.path("deleted") == []


def test_versions_of_a_message_are_in_the_order_they_were_made() -> None:
    assert ids(TREE.siblings("first")) == ["first", "second"]
    assert ids(TREE.siblings("edited")) == ["original", "edited"]
    assert ids(TREE.children(None)) == ["question"]
    assert TREE.children("end") == ()


def test_a_switch_of_version_shows_what_came_last_after_it() -> None:
    assert TREE.newest_leaf("question") == "edited"
    assert TREE.newest_leaf("original") == "end"
    assert TREE.newest_leaf("end") == "end"
    assert TREE.newest_leaf(None) == "edited"
    assert MessageTree([]).newest_leaf(None) is None


def test_a_tree_knows_what_is_in_it() -> None:
    assert len(TREE) == 6
    assert "end" in TREE
    assert "deleted" not in TREE
    assert TREE["end"].text == "end"


def test_messages_that_claim_to_be_each_others_parents_do_not_hang_it() -> None:
    tree = MessageTree([message("a", "b"), message("b", "a")])

    assert set(ids(tree.path("a"))) == {"a", "b"}


def test_the_text_of_a_message_is_neither_thought_nor_attachment() -> None:
    parts = (
        Part(PartKind.THINKING, "hm"),
        Part(PartKind.TEXT, "Yes"),
        Part(PartKind.ATTACHMENT, "data", "a.txt"),
        Part(PartKind.TEXT, "."),
    )

    assert Message("m", "c", None, Role.ASSISTANT, parts).text == "Yes."


def test_a_title_is_the_beginning_on_one_line_cut_at_a_word() -> None:
    assert title_from("  Why is\nthe sky blue? ") == "Why is the sky blue?"
    assert title_from("Explain to me, in detail, the history of the bicycle") == (
        "Explain to me, in detail, the history of the…"
    )
    assert title_from("x" * 60) == "x" * 48 + "…"
    assert title_from("") == ""


@given(st.text())
def test_a_title_is_short_and_one_line(text: str) -> None:
    title = title_from(text)

    assert len(title) <= 49
    assert len(title.splitlines()) <= 1
