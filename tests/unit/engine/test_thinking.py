"""Telling what a model thinks from its answer, however its text is cut into tokens."""

import itertools
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.engine.worker.prompts.thinking import (
    USUAL,
    Place,
    Splitter,
    Tags,
    left_open,
    tags_of,
    without_thinking,
)
from desktop.engine.worker.prompts.traced import TEMPLATE, USER, Traced

THINK = Tags("<think>", "</think>")
SPACE = " \t\r\n"


def split(text: str, cuts: list[int] | None = None, **options: Any) -> tuple[str, str]:
    """The thinking and the answer, the text fed in pieces that end at `cuts` (bytes)."""
    splitter = Splitter((THINK,), **options)
    data = text.encode()
    thinking, answer = b"", b""
    bounds = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts or ())})
    for start, end in itertools.pairwise(bounds):
        more = splitter.feed(data[start:end])
        thinking, answer = thinking + more[0], answer + more[1]
    more = splitter.finish()
    return (thinking + more[0]).decode(), (answer + more[1]).decode()


SPLIT = {
    "no tags": ("The sea.", ("", "The sea.")),
    "a block": ("<think>\nHm.\n</think>\n\nThe sea.", ("Hm.", "The sea.")),
    "white space in front": (" \n<think>Hm.</think>The sea.", ("Hm.", "The sea.")),
    "an empty block": ("<think>\n\n</think>\n\nThe sea.", ("", "The sea.")),
    "nothing but a block": ("<think>Hm.</think>\n", ("Hm.", "")),
    "a block that is not closed": ("<think>Hm. </thin", ("Hm. </thin", "")),
    "an opening tag and no more": ("<think>", ("", "")),
    "half an opening tag": (" <thi", ("", " <thi")),
    "an opening tag within": ("<think>a<think>b</think>c</think>d", ("a<think>b", "c</think>d")),
    "tags in an answer": ("Write <think>x</think>.", ("", "Write <think>x</think>.")),
    "a second block": ("<think>a</think>b<think>c</think>", ("a", "b<think>c</think>")),
    "a closing tag alone": ("</think>The sea.", ("", "</think>The sea.")),
    "white space in the thinking": ("<think>a\n\nb \n c</think>d", ("a\n\nb \n c", "d")),
    "nothing": ("", ("", "")),
    "only white space": (" \n ", ("", " \n ")),
}


@pytest.mark.parametrize(("text", "parts"), SPLIT.values(), ids=SPLIT)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_block_at_the_beginning_is_thinking(text: str, parts: tuple[str, str], size: int) -> None:
    assert split(text, list(range(0, len(text.encode()), size))) == parts


def test_a_block_that_the_prompt_opens_is_thinking() -> None:
    assert split("Hm.\n</think>\n\nThe sea.", opened=THINK) == ("Hm.", "The sea.")
    assert split("Hm. I never stop", opened=THINK) == ("Hm. I never stop", "")


def test_what_a_grammar_asked_for_is_kept() -> None:
    assert split("<think>Hm.</think>", [18], exact=True)[1] == ""
    splitter = Splitter((THINK,), exact=True)
    assert splitter.feed(b"<think>Hm.</think>\n") == (b"Hm.", b"")
    assert splitter.feed(b"\n{") == (b"", b"\n{")


PIECES = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<thi", "nk>", "</", "think", ">", "<", " ", "\n", "a", "é", "🌊"]
    ),
    max_size=12,
)


@given(PIECES, st.lists(st.integers(0, 200)), st.booleans())
@example(["<think>", "</think>", " ", "a"], [7, 8], False)
def test_how_a_text_is_cut_into_tokens_changes_nothing(
    pieces: list[str], cuts: list[int], opened: bool
) -> None:
    text = "".join(pieces)
    options: dict[str, Any] = {"opened": THINK} if opened else {}

    assert split(text, cuts, **options) == split(text, **options)


