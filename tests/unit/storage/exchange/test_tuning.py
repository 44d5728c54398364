"""Which lines of training data a chat becomes."""

import json
from dataclasses import replace

from desktop.domain.conversation import (
    Conversation,
    InContext,
    Message,
    Origin,
    Part,
    PartKind,
    Rating,
    Role,
    Status,
)
from desktop.domain.exchange import PortableChat
from desktop.storage.exchange import tuning

MODEL = Origin(model_name="M", system_prompt="Be brief.")


def message(name: str, parent: str | None, role: Role, text: str, position: int = 0, **more) -> Message:
    parts = (Part(PartKind.THINKING, "secret"), Part(PartKind.TEXT, text)) if text else ()
    origin = MODEL if role is Role.ASSISTANT else None
    return replace(Message(name, "c", parent, role, parts, position=position, origin=origin), **more)


def asked(name: str = "q", parent: str | None = None, text: str = "Why?", **more) -> Message:
    return message(name, parent, Role.USER, text, **more)


def answered(name: str, parent: str = "q", position: int = 0, **more) -> Message:
    return message(name, parent, Role.ASSISTANT, more.pop("text", name), position, **more)


def chat(*messages: Message, leaf: str | None = None, prompt: str | None = None) -> PortableChat:
    head = Conversation("c", "t", 1.0, 1.0, leaf_id=leaf or messages[-1].id, system_prompt=prompt)
    return PortableChat(head, messages)


def sft(made: PortableChat) -> list[list[tuple]]:
    lines = [json.loads(line)["messages"] for line in tuning.write_sft(made)]
    return [[tuple(turn.values()) for turn in turns] for turns in lines]


def pairs(made: PortableChat) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in tuning.write_preferences(made)]
    return [(line["chosen"][0]["content"], line["rejected"][0]["content"]) for line in lines]


def test_the_versions_of_one_answer_make_no_more_pairs_than_there_is_time_for() -> None:
    """Each rated up against each rated down would be a hundred million."""
    count = 10_000
    liked = [answered(f"up {at}", position=at, rating=Rating.UP) for at in range(count)]
    disliked = [answered(f"down {at}", position=count + at, rating=Rating.DOWN) for at in range(count)]

    found = pairs(chat(asked(), *liked, *disliked))

    assert found[:2] == [("up 0", "down 0"), ("up 0", "down 1")]
    assert len(found) == tuning.MAX_PAIRS


def test_the_shown_branch_up_to_its_last_good_answer() -> None:
    made = chat(
        asked(), answered("first"), answered("other", position=1), asked("q2", "other", "And?"),
        answered("cut", "q2", status=Status.LENGTH), asked("q3", "cut", "Go on"),
    )  # fmt: skip

    assert sft(made) == [[("system", "Be brief."), ("user", "Why?"), ("assistant", "other", 1)]]


def test_an_answer_not_to_learn_from_has_no_weight() -> None:
    made = chat(
        asked(),
        answered("bad", rating=Rating.DOWN),
        asked("q2", "bad", "Again"),
        answered("good", "q2"),
        prompt="",
    )

    assert sft(made) == [
        [("user", "Why?"), ("assistant", "bad", 0), ("user", "Again"), ("assistant", "good", 1)]
    ]


def test_roles_alternate_where_an_answer_never_came_or_another_one_follows() -> None:
    made = chat(
        asked(), answered("failed", text="", status=Status.FAILED), asked("q2", "failed", "Hello?"),
        answered("cut", "q2", status=Status.LENGTH), answered("rest", "cut"), asked("q3", "rest", "So?"),
        answered("end", "q3"), prompt="",
    )  # fmt: skip

    assert sft(made) == [
        [
            ("user", "Why?\n\nHello?"),
            ("assistant", "cut\n\nrest", 0),
            ("user", "So?"),
            ("assistant", "end", 1),
        ]
    ]


def test_every_line_has_the_same_columns() -> None:
    """Those that Hugging Face finds in the first megabytes of a file are all it takes."""
    bad = chat(asked(), answered("x", rating=Rating.DOWN), asked("q2", "x"), answered("good", "q2"))
    lines = [
        json.loads(line) for made in (bad, chat(asked(), answered("x"))) for line in tuning.write_sft(made)
    ]

    columns = {frozenset(key for turn in line["messages"] for key in turn) for line in lines}
    assert columns == {frozenset(("role", "content", "weight"))}


def test_what_nothing_was_asked_before_makes_no_pair() -> None:
    up = message("up", None, Role.ASSISTANT, "good", rating=Rating.UP)
    down = message("down", None, Role.ASSISTANT, "bad", position=1, rating=Rating.DOWN)

    assert pairs(chat(up, down)) == []


def test_a_chat_without_an_answer_gives_no_line() -> None:
    assert sft(chat(asked())) == []
    assert sft(chat(asked(), answered("x", text=""))) == []
    assert sft(chat(asked(), answered("x", rating=Rating.DOWN))) == []


def test_excluded_messages_and_thinking_are_left_out_and_files_are_in() -> None:
    file = Part(PartKind.ATTACHMENT, "1,2", "a.csv")
    made = chat(
        asked(context=InContext.EXCLUDED), asked("q2", "q", parts=(file, Part(PartKind.TEXT, "Sum?"))),
        answered("3", "q2"),
    )  # fmt: skip

    assert sft(made) == [[("system", "Be brief."), ("user", "a.csv:\n1,2\n\nSum?"), ("assistant", "3", 1)]]


def test_rated_up_against_rated_down() -> None:
    made = chat(
        asked(),
        answered("good", rating=Rating.UP),
        answered("plain", position=1),
        answered("bad", position=2, rating=Rating.DOWN),
        answered("worse", position=3, rating=Rating.DOWN, status=Status.CANCELLED),
        leaf="good",
    )
    (line, _) = [json.loads(line) for line in tuning.write_preferences(made)]

    assert pairs(made) == [("good", "bad"), ("good", "worse")]
    assert line["prompt"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
    ]


def test_edited_against_the_original() -> None:
    def edited(**more) -> PortableChat:
        first = answered("first", rating=more.pop("first", Rating.NONE))
        second = answered("second", position=1, status=more.pop("status", Status.COMPLETE))
        own = answered("own", position=2, origin=None, **more)
        return chat(asked(), first, second, own)

    assert pairs(edited()) == [("own", "second")]
    assert pairs(edited(rating=Rating.UP)) == [("own", "second")]
    assert pairs(edited(rating=Rating.DOWN)) == []
    assert pairs(edited(status=Status.FAILED)) == [("own", "first")]
    assert pairs(edited(status=Status.FAILED, first=Rating.UP)) == []
    assert pairs(edited(first=Rating.DOWN, rating=Rating.UP)) == [("own", "first"), ("own", "second")]
    assert pairs(edited(text="second")) == []
    assert pairs(edited(text="")) == []


def test_pairs_are_found_in_every_branch_and_only_among_answers() -> None:
    made = chat(
        asked("q"),
        answered("a"),
        asked("q2", "a", "And?"),
        answered("up", "q2", rating=Rating.UP),
        answered("down", "q2", 1, rating=Rating.DOWN),
        asked("other", None, "Else?", position=1, rating=Rating.DOWN),
        leaf="other",
    )

    assert pairs(made) == [("up", "down")]


def test_half_a_surrogate_becomes_a_sign_that_can_be_written() -> None:
    "".join(tuning.write_sft(chat(asked(text="\ud83d"), answered("x")))).encode()
