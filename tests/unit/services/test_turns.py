"""What of a chat the model is sent."""

from desktop.domain.conversation import Message, Part, PartKind, Role, Status
from desktop.domain.generation import Turn
from desktop.services.answering import turns_of


def message(role: Role, text: str, status: Status = Status.COMPLETE) -> Message:
    parts = (Part(PartKind.TEXT, text),) if text else ()
    return Message("id", "chat", None, role, parts, status)


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


def test_thinking_and_attachments_are_no_text_of_the_turn() -> None:
    parts = (Part(PartKind.THINKING, "hmm"), Part(PartKind.TEXT, "yes"))
    answer = Message("id", "chat", None, Role.ASSISTANT, parts)

    assert turns_of([user("?"), answer], "")[-1] == Turn(Role.ASSISTANT, "yes")