@given(PIECES, st.lists(st.integers(0, 200)))
def test_nothing_is_lost_but_tags_and_the_white_space_beside_them(pieces: list[str], cuts: list[int]) -> None:
    text = "".join(pieces)
    thinking, answer = split(text, cuts)

    if not text.lstrip(SPACE).startswith("<think>"):
        assert (thinking, answer) == ("", text)
        return
    inside, closing, rest = text.lstrip(SPACE).removeprefix("<think>").partition("</think>")
    assert (thinking, answer) == (inside.strip(SPACE), rest.lstrip(SPACE) if closing else "")


@given(PIECES, st.lists(st.integers(0, 200), max_size=3), st.sampled_from([b"x", b"<", b"think>", b" ", b""]))
def test_a_preview_shows_what_comes_and_changes_nothing(
    pieces: list[str], cuts: list[int], data: bytes
) -> None:
    splitter = Splitter((THINK,))
    splitter.feed("".join(pieces).encode())
    place = splitter.place
    preview = splitter.preview(data)
    opens = splitter.would_open(data)

    assert splitter.place is place
    assert splitter.feed(data)[1] == preview
    assert opens == (place is Place.START and splitter.place in (Place.THINKING, Place.AFTER))


def test_a_tag_alone_can_announce_the_answer() -> None:
    splitter = Splitter(USUAL)

    assert splitter.feed(b"<|channel|>final<|message|>The sea.") == (b"", b"The sea.")


def test_what_is_settled_is_the_answer() -> None:
    splitter = Splitter((THINK,))
    assert splitter.feed(b"<think") == (b"", b"")

    splitter.settle()

    assert splitter.feed(b">") == (b"", b"<think>")


TEMPLATES = {
    "{{ x.split('</think>')[-1] }}": (THINK,),
    "[THINK]{{ reasoning }}[/THINK]": (Tags("[THINK]", "[/THINK]"),),
    "<deep_thought>\n": (Tags("<deep_thought>", "</deep_thought>"),),
    "{{ message.content }}": (),
    "thinking is hard, <b>think</b>": (),
}


@pytest.mark.parametrize(("source", "tags"), TEMPLATES.items())
def test_a_template_says_which_tags_its_model_uses(source: str, tags: tuple[Tags, ...]) -> None:
    assert tags_of(source) == tags


def test_a_template_of_nothing_but_tags_is_read_in_time() -> None:
    assert len(tags_of("".join(f"<think{n}>" for n in range(10_000)))) < 20
    assert tags_of("<" + "think" * 100_000) == ()


def test_only_the_template_opens_a_block() -> None:
    assert left_open(Traced("<|assistant|><think>\n", TEMPLATE), (THINK,)) == THINK
    assert left_open(Traced("<|assistant|>", TEMPLATE), (THINK,)) is None
    assert left_open(Traced("Say: ", TEMPLATE) + Traced("<think>", USER), (THINK,)) is None


CLOSED = {
    "open": ("<think>\n", False, "<think>\n\n</think>\n\n"),
    "not open": ("go:", False, "go:"),
    "not open, and it thinks": ("go:", True, "go:<think>\n\n</think>\n\n"),
}


@pytest.mark.parametrize(("prompt", "add_block", "result"), CLOSED.values(), ids=CLOSED)
def test_a_prompt_can_go_on_with_the_answer_proper(prompt: str, add_block: bool, result: str) -> None:
    closed = without_thinking(Traced(prompt, TEMPLATE), (THINK,), add_block=add_block)

    assert str.__str__(closed) == result
    assert set(closed.origins) == {TEMPLATE}


def test_a_prompt_goes_on_with_the_announcement_of_the_answer() -> None:
    tags = tags_of("<|channel|>analysis<|message|> <|start|>assistant<|channel|>final<|message|>")

    closed = without_thinking(Traced("<|start|>assistant", TEMPLATE), tags, add_block=False)

    assert str.__str__(closed) == "<|start|>assistant<|channel|>final<|message|>"
