"""What is shown while an answer is written: whole characters, and nothing of a stop sequence."""

from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.engine.worker.sampling.text import TextStream

ALPHABET = "ab€👩\u200d\n"
TEXTS = st.text(alphabet=ALPHABET, max_size=24)
STOPS = st.lists(st.text(alphabet=ALPHABET, min_size=1, max_size=4), max_size=4)
CUTS = st.lists(st.integers(0, 100), max_size=12)


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    """`data` cut into pieces anywhere, also inside characters; some may be empty."""
    at = sorted(cut % (len(data) + 1) for cut in cuts)
    return [data[start:end] for start, end in zip([0, *at], [*at, len(data)], strict=True)]


def expected(text: str, stops: list[str]) -> tuple[str, bool]:
    """The text up to the stop sequence that is complete first, one character after the other."""
    for end in range(len(text) + 1):
        found = [end - len(stop) for stop in stops if stop and text[:end].endswith(stop)]
        if found:
            return text[: min(found)], True
    return text, False


def run(pieces: list[bytes], stops: list[str]) -> tuple[list[str], TextStream]:
    """What is let out, piece by piece, as an answer does it: nothing more is fed once it has stopped."""
    stream = TextStream(stops)
    shown = []
    for piece in pieces:
        if stream.stopped:
            break
        shown.append(stream.feed(piece))
    shown.append(stream.finish())
    return shown, stream


@given(TEXTS, STOPS, CUTS)
@example("a" * 9, ["aaa", "aa"], [])
@example("€€", ["€"], [1, 2, 4])
def test_the_text_ends_where_the_first_complete_stop_sequence_begins(
    text: str, stops: list[str], cuts: list[int]
) -> None:
    shown, stream = run(pieces_of(text.encode(), cuts), stops)

    assert ("".join(shown), stream.stopped) == expected(text, stops)
    assert stream.text == "".join(shown)


@given(TEXTS, STOPS, CUTS)
def test_nothing_is_held_back_but_what_may_become_a_stop_sequence(
    text: str, stops: list[str], cuts: list[int]
) -> None:
    pieces = pieces_of(text.encode(), cuts)
    final, _ = expected(text, stops)
    shown, _ = run(pieces, stops)

    so_far = b""
    for piece, visible in zip(pieces, accumulate(shown), strict=False):
        so_far += piece
        assert final.startswith(visible)
        whole = so_far.decode("utf-8", "ignore")
        if expected(whole, stops)[1]:
            break
        held = whole.removeprefix(visible)
        assert held == "" or any(stop.startswith(held) for stop in stops)


@given(st.text(max_size=30), CUTS)
def test_a_character_that_is_cut_in_pieces_is_never_shown_broken(text: str, cuts: list[int]) -> None:
    shown, _ = run(pieces_of(text.encode(), cuts), [])

    assert "".join(shown) == text
    assert all(piece in text for piece in shown)


@given(st.binary(max_size=40), CUTS)
def test_bytes_that_are_no_text_are_shown_as_such(data: bytes, cuts: list[int]) -> None:
    shown, _ = run(pieces_of(data, cuts), [])

    assert "".join(shown) == data.decode("utf-8", "replace")


def test_without_stop_sequences_every_character_is_shown_at_once() -> None:
    stream = TextStream(())

    assert [stream.feed(byte.to_bytes(1, "big")) for byte in "a€b".encode()] == ["a", "", "", "€", "b"]


def test_an_emoji_in_four_pieces_is_shown_when_it_is_whole() -> None:
    stream = TextStream(())

    assert [stream.feed(b"\xf0"), stream.feed(b"\x9f"), stream.feed(b"\x98"), stream.feed(b"\x80")] == [
        "",
        "",
        "",
        "😀",
    ]


def test_a_stop_sequence_over_three_tokens_is_not_shown() -> None:
    stream = TextStream(["\nUser:"])

    assert stream.feed(b"Salt.\nUs") == "Salt."
    assert stream.feed(b"er") == ""
    assert not stream.stopped
    assert stream.feed(b": and") == ""
    assert stream.stopped
    assert stream.finish() == ""
    assert stream.text == "Salt."


def test_what_only_looked_like_a_stop_sequence_is_shown_after_all() -> None:
    stream = TextStream(["\nUser:"])

    assert stream.feed(b"Salt.\nUs") == "Salt."
    assert stream.feed(b"ed in soup.") == "\nUsed in soup."


def test_what_was_held_back_is_shown_when_the_answer_ends() -> None:
    stream = TextStream(["###"])

    assert stream.feed(b"Heading #") == "Heading "
    assert stream.finish() == "#"
    assert not stream.stopped


@pytest.mark.parametrize("stops", [["ab", "abc"], ["abc", "ab"], ["b", "ab"], ["abcd", "bc"]])
def test_of_overlapping_stop_sequences_the_first_complete_one_counts(stops: list[str]) -> None:
    shown, stream = run([b"xabcd"], stops)

    assert ("".join(shown), stream.stopped) == expected("xabcd", stops)


def test_a_stop_sequence_in_bytes_that_never_become_a_character() -> None:
    shown, stream = run([b"a\xff", b"\xe2\x82"], ["�"])

    assert "".join(shown) == "a"
    assert stream.stopped
