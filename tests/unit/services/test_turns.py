"""What of a chat the model is sent."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from desktop.domain.conversation import InContext, Message, Part, PartKind, Role, Status
from desktop.domain.generation import Turn
from desktop.services.turns import about_to_be_said, as_sent, turns_of


def message(role: Role, text: str, status: Status = Status.COMPLETE) -> Message:
    parts = (Part(PartKind.TEXT, text),) if text else ()
    return Message("id", "chat", None, role, parts, status)


def attachment(text: str, name: str = "notes.txt") -> Part:
    return Part(PartKind.ATTACHMENT, text, name)


def in_context(message: Message, context: InContext) -> Message:
    return dataclasses.replace(message, context=context)


def user(text: str) -> Message:
    return message(Role.USER, text)


def assistant(text: str, status: Status = Status.COMPLETE) -> Message:
    return message(Role.ASSISTANT, text, status)


def test_the_instructions_come_first_then_the_messages() -> None:
    assert turns_of([user("a"), assistant("b"), user("c")], "Be brief.") == (
        Turn(Role.SYSTEM, "Be brief."),
        Turn(Role.USER, "a"),
        Turn(Role.ASSISTANT, "b"),
        Turn(Role.USER, "c"),
    )


def test_without_instructions_there_is_no_system_turn() -> None:
    assert turns_of([user("a")], " \n") == (Turn(Role.USER, "a"),)


def test_an_answer_that_never_came_is_left_out_and_the_prompts_around_it_become_one() -> None:
    path = [user("a"), assistant("", Status.FAILED), user("b")]

    assert turns_of(path, "") == (Turn(Role.USER, "a\n\nb"),)


def test_a_partial_answer_is_sent_as_far_as_it_got() -> None:
    path = [user("a"), assistant("half", Status.INTERRUPTED), user("b")]

    assert [turn.content for turn in turns_of(path, "")] == ["a", "half", "b"]


def test_two_answers_in_a_row_become_one() -> None:
    assert turns_of([assistant("a"), assistant("b")], "") == (Turn(Role.ASSISTANT, "a\n\nb"),)


def test_thinking_is_not_sent_back() -> None:
    parts = (Part(PartKind.THINKING, "hmm"), Part(PartKind.TEXT, "yes"))
    answer = Message("id", "chat", None, Role.ASSISTANT, parts)

    assert turns_of([user("?"), answer], "")[-1] == Turn(Role.ASSISTANT, "yes")


def test_files_come_before_the_text_each_under_its_name() -> None:
    parts = (Part(PartKind.TEXT, "Sum up."), attachment("a\nb"), attachment("c\n", "other.md"))
    asked = Message("id", "chat", None, Role.USER, parts)

    assert turns_of([asked], "") == (
        Turn(
            Role.USER,
            "### notes.txt\n\n```\na\nb\n```\n\n### other.md\n\n```\nc\n```\n\nSum up.",
        ),
    )


def test_a_file_alone_is_sent() -> None:
    asked = Message("id", "chat", None, Role.USER, (attachment("a"),))

    assert [turn.content for turn in turns_of([asked], "")] == ["### notes.txt\n\n```\na\n```"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb\r\n# c.txt", "a b # c.txt"),
        ("\x1b[31mred\x00.txt", "[31mred .txt"),
        ("gpj.\u202eexe", "gpj. exe"),
        (" \n", "file"),
        ("long " * 200, "long " * 23 + "long…"),
    ],
)
def test_whatever_a_file_is_called_its_name_is_one_line(name: str, shown: str) -> None:
    assert as_sent(attachment("a", name)).splitlines()[0] == f"### {shown}"


@given(st.text(st.sampled_from("`~ a\n#\t"), max_size=60))
def test_whatever_is_in_a_file_it_ends_where_its_fence_does(text: str) -> None:
    tokens = MarkdownIt().parse(as_sent(attachment(text)))

    assert [token.type for token in tokens] == ["heading_open", "inline", "heading_close", "fence"]
    assert tokens[-1].content.removesuffix("\n") == text.removesuffix("\n")


def test_what_is_excluded_is_not_sent() -> None:
    path = [user("a"), in_context(assistant("b"), InContext.EXCLUDED), user("c")]

    assert turns_of(path, "") == (Turn(Role.USER, "a\n\nc"),)


def test_a_turn_is_pinned_if_a_part_of_it_is() -> None:
    path = [user("a"), in_context(user("b"), InContext.PINNED), assistant("c")]

    assert turns_of(path, "") == (Turn(Role.USER, "a\n\nb", pinned=True), Turn(Role.ASSISTANT, "c"))


def test_what_is_about_to_be_said_is_sent_as_it_will_be_from_the_chat() -> None:
    parts = (attachment("a"), Part(PartKind.TEXT, "b"))
    sent = turns_of([Message("id", "chat", None, Role.USER, parts)], "")

    assert (about_to_be_said("b", parts[:1]).content,) == tuple(turn.content for turn in sent)
    assert not about_to_be_said(" \n", ()).is_sent
